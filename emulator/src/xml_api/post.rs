//! POST Object: an object by a form (xml-api.md §1.5).

use std::sync::Arc;

use axum::http::StatusCode;
use axum::response::Response;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::Call;
use super::content::{self, Content};
use super::form::{Fields, Form, size_refusal};
use super::policy::{Asked, Policy};
use super::put::{expect, write};
use super::refusal::{Refusal, code};
use super::reply::put_header;
use super::sign::FormSignature;
use crate::names::encode;
use crate::service::host;

pub async fn post_object(mut call: Call, content: &mut Content) -> Result<Response, Refusal> {
    let base = base_url(&call);
    let mut form = Form::open(content, &call.parts.headers).await?;
    call.key = form.key()?;
    call.parts.headers = form.fields.headers()?;
    let policy = authorize(&call, &form.fields)?;
    let status = success_status(&form.fields)?;
    let redirect = redirect(&form.fields)?;
    let size = policy.size().cloned();
    if let Some(size) = &size {
        form.limit(*size.end());
    }

    let call = Arc::new(call);
    let attributes = expect(&call).await?;
    let written = content::store(&call, &mut form).await?;
    if size.is_some_and(|size| written.size < *size.start()) {
        return Err(size_refusal(code::ENTITY_TOO_SMALL));
    }
    let mut response = write(&call, written, attributes, status).await?;
    let location = match redirect {
        Some(url) => {
            *response.status_mut() = StatusCode::SEE_OTHER;
            let etag = response.headers().get("etag");
            let etag = etag.and_then(|etag| etag.to_str().ok()).unwrap_or("");
            told(&url, &call, etag)
        }
        None => format!("{base}{}", encode(&call.key)),
    };
    put_header(response.headers_mut(), "location", &location);
    Ok(response)
}

/// Whose form it is, and whether that account lets it upload this.
fn authorize(call: &Call, form: &Fields) -> Result<Policy, Refusal> {
    let policy = form.needed("policy")?;
    let signature = FormSignature {
        algorithm: form.needed("q-sign-algorithm")?,
        secret_id: form.needed("q-ak")?,
        key_time: form.needed("q-key-time")?,
        signature: form.needed("q-signature")?,
    };
    let Ok(policy) = STANDARD.decode(policy) else {
        let message = "The policy is not Base64.";
        return Err(Refusal::new(code::MALFORMED_POLICY, message));
    };
    call.check_keys(signature.secret_id, |account| {
        signature.verify(&policy, account, call.now)
    })?;
    let policy = Policy::read(&policy)?;
    let asked = Asked {
        fields: form,
        bucket: &call.full_bucket(),
        key: &call.key,
    };
    policy.check(&asked, call.now)?;
    call.check_permission()?;
    Ok(policy)
}

fn success_status(form: &Fields) -> Result<StatusCode, Refusal> {
    match form.field("success_action_status") {
        None | Some("" | "204") => Ok(StatusCode::NO_CONTENT),
        Some("200") => Ok(StatusCode::OK),
        Some("201") => Ok(StatusCode::CREATED),
        Some(_) => Err(Refusal::new(
            code::INVALID_ARGUMENT,
            "success_action_status is none of 200, 201, 204",
        )),
    }
}

/// Where the sender's browser goes on to.
fn redirect(form: &Fields) -> Result<Option<String>, Refusal> {
    let Some(url) = form.field("success_action_redirect") else {
        return Ok(None);
    };
    let is_url = url.starts_with("http://") || url.starts_with("https://");
    match is_url && url.bytes().all(|byte| byte.is_ascii_graphic()) {
        true => Ok(Some(url.to_owned())),
        false => Err(Refusal::new(
            code::INVALID_ARGUMENT,
            "success_action_redirect is no URL",
        )),
    }
}

/// That URL, with what it is told.
fn told(url: &str, call: &Call, etag: &str) -> String {
    let sign = if url.contains('?') { '&' } else { '?' };
    let encoded = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
    let (key, etag) = (encode(&call.key), encoded(etag));
    format!(
        "{url}{sign}bucket={}&key={key}&etag={etag}",
        call.full_bucket()
    )
}

/// Where the bucket's objects are, as the sender sees it.
fn base_url(call: &Call) -> String {
    let host = host(&call.parts.headers).map_or_else(String::new, |host| host.to_string());
    let path = call.parts.uri.path();
    let path = path.strip_suffix('/').unwrap_or(path);
    format!("http://{host}{path}/")
}
