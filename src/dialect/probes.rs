//! What a diagnosis asks of the service.

use crate::error::{Error, Result};
use crate::exchange::{Call, Exchange};
use crate::model::Target;
use crate::model::diagnosis::Step;
use crate::transport::{Request, Response};

pub(crate) trait Probes {
    /// A question about a bucket that needs no signature to be answered.
    fn open_question(&self, exchange: &Exchange, bucket: &Target) -> Result<Request<'static>>;

    /// Whether its answer tells that the bucket is there. A refusal for want of a signature is no error.
    fn open_answer(&self, response: Response) -> Result<bool>;

    /// Lists as little as can be.
    fn try_list(&self, call: &Call, bucket: &Target) -> Result<()>;

    /// Reads a file as far as to know that it may be read. It need not be there.
    fn try_read(&self, call: &Call, file: &Target) -> Result<()>;

    /// The step of a diagnosis that a refusal is about, as far as it is known.
    fn blamed(&self, error: &Error) -> Option<Step>;

    /// How requests name the bucket, where there is a choice.
    fn addressing(&self, _exchange: &Exchange) -> Option<&'static str> {
        None
    }
}
