//! Lists of folders and prefix searches (xml-api.md §3.6, §4): the classic pages, made of as many of
//! the service's as each takes.

use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use serde_json::{Map, Value, json};

use super::ask::{self, Ask, LIST_REPLY_CAP};
use super::object::addresses;
use super::tree::Node;
use crate::api::{Target, success, time};
use crate::client::{Call, Client};
use crate::error::{Error, Result};
use crate::pages::{Pages, broken};
use crate::path::Path;
use crate::reply::Reply;
use crate::transport::{Method, Response};

/// Entries that the service lists at once.
const MAX_KEYS: usize = 1000;

/// A list backwards is a complete one turned round; longer ones are refused.
const BACKWARD_MAX: usize = 100_000;

/// A page as the classic call asks for it.
pub(super) struct Page<'a> {
    pub(super) num: usize,
    pub(super) pattern: &'a str,
    pub(super) backward: bool,
    /// The last entry of the page before, percent-encoded; empty for the first page.
    pub(super) context: &'a str,
}

/// What a list names.
enum Entry {
    /// A key's beginning, up to the slash after the listed folder.
    Folder { key: String },
    File {
        key: String,
        size: u64,
        modified: Option<u64>,
        etag: String,
    },
}

impl Entry {
    fn key(&self) -> &str {
        match self {
            Entry::Folder { key } | Entry::File { key, .. } => key,
        }
    }

    fn into_key(self) -> String {
        match self {
            Entry::Folder { key } | Entry::File { key, .. } => key,
        }
    }

    fn fits(&self, pattern: &str) -> bool {
        match self {
            Entry::Folder { .. } => pattern != "eListFileOnly",
            Entry::File { .. } => pattern != "eListDirOnly",
        }
    }
}

/// The service's page.
struct Listed {
    entries: Vec<Entry>,
    /// Where the next one begins, if there is one.
    next: Option<String>,
}

pub(super) fn list(call: &Call, target: &Target, page: &Page) -> Result<Reply> {
    let context = percent_decode_str(page.context)
        .decode_utf8()
        .map_err(|_| Error::parameter("context", "is none of an earlier reply"))?;
    let (shown, has_more) = match page.backward {
        false => forward(call, target, page, &context)?,
        true => backward(call, target, page, &context)?,
    };
    let client = call.client();
    let last = shown.last().map_or("", Entry::key);
    let context = utf8_percent_encode(last, NON_ALPHANUMERIC).to_string();
    let is_folder = |entry: &&Entry| matches!(entry, Entry::Folder { .. });
    let folders = shown.iter().filter(is_folder).count();
    let infos: Result<Vec<Value>> = shown
        .iter()
        .map(|entry| info(client, target, entry))
        .collect();
    Ok(success(Map::from_iter([
        ("context".to_owned(), context.into()),
        ("has_more".to_owned(), has_more.into()),
        ("dircount".to_owned(), folders.into()),
        ("filecount".to_owned(), (shown.len() - folders).into()),
        ("infos".to_owned(), infos?.into()),
    ])))
}

fn forward(call: &Call, target: &Target, page: &Page, context: &str) -> Result<(Vec<Entry>, bool)> {
    let mut shown: Vec<Entry> = Vec::new();
    // One more than is shown tells whether anything is left.
    each_entry(call, target, context, page.num + 2, |entry| {
        if entry.fits(page.pattern) {
            shown.push(entry);
        }
        Ok(shown.len() <= page.num)
    })?;
    let has_more = shown.len() > page.num;
    shown.truncate(page.num);
    Ok((shown, has_more))
}

fn backward(
    call: &Call,
    target: &Target,
    page: &Page,
    context: &str,
) -> Result<(Vec<Entry>, bool)> {
    let mut all: Vec<Entry> = Vec::new();
    each_entry(call, target, "", MAX_KEYS, |entry| {
        let before = context.is_empty() || entry.key() < context;
        if before && entry.fits(page.pattern) {
            all.push(entry);
        }
        if all.len() > BACKWARD_MAX {
            let problem = format!("1 takes a complete list, at most {BACKWARD_MAX} entries long");
            return Err(Error::parameter("order", problem));
        }
        Ok(before)
    })?;
    let has_more = all.len() > page.num;
    let shown = all.split_off(all.len().saturating_sub(page.num));
    Ok((shown.into_iter().rev().collect(), has_more))
}

/// Every entry behind `marker`, in order, until `see` says false. The folder itself is none.
fn each_entry(
    call: &Call,
    target: &Target,
    marker: &str,
    at_once: usize,
    mut see: impl FnMut(Entry) -> Result<bool>,
) -> Result<()> {
    let prefix = target.path.plain();
    each_listed(call, target, Some("/"), marker, at_once, |entries| {
        for entry in entries {
            let itself = prefix.ends_with('/') && entry.key() == prefix;
            if !itself && !see(entry)? {
                return Ok(false);
            }
        }
        Ok(true)
    })
}

