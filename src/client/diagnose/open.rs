//! A question that needs no signature: what the service says to anybody.

use crate::dialect::Dialect;
use crate::error::Result;
use crate::exchange::{Attempts, Call, wait};
use crate::transport::Request;

pub(super) struct Told {
    /// The time of whoever has answered.
    pub(super) date: Option<u64>,
    /// Whether the bucket is known to be there.
    pub(super) is_there: Result<bool>,
}

/// Tried again as every request; an error ends the call.
pub(super) fn ask(call: &Call, dialect: &dyn Dialect, question: &Request) -> Result<Told> {
    let exchange = call.exchange();
    let mut attempts = Attempts::of(call);
    loop {
        let (limits, mut date) = (exchange.time_limits(call.deadline()), None);
        let sent = exchange.transport().send(question, limits, &mut |_| Ok(()));
        let answer = sent.and_then(|response| {
            date = response.date();
            dialect.open_answer(response)
        });
        let is_there = match answer {
            Ok(is_there) => Ok(is_there),
            Err(error) => match attempts.failed(error, true) {
                Ok(pause) => {
                    wait(pause, &mut || Ok(()))?;
                    continue;
                }
                Err(error) => Err(error),
            },
        };
        return Ok(Told { date, is_there });
    }
}
