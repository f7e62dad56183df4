//! Configurations of buckets (xml-api.md §3.13): kept and given back as they came, but for the names of nodes that the
//! service gives back differently. They change nothing.

use std::sync::Arc;

use axum::body::Body;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use serde_json::Value;

use super::Call;
use super::content::Content;
use super::refusal::{Code, Refusal, code};
use super::reply::{empty, put_header};
use super::sub_resources::names;
use super::xml::{self, Node, Xml};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Configuration {
    Accelerate,
    Cors,
    Domain,
    Encryption,
    Lifecycle,
    Logging,
    Origin,
    Policy,
    Referer,
    Replication,
    Tagging,
    Website,
}

impl Configuration {
    const ALL: [Configuration; 12] = [
        Configuration::Accelerate,
        Configuration::Cors,
        Configuration::Domain,
        Configuration::Encryption,
        Configuration::Lifecycle,
        Configuration::Logging,
        Configuration::Origin,
        Configuration::Policy,
        Configuration::Referer,
        Configuration::Replication,
        Configuration::Tagging,
        Configuration::Website,
    ];

    /// The one that a query is about.
    pub fn named_in(query: &str) -> Option<Configuration> {
        let is_named =
            |one: &Configuration| names(query).any(|n| n.eq_ignore_ascii_case(one.name()));
        Configuration::ALL.into_iter().find(is_named)
    }

    fn name(self) -> &'static str {
        match self {
            Configuration::Accelerate => "accelerate",
            Configuration::Cors => "cors",
            Configuration::Domain => "domain",
            Configuration::Encryption => "encryption",
            Configuration::Lifecycle => "lifecycle",
            Configuration::Logging => "logging",
            Configuration::Origin => "origin",
            Configuration::Policy => "policy",
            Configuration::Referer => "referer",
            Configuration::Replication => "replication",
            Configuration::Tagging => "tagging",
            Configuration::Website => "website",
        }
    }

    /// The root of its document; a policy is JSON.
    fn root(self) -> Option<&'static str> {
        Some(match self {
            Configuration::Accelerate => "AccelerateConfiguration",
            Configuration::Cors => "CORSConfiguration",
            Configuration::Domain => "DomainConfiguration",
            Configuration::Encryption => "ServerSideEncryptionConfiguration",
            Configuration::Lifecycle => "LifecycleConfiguration",
            Configuration::Logging => "BucketLoggingStatus",
            Configuration::Origin => "OriginConfiguration",
            Configuration::Policy => return None,
            Configuration::Referer => "RefererConfiguration",
            Configuration::Replication => "ReplicationConfiguration",
            Configuration::Tagging => "Tagging",
            Configuration::Website => "WebsiteConfiguration",
        })
    }

    /// What a GET is answered where there is none: a refusal, or its root without content.
    fn unset(self) -> Option<Code> {
        Some(match self {
            Configuration::Accelerate | Configuration::Logging | Configuration::Referer => {
                return None;
            }
            Configuration::Cors => code::NO_SUCH_CORS,
            Configuration::Domain => code::NO_SUCH_DOMAIN,
            Configuration::Encryption => code::NO_SUCH_ENCRYPTION,
            Configuration::Lifecycle => code::NO_SUCH_LIFECYCLE,
            Configuration::Origin => code::NO_SUCH_ORIGIN,
            Configuration::Policy => code::NO_SUCH_POLICY,
            Configuration::Replication => code::NO_SUCH_REPLICATION,
            Configuration::Tagging => code::NO_SUCH_TAG_SET,
            Configuration::Website => code::NO_SUCH_WEBSITE,
        })
    }

    /// The others are switched off by a PUT.
    pub fn has_delete(self) -> bool {
        !matches!(
            self,
            Configuration::Accelerate | Configuration::Logging | Configuration::Referer
        )
    }

    fn needs_md5(self) -> bool {
        matches!(
            self,
            Configuration::Cors | Configuration::Lifecycle | Configuration::Tagging
        )
    }

    /// Of a PUT that is done.
    fn status(self) -> StatusCode {
        match self {
            Configuration::Policy | Configuration::Tagging => StatusCode::NO_CONTENT,
            _ => StatusCode::OK,
        }
    }

    /// The document as a GET gives it back.
    fn check(self, document: Vec<u8>) -> Result<Vec<u8>, Refusal> {
        let Some(root) = self.root() else {
            return match serde_json::from_slice(&document) {
                Ok(Value::Object(policy)) if !policy.is_empty() => Ok(document),
                _ => Err(code::MALFORMED_POLICY.into()),
            };
        };
        // Thus the Python SDK takes it away.
        if self == Configuration::Referer && document.is_empty() {
            return nothing(self);
        }
        let node = xml::read(&document).filter(|node| node.name == root);
        let node = node.ok_or(code::MALFORMED_XML)?;
        match self {
            Configuration::Logging | Configuration::Referer => Ok(document),
            _ if node.children.is_empty() => Err(code::MALFORMED_XML.into()),
            Configuration::Accelerate => match node.child_text("Status").map(str::trim) {
                Some("Enabled" | "Suspended") => Ok(document),
                _ => Err(code::MALFORMED_XML.into()),
            },
            Configuration::Encryption => default_encryption(&node),
            _ => Ok(document),
        }
    }
}

