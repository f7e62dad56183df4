//! Buckets (xml-api.md §3.9).

use super::dialect::Xml;
use super::request::{self, RequestBuilder};
use super::{head, versions};
use crate::base::time;
use crate::dialect::{Buckets, LIST_REPLY_CAP};
use crate::error::Result;
use crate::exchange::Call;
use crate::exchange::pages::Pages;
use crate::model::{BucketInfo, Target};
use crate::transport::{Method, Response};

impl Buckets for Xml {
    fn head_bucket(&self, call: &Call, bucket: &Target) -> Result<Option<String>> {
        region(call, bucket)
    }

    fn create_bucket(&self, call: &Call, bucket: &Target, acl: &str) -> Result<()> {
        create(call, bucket, acl)
    }

    fn delete_bucket(&self, call: &Call, bucket: &Target) -> Result<()> {
        delete(call, bucket)
    }

    fn list_buckets(&self, call: &Call) -> Result<Vec<BucketInfo>> {
        list(call)
    }

    fn set_versioning(&self, call: &Call, bucket: &Target, status: &str) -> Result<()> {
        versions::set(call, bucket, status)
    }

    fn versioning(&self, call: &Call, bucket: &Target) -> Result<String> {
        versions::get(call, bucket)
    }
}

fn create(call: &Call, bucket: &Target, acl: &str) -> Result<()> {
    let was_there = request::was_there(
        call,
        &RequestBuilder::about(Method::Head, bucket, request::nothing),
    )?;
    let request = RequestBuilder::about(Method::Put, bucket, request::nothing);
    let request = request.header("x-cos-acl", acl).non_idempotent();
    let was_none = was_there == Some(false);
    request::done_once(call.ask(&request), "BucketAlreadyOwnedByYou", was_none)
}

fn region(call: &Call, bucket: &Target) -> Result<Option<String>> {
    head::ask(call, bucket, |response: &Response| {
        let region = response.headers.text("x-cos-bucket-region");
        Ok(region.map(str::to_owned))
    })
}

fn delete(call: &Call, bucket: &Target) -> Result<()> {
    let was_there = request::was_there(
        call,
        &RequestBuilder::about(Method::Head, bucket, request::nothing),
    )?;
    let request = RequestBuilder::about(Method::Delete, bucket, request::nothing).non_idempotent();
    request::done_once(call.ask(&request), "NoSuchBucket", was_there == Some(true))
}

/// All of the account's.
fn list(call: &Call) -> Result<Vec<BucketInfo>> {
    let mut buckets = Vec::new();
    let mut marker = String::new();
    let mut pages = Pages::default();
    loop {
        let mut request =
            RequestBuilder::about_account(Method::Get, read_buckets).reply_cap(LIST_REPLY_CAP);
        if !marker.is_empty() {
            request = request.query("marker", marker.as_str());
        }
        let (page, next) = call.ask(&request)?;
        let more = buckets.len();
        buckets.extend(page);
        let Some(next) = next else {
            return Ok(buckets);
        };
        pages.go_on(&next, buckets[more..].iter().map(|bucket| &bucket.name))?;
        marker = next;
    }
}

fn read_buckets(response: &Response) -> Result<(Vec<BucketInfo>, Option<String>)> {
    let tree = request::document(response, "ListAllMyBucketsResult")?;
    let list = request::needed(response, "Buckets", tree.child("Buckets"))?;
    let buckets = list.children.iter().map(|bucket| BucketInfo {
        name: bucket.text_of("Name").to_owned(),
        region: bucket.text_of("Location").to_owned(),
        created: time::iso(bucket.text_of("CreationDate")),
    });
    let more = request::is_truncated(response, &tree)?;
    let next = more.then(|| tree.text_of("NextMarker").to_owned());
    Ok((buckets.collect(), next))
}
