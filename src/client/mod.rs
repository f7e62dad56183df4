//! A client, and its calls by topic: each checks what only it demands, and hands on to a dialect or a
//! transfer.

mod buckets;
mod bulk;
mod objects;
mod request;
mod transfers;

pub(crate) use objects::{Page, destination, folder_or_root};

use std::sync::Arc;

use crate::base::cancel;
use crate::config::Config;
use crate::dialect::{self, Dialect};
use crate::error::Result;
use crate::exchange::{Call, Exchange};
use crate::model::reply::ReplyData;
use crate::model::{Answer, Credentials, Reply, Target, credentials, params};
use crate::transfer::{Callbacks, Progress, Report, StreamReader, run_borrowing, run_cancellable};

pub(crate) struct Client {
    /// Shared with the threads of its calls.
    exchange: Arc<Exchange>,
}

impl Client {
    pub(crate) fn open(
        appid: &str,
        secret_id: &str,
        secret_key: &str,
        options_json: Option<&str>,
    ) -> Result<Client> {
        let appid = credentials::appid(appid)?;
        let given = Credentials::new(secret_id, secret_key, None)?;
        let mut config = Config::parse(options_json, &appid)?;
        let given = given.with_token(config.security_token.take());
        let exchange = Arc::new(Exchange::new(appid, given, config));
        Ok(Client { exchange })
    }

    /// Of all that share with it, too, from the next signature on. `expires_at` is in Unix seconds, 0 for
    /// never.
    pub(crate) fn set_credentials(
        &self,
        secret_id: &str,
        secret_key: &str,
        token: Option<&str>,
        expires_at: i64,
    ) -> Result<Reply> {
        self.config().api.check_token(token)?;
        let credentials = Credentials::new(secret_id, secret_key, token)?;
        params::expires_at(expires_at, self.exchange.now())?;
        self.exchange.set_credentials(credentials);
        Ok(Answer::local(()).into())
    }

    pub(crate) fn exchange(&self) -> &Exchange {
        &self.exchange
    }

    pub(crate) fn config(&self) -> &Config {
        self.exchange.config()
    }

    fn dialect(&self) -> &'static dyn Dialect {
        dialect::of(&self.exchange)
    }

    /// What the client's API demands of a place, before anything is sent.
    fn check(&self, target: &Target) -> Result<()> {
        self.dialect().check(&self.exchange, target)
    }

    /// Makes a call on the caller's thread.
    fn call<T>(&self, work: impl FnOnce(&Call) -> Result<T>) -> Result<T> {
        let cancel = self.exchange.cancel();
        let _listening = cancel::listening_to(cancel);
        cancel.check()?;
        work(&self.exchange.call()).map_err(|error| cancel.blamed(error))
    }

    /// The same account, connections, clock and retry budget, with other options.
    pub(crate) fn derived(&self, options_json: Option<&str>) -> Result<Client> {
        let config = self.config().derived(options_json)?;
        let exchange = Arc::new(self.exchange.derived(config));
        Ok(Client { exchange })
    }

    /// Ends every call of this client and of those derived from it, and each later one.
    pub(crate) fn cancel(&self) {
        self.exchange.cancel().request();
    }

    /// Makes a call that reports its progress, and can be ended whatever it waits for.
    fn run<T: ReplyData>(
        &self,
        report: Option<&mut Report>,
        work: impl FnOnce(&Call, Progress) -> Result<Answer<T>> + Send + 'static,
    ) -> Result<Reply> {
        let callbacks = Callbacks { report, read: None };
        run_cancellable(&self.exchange, callbacks, |call, progress| {
            work(call, progress).map(Reply::from)
        })
    }

    /// The same of one that works with what is the caller's.
    fn run_borrowing<T: ReplyData>(
        &self,
        callbacks: Callbacks,
        work: impl FnOnce(&Call, Progress, StreamReader) -> Result<Answer<T>> + Send,
    ) -> Result<Reply> {
        run_borrowing(&self.exchange, callbacks, |call, progress, reader| {
            work(call, progress, reader).map(Reply::from)
        })
    }
}