/// A PUT has the rule's only node by its old name or by today's, a GET by today's.
fn default_encryption(node: &Node) -> Result<Vec<u8>, Refusal> {
    const NAMES: [&str; 2] = [
        "ApplyServerSideEncryptionByDefault",
        "ApplySideEncryptionConfiguration",
    ];
    let rule = node.child("Rule").ok_or(code::MALFORMED_XML)?;
    let apply = NAMES.iter().find_map(|name| rule.child(name));
    let apply = apply.ok_or(code::MALFORMED_XML)?;
    let algorithm = apply.child_text("SSEAlgorithm").unwrap_or("").trim();
    if !["AES256", "KMS", "SM4"].contains(&algorithm) {
        return Err(code::MALFORMED_XML.into());
    }
    let mut document = Xml::document();
    let tags = [node.name.as_str(), "Rule", NAMES[0]];
    tags.iter().for_each(|tag| document.open(tag));
    document.text("SSEAlgorithm", algorithm);
    if let Some(key) = apply.child_text("KMSMasterKeyID") {
        document.text("KMSMasterKeyID", key.trim());
    }
    tags.iter().rev().for_each(|tag| document.close(tag));
    Ok(document.finish().into_bytes())
}

pub async fn put(
    call: Arc<Call>,
    which: Configuration,
    content: &mut Content,
) -> Result<Response, Refusal> {
    let headers = &call.parts.headers;
    if which.needs_md5() && !headers.contains_key("content-md5") {
        return Err(code::MISSING_CONTENT_MD5.into());
    }
    let document = which.check(content.read(headers).await?)?;
    call.blocking(move |call| {
        call.transaction(|tx| {
            call.use_bucket(tx)?;
            Ok(tx.put_configuration(&call.bucket, which.name(), &document)?)
        })
    })
    .await?;
    Ok(empty(which.status()))
}

pub fn get(call: &Call, which: Configuration) -> Result<Response, Refusal> {
    let document = call.transaction(|tx| {
        call.find_bucket(tx)?;
        let found = tx.configuration(&call.bucket, which.name())?;
        found.map_or_else(|| nothing(which), Ok)
    })?;
    let mut response = Body::from(document).into_response();
    // Even of a policy, which is JSON.
    put_header(
        response.headers_mut(),
        CONTENT_TYPE.as_str(),
        "application/xml",
    );
    Ok(response)
}

fn nothing(which: Configuration) -> Result<Vec<u8>, Refusal> {
    if let Some(unset) = which.unset() {
        return Err(unset.into());
    }
    let mut document = Xml::document();
    document.text(which.root().unwrap_or_default(), "");
    Ok(document.finish().into_bytes())
}

/// One that is not there is as good as deleted.
pub fn delete(call: &Call, which: Configuration) -> Result<Response, Refusal> {
    call.transaction(|tx| {
        call.find_bucket(tx)?;
        Ok(tx.remove_configuration(&call.bucket, which.name())?)
    })?;
    Ok(empty(StatusCode::NO_CONTENT))
}
