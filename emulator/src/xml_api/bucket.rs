//! Buckets, and the list of them (xml-api.md §3.9).

use std::sync::Arc;

use axum::http::StatusCode;
use axum::response::Response;

use super::Call;
use super::acl::bucket_acl;
use super::content::Content;
use super::grants::{self, Kind};
use super::list::max;
use super::refusal::{Code, Refusal, code};
use super::reply::{empty, iso_seconds, put_header, xml as answer};
use super::xml::{self, Xml};
use crate::names::is_bucket_name;
use crate::service::host;
use crate::store::{Bucket, NO_GRANTS, Tx};

/// xml-api.md §3.9.
const MAX_BUCKETS: usize = 2000;

/// As the JSON API has them; new ones are in lower case alone (xml-api.md §2).
pub fn is_name(name: &str) -> bool {
    is_bucket_name(name)
}

pub async fn put_bucket(call: Arc<Call>, content: &mut Content) -> Result<Response, Refusal> {
    let configuration = content.read(&call.parts.headers).await?;
    if !configuration.trim_ascii().is_empty() && xml::read(&configuration).is_none() {
        return Err(code::MALFORMED_XML.into());
    }
    call.blocking(make).await
}

fn make(call: &Call) -> Result<Response, Refusal> {
    let is_lower = !call.bucket.bytes().any(|byte| byte.is_ascii_uppercase());
    if !is_lower || !is_name(&call.bucket) {
        return Err(code::INVALID_BUCKET_NAME.into());
    }
    let given = grants::of_headers(&call.parts.headers, Kind::Bucket)?;
    let acl = given.as_ref().map(|given| bucket_acl(&given.word));
    let acl = acl.transpose()?;
    let grants = given.map_or_else(|| NO_GRANTS.to_owned(), |given| given.grants);
    call.transaction(|tx| {
        if call.service.find_bucket(tx, &call.bucket)?.is_some() {
            return Err(code::BUCKET_ALREADY_OWNED_BY_YOU.into());
        }
        Ok(tx.put_bucket(&Bucket {
            name: call.bucket.clone(),
            ctime: call.now,
            is_made: true,
            acl,
            grants,
            versioning: call.service.xml.versioning,
            region: call.host_region.clone(),
        })?)
    })?;
    let mut response = empty(StatusCode::OK);
    let location = format!("/{}", call.full_bucket());
    put_header(response.headers_mut(), "location", &location);
    Ok(response)
}

pub fn head_bucket(call: &Call) -> Result<Response, Refusal> {
    let bucket = call.transaction(|tx| match call.is_anonymous {
        true => call.list_bucket(tx),
        false => call.find_bucket(tx).map(Some),
    })?;
    let region = call.region_of(bucket.as_ref());
    let mut response = empty(StatusCode::OK);
    put_header(response.headers_mut(), "x-cos-bucket-region", region);
    Ok(response)
}

pub fn delete_bucket(call: &Call) -> Result<Response, Refusal> {
    call.transaction(|tx| {
        call.find_bucket(tx)?;
        if !tx.is_empty_bucket(&call.bucket)? {
            return Err(code::BUCKET_NOT_EMPTY.into());
        }
        Ok(tx.remove_bucket(&call.bucket)?)
    })?;
    Ok(empty(StatusCode::NO_CONTENT))
}

/// What nobody could set.
pub fn unset(call: &Call, code: Code) -> Result<Response, Refusal> {
    call.transaction(|tx| {
        call.find_bucket(tx)?;
        if !call.key.is_empty() && tx.object(&call.bucket, &call.key)?.is_none() {
            return Err(code::NO_SUCH_KEY.into());
        }
        Err(code.into())
    })
}

pub fn location(call: &Call) -> Result<Response, Refusal> {
    let bucket = call.transaction(|tx| call.find_bucket(tx))?;
    let mut body = Xml::document();
    body.text("LocationConstraint", call.region_of(Some(&bucket)));
    Ok(answer(body))
}

