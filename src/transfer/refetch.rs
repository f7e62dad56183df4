//! What was changed on its way is fetched again, where one request brings it. Of a large object nobody could tell
//! which of its ranges it was.

use super::WHOLE_MAX_BYTES;
use crate::base::cancel;
use crate::error::{ErrorClass, Result};
use crate::exchange::{Attempts, Call};

/// Fetches `size` bytes and compares them, as often as the retries of the call allow.
pub(super) fn until_sound<T>(
    call: &Call,
    size: u64,
    mut fetch: impl FnMut() -> Result<T>,
) -> Result<T> {
    let mut attempts = Attempts::of(call);
    loop {
        match fetch() {
            Err(error) if error.is(ErrorClass::Damaged) && size <= WHOLE_MAX_BYTES => {
                cancel::pause(attempts.failed(error, true)?)?;
            }
            outcome => return outcome,
        }
    }
}
