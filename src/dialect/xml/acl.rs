//! Who may do what with an object (xml-api.md §3.9): told, set, and said again of a copy, which
//! inherits nothing of it. What cannot be said again is refused by name: nobody's access is widened
//! or dropped in silence.

use super::request::{self, RequestBuilder};
use super::tree::Node;
use crate::base::quoted::quoted;
use crate::dialect::answer::bad;
use crate::error::{Error, ErrorClass, Kind, Result};
use crate::exchange::Call;
use crate::model::{Grant, Target};
use crate::transport::{Header, Headers, Method, Response};

/// Both names of everybody, signed in or not.
const EVERYBODY: [&str; 2] = [
    "http://cam.qcloud.com/groups/global/AllUsers",
    "qcs::cam::anyone:anyone",
];

/// What can be granted, and the header that grants it.
const PERMISSIONS: [(&str, &str); 5] = [
    ("READ", "x-cos-grant-read"),
    ("WRITE", "x-cos-grant-write"),
    ("READ_ACP", "x-cos-grant-read-acp"),
    ("WRITE_ACP", "x-cos-grant-write-acp"),
    ("FULL_CONTROL", "x-cos-grant-full-control"),
];

fn is_public_read(grant: &Grant) -> bool {
    grant.grantee == EVERYBODY[0] && grant.permission == "READ"
}

/// An object's access control list.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Acl {
    /// The service's word for the whole, where it gives one.
    word: Option<String>,
    /// In order, each once; without the owner's own, which nobody can take away.
    grants: Vec<Grant>,
    /// Whether the service lists who may do what, if only the owner.
    is_listed: bool,
}

/// What a list means in the words of this library.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Rule {
    /// The bucket's.
    Default,
    Private,
    PublicRead,
    /// What is granted, and nothing else.
    Grants,
}

pub(crate) fn acl(call: &Call, object: &Target) -> Result<Acl> {
    call.ask(&RequestBuilder::about(Method::Get, object, read).query("acl", ""))
}

pub(super) fn set_acl(call: &Call, object: &Target, acl: &str) -> Result<()> {
    let request = RequestBuilder::about(Method::Put, object, request::nothing);
    call.ask(&request.query("acl", "").header("x-cos-acl", acl))
}

/// Of an object that is to be copied: whoever may not read it cannot keep it.
pub(super) fn of_source(call: &Call, from: &Target) -> Result<Acl> {
    acl(call, from).map_err(|error| match error.httpcode {
        403 => error.context(
            "the file's access rights cannot be read (GET ?acl, cos:GetObjectACL), and a copy must keep \
             them",
        ),
        _ => error,
    })
}

/// Looks whether a copy has got what was said of it, where no single word says it.
pub(super) fn check_kept(call: &Call, copy: &Target, source: &Acl) -> Result<()> {
    if source.grants.is_empty() || source.rule() == Ok(Rule::PublicRead) {
        return Ok(());
    }
    let is_kept = |held: &Acl| held.grants == source.grants && held.rule() == source.rule();
    let mut held = None;
    // What was written a moment ago may not be told yet.
    call.poll_until(&mut || Ok(()), &mut || {
        held = match acl(call, copy) {
            Err(error) if error.is(ErrorClass::NotFound) => None,
            reported => Some(reported?),
        };
        Ok(held.as_ref().is_some_and(is_kept))
    })?;
    if held.as_ref().is_some_and(is_kept) {
        return Ok(());
    }
    let message = format!(
        "the service has not given the copy the source's access rights: {} instead of {}; \
         the copy stays, set its rights or delete it",
        held.map_or_else(|| "nothing is told".to_owned(), |held| held.describe()),
        source.describe()
    );
    Err(Error::new(Kind::Integrity, message).answered(200))
}

impl Acl {
    /// As `qcos_set_acl` has it; else the service's own word, or `custom`.
    pub(crate) fn name(&self) -> &str {
        match (self.rule(), self.word.as_deref()) {
            (Ok(Rule::Default), _) => "default",
            (Ok(Rule::Private), _) => "private",
            (Ok(Rule::PublicRead), _) => "public-read",
            (Err(_), Some(word)) if !is_known(word) => word,
            _ => "custom",
        }
    }

    pub(crate) fn grants(&self) -> &[Grant] {
        &self.grants
    }

    /// The headers that say it again of a copy. `param` is the caller's name for the source.
    pub(super) fn headers(&self, param: &str) -> Result<Vec<Header>> {
        let refused = |problem: String| {
            let problem = format!("has access rights that a copy would lose: {problem}");
            Error::parameter(param, problem)
        };
        let canned = |word: &str| vec![("x-cos-acl".into(), word.to_owned())];
        match self.rule().map_err(refused)? {
            // As of every new object.
            Rule::Default => Ok(Vec::new()),
            Rule::Private => Ok(canned("private")),
            Rule::PublicRead => Ok(canned("public-read")),
            Rule::Grants => grant_headers(&self.grants).map_err(refused),
        }
    }

