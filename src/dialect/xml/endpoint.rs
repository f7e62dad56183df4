//! Where buckets are, and what this API demands of a place.

use std::borrow::Cow;

use crate::config::service::{BucketEndpoint, Service};
use crate::error::{Error, Result};
use crate::exchange::Exchange;
use crate::model::Bucket;
use crate::model::Target;

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
    let service = service_of(exchange, bucket)?;
    Ok(service.bucket(&full_name(exchange, bucket)?))
}

/// The same for any HTTP exchange.
pub(super) fn public(exchange: &Exchange, bucket: &Bucket) -> Result<BucketEndpoint> {
    let service = service_of(exchange, bucket)?;
    Ok(service.public_bucket(&full_name(exchange, bucket)?))
}

/// Where its data is processed.
pub(super) fn ci(exchange: &Exchange, bucket: &Bucket) -> Result<BucketEndpoint> {
    service(exchange).ci(&full_name(exchange, bucket)?)
}

/// A bucket's host as the source of copies.
pub(super) fn source(exchange: &Exchange, bucket: &Bucket) -> Result<String> {
    service_of(exchange, bucket)?.source(&full_name(exchange, bucket)?)
}

/// Whether two names are those of one bucket.
pub(super) fn is_same(exchange: &Exchange, one: &Bucket, other: &Bucket) -> bool {
    let names = [one, other].map(|bucket| full_name(exchange, bucket).ok());
    let hosts = [one, other].map(|bucket| source(exchange, bucket).ok());
    names[0] == names[1] && hosts[0] == hosts[1]
}

/// The service in the region where the bucket is.
fn service_of<'e>(exchange: &'e Exchange, bucket: &Bucket) -> Result<Cow<'e, Service>> {
    let service = service(exchange);
    match &bucket.home().region {
        Some(region) => Ok(Cow::Owned(service.in_region(region)?)),
        None => Ok(Cow::Borrowed(service)),
    }
}

/// The bucket's full name: with the appid, which callers may leave out.
pub(super) fn full_name(exchange: &Exchange, bucket: &Bucket) -> Result<String> {
    let appid = bucket.home().appid.as_deref();
    let suffix = format!("-{}", appid.unwrap_or(exchange.appid()));
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
        return Err(Error::parameter(bucket.param(), problem));
    }
    let name = format!("{short}{suffix}");
    if name.len() > HOST_MAX_BYTES {
        let problem = format!(
            "makes a host's name of {} bytes, the service takes {HOST_MAX_BYTES}",
            name.len()
        );
        return Err(Error::parameter(bucket.param(), problem));
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
