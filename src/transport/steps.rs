//! How long the steps of a request took. The HTTP library hands nothing of a request down to its sockets,
//! so they are noted for the request that a thread makes.

use std::cell::Cell;
use std::time::{Duration, Instant};

use crate::model::Steps;

thread_local! {
    static STEPS: Cell<Steps> = const {
        Cell::new(Steps::NONE)
    };
}

/// Those of this thread's last request.
pub(crate) fn last() -> Steps {
    STEPS.get()
}

/// A request begins, or one is to be made.
pub(crate) fn begin() -> Steps {
    STEPS.set(Steps::NONE);
    Steps::NONE
}

/// Goes on with a request that another thread has begun.
pub(crate) fn go_on(steps: Steps) {
    STEPS.set(steps);
}

pub(super) fn sent(bytes: usize) {
    update(|steps| steps.sent += bytes as u64);
}

/// The head of the answer is there.
pub(super) fn head(after: Duration) {
    update(|steps| steps.head = Some(after));
}

/// Takes a step's time, of one that fails too.
pub(super) fn timed<T>(
    place: impl FnOnce(&mut Steps) -> &mut Option<Duration>,
    step: impl FnOnce() -> T,
) -> T {
    let begun = Instant::now();
    let outcome = step();
    update(|steps| *place(steps) = Some(begun.elapsed()));
    outcome
}

fn update(change: impl FnOnce(&mut Steps)) {
    let mut steps = STEPS.get();
    change(&mut steps);
    STEPS.set(steps);
}