    /// What the whole comes to; an error names what contradicts itself or is not known.
    fn rule(&self) -> std::result::Result<Rule, String> {
        let is_public = self.grants.iter().any(is_public_read);
        let further = self.grants.iter().any(|grant| !is_public_read(grant));
        match (self.word.as_deref(), is_public, further) {
            (Some("default"), _, false) => Ok(Rule::Default),
            (None | Some("private"), false, false) => Ok(Rule::Private),
            (None | Some("private"), false, true) => Ok(Rule::Grants),
            (None | Some("public-read"), true, false) => Ok(Rule::PublicRead),
            (Some("public-read"), false, false) if !self.is_listed => Ok(Rule::PublicRead),
            (Some(word), ..) if !is_known(word) => Err(format!("{} is not known", quoted(word))),
            (None | Some("public-read"), true, true) => {
                Err(format!("everybody may read it, and {}", self.describe()))
            }
            (Some(word), ..) => Err(format!(
                "the service calls it {word}, and {}",
                self.describe()
            )),
        }
    }

    /// Who may do what, for a message.
    fn describe(&self) -> String {
        let grants = self.grants.iter().map(|grant| {
            let Grant {
                grantee,
                permission,
            } = grant;
            format!("{} to {}", quoted(permission), quoted(grantee))
        });
        match self.grants.is_empty() {
            true => "nothing is granted".to_owned(),
            false => format!("granted is {}", grants.collect::<Vec<_>>().join(", ")),
        }
    }
}

/// Whether a header says who may do what.
pub(super) fn is_access(name: &str) -> bool {
    name == "x-cos-acl" || name.starts_with("x-cos-grant-")
}

fn is_known(word: &str) -> bool {
    matches!(word, "default" | "private" | "public-read")
}

/// `id="100000000001",id="100000000002"`; an error names what no header can grant.
fn grant_headers(grants: &[Grant]) -> std::result::Result<Vec<Header>, String> {
    let mut headers: Vec<Header> = Vec::new();
    for (permission, header) in PERMISSIONS {
        let granted = grants.iter().filter(|grant| grant.permission == permission);
        let ids: Vec<String> = granted.map(|g| format!("id=\"{}\"", g.grantee)).collect();
        if !ids.is_empty() {
            headers.push((header.into(), ids.join(",")));
        }
    }
    let is_sayable = |grant: &&Grant| {
        let known = PERMISSIONS
            .iter()
            .any(|(name, _)| *name == grant.permission);
        known && is_account(&grant.grantee)
    };
    match grants.iter().find(|grant| !is_sayable(grant)) {
        None => Ok(headers),
        Some(grant) => Err(format!(
            "{} to {} cannot be granted to it",
            quoted(&grant.permission),
            quoted(&grant.grantee)
        )),
    }
}

fn read(response: &Response) -> Result<Acl> {
    let tree = request::document(response, "AccessControlPolicy")?;
    let owner = tree.child("Owner").map_or("", |owner| owner.text_of("ID"));
    let owner = grantee(owner.trim());
    let list = tree.child("AccessControlList");
    let listed = list.into_iter().flat_map(|list| list.all("Grant"));
    let mut grants = Vec::new();
    let mut is_listed = false;
    for node in listed {
        is_listed = true;
        let grant = grant(response, node)?;
        if owner.is_empty() || grant.grantee != owner || grant.permission != "FULL_CONTROL" {
            if let Err(place) = grants.binary_search(&grant) {
                grants.insert(place, grant);
            }
        }
    }
    Ok(Acl {
        word: word(&response.headers).map_err(|()| bad(response, "x-cos-acl is no text"))?,
        grants,
        is_listed,
    })
}

fn word(headers: &Headers) -> std::result::Result<Option<String>, ()> {
    let reported = headers.iter().find(|(name, _)| *name == "x-cos-acl");
    let reported = reported.map(|(_, value)| value).transpose()?;
    Ok(reported
        .map(str::trim)
        .filter(|t| !t.is_empty())
        .map(str::to_owned))
}

fn grant(response: &Response, node: &Node) -> Result<Grant> {
    let text = |node: &Node, name: &str| node.text_of(name).trim().to_owned();
    let whom = request::needed(response, "Grantee", node.child("Grantee"))?;
    let names = [text(whom, "ID"), text(whom, "URI")];
    let mut names = names.into_iter().filter(|name| !name.is_empty());
    let name = match (names.next(), names.next()) {
        (Some(name), None) => grantee(&name),
        // A kind of grantee that nobody has told of.
        _ => {
            let kinds = whom.children.iter().map(|child| &*child.name);
            format!("a grantee by {}", kinds.collect::<Vec<_>>().join(" and "))
        }
    };
    Ok(Grant {
        grantee: name,
        permission: text(node, "Permission"),
    })
}

/// One name for each: an account by its number, everybody by the group.
fn grantee(name: &str) -> String {
    if EVERYBODY.contains(&name) {
        return EVERYBODY[0].to_owned();
    }
    match account(name) {
        Some((owner, user)) if owner == user => owner.to_owned(),
        _ => name.to_owned(),
    }
}

/// `qcs::cam::uin/OWNER:uin/USER`, the user being the owner or a sub-account.
fn account(id: &str) -> Option<(&str, &str)> {
    let (owner, user) = id.strip_prefix("qcs::cam::uin/")?.split_once(":uin/")?;
    (is_number(owner) && is_number(user)).then_some((owner, user))
}

fn is_account(grantee: &str) -> bool {
    is_number(grantee) || account(grantee).is_some()
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}
