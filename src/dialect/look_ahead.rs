//! The pages of a list, each asked for while the caller looks at the one before.

use crate::base::concurrency::Concurrency;
use crate::base::panics;
use crate::base::workers::{self, Event};
use crate::error::Result;
use crate::model::ListEntry;

/// One page is looked at while another is on its way.
const AT_ONCE: usize = 2;

/// Pages that somebody must have taken before the next one is asked for ahead of time, where he may stop at any.
const TAKEN: usize = 2;

/// How far a list goes.
#[derive(Clone, Copy)]
pub(crate) struct Extent {
    /// Below the folder, too.
    pub(crate) is_deep: bool,
    /// To its end, whatever it has: nothing that is asked for is in vain.
    pub(crate) is_whole: bool,
}

impl Extent {
    pub(crate) const TREE: Extent = Extent {
        is_deep: true,
        is_whole: true,
    };
}

/// What a page has, and whether there is another one.
pub(super) type Page = (Vec<ListEntry>, bool);

/// Visits every page in order, on the calling thread, until there is none or something fails. A list of one page needs
/// no other thread; one that need not be `whole` is read ahead for who goes on with it.
pub(super) fn each(
    is_whole: bool,
    page: &mut (dyn FnMut() -> Result<Option<Page>> + Send),
    visit: &mut dyn FnMut(Vec<ListEntry>) -> Result<()>,
) -> Result<()> {
    let mut to_take = if is_whole { 0 } else { TAKEN };
    let first = loop {
        match page()? {
            None => return Ok(()),
            Some((entries, false)) => return visit(entries),
            Some((entries, true)) if to_take == 0 => break entries,
            Some((entries, true)) => visit(entries)?,
        }
        to_take -= 1;
    };
    let mut is_over = false;
    let others = std::iter::from_fn(move || {
        if is_over {
            return None;
        }
        let page = panics::catch(&mut *page).and_then(|page| page).transpose();
        is_over = matches!(page, Some(Err(_)));
        Some(page?.map(|(entries, _)| entries))
    });
    let pages = std::iter::once(Ok(first)).chain(others).enumerate();
    // By number: who has found one may be overtaken before that is heard of.
    let (mut early, mut next) = (Vec::new(), 0);
    let concurrency = Concurrency::fixed(AT_ONCE);
    workers::run(
        &concurrency,
        pages,
        |_, _| Ok(()),
        |event| {
            if let Event::Done(page, ()) = event {
                early.push(page);
                while let Some(at) = early.iter().position(|(number, _)| *number == next) {
                    next += 1;
                    visit(early.swap_remove(at).1?)?;
                }
            }
            Ok(())
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::{Error, Kind};
    use crate::model::ObjectInfo;
    use std::sync::mpsc;
    use std::thread;

    /// One entry each, whose size is the page's number.
    fn pages(count: u64) -> impl FnMut() -> Result<Option<Page>> + Send {
        let mut numbers = 0..count;
        move || {
            Ok(numbers.next().map(|number| {
                let info = ObjectInfo {
                    size: Some(number),
                    ..ObjectInfo::default()
                };
                let entry = ListEntry {
                    info,
                    ..ListEntry::default()
                };
                (vec![entry], number + 1 < count)
            }))
        }
    }

    fn number(entries: &[ListEntry]) -> u64 {
        entries[0].info.size.unwrap()
    }

    #[test]
    fn all_are_visited_in_order_by_the_thread_that_asks() {
        for (count, is_whole) in [0, 1, 2, 3, 4, 500]
            .into_iter()
            .flat_map(|count| [(count, false), (count, true)])
        {
            let (mut seen, here) = (Vec::new(), thread::current().id());
            each(is_whole, &mut pages(count), &mut |entries| {
                assert_eq!(thread::current().id(), here);
                seen.push(number(&entries));
                Ok(())
            })
            .unwrap();
            assert!(seen.into_iter().eq(0..count), "{count}");
        }
    }

    #[test]
    fn the_next_one_comes_while_one_is_looked_at_by_who_goes_on() {
        for (is_whole, ahead_from) in [(true, 0), (false, TAKEN as u64)] {
            let (sender, asked) = mpsc::channel();
            let mut pages = pages(9);
            let mut page = move || {
                let page = pages()?;
                sender
                    .send(page.as_ref().map(|(entries, _)| number(entries)))
                    .unwrap();
                Ok(page)
            };
            let outcome = each(is_whole, &mut page, &mut |entries| {
                let looked_at = number(&entries);
                if looked_at < ahead_from {
                    assert_eq!(
                        (asked.recv().unwrap(), asked.try_recv().is_err()),
                        (Some(looked_at), true)
                    );
                    return Ok(());
                }
                while asked.recv().unwrap() != Some(looked_at + 1) {}
                match looked_at {
                    4 => Err(Error::new(Kind::Cancelled, "enough")),
                    _ => Ok(()),
                }
            });
            assert_eq!(outcome.unwrap_err().message, "enough");
        }
    }

    #[test]
    fn what_comes_before_an_error_is_visited() {
        let mut pages = pages(9);
        let mut left = 2;
        let mut page = move || match left {
            0 => Err(Error::new(Kind::BadReply, "broken")),
            _ => {
                left -= 1;
                pages()
            }
        };
        let mut seen = 0;
        let outcome = each(true, &mut page, &mut |_| {
            seen += 1;
            Ok(())
        });
        assert_eq!((outcome.unwrap_err().message.as_str(), seen), ("broken", 2));
    }
}
