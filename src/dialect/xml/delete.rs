//! Many objects deleted at once (xml-api.md §3.8). Every failure is told: the answer's status is 200
//! whatever became of the objects.

use std::fmt::Write;
use std::sync::{Mutex, MutexGuard};

use quick_xml::escape::escape;

use super::codes;
use super::listing::{Entry, MAX_KEYS, Pages, beginning};
use super::removal::remove;
use super::request::{self, RequestBuilder};
use crate::base::lock::lock;
use crate::base::panics;
use crate::base::quoted::quoted;
use crate::base::workers::{self, Event, Job};
use crate::dialect::LIST_REPLY_CAP;
use crate::error::{Error, Kind, Result};
use crate::exchange::Call;
use crate::model::key::Key;
use crate::model::{Bucket, KeyFailure, Path, Target};
use crate::transport::{Method, Response};

/// Keys that one request takes.
const AT_ONCE: usize = 1000;

/// Deletes all of them; those that are not there count as deleted.
pub(crate) fn delete_many(call: &Call, bucket: &Bucket, keys: &[Key]) -> Result<Vec<KeyFailure>> {
    delete_pages(call, bucket, keys.chunks(AT_ONCE)).map(|(_, kept)| kept)
}

/// Page by page, several at once. How many keys there were, and those that are still there, in their order.
fn delete_pages<P: AsRef<[Key]> + Send>(
    call: &Call,
    bucket: &Bucket,
    pages: impl Iterator<Item = P> + Send,
) -> Result<(usize, Vec<KeyFailure>)> {
    let mut pages = pages.filter(|keys| !keys.as_ref().is_empty()).enumerate();
    let Some(first) = pages.next() else {
        return Ok((0, Vec::new()));
    };
    let Some(second) = pages.next() else {
        // One alone needs no other thread.
        let keys = first.1.as_ref();
        return Ok((keys.len(), delete_keys(call, bucket, keys)?));
    };
    let pages = [first, second].into_iter().chain(pages);
    let (mut found, mut kept) = (0, Vec::new());
    let concurrency = call.exchange().concurrency();
    let work = |(_, keys): &(usize, P), _: &Job| delete_keys(call, bucket, keys.as_ref());
    workers::run(&concurrency, pages, work, |event| {
        if let Event::Done((page, keys), left) = event {
            found += keys.as_ref().len();
            // Nearly always the last: std's sort is 5 KB of code for each type.
            let at = kept.partition_point(|(before, _)| *before < page);
            kept.insert(at, (page, left));
        }
        Ok(())
    })?;
    let kept = kept.into_iter().flat_map(|(_, left)| left);
    Ok((found, kept.collect()))
}

/// No more than one request takes.
fn delete_keys(call: &Call, bucket: &Bucket, keys: &[Key]) -> Result<Vec<KeyFailure>> {
    let (mut kept, mut in_document) = (Vec::new(), Vec::with_capacity(keys.len()));
    for key in keys {
        match in_xml(key) {
            Some(text) => in_document.push(text),
            None => kept.extend(delete_by_url(call, bucket, key)),
        }
    }
    if !in_document.is_empty() {
        kept.extend(delete_page(call, bucket, &in_document)?);
    }
    Ok(kept)
}

/// A key that a document can name: it holds characters of XML only, and begins as all keys do (a
/// slash might be taken away).
fn in_xml(key: &Key) -> Option<&str> {
    let is_odd = |c: char| c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}');
    key.text()
        .filter(|text| !text.is_empty() && !text.starts_with('/') && !text.contains(is_odd))
}

/// Any other key goes by itself, if a URL can name it.
fn delete_by_url(call: &Call, bucket: &Bucket, key: &Key) -> Option<KeyFailure> {
    let remove = || match key.unusable() {
        Some(why) => Err(Error::parameter("path", why)),
        None => {
            let target = Target::new(
                bucket.clone(),
                Path::of_key(key.text().unwrap_or_default())?,
            );
            remove(call, &target).map(|_| ())
        }
    };
    remove().err().map(|why| KeyFailure {
        key: key.shown(),
        why,
    })
}

fn delete_page(call: &Call, bucket: &Bucket, keys: &[&str]) -> Result<Vec<KeyFailure>> {
    let mut text = "<Delete><Quiet>true</Quiet>".to_owned();
    for key in keys {
        let _ = write!(text, "<Object><Key>{}</Key></Object>", escape(*key));
    }
    text.push_str("</Delete>");
    let target = Target::new(bucket.clone(), Path::root("bucket"));
    let request = RequestBuilder::about(Method::Post, &target, |response: &Response| {
        let tree = request::document(response, "DeleteResult")?;
        let kept = tree.all("Error").map(|node| KeyFailure {
            key: node.text_of("Key").to_owned(),
            why: codes::named(
                node.text_of("Code"),
                node.text_of("Message"),
                response.status,
            ),
        });
        Ok(kept.collect())
    })
    .query("delete", "")
    .reply_cap(LIST_REPLY_CAP)
    .digested_document(text);
    call.ask(&request)
}

/// Deletes everything whose key begins with a folder's path, the folder too, while it is listed. How many objects
/// there were, and those that are still there.
pub(crate) fn delete_tree(call: &Call, folder: &Target) -> Result<(usize, Vec<KeyFailure>)> {
    let broken_off = Mutex::new(None);
    let listed = Listed {
        pages: Pages::of(call, folder, None, &beginning(), MAX_KEYS),
        prefix: folder.path.plain(),
        broken_off: &broken_off,
    };
    let deleted = delete_pages(call, &folder.bucket, listed)?;
    match lock(&broken_off).take() {
        Some(error) => Err(error),
        None => Ok(deleted),
    }
}

/// The keys below a folder, page by page.
struct Listed<'c, 'b> {
    pages: Pages<'c>,
    prefix: String,
    /// Why there are no more pages, where that is not the list's end.
    broken_off: &'b Mutex<Option<Error>>,
}

impl Listed<'_, '_> {
    fn broken_off(&self) -> MutexGuard<'_, Option<Error>> {
        lock(self.broken_off)
    }

    fn page(&mut self) -> Result<Option<Vec<Key>>> {
        let Some(entries) = self.pages.page()? else {
            return Ok(None);
        };
        let keys: Vec<Key> = entries.into_iter().map(Entry::into_key).collect();
        // Nothing but what was asked for, whatever the service lists.
        let is_stray = |key: &&Key| !key.bytes().starts_with(self.prefix.as_bytes());
        if let Some(stray) = keys.iter().find(is_stray) {
            let (stray, prefix) = (quoted(&stray.shown()), quoted(&self.prefix));
            let message = format!("the service lists {stray} below {prefix}");
            return Err(Error::new(Kind::BadReply, message).answered(200));
        }
        Ok(Some(keys))
    }
}

impl Iterator for Listed<'_, '_> {
    type Item = Vec<Key>;

    fn next(&mut self) -> Option<Vec<Key>> {
        if self.broken_off().is_some() {
            return None;
        }
        let page = panics::catch(|| self.page()).and_then(|page| page);
        page.unwrap_or_else(|error| {
            *self.broken_off() = Some(error);
            None
        })
    }
}
