//! What was sent, without its bytes: sizes and CRC64s of objects, of parts and of slices.

use std::collections::{BTreeMap, HashMap};
use std::ops::Bound;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::digest::Content;

/// By the path of the requests: each client names its objects differently, but always the same.
#[derive(Default)]
pub struct Store {
    kept: Mutex<Kept>,
    counter: AtomicU64,
}

#[derive(Default)]
struct Kept {
    objects: BTreeMap<String, Object>,
    multiparts: HashMap<String, Multipart>,
    sliced: HashMap<String, Sliced>,
}

#[derive(Clone, Default)]
pub struct Object {
    pub content: Content,
    /// As the client announced it.
    pub sha1: String,
    /// The header x-cos-meta-md5, by which coscmd knows what it has sent.
    pub meta_md5: String,
}

/// A multipart upload of the XML API.
struct Multipart {
    path: String,
    parts: BTreeMap<u32, Content>,
}

/// An upload in slices of the JSON API.
pub struct Sliced {
    pub path: String,
    pub sha1: String,
    pub size: u64,
    slices: BTreeMap<u64, Content>,
}

impl Store {
    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// 74 digits, as the service's.
    fn session(&self) -> String {
        let number = self.counter.fetch_add(1, Ordering::Relaxed);
        format!("1700000000{number:064x}")
    }

    pub fn put(&self, path: &str, object: Object) {
        self.kept().objects.insert(path.to_owned(), object);
    }

    pub fn object(&self, path: &str) -> Option<Object> {
        self.kept().objects.get(path).cloned()
    }

    pub fn objects(&self) -> Vec<(String, Object)> {
        let kept = self.kept();
        let copied = |(path, object): (&String, &Object)| (path.clone(), object.clone());
        kept.objects.iter().map(copied).collect()
    }

    /// Paths that begin with `prefix`, behind `marker`; at most `most`, and whether there are more.
    pub fn list(&self, prefix: &str, marker: &str, most: usize) -> (Vec<(String, Content)>, bool) {
        let kept = self.kept();
        let from = Bound::Excluded(marker.max(prefix));
        let from = if marker < prefix {
            Bound::Included(prefix)
        } else {
            from
        };
        let behind = kept.objects.range::<str, _>((from, Bound::Unbounded));
        let mut of_prefix = behind.take_while(|(path, _)| path.starts_with(prefix));
        let page = of_prefix.by_ref().take(most);
        let page = page
            .map(|(path, object)| (path.clone(), object.content))
            .collect();
        (page, of_prefix.next().is_some())
    }

    pub fn delete(&self, path: &str) {
        self.kept().objects.remove(path);
    }

    pub fn clear(&self) {
        *self.kept() = Kept::default();
    }

    pub fn begin_multipart(&self, path: &str) -> String {
        let id = self.session();
        let multipart = Multipart {
            path: path.to_owned(),
            parts: BTreeMap::new(),
        };
        self.kept().multiparts.insert(id.clone(), multipart);
        id
    }

    /// `None`: there is no such upload.
    pub fn part(&self, id: &str, number: u32, content: Content) -> Option<()> {
        let mut kept = self.kept();
        kept.multiparts.get_mut(id)?.parts.insert(number, content);
        Some(())
    }

    pub fn parts(&self, id: &str) -> Option<Vec<(u32, Content)>> {
        let kept = self.kept();
        let parts = &kept.multiparts.get(id)?.parts;
        Some(
            parts
                .iter()
                .map(|(number, part)| (*number, *part))
                .collect(),
        )
    }

    pub fn complete_multipart(&self, id: &str) -> Option<Content> {
        let mut kept = self.kept();
        let multipart = kept.multiparts.remove(id)?;
        let parts = multipart.parts.values().copied();
        let content = parts.fold(Content::default(), Content::then);
        let object = Object {
            content,
            ..Object::default()
        };
        kept.objects.insert(multipart.path, object);
        Some(content)
    }

    pub fn abort_multipart(&self, id: &str) -> Option<()> {
        self.kept().multiparts.remove(id).map(drop)
    }

    pub fn begin_slices(&self, path: &str, size: u64, sha1: &str) -> String {
        let session = self.session();
        let sliced = Sliced {
            path: path.to_owned(),
            sha1: sha1.to_owned(),
            size,
            slices: BTreeMap::new(),
        };
        self.kept().sliced.insert(session.clone(), sliced);
        session
    }

    /// Whether that was the last slice; `None`: there is no such upload.
    pub fn slice(&self, session: &str, offset: u64, content: Content) -> Option<bool> {
        let mut kept = self.kept();
        let sliced = kept.sliced.get_mut(session)?;
        sliced.slices.insert(offset, content);
        let arrived: u64 = sliced.slices.values().map(|slice| slice.size).sum();
        if arrived < sliced.size {
            return Some(false);
        }
        let sliced = kept.sliced.remove(session)?;
        let object = Object {
            content: sliced
                .slices
                .into_values()
                .fold(Content::default(), Content::then),
            sha1: sliced.sha1,
            ..Object::default()
        };
        kept.objects.insert(sliced.path, object);
        Some(true)
    }
}
