//! Where buckets are, and what this API demands of a place.

use super::service::{Place, Service};
use crate::api::Target;
use crate::client::Client;
use crate::error::{Error, Result};
use crate::path::Bucket;

/// Longest name of a bucket's host, up to its first dot and with all after it (xml-api.md §2).
const HOST_MAX_BYTES: usize = 60;

/// xml-api.md §3.10.
const KEY_MAX_BYTES: usize = 850;

pub(super) fn service(client: &Client) -> &Service {
    let service = client.config().service.as_ref();
    service.expect("a client of the XML API has one")
}

/// Where requests about a bucket go.
pub(super) fn of_bucket(client: &Client, bucket: &Bucket) -> Result<Place> {
    Ok(service(client).bucket(&full_name(client, bucket)?))
}

/// The same for any HTTP client.
pub(super) fn public(client: &Client, bucket: &Bucket) -> Result<Place> {
    Ok(service(client).public_bucket(&full_name(client, bucket)?))
}

/// A bucket's host as the source of copies.
pub(super) fn source(client: &Client, bucket: &Bucket) -> Result<String> {
    service(client).source(&full_name(client, bucket)?)
}

/// The bucket's full name: with the appid, which callers may leave out.
fn full_name(client: &Client, bucket: &Bucket) -> Result<String> {
    let suffix = format!("-{}", client.account().appid());
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
pub(crate) fn check(client: &Client, target: &Target) -> Result<()> {
    full_name(client, &target.bucket)?;
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
