//! One attempt to get an object, or a range of it.

use std::ops::Range;

use crate::dialect;
use crate::error::Result;
use crate::exchange::{Attempts, Call, Signer};
use crate::model::Target;
use crate::transport::{Fetched, Header};

/// The answer, if its status is one of those that are wanted; else the refusal that it is.
pub(super) fn get(
    call: &Call,
    signer: &Signer,
    target: &Target,
    (range, headers): (Option<Range<u64>>, Vec<Header>),
    attempts: &mut Attempts,
    wanted: &[u16],
) -> Result<Fetched> {
    let exchange = call.exchange();
    let asked = dialect::get_object(signer, target, range, headers)?;
    attempts.begin(signer, &asked.request, &asked.signature);
    let limits = exchange.time_limits(call.deadline());
    let fetched = exchange.transport().fetch(&asked.request, limits)?;
    attempts.answered(fetched.status, &fetched.headers);
    if wanted.contains(&fetched.status) {
        if matches!(fetched.status, 200..300) {
            dialect::of(exchange).check_object(target, &fetched.headers)?;
        }
        return Ok(fetched);
    }
    let refusal = dialect::of(exchange).refusal(fetched);
    let secrets = signer.secrets(&asked.signature);
    Err(secrets.with_keys_of(&asked.request).hide_in(refusal))
}