/// The service's pages of what begins with a target's path, from `marker` on, until `see` says false.
fn each_listed(
    call: &Call,
    target: &Target,
    delimiter: Option<&str>,
    marker: &str,
    at_once: usize,
    mut see: impl FnMut(Vec<Entry>) -> Result<bool>,
) -> Result<()> {
    let prefix = target.path.plain();
    let mut marker = marker.to_owned();
    let mut pages = Pages::default();
    loop {
        let mut listed = page(call, target, &prefix, delimiter, &marker, at_once)?;
        // Continuing after an entry, or in a folder, the service may name it again.
        listed.entries.retain(|entry| match entry {
            Entry::Folder { key } => !marker.starts_with(key.as_str()),
            Entry::File { key, .. } => *key != marker,
        });
        let goes_back = |entry: &Entry| entry.key() < marker.as_str();
        if listed.entries.first().is_some_and(goes_back) {
            return Err(broken("goes back to what was before"));
        }
        let keys = listed.entries.iter().map(Entry::key);
        let leads_on = listed.next.as_ref().map(|next| pages.go_on(next, keys));
        if !see(listed.entries)? {
            return Ok(());
        }
        leads_on.transpose()?;
        match listed.next {
            Some(next) if next > marker => marker = next,
            Some(_) => return Err(broken("goes in circles")),
            None => return Ok(()),
        }
    }
}

/// The keys below a folder, its own among them, page by page.
pub(super) fn each_keys(
    call: &Call,
    folder: &Target,
    mut see: impl FnMut(Vec<String>) -> Result<()>,
) -> Result<()> {
    each_listed(call, folder, None, "", MAX_KEYS, |entries| {
        see(entries.into_iter().map(Entry::into_key).collect())?;
        Ok(true)
    })
}

/// Everything in a folder, page by page; with `deep`, everything below it too, its names relative to
/// the folder.
pub(crate) fn each_page(
    call: &Call,
    folder: &Target,
    deep: bool,
    see: &mut dyn FnMut(Vec<Value>) -> Result<()>,
) -> Result<()> {
    let prefix = folder.path.plain();
    let delimiter = (!deep).then_some("/");
    each_listed(call, folder, delimiter, "", MAX_KEYS, |entries| {
        let entries = entries.into_iter().filter(|entry| entry.key() != prefix);
        // A folder that was created is listed as a key of its own.
        let entries = entries.map(|entry| match entry {
            Entry::File { key, .. } if key.ends_with('/') => Entry::Folder { key },
            entry => entry,
        });
        let infos: Result<Vec<Value>> = entries
            .map(|entry| info(call.client(), folder, &entry))
            .collect();
        see(infos?)?;
        Ok(true)
    })
}

/// The first keys in a folder, its own among them, whatever folders they are in.
pub(super) fn first_keys(call: &Call, target: &Target, count: usize) -> Result<Vec<String>> {
    let mut keys = Vec::new();
    each_listed(call, target, None, "", count, |entries| {
        keys.extend(entries.into_iter().map(Entry::into_key));
        Ok(keys.len() < count)
    })?;
    Ok(keys)
}

fn page(
    call: &Call,
    target: &Target,
    prefix: &str,
    delimiter: Option<&str>,
    marker: &str,
    count: usize,
) -> Result<Listed> {
    let bucket = Target {
        bucket: target.bucket.clone(),
        path: Path::root(target.path.param()),
    };
    let mut ask = Ask::about(Method::Get, &bucket, read)
        .query("prefix", prefix)
        .query("max-keys", count.min(MAX_KEYS).to_string())
        // Else control characters in keys would be no XML.
        .query("encoding-type", "url")
        .reply_cap(LIST_REPLY_CAP);
    if let Some(delimiter) = delimiter {
        ask = ask.query("delimiter", delimiter);
    }
    if !marker.is_empty() {
        ask = ask.query("marker", marker);
    }
    call.ask(&ask)
}

fn read(response: &Response) -> Result<Listed> {
    let tree = ask::document(response, "ListBucketResult")?;
    let is_encoded = tree.text_of("EncodingType") == "url";
    let text = |node: &Node, name| ask::key(response, node.text_of(name), is_encoded);
    let mut entries = Vec::new();
    for node in tree.all("CommonPrefixes") {
        let key = text(node, "Prefix")?;
        entries.push(Entry::Folder { key });
    }
    for node in tree.all("Contents") {
        let size = node.text_of("Size").parse().ok();
        entries.push(Entry::File {
            key: text(node, "Key")?,
            size: ask::needed(response, "Size", size)?,
            modified: time::iso(node.text_of("LastModified")),
            etag: node.text_of("ETag").to_owned(),
        });
    }
    entries.sort_by(|one, other| one.key().cmp(other.key()));
    let next = match ask::is_truncated(response, &tree)? {
        false => None,
        true => {
            // Left out by some servers: then it is the last entry.
            let told = Some(text(&tree, "NextMarker")?).filter(|next| !next.is_empty());
            let last = || entries.last().map(|entry| entry.key().to_owned());
            Some(ask::needed(response, "NextMarker", told.or_else(last))?)
        }
    };
    Ok(Listed { entries, next })
}

/// An entry as the classic reply has it.
fn info(client: &Client, listed: &Target, entry: &Entry) -> Result<Value> {
    let prefix = listed.path.plain();
    let folder = prefix.rfind('/').map_or("", |slash| &prefix[..=slash]);
    let name = entry.key().strip_prefix(folder).unwrap_or(entry.key());
    match entry {
        Entry::Folder { .. } => Ok(json!({ "name": name.trim_end_matches('/') })),
        Entry::File {
            key,
            size,
            modified,
            etag,
        } => {
            let target = Target {
                bucket: listed.bucket.clone(),
                path: Path::of_key(key),
            };
            let mut info = addresses(client, &target)?;
            info.retain(|key, _| key == "access_url" || key == "source_url");
            info.insert("name".to_owned(), name.into());
            info.insert("filesize".to_owned(), (*size).into());
            info.insert("filelen".to_owned(), (*size).into());
            info.insert("etag".to_owned(), etag.as_str().into());
            if let Some(modified) = modified {
                info.insert("mtime".to_owned(), modified.to_string().into());
            }
            Ok(info.into())
        }
    }
}
