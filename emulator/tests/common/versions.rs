//! Buckets that keep versions.

use super::Emulator;
use super::http::Reply;
use super::xml::Ask;

/// One whose buckets keep versions from the first on.
pub fn enabled() -> Emulator {
    let emulator = Emulator::start(&[]);
    emulator.set_versioning("Enabled");
    emulator
}

impl Emulator {
    pub fn set_versioning(&self, status: &str) {
        self.versioning(status.as_bytes()).is(200);
    }

    /// `body`: a whole document, or only the status.
    pub fn versioning(&self, body: &[u8]) -> Reply {
        let ask = Ask::new("PUT", "/").query("versioning", "");
        match std::str::from_utf8(body) {
            Ok(status @ ("Enabled" | "Suspended")) => {
                let document = format!(
                    "<VersioningConfiguration><Status>{status}</Status></VersioningConfiguration>"
                );
                ask.body(document.as_bytes()).send(self)
            }
            _ => ask.body(body).send(self),
        }
    }

    /// The id of the new version.
    #[track_caller]
    pub fn put_version(&self, path: &str, content: &[u8]) -> String {
        let put = self.put_object(path, content);
        put.is(200).header("x-cos-version-id").unwrap().to_owned()
    }

    /// The id of the delete marker.
    #[track_caller]
    pub fn put_marker(&self, path: &str) -> String {
        let deleted = self.delete_object(path);
        assert_eq!(deleted.is(204).header("x-cos-delete-marker"), Some("true"));
        deleted.header("x-cos-version-id").unwrap().to_owned()
    }

    pub fn on_version(&self, method: &str, path: &str, id: &str) -> Reply {
        version(method, path, id).send(self)
    }

    pub fn list_versions(&self, query: &[(&str, &str)]) -> Reply {
        let ask = Ask::new("GET", "/").query("versions", "");
        let with = |ask: Ask, (name, value): &(&str, &str)| ask.query(name, value);
        query.iter().fold(ask, with).send(self)
    }

    /// All of them, as `key id`, with `!` before a delete marker and `*` behind the newest.
    #[track_caller]
    pub fn all_versions(&self) -> Vec<String> {
        entries(&self.list_versions(&[]))
    }
}

pub fn version(method: &str, path: &str, id: &str) -> Ask {
    Ask::new(method, path).query("versionId", id)
}

/// The entries of a list, in order.
#[track_caller]
pub fn entries(list: &Reply) -> Vec<String> {
    let text = list.is(200).text();
    let mut entries = Vec::new();
    let mut rest = text.as_str();
    while let Some(at) = rest.find("<Key>") {
        let sign = if rest[..at].ends_with("<DeleteMarker>") {
            "!"
        } else {
            ""
        };
        let node = |name: &str| {
            let begin = rest[at..].split(&format!("<{name}>")).nth(1).unwrap();
            begin.split("</").next().unwrap()
        };
        let latest = if node("IsLatest") == "true" { "*" } else { "" };
        entries.push(format!(
            "{sign}{} {}{latest}",
            node("Key"),
            node("VersionId")
        ));
        rest = &rest[at + 1..];
    }
    entries
}
