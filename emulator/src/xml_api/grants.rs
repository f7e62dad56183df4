//! Grants, as headers and documents write them (xml-api.md §3.9): to everybody, or to accounts. One of
//! the service's words says what everybody may read and write; all others are kept and given back.

use axum::http::HeaderMap;
use serde_json::{Value, json};

use super::refusal::{Refusal, code};
use super::xml::Node;

/// Everybody, as a group and as an account.
pub const ALL_USERS: &str = "http://cam.qcloud.com/groups/global/AllUsers";
const ANYONE: &str = "qcs::cam::anyone:anyone";

const HEADERS: [(&str, &str); 5] = [
    ("x-cos-grant-read", "READ"),
    ("x-cos-grant-write", "WRITE"),
    ("x-cos-grant-read-acp", "READ_ACP"),
    ("x-cos-grant-write-acp", "WRITE_ACP"),
    ("x-cos-grant-full-control", "FULL_CONTROL"),
];

/// Who may do what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// None is everybody.
    account: Option<String>,
    permission: String,
}

/// What a request sets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acl {
    /// The service's word for what everybody may do.
    pub word: String,
    /// What that does not say: a JSON list of permissions and accounts.
    pub grants: String,
}

/// What it is of. There is no word for an object that everybody may write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Bucket,
    Object,
}

/// What a request's headers say; None if they say nothing.
pub fn of_headers(headers: &HeaderMap, kind: Kind) -> Result<Option<Acl>, Refusal> {
    let text = |name: &str| match headers.get(name).map(|value| value.to_str()) {
        None => Ok(None),
        Some(Ok(text)) => Ok(Some(text).filter(|text| !text.is_empty())),
        Some(Err(_)) => Err(ill_formed(name)),
    };
    let word = text("x-cos-acl")?;
    let mut grants = Vec::new();
    for (name, permission) in HEADERS {
        for grantee in text(name)?.into_iter().flat_map(|list| list.split(',')) {
            grants.push(Grant {
                account: grantee_of(grantee).ok_or_else(|| ill_formed(name))?,
                permission: permission.to_owned(),
            });
        }
    }
    if word.is_none() && grants.is_empty() {
        return Ok(None);
    }
    Ok(Some(acl(word, grants, kind)))
}

fn ill_formed(name: &str) -> Refusal {
    let message = format!("{name} is no list of id=\"…\", each an account");
    Refusal::new(code::INVALID_ARGUMENT, message)
}

/// `id="100000000001"`; some documents have `uin`.
fn grantee_of(text: &str) -> Option<Option<String>> {
    let (kind, value) = text.trim().split_once('=')?;
    let value = value.strip_prefix('"')?.strip_suffix('"')?;
    match kind {
        "id" | "uin" => account_of(value),
        "uri" if value == ALL_USERS => Some(None),
        _ => None,
    }
}

/// An account in the service's long form. Some(None) is everybody.
fn account_of(text: &str) -> Option<Option<String>> {
    if text == ANYONE {
        return Some(None);
    }
    let (owner, user) = match text.strip_prefix("qcs::cam::uin/") {
        Some(long) => long.split_once(":uin/")?,
        None => text.split_once('/').unwrap_or((text, text)),
    };
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let is_account = is_number(owner) && is_number(user);
    is_account.then(|| Some(format!("qcs::cam::uin/{owner}:uin/{user}")))
}

/// An AccessControlPolicy. What it grants to its owner goes without saying.
pub fn of_document(document: &Node, owner: &str, kind: Kind) -> Result<Acl, Refusal> {
    let list = document.child("AccessControlList");
    let list = list.filter(|_| document.name == "AccessControlPolicy");
    let list = list.ok_or(code::MALFORMED_XML)?;
    let grant = |node: &Node| {
        let grantee = node.child("Grantee")?;
        let text = |name: &str| grantee.child_text(name).map(str::trim);
        let account = match (text("URI"), text("ID")) {
            (Some(ALL_USERS), _) => None,
            (None | Some(""), Some(id)) => account_of(id)?,
            _ => return None,
        };
        let permission = node.child_text("Permission")?.trim().to_owned();
        let mut known = HEADERS.iter().map(|(_, known)| *known);
        known.any(|known| known == permission).then_some(Grant {
            account,
            permission,
        })
    };
    let grants: Option<Vec<Grant>> = list.all("Grant").map(grant).collect();
    let mut grants = grants.ok_or_else(|| {
        let message = "a Grant names no account and not everybody, or no permission";
        Refusal::new(code::INVALID_ARGUMENT, message)
    })?;
    grants.retain(|grant| grant.account.as_deref() != Some(owner));
    Ok(acl(None, grants, kind))
}

/// Whoever grants anything says all that there is: without a word the rest is private.
fn acl(word: Option<&str>, grants: Vec<Grant>, kind: Kind) -> Acl {
    let may_all = |permission: &str| {
        let mut to_all = grants.iter().filter(|grant| grant.account.is_none());
        to_all.any(|grant| grant.permission == permission || grant.permission == "FULL_CONTROL")
    };
    let granted = match (may_all("READ"), may_all("WRITE"), kind) {
        (true, true, Kind::Bucket) => Some("public-read-write"),
        (true, _, _) => Some("public-read"),
        (false, _, _) => None,
    };
    let word = granted.or(word).unwrap_or("private");
    let is_said = |grant: &&Grant| {
        grant.account.is_none()
            && match grant.permission.as_str() {
                "READ" => true,
                "WRITE" => word == "public-read-write",
                _ => false,
            }
    };
    let kept: Vec<Value> = grants
        .iter()
        .filter(|grant| !is_said(grant))
        .map(|grant| json!([grant.permission, grant.account]))
        .collect();
    Acl {
        word: word.to_owned(),
        grants: Value::from(kept).to_string(),
    }
}

/// The permission and the account of each that is kept; None is everybody.
pub fn kept(grants: &str) -> Vec<(String, Option<String>)> {
    serde_json::from_str(grants).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accounts_have_many_spellings() {
        let one = Some(Some("qcs::cam::uin/1:uin/2".to_owned()));
        for text in ["1/2", "qcs::cam::uin/1:uin/2"] {
            assert_eq!(account_of(text), one, "{text}");
        }
        let root = Some(Some("qcs::cam::uin/7:uin/7".to_owned()));
        assert_eq!(account_of("7"), root);
        assert_eq!(account_of(ANYONE), Some(None));
        for text in [
            "",
            "me",
            "1/",
            "/1",
            "1/2/3",
            "qcs::cam::uin/1",
            "qcs::cam::uin/a:uin/b",
        ] {
            assert_eq!(account_of(text), None, "{text}");
        }
        for text in [
            "id=1",
            "id=\"1",
            "1",
            "\"1\"",
            "name=\"1\"",
            "uri=\"http://x\"",
        ] {
            assert_eq!(grantee_of(text), None, "{text}");
        }
    }
}