pub fn list_buckets(call: &Call) -> Result<Response, Refusal> {
    let limit = max(call, "max-keys", MAX_BUCKETS)?;
    let marker = call.param("marker").unwrap_or("");
    let mut buckets = call.transaction(|tx| Ok(tx.buckets()?))?;
    buckets.retain(|bucket| {
        (call.service.any_bucket || bucket.is_made)
            && call.full_name(&bucket.name).as_str() > marker
            && call
                .given("region")
                .is_none_or(|wanted| wanted == call.region_of(Some(bucket)))
    });
    let is_truncated = buckets.len() > limit;
    buckets.truncate(limit);
    let last = buckets.last().filter(|_| is_truncated);
    let next = last.map_or_else(String::new, |bucket| call.full_name(&bucket.name));

    let appid = &call.service.account.appid;
    let mut body = Xml::document();
    body.open("ListAllMyBucketsResult");
    body.open("Owner");
    body.text("ID", &format!("qcs::cam::uin/{appid}:uin/{appid}"));
    body.text("DisplayName", appid);
    body.close("Owner");
    body.text("Marker", marker);
    body.text("NextMarker", &next);
    body.text("IsTruncated", &is_truncated.to_string());
    body.open("Buckets");
    for bucket in &buckets {
        body.open("Bucket");
        body.text("Name", &call.full_name(&bucket.name));
        body.text("Location", call.region_of(Some(bucket)));
        body.text("CreationDate", &iso_seconds(bucket.ctime));
        body.text("BucketType", "cos");
        body.close("Bucket");
    }
    body.close("Buckets");
    body.close("ListAllMyBucketsResult");
    Ok(answer(body))
}

impl Call {
    /// The bucket's own; else as the host says it, `….cos.<region>.…`, or the command line.
    pub fn region_of<'a>(&'a self, bucket: Option<&'a Bucket>) -> &'a str {
        let own = bucket.and_then(|bucket| bucket.region.as_deref());
        let named = own.or(self.host_region.as_deref());
        named.unwrap_or(&self.service.xml.region)
    }

    /// A bucket is only at the hosts of its region.
    pub fn check_region(&self, bucket: Option<&Bucket>) -> Result<(), Refusal> {
        match bucket.is_none_or(|bucket| bucket.is_in(self.host_region.as_deref())) {
            true => Ok(()),
            false => Err(code::NO_SUCH_BUCKET.into()),
        }
    }

    /// The bucket, made now if any may be: for writing into it and for listing it.
    pub fn use_bucket(&self, tx: &mut Tx) -> Result<Bucket, Refusal> {
        if !is_name(&self.bucket) {
            return Err(code::INVALID_BUCKET_NAME.into());
        }
        let bucket = self.service.use_bucket(tx, &self.bucket)?;
        self.check_region(bucket.as_ref())?;
        bucket.ok_or_else(|| code::NO_SUCH_BUCKET.into())
    }

    /// The bucket that is there.
    pub fn find_bucket(&self, tx: &Tx) -> Result<Bucket, Refusal> {
        let bucket = self.service.find_bucket(tx, &self.bucket)?;
        self.check_region(bucket.as_ref())?;
        bucket.ok_or_else(|| code::NO_SUCH_BUCKET.into())
    }

    /// A bucket to be listed, made now if any may be; without a signature, one that all may read.
    pub fn list_bucket(&self, tx: &mut Tx) -> Result<Option<Bucket>, Refusal> {
        if !self.is_anonymous {
            return self.use_bucket(tx).map(Some);
        }
        let bucket = self.service.find_bucket(tx, &self.bucket)?;
        if bucket.is_none() && !self.service.any_bucket {
            return Err(code::NO_SUCH_BUCKET.into());
        }
        self.check_region(bucket.as_ref())?;
        match self.service.is_public(bucket.as_ref()) {
            true => Ok(bucket),
            false => Err(code::ACCESS_DENIED.into()),
        }
    }
}

/// The region in `<bucket>-<appid>.cos.<region>.anything` or `cos.<region>.anything`.
pub fn region_of_host(headers: &axum::http::HeaderMap) -> Option<String> {
    region_in(host(headers)?.host())
}

/// The same of the source of a copy.
pub fn region_in(host: &str) -> Option<String> {
    let labels: Vec<&str> = host.split('.').collect();
    let cos = labels
        .iter()
        .position(|label| matches!(*label, "cos" | "cos-internal"))?;
    let region = labels.get(cos + 1).filter(|region| region.contains('-'))?;
    Some((*region).to_owned())
}
