//! Lists of folders, and searches in them: one page at a time, or all pages.

use super::Client;
use super::objects::folder_or_root;
use crate::base::cancel;
use crate::dialect::{Dialect, Extent};
use crate::error::Result;
use crate::exchange::Call;
use crate::model::reply::{data_of, json};
use crate::model::reply_data::Listed;
use crate::model::{
    Answer, Failures, KeyFailure, ListEntry, PageRequest, Path, Reply, Target, params,
};

/// Which page of a list; `None` and 0 stand for the classic SDK's defaults.
pub(crate) struct Page<'a> {
    pub(crate) num: i32,
    pub(crate) pattern: Option<&'a str>,
    pub(crate) order: i32,
    pub(crate) context: Option<&'a str>,
}

/// Takes a page's entries as a JSON array, and ends the list by saying false.
pub(crate) type Visit<'a> = dyn FnMut(&str) -> bool + 'a;

/// Takes a page's entries as a dialect reads them.
type VisitEntries<'a> = dyn FnMut(Vec<ListEntry>) -> Result<()> + 'a;

impl Client {
    pub(crate) fn list(&self, bucket: &str, path: &str, page: &Page) -> Result<Reply> {
        self.list_page(&Listing::folder(bucket, path)?, page)
    }

    pub(crate) fn prefix_search(
        &self,
        bucket: &str,
        path: &str,
        prefix: &str,
        page: &Page,
    ) -> Result<Reply> {
        self.list_page(&Listing::prefix(bucket, path, prefix)?, page)
    }

    pub(crate) fn list_all(
        &self,
        bucket: &str,
        path: &str,
        recursive: i32,
        visit: &mut Visit,
    ) -> Result<Reply> {
        self.list_files(&Listing::folder(bucket, path)?, recursive, visit)
    }

    pub(crate) fn prefix_search_all(
        &self,
        bucket: &str,
        path: &str,
        prefix: &str,
        recursive: i32,
        visit: &mut Visit,
    ) -> Result<Reply> {
        self.list_files(&Listing::prefix(bucket, path, prefix)?, recursive, visit)
    }

    fn list_page(&self, listing: &Listing, page: &Page) -> Result<Reply> {
        let page = PageRequest {
            num: self.config().api.num(page.num)?,
            pattern: params::pattern(page.pattern)?,
            order: params::order(page.order)?,
            context: params::opaque("context", page.context)?.unwrap_or_default(),
        };
        self.ask(listing.target.clone(), |dialect, call, target| {
            let mut answer = dialect.list(call, target, &page)?;
            listing.name(&mut answer.value.entries);
            Ok(answer)
        })
    }

    fn list_files(&self, listing: &Listing, recursive: i32, visit: &mut Visit) -> Result<Reply> {
        self.list_pages(listing, recursive, visit, |dialect, call, deep, visit| {
            let extent = Extent {
                is_deep: deep,
                is_whole: false,
            };
            dialect.each_page(call, &listing.target, extent, visit)
        })
    }

    pub(super) fn list_pages(
        &self,
        listing: &Listing,
        recursive: i32,
        visit: &mut Visit,
        each_page: impl FnOnce(&dyn Dialect, &Call, bool, &mut VisitEntries) -> Result<Vec<KeyFailure>>,
    ) -> Result<Reply> {
        self.check(&listing.target)?;
        let recursive = params::zero_or_one("recursive", recursive)?;
        self.call(|call| {
            let mut count = 0;
            let mut visit = |mut entries: Vec<ListEntry>| {
                count += entries.len();
                listing.name(&mut entries);
                match entries.is_empty() || visit(&json(&data_of(entries))) {
                    true => Ok(()),
                    false => Err(cancel::cancelled()),
                }
            };
            let unlisted = each_page(self.dialect(), call, recursive, &mut visit)?;
            // They are named in their pages, too, and everything else is listed.
            let unlisted = (!unlisted.is_empty()).then(|| listing.failures(unlisted));
            let answer = Answer::success((Listed(count), unlisted));
            Ok(call.answer(answer).into())
        })
    }
}

/// What is listed, and how it is named.
pub(super) struct Listing {
    /// A folder, or what begins with a prefix.
    pub(super) target: Target,
    /// The folders that the prefix itself names: entries come without them.
    inner: String,
}

impl Listing {
    pub(super) fn folder(bucket: &str, path: &str) -> Result<Listing> {
        Ok(Listing {
            target: folder_or_root("path", bucket, path)?,
            inner: String::new(),
        })
    }

    fn prefix(bucket: &str, path: &str, prefix: &str) -> Result<Listing> {
        let mut target = folder_or_root("path", bucket, path)?;
        target.path = Path::prefix(&target.path, prefix)?;
        let end = prefix.rfind('/').map_or(0, |slash| slash + 1);
        Ok(Listing {
            target,
            inner: prefix[..end].to_owned(),
        })
    }

    /// Makes names relative to the folder that the caller has named.
    fn name(&self, entries: &mut [ListEntry]) {
        if self.inner.is_empty() {
            return;
        }
        for entry in entries {
            let name = format!("{}{}", self.inner, entry.name());
            entry.info.name = Some(name);
        }
    }

    fn failures(&self, unlisted: Vec<KeyFailure>) -> Failures {
        let named = unlisted
            .into_iter()
            .map(|KeyFailure { key, why }| KeyFailure {
                key: format!("{}{key}", self.inner),
                why,
            });
        Failures::of(named)
    }
}
