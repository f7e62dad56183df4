//! Lists of folders and prefix searches (xml-api.md §3.6, §4): the classic pages, made of as many of
//! the service's as each takes.

use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, percent_encode};

use super::listed_folder::ListedFolder;
use super::listing::{Entry, MAX_KEYS, Pages, beginning, each_listed};
use crate::dialect::{Extent, look_ahead};
use crate::error::{Error, Result};
use crate::exchange::Call;
use crate::model::key::Key;
use crate::model::{ListEntry, ListPage, ObjectInfo, PageRequest, Target};

/// A list backwards is a complete one turned round; longer ones are refused.
const BACKWARD_MAX: usize = 100_000;

/// A page as the classic call asks for it; the context is the last entry of the page before,
/// percent-encoded.
pub(super) fn list(call: &Call, target: &Target, page: &PageRequest) -> Result<ListPage> {
    let context = Key::new(percent_decode_str(page.context).collect::<Vec<u8>>());
    let (shown, has_more) = match page.order {
        0 => forward(call, target, page, &context)?,
        _ => backward(call, target, page, &context)?,
    };
    let last = shown.last().map_or(&b""[..], |entry| entry.key().bytes());
    let context = percent_encode(last, NON_ALPHANUMERIC).to_string();
    let is_folder = |entry: &&Entry| matches!(entry, Entry::Folder { .. });
    let folders = shown.iter().filter(is_folder).count() as u64;
    let files = shown.len() as u64 - folders;
    let folder = ListedFolder::new(call.exchange(), target)?;
    let entries = shown.into_iter().map(|entry| listed(&folder, entry));
    Ok(ListPage {
        has_more,
        context: Some(context),
        folders: Some(folders),
        files: Some(files),
        entries: entries.collect::<Result<_>>()?,
    })
}

fn length(page: &PageRequest) -> usize {
    usize::try_from(page.num).unwrap_or_default()
}

fn forward(
    call: &Call,
    target: &Target,
    page: &PageRequest,
    context: &Key,
) -> Result<(Vec<Entry>, bool)> {
    let mut shown: Vec<Entry> = Vec::new();
    // One more than is shown tells whether anything is left; the folder's own key is not shown.
    each_entry(call, target, context, length(page) + 2, |entry| {
        if fits(&entry, page.pattern) {
            shown.push(entry);
        }
        Ok(shown.len() <= length(page))
    })?;
    let has_more = shown.len() > length(page);
    shown.truncate(length(page));
    Ok((shown, has_more))
}

fn backward(
    call: &Call,
    target: &Target,
    page: &PageRequest,
    context: &Key,
) -> Result<(Vec<Entry>, bool)> {
    let mut all: Vec<Entry> = Vec::new();
    each_entry(call, target, &beginning(), MAX_KEYS, |entry| {
        let before = context.is_empty() || entry.key() < context;
        if before && fits(&entry, page.pattern) {
            all.push(entry);
        }
        if all.len() > BACKWARD_MAX {
            let problem = format!("1 takes a complete list, at most {BACKWARD_MAX} entries long");
            return Err(Error::parameter("order", problem));
        }
        Ok(before)
    })?;
    let has_more = all.len() > length(page);
    let shown = all.split_off(all.len().saturating_sub(length(page)));
    Ok((shown.into_iter().rev().collect(), has_more))
}

/// Every entry behind `marker`, in order, until `visit` says false. The folder itself is none.
fn each_entry(
    call: &Call,
    target: &Target,
    marker: &Key,
    at_once: usize,
    mut visit: impl FnMut(Entry) -> Result<bool>,
) -> Result<()> {
    let prefix = target.path.plain();
    each_listed(call, target, Some("/"), marker, at_once, |entries| {
        for entry in entries {
            if !entry.is_itself(&prefix) && !visit(entry)? {
                return Ok(false);
            }
        }
        Ok(true)
    })
}

/// Everything in a folder, or what begins with a prefix in it, page by page, with names relative to the
/// innermost folder.
pub(crate) fn each_page(
    call: &Call,
    folder: &Target,
    extent: Extent,
    visit: &mut dyn FnMut(Vec<ListEntry>) -> Result<()>,
) -> Result<()> {
    let prefix = folder.path.plain();
    let delimiter = (!extent.is_deep).then_some("/");
    let listed_folder = ListedFolder::new(call.exchange(), folder)?;
    let mut pages = Pages::of(call, folder, delimiter, &beginning(), MAX_KEYS);
    let mut page = || {
        let Some(entries) = pages.page()? else {
            return Ok(None);
        };
        let entries = entries
            .into_iter()
            .filter(|entry| !entry.is_itself(&prefix))
            .map(|entry| match entry.is_marker() {
                true => Entry::Folder {
                    key: entry.into_key(),
                },
                false => entry,
            });
        let listed = entries.map(|entry| listed(&listed_folder, entry));
        Ok(Some((listed.collect::<Result<_>>()?, pages.has_more())))
    };
    look_ahead::each(extent.is_whole, &mut page, visit)
}

fn fits(entry: &Entry, pattern: &str) -> bool {
    match entry {
        Entry::Folder { .. } => pattern != "eListFileOnly",
        Entry::File { .. } => pattern != "eListDirOnly",
    }
}

/// An entry by its name in the listed folder.
fn listed(folder: &ListedFolder, entry: Entry) -> Result<ListEntry> {
    match entry {
        Entry::Folder { key } => Ok(folder.folder_entry(&key)),
        Entry::File {
            key,
            size,
            modified,
            etag,
            storage_class,
        } => {
            let info = ObjectInfo {
                mtime: modified,
                size: Some(size),
                uploaded_size: Some(size),
                etag: Some(etag),
                ..ObjectInfo::default()
            };
            Ok(ListEntry {
                storage_class,
                ..folder.object_entry(&key, None, info)?
            })
        }
    }
}
