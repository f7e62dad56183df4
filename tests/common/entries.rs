//! What lists hold.

use serde_json::Value;

use super::library::{Client, ok};

/// The entries of a page.
pub fn infos(reply: &Value) -> &Vec<Value> {
    reply["data"]["infos"].as_array().unwrap()
}

/// Every entry of a complete list.
pub fn all(client: &Client, path: &str, recursive: i32) -> Vec<Value> {
    let mut entries = Vec::new();
    ok(client.list_all(path, recursive, &mut |page| {
        entries.extend(page["infos"].as_array().unwrap().clone());
        0
    }));
    entries
}

/// The paths in `data.failed`.
pub fn paths(failed: &Value) -> Vec<&str> {
    let failed = failed.as_array().unwrap();
    failed.iter().map(|f| f["path"].as_str().unwrap()).collect()
}
