//! Reads that are behind: a change was done and answered, and for so many requests what was there
//! before is still what both APIs find. The change waits here meanwhile, not in the store.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::http::{HeaderMap, Method};
use axum::response::Response;
use percent_encoding::percent_decode;

use super::target::Target;
use crate::refusal::Refusal;
use crate::service::Service;
use crate::store::{self, Entry, Store};

/// Changes that are yet to be seen, at most one of each object.
#[derive(Default)]
pub struct Hidden(Mutex<Vec<Change>>);

struct Change {
    bucket: String,
    key: String,
    /// What will be there; None after it was removed.
    new: Option<Entry>,
    /// How many reads are left that find what was there before.
    reads: u64,
}

impl Hidden {
    /// What waits of the same object, if it does.
    fn put(&self, change: Change) -> Option<Entry> {
        let mut changes = self.changes();
        let is_same = |c: &Change| c.bucket == change.bucket && c.key == change.key;
        let before = changes.iter().position(is_same);
        let before = before.map(|index| changes.swap_remove(index));
        changes.push(change);
        before?.new
    }

    fn changes(&self) -> MutexGuard<'_, Vec<Change>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Does the work, and takes what became of its object out of sight if it went well.
pub async fn hide(
    hidden: &Hidden,
    service: &Arc<Service>,
    target: &Arc<Target>,
    reads: u64,
    work: impl Future<Output = Response>,
) -> Response {
    let is_read = matches!(target.method, Method::GET | Method::HEAD);
    if is_read || target.key().is_empty() {
        return work.await; // which changes no object, or none of its own
    }
    let old = match on_store(service, target, read).await {
        Ok(old) => old,
        Err(_) => return work.await, // which says what is wrong with the store
    };
    let response = work.await;
    let was = old.clone();
    let is_done = response.status().is_success();
    let outcome = on_store(service, target, move |store, target| {
        let new = match is_done {
            true => swap(store, target, was.as_ref())?,
            false => None,
        };
        release(store, was.as_ref())?;
        Ok(new)
    });
    if let Ok(Some(new)) = outcome.await {
        let change = Change {
            bucket: target.bucket.clone(),
            key: target.key().to_owned(),
            new,
            reads,
        };
        // Another of the object's, made meanwhile, will not be seen.
        let before = hidden.put(change);
        let forget = move |store: &Store, _: &Target| release(store, before.as_ref());
        let _ = on_store(service, target, forget).await;
    }
    response
}

/// What is there, its content kept.
fn read(store: &Store, target: &Target) -> Result<Option<Entry>, store::Error> {
    let old = store.transaction(|tx| {
        let old = tx.entry(&target.bucket, target.key())?;
        if let Some(blob) = blob(old.as_ref()) {
            store.hold(blob);
        }
        Ok::<_, store::Error>(old)
    })?;
    Ok(old)
}

/// Puts back what was there; what is there now is given back, its content kept. None if there is
/// nothing that could be seen: an upload by slices goes on.
fn swap(
    store: &Store,
    target: &Target,
    old: Option<&Entry>,
) -> Result<Option<Option<Entry>>, store::Error> {
    let (bucket, key) = (target.bucket.as_str(), target.key());
    store.transaction(|tx| {
        let new = tx.entry(bucket, key)?;
        let is_partial = |e: &Entry| e.file.as_ref().is_some_and(|file| file.blob.is_none());
        if new.as_ref().is_some_and(is_partial) {
            return Ok(None);
        }
        if let Some(blob) = blob(new.as_ref()) {
            store.hold(blob);
        }
        match old {
            Some(old) => tx.put_entry(bucket, old)?,
            None => tx.remove_object(bucket, key)?,
        }
        Ok(Some(new))
    })
}

/// A request is about to be handled: one that looks at a change's object brings it nearer to be
/// seen, one that writes there makes it seen at once.
pub async fn observe(
    hidden: &Hidden,
    service: &Arc<Service>,
    target: &Target,
    headers: &HeaderMap,
) {
    let source = headers.get("x-cos-copy-source");
    let source = source.map(|text| percent_decode(text.as_bytes()).decode_utf8_lossy());
    let mut due = Vec::new();
    {
        let mut changes = hidden.changes();
        let mut index = 0;
        while let Some(change) = changes.get_mut(index) {
            match change.touched_by(target, source.as_deref()) {
                Some(Touch::Look) if change.reads > 0 => change.reads -= 1,
                Some(_) => {
                    due.push(changes.swap_remove(index));
                    continue;
                }
                None => {}
            }
            index += 1;
        }
    }
    show(service, due).await;
}

/// Nothing is behind any more.
pub async fn show_all(hidden: &Hidden, service: &Arc<Service>) {
    let due = std::mem::take(&mut *hidden.changes());
    show(service, due).await;
}

enum Touch {
    Look,
    Write,
}

impl Change {
    fn touched_by(&self, target: &Target, source: Option<&str>) -> Option<Touch> {
        let is_source = source.is_some_and(|text| {
            let text = text.split_once('?').map_or(text, |(text, _)| text);
            text.ends_with(&format!("/{}", self.key))
        });
        let is_own = target.bucket == self.bucket && target.key() == self.key;
        let is_read = matches!(target.method, Method::GET | Method::HEAD);
        match () {
            () if is_own && !is_read => Some(Touch::Write),
            () if is_own || is_source => Some(Touch::Look),
            () if target.bucket != self.bucket => None,
            () if target.is_listing() => Some(Touch::Look),
            // One request to delete many, or the bucket.
            () if target.key().is_empty() && !is_read => Some(Touch::Write),
            () => None,
        }
    }
}

async fn show(service: &Arc<Service>, due: Vec<Change>) {
    if due.is_empty() {
        return;
    }
    let shown = service.blocking(move |service| {
        let store = &service.store;
        for change in due {
            let (bucket, key) = (change.bucket.as_str(), change.key.as_str());
            store.transaction(|tx| match &change.new {
                Some(new) => tx.put_entry(bucket, new),
                None => tx.remove_object(bucket, key),
            })?;
            release(store, change.new.as_ref())?;
        }
        Ok::<_, Refusal>(())
    });
    // The refusal has said on stderr what is wrong with the store.
    let _ = shown.await;
}

fn release(store: &Store, entry: Option<&Entry>) -> Result<(), store::Error> {
    blob(entry).map_or(Ok(()), |blob| store.let_go(blob))
}

fn blob(entry: Option<&Entry>) -> Option<&str> {
    entry?.file.as_ref()?.blob.as_deref()
}

async fn on_store<T: Send + 'static>(
    service: &Arc<Service>,
    target: &Arc<Target>,
    work: impl FnOnce(&Store, &Target) -> Result<T, store::Error> + Send + 'static,
) -> Result<T, Refusal> {
    let target = Arc::clone(target);
    service
        .blocking(move |service| Ok(work(&service.store, &target)?))
        .await
}
