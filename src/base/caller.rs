//! What only the thread that made a call may do for it, such as calling the caller back. It does it now and
//! then, whatever it waits for; the other threads of the call have nothing of the kind.

use std::cell::RefCell;
use std::rc::Rc;

use crate::error::Result;

pub(crate) type Errand = dyn Fn() -> Result<()>;

thread_local! {
    static ERRAND: RefCell<Option<Rc<Errand>>> = const { RefCell::new(None) };
}

/// For as long as the guard lives. A callback may make another call meanwhile.
pub(crate) fn minding(errand: Rc<Errand>) -> Minding {
    Minding {
        before: ERRAND.replace(Some(errand)),
    }
}

pub(crate) struct Minding {
    before: Option<Rc<Errand>>,
}

impl Drop for Minding {
    fn drop(&mut self) {
        ERRAND.set(self.before.take());
    }
}

/// Does what there is to do, if this is such a thread; an error ends the call.
pub(crate) fn run_errands() -> Result<()> {
    let errand = ERRAND.with_borrow(Clone::clone);
    errand.map_or(Ok(()), |errand| errand())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::cancel;
    use std::cell::Cell;

    #[test]
    fn an_errand_is_its_threads_alone_and_ends_with_its_call() {
        let done = Rc::new(Cell::new(0));
        let counted = done.clone();
        let outer = minding(Rc::new(move || {
            counted.set(counted.get() + 1);
            Ok(())
        }));
        run_errands().unwrap();
        {
            let _inner = minding(Rc::new(|| Err(cancel::cancelled())));
            assert_eq!(run_errands().unwrap_err().code, -5);
            std::thread::spawn(|| run_errands().unwrap())
                .join()
                .unwrap();
        }
        run_errands().unwrap();
        drop(outer);
        run_errands().unwrap();
        assert_eq!(done.get(), 2);
    }
}
