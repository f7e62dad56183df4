//! The pages of a list, each asked for while the caller looks at the one before.

use std::collections::BTreeMap;

use crate::base::concurrency::Concurrency;
use crate::base::panics;
use crate::base::workers::{self, Event};
use crate::error::Result;

/// One page is looked at while another is on its way.
const AT_ONCE: usize = 2;

/// Visits every page in order, on the calling thread, until `page` has none or either fails. `has_more` tells whether
/// a page is the last one: a list of one page needs no other thread.
pub(crate) fn each<P: Send>(
    mut page: impl FnMut() -> Result<Option<P>> + Send,
    has_more: impl Fn(&P) -> bool,
    visit: &mut dyn FnMut(P) -> Result<()>,
) -> Result<()> {
    let Some(first) = page()? else {
        return Ok(());
    };
    if !has_more(&first) {
        return visit(first);
    }
    let mut is_over = false;
    let others = std::iter::from_fn(move || {
        if is_over {
            return None;
        }
        let page = panics::catch(&mut page).and_then(|page| page).transpose();
        is_over = matches!(page, Some(Err(_)));
        page
    });
    let pages = std::iter::once(Ok(first)).chain(others).enumerate();
    // By number: who has found one may be overtaken before that is heard of.
    let (mut early, mut next) = (BTreeMap::new(), 0);
    let concurrency = Concurrency::fixed(AT_ONCE);
    workers::run(
        &concurrency,
        pages,
        |_, _| Ok(()),
        |event| {
            if let Event::Done((number, page), ()) = event {
                early.insert(number, page);
                while let Some(page) = early.remove(&next) {
                    next += 1;
                    visit(page?)?;
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
    use std::sync::mpsc;
    use std::thread;

    fn pages(count: usize) -> impl FnMut() -> Result<Option<usize>> + Send {
        let mut numbers = 0..count;
        move || Ok(numbers.next())
    }

    #[test]
    fn all_are_visited_in_order_by_the_thread_that_asks() {
        for count in [0, 1, 2, 3, 500] {
            let (mut seen, here) = (Vec::new(), thread::current().id());
            each(pages(count), |page| page + 1 < count, &mut |page| {
                assert_eq!(thread::current().id(), here);
                seen.push(page);
                Ok(())
            })
            .unwrap();
            assert!(seen.into_iter().eq(0..count), "{count}");
        }
    }

    #[test]
    fn the_next_one_comes_while_one_is_looked_at() {
        let (sender, asked) = mpsc::channel();
        let mut pages = pages(3);
        let page = move || {
            let page = pages()?;
            sender.send(page).unwrap();
            Ok(page)
        };
        assert_eq!(
            each(page, |_| true, &mut |page| {
                // The page that is looked at, and the next one.
                while asked.recv().unwrap() != Some(page + 1) {}
                match page {
                    1 => Err(Error::new(Kind::Cancelled, "enough")),
                    _ => Ok(()),
                }
            })
            .unwrap_err()
            .message,
            "enough"
        );
    }

    #[test]
    fn what_comes_before_an_error_is_visited() {
        let mut numbers = 0..3;
        let page = move || match numbers.next() {
            Some(2) => Err(Error::new(Kind::BadReply, "broken")),
            number => Ok(number),
        };
        let mut seen = 0;
        let outcome = each(page, |_| true, &mut |_| {
            seen += 1;
            Ok(())
        });
        assert_eq!((outcome.unwrap_err().message.as_str(), seen), ("broken", 2));
    }
}
