//! What every module of the service needs: the account, the clock, the store.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::http::HeaderMap;
use axum::http::header::{AUTHORIZATION, HOST};
use axum::http::request::Parts;
use axum::http::uri::Authority;
use tokio::task::JoinError;

use crate::auth::{Account, Claim, Mac, Signature};
use crate::clock::Clock;
use crate::instance_role::Role;
use crate::names::{encode, is_bucket_name};
use crate::query;
use crate::refusal::{Refusal, code};
use crate::store::{self, Bucket, NO_GRANTS, Store, Tx};
use crate::xml_options::XmlOptions;

pub struct Service {
    pub account: Account,
    /// Whether any lawful name becomes a bucket at its first use; else those that were made exist.
    pub any_bucket: bool,
    /// Whether downloads need a signature where the bucket's ACL says nothing.
    pub private: bool,
    /// What the XML API has beside this.
    pub xml: XmlOptions,
    /// Of the instance that clients run on, if it has one.
    pub role: Option<Role>,
    pub clock: Clock,
    pub store: Store,
    /// Where it listens.
    pub address: SocketAddr,
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
    pub async fn blocking<T: Send + 'static, E: From<JoinError> + Send + 'static>(
        self: &Arc<Self>,
        work: impl FnOnce(&Arc<Service>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E> {
        let service = Arc::clone(self);
        tokio::task::spawn_blocking(move || work(&service)).await?
    }

    /// The bucket of that name, made now if any bucket may be.
    pub fn bucket(&self, tx: &mut Tx, name: &str) -> Result<Bucket, Refusal> {
        if !is_bucket_name(name) {
            let rule = "a bucket's name is made of letters, digits and -";
            return Err(Refusal::new(code::PATH_INVALID, rule));
        }
        self.use_bucket(tx, name)?
            .ok_or_else(|| Refusal::new(code::BUCKET_MISSING, "no such bucket"))
    }

    /// The same without judging the name; None if it does not exist and may not be made.
    pub fn use_bucket(&self, tx: &mut Tx, name: &str) -> Result<Option<Bucket>, store::Error> {
        let found = self.find_bucket(tx, name)?;
        if found.is_some() || !self.any_bucket {
            return Ok(found);
        }
        let bucket = Bucket {
            name: name.to_owned(),
            ctime: self.clock.now(),
            is_made: false,
            acl: None,
            grants: NO_GRANTS.to_owned(),
            versioning: self.xml.versioning,
            region: None,
        };
        tx.put_bucket(&bucket)?;
        Ok(Some(bucket))
    }

    /// The bucket if it is there.
    pub fn find_bucket(&self, tx: &Tx, name: &str) -> Result<Option<Bucket>, store::Error> {
        let found = tx.bucket(name)?;
        Ok(found.filter(|bucket| self.any_bucket || bucket.is_made))
    }

    /// Those that exist because the command line says so; all begin as it says.
    pub fn make_buckets(&self, names: &[String]) -> Result<(), store::Error> {
        self.store.transaction(|tx| {
            if let Some(versioning) = self.xml.versioning {
                tx.begin_versioning(versioning)?;
            }
            for name in names {
                let new = Bucket {
                    name: name.clone(),
                    ctime: self.clock.now(),
                    is_made: true,
                    acl: None,
                    grants: NO_GRANTS.to_owned(),
                    versioning: self.xml.versioning,
                    region: None,
                };
                let old = tx.bucket(name)?;
                tx.put_bucket(&Bucket {
                    is_made: true,
                    ..old.unwrap_or(new)
                })?;
            }
            Ok(())
        })
    }

    /// Whether anyone may read what has no authority of its own.
    pub fn is_public(&self, bucket: Option<&Bucket>) -> bool {
        match bucket.and_then(|bucket| bucket.acl.as_deref()) {
            None => !self.private,
            Some(acl) => acl.starts_with("public-read"),
        }
    }

    /// A file's own authority comes before the bucket's (json-api.md §2.3).
    pub fn is_readable_by_all(&self, bucket: Option<&Bucket>, authority: &str) -> bool {
        match authority {
            "eWRPrivate" => false,
            "eWPrivateRPublic" => true,
            _ => self.is_public(bucket),
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
