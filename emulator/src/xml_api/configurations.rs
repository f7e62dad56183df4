//! Configurations of buckets (xml-api.md §3.13): kept and given back as they came. They change nothing.

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
use super::xml;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Configuration {
    Cors,
    Lifecycle,
    Policy,
    Tagging,
    Website,
}

impl Configuration {
    const ALL: [Configuration; 5] = [
        Configuration::Cors,
        Configuration::Lifecycle,
        Configuration::Policy,
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
            Configuration::Cors => "cors",
            Configuration::Lifecycle => "lifecycle",
            Configuration::Policy => "policy",
            Configuration::Tagging => "tagging",
            Configuration::Website => "website",
        }
    }

    /// What a GET is answered where there is none.
    fn unset(self) -> Code {
        match self {
            Configuration::Cors => code::NO_SUCH_CORS,
            Configuration::Lifecycle => code::NO_SUCH_LIFECYCLE,
            Configuration::Policy => code::NO_SUCH_POLICY,
            Configuration::Tagging => code::NO_SUCH_TAG_SET,
            Configuration::Website => code::NO_SUCH_WEBSITE,
        }
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

    fn check(self, document: &[u8]) -> Result<(), Refusal> {
        let root = match self {
            Configuration::Cors => "CORSConfiguration",
            Configuration::Lifecycle => "LifecycleConfiguration",
            Configuration::Tagging => "Tagging",
            Configuration::Website => "WebsiteConfiguration",
            Configuration::Policy => {
                return match serde_json::from_slice(document) {
                    Ok(Value::Object(policy)) if !policy.is_empty() => Ok(()),
                    _ => Err(code::MALFORMED_POLICY.into()),
                };
            }
        };
        match xml::read(document) {
            Some(node) if node.name == root && !node.children.is_empty() => Ok(()),
            _ => Err(code::MALFORMED_XML.into()),
        }
    }
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
    let document = content.read(headers).await?;
    which.check(&document)?;
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
        found.ok_or_else(|| Refusal::from(which.unset()))
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

/// One that is not there is as good as deleted.
pub fn delete(call: &Call, which: Configuration) -> Result<Response, Refusal> {
    call.transaction(|tx| {
        call.find_bucket(tx)?;
        Ok(tx.remove_configuration(&call.bucket, which.name())?)
    })?;
    Ok(empty(StatusCode::NO_CONTENT))
}
