//! What a client tells of its requests.

use crate::client::Client;
use crate::error::Result;
use crate::exchange::OnTrace;
use crate::model::{Answer, Reply};

impl Client {
    /// Of calls that begin from now on, and of those of clients derived from it that have no callback of
    /// their own. `None` for no callback any more.
    pub(crate) fn set_trace(&self, callback: Option<Box<OnTrace>>) -> Result<Reply> {
        self.exchange().set_trace(callback);
        Ok(Answer::local(()).into())
    }
}
