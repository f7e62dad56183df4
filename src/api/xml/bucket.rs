//! Buckets (xml-api.md §3.9).

use serde_json::{Value, json};

use super::ask::{self, Ask, LIST_REPLY_CAP};
use super::head;
use crate::api::{Target, time};
use crate::client::Call;
use crate::error::Result;
use crate::pages::Pages;
use crate::transport::{Method, Response};

pub(crate) fn create_bucket(call: &Call, bucket: &Target, acl: &str) -> Result<()> {
    let was_there = ask::was_there(call, &Ask::about(Method::Head, bucket, ask::nothing))?;
    let ask = Ask::about(Method::Put, bucket, ask::nothing);
    let ask = ask.header("x-cos-acl", acl).once();
    let was_none = was_there == Some(false);
    ask::done_once(call.ask(&ask), "BucketAlreadyOwnedByYou", was_none)
}

/// The region, where the service tells it.
pub(crate) fn head_bucket(call: &Call, bucket: &Target) -> Result<Option<String>> {
    head::ask(call, bucket, |response: &Response| {
        let region = response.headers.text("x-cos-bucket-region");
        Ok(region.map(str::to_owned))
    })
}

pub(crate) fn delete_bucket(call: &Call, bucket: &Target) -> Result<()> {
    let was_there = ask::was_there(call, &Ask::about(Method::Head, bucket, ask::nothing))?;
    let ask = Ask::about(Method::Delete, bucket, ask::nothing).once();
    ask::done_once(call.ask(&ask), "NoSuchBucket", was_there == Some(true))
}

/// All of the account's.
pub(crate) fn list_buckets(call: &Call) -> Result<Vec<Value>> {
    let mut buckets = Vec::new();
    let mut marker = String::new();
    let mut pages = Pages::default();
    loop {
        let mut ask = Ask::about_account(Method::Get, read_buckets).reply_cap(LIST_REPLY_CAP);
        if !marker.is_empty() {
            ask = ask.query("marker", marker.as_str());
        }
        let (page, next) = call.ask(&ask)?;
        let more = buckets.len();
        buckets.extend(page);
        let Some(next) = next else {
            return Ok(buckets);
        };
        pages.go_on(&next, buckets[more..].iter().map(Value::to_string))?;
        marker = next;
    }
}

fn read_buckets(response: &Response) -> Result<(Vec<Value>, Option<String>)> {
    let tree = ask::document(response, "ListAllMyBucketsResult")?;
    let list = ask::needed(response, "Buckets", tree.child("Buckets"))?;
    let buckets = list.children.iter().map(|bucket| {
        json!({
            "name": bucket.text_of("Name"),
            "region": bucket.text_of("Location"),
            "ctime": time::iso(bucket.text_of("CreationDate")).unwrap_or(0).to_string(),
        })
    });
    let more = ask::is_truncated(response, &tree)?;
    let next = more.then(|| tree.text_of("NextMarker").to_owned());
    Ok((buckets.collect(), next))
}
