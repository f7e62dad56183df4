//! The pages of a list, one after the other: each must lead on, and some day to the end. What does
//! not is an error: a list that stopped early would pass for a complete one.

use std::collections::HashSet;
use std::hash::{BuildHasher, Hash, RandomState};

use crate::error::{Error, Kind, Result};

/// Pages without anything in them, one after the other. Services send a few; a list that was ever
/// so long would come to its end.
const EMPTY_MAX: usize = 1000;

/// What a walk over pages has met. A few bytes a page.
#[derive(Default)]
pub(crate) struct Pages {
    seen: HashSet<u64>,
    hasher: RandomState,
    empty: usize,
}

impl Pages {
    /// After a page with these entries another one follows, which begins at `marker`.
    pub(crate) fn go_on<E: Hash>(
        &mut self,
        marker: impl AsRef<[u8]>,
        entries: impl Iterator<Item = E>,
    ) -> Result<()> {
        let mut count = 0;
        let entries = entries.inspect(|_| count += 1);
        let content = entries.fold(0, |all: u64, entry| {
            self.hasher.hash_one((all, self.hasher.hash_one(entry)))
        });
        self.empty = if count == 0 { self.empty + 1 } else { 0 };
        let marker = marker.as_ref();
        if marker.is_empty() {
            return Err(broken("says that there is more, and not where"));
        }
        if self.empty > EMPTY_MAX {
            return Err(broken("has nothing but empty pages"));
        }
        let is_new = self.seen.insert(self.hasher.hash_one(("marker", marker)));
        let brings = count == 0 || self.seen.insert(self.hasher.hash_one(("page", content)));
        match is_new && brings {
            true => Ok(()),
            false => Err(broken("goes in circles")),
        }
    }
}

/// A list that cannot be followed to its end.
pub(crate) fn broken(problem: &str) -> Error {
    let message = format!("the service's list {problem}; it is not complete");
    Error::new(Kind::BadReply, message).answered(200)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_circle_is_found() {
        let go_on = |pages: &mut Pages, marker: &str, names: &[&str]| {
            pages.go_on(marker, names.iter()).is_ok()
        };
        let mut pages = Pages::default();
        assert!(go_on(&mut pages, "a", &["1", "2"]));
        assert!(go_on(&mut pages, "b", &["3"]));
        assert!(go_on(&mut pages, "c", &[]) && go_on(&mut pages, "d", &[]));
        assert!(!go_on(&mut pages, "a", &["4"]), "a marker again");
        assert!(!go_on(&mut pages, "e", &["1", "2"]), "a page again");
        assert!(!go_on(&mut pages, "", &["5"]), "no marker");
        assert!(go_on(&mut pages, "f", &["2", "1"]));
    }

    #[test]
    fn empty_pages_come_to_an_end() {
        let mut pages = Pages::default();
        let nothing = || std::iter::empty::<&str>();
        let mut markers = 0..;
        let end = markers.find(|n| pages.go_on(n.to_string(), nothing()).is_err());
        assert_eq!(end, Some(EMPTY_MAX));
    }
}
