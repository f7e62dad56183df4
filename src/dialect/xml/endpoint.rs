//! Where buckets are, and what this API demands of a place.

use crate::config::service::{BucketEndpoint, Service};
use crate::error::{Error, Result};
use crate::exchange::Exchange;
use crate::model::Target;
use crate::model::path::Bucket;

/// Longest name of a bucket's host, up to its first dot and with all after it (xml-api.md §2).
const HOST_MAX_BYTES: usize = 60;

/// xml-api.md §3.10.
const KEY_MAX_BYTES: usize = 850;

pub(super) fn service(exchange: &Exchange) -> &Service {
    let service = exchange.config().service.as_ref();
    service.expect("a client of the XML API has one")
}

/// Where requests about a bucket go.
pub(super) fn of_bucket(exchange: &Exchange, bucket: &Bucket) -> Result<BucketEndpoint> {
    Ok(service(exchange).bucket(&full_name(exchange, bucket)?))
}

/// The same for any HTTP exchange.
pub(super) fn public(exchange: &Exchange, bucket: &Bucket) -> Result<BucketEndpoint> {
    Ok(service(exchange).public_bucket(&full_name(exchange, bucket)?))
}

/// Where its data is processed.
pub(super) fn ci(exchange: &Exchange, bucket: &Bucket) -> Result<BucketEndpoint> {
    service(exchange).ci(&full_name(exchange, bucket)?)
}

/// A bucket's host as the source of copies.
pub(super) fn source(exchange: &Exchange, bucket: &Bucket) -> Result<String> {
    service(exchange).source(&full_name(exchange, bucket)?)
}

/// The bucket's full name: with the appid, which callers may leave out.
pub(super) fn full_name(exchange: &Exchange, bucket: &Bucket) -> Result<String> {
    let suffix = format!("-{}", exchange.appid());
    let short = bucket
        .as_str()
        .strip_suffix(&suffix)
        .unwrap_or(bucket.as_str());
    let lawful = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    if short.is_empty()
        || !short.bytes().all(lawful)
        || short.starts_with('-')
        || short.ends_with('-')
    {
        let problem = "may hold lower-case letters, digits and, between them, '-' only";
        return Err(Error::parameter("bucket", problem));
    }
    let name = format!("{short}{suffix}");
    if name.len() > HOST_MAX_BYTES {
        let problem = format!(
            "makes a host's name of {} bytes, the service takes {HOST_MAX_BYTES}",
            name.len()
        );
        return Err(Error::parameter("bucket", problem));
    }
    Ok(name)
}

/// What this API demands of a place.
pub(crate) fn check(exchange: &Exchange, target: &Target) -> Result<()> {
    full_name(exchange, &target.bucket)?;
    let key = target.path.plain();
    if key.len() > KEY_MAX_BYTES {
        let problem = format!(
            "makes a key of {} bytes, the service takes {KEY_MAX_BYTES}",
            key.len()
        );
        return Err(Error::parameter(target.path.param(), problem));
    }
    Ok(())
}
