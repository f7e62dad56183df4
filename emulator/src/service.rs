//! What every room of the service needs: the account, the clock, the store.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::http::HeaderMap;
use axum::http::header::{AUTHORIZATION, HOST};
use axum::http::request::Parts;
use axum::http::uri::Authority;

use crate::auth::{Account, Claim, Mac, Signature};
use crate::clock::Clock;
use crate::faults::Faults;
use crate::names::{encode, is_bucket_name};
use crate::query;
use crate::refusal::{Refusal, code};
use crate::store::{Bucket, Store, Tx};

pub struct Service {
    pub account: Account,
    /// The buckets that exist; any lawful name does when there are none here.
    pub buckets: Vec<String>,
    /// Whether downloads need a signature.
    pub private: bool,
    pub clock: Clock,
    pub store: Store,
    /// Where it listens.
    pub address: SocketAddr,
    /// What clients asked to go wrong.
    pub faults: Faults,
}

impl Service {
    /// Checks the signature that a request carries, and uses it up if it is for one time.
    pub async fn authorize(
        self: &Arc<Self>,
        parts: &Parts,
        claim: &Claim<'_>,
    ) -> Result<Signature, Refusal> {
        let text = signature_text(parts)?;
        let signature = Signature::verify(&text, &self.account, self.clock.now(), claim)?;
        if signature.is_one_time() && !self.use_up(signature.mac).await? {
            let message = "this one-time signature was used before";
            return Err(Refusal::new(code::SIGNATURE_USED, message));
        }
        Ok(signature)
    }

    async fn use_up(self: &Arc<Self>, mac: Mac) -> Result<bool, Refusal> {
        self.blocking(move |service| {
            let used = service.store.transaction(|tx| tx.use_signature(&mac));
            Ok(used?)
        })
        .await
    }

    /// Runs work on files and the database where it holds up no other request.
    pub async fn blocking<T: Send + 'static>(
        self: &Arc<Self>,
        work: impl FnOnce(&Arc<Service>) -> Result<T, Refusal> + Send + 'static,
    ) -> Result<T, Refusal> {
        let service = Arc::clone(self);
        tokio::task::spawn_blocking(move || work(&service))
            .await
            .unwrap_or_else(|panic| Err(Refusal::fault(panic)))
    }

    /// The bucket of that name, made now if any bucket may be.
    pub fn bucket(&self, tx: &mut Tx, name: &str) -> Result<Bucket, Refusal> {
        if !is_bucket_name(name) {
            let rule = "a bucket's name is made of letters, digits and -";
            return Err(Refusal::new(code::PATH_INVALID, rule));
        }
        if !self.buckets.is_empty() && !self.buckets.iter().any(|bucket| bucket == name) {
            return Err(Refusal::new(code::BUCKET_MISSING, "no such bucket"));
        }
        match tx.bucket(name)? {
            Some(bucket) => Ok(bucket),
            None => Ok(tx.create_bucket(name, self.clock.now())?),
        }
    }

    /// Where the client found the service, for the URLs in replies.
    pub fn base_url(&self, headers: &HeaderMap) -> String {
        let host = host(headers).map_or_else(|| self.address.to_string(), |host| host.to_string());
        format!("http://{host}")
    }

    /// The path of an object's URL in this API.
    pub fn json_path(&self, bucket: &str, key: &str) -> String {
        format!("/files/v1/{}/{bucket}/{}", self.account.appid, encode(key))
    }

    /// The address of an object in path style.
    pub fn download_url(&self, base_url: &str, bucket: &str, key: &str) -> String {
        format!("{base_url}/{bucket}-{}/{}", self.account.appid, encode(key))
    }
}

/// The `Host` header, if it is one.
pub fn host(headers: &HeaderMap) -> Option<Authority> {
    let text = headers.get(HOST)?.to_str().ok()?;
    text.parse().ok().filter(|_| !text.contains('@'))
}

/// The `Authorization` header, else the query's `sign` (json-api.md §1.1); empty if there is none.
pub fn signature_text(parts: &Parts) -> Result<String, Refusal> {
    match parts.headers.get(AUTHORIZATION) {
        Some(header) if !header.is_empty() => match header.to_str() {
            Ok(text) => Ok(text.to_owned()),
            Err(_) => Err(Refusal::new(
                code::SIGNATURE_MALFORMED,
                "the signature is not Base64",
            )),
        },
        _ => query::signature(parts.uri.query().unwrap_or("")),
    }
}
