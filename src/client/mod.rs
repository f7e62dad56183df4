//! A client, and its calls by topic: each checks what only it demands, and hands on to a dialect or a
//! transfer.

mod buckets;
mod bulk;
mod credentials;
mod objects;
mod request;
mod transfers;

pub(crate) use objects::{Page, destination, folder_or_root};

use std::rc::Rc;
use std::sync::Arc;

use crate::base::caller::{self, Minding};
use crate::base::cancel::{self, Cancel, Listening};
use crate::config::Config;
use crate::dialect::{self, Dialect};
use crate::error::Result;
use crate::exchange::{Call, Exchange};
use crate::model::credentials::appid;
use crate::model::reply::ReplyData;
use crate::model::{Answer, Reply, Target};
use crate::transfer::{Callbacks, Progress, Report, StreamReader, run_borrowing, run_cancellable};

pub(crate) struct Client {
    /// The number by which its callers know it; 0 as long as they do not.
    handle: u64,
    /// Shared with the threads of its calls.
    exchange: Arc<Exchange>,
}

/// What holds for a call on the caller's thread as long as it lasts.
struct Within {
    _minding: Minding,
    _listening: Listening,
    cancel: Arc<Cancel>,
}

impl Client {
    pub(crate) fn open(
        account: &str,
        secret_id: Option<&str>,
        secret_key: Option<&str>,
        options_json: Option<&str>,
    ) -> Result<Client> {
        let appid = appid(account)?;
        let mut config = Config::parse(options_json, &appid)?;
        let provider = credentials::provider(&mut config, secret_id, secret_key)?;
        let exchange = Arc::new(Exchange::new(appid, provider, config));
        Ok(Client {
            handle: 0,
            exchange,
        })
    }

    pub(crate) fn known_as(self, handle: u64) -> Client {
        Client { handle, ..self }
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
        let within = self.begin()?;
        work(&self.exchange.call()).map_err(|error| within.cancel.blamed(error))
    }

    fn begin(&self) -> Result<Within> {
        let cancel = Arc::new(Cancel::below(self.exchange.cancel()));
        let listening = cancel::listening_to(&cancel);
        cancel.check()?;
        let (exchange, handle, ended) = (self.exchange.clone(), self.handle, cancel.clone());
        let minding = caller::minding(Rc::new(move || {
            let renewed = exchange.renew_by_caller(handle);
            renewed.inspect_err(|_| ended.request())
        }));
        Ok(Within {
            _minding: minding,
            _listening: listening,
            cancel,
        })
    }

    /// The same account, connections, clock and retry budget, with other options.
    pub(crate) fn derived(&self, options_json: Option<&str>) -> Result<Client> {
        let config = self.config().derived(options_json)?;
        let exchange = Arc::new(self.exchange.derived(config));
        Ok(Client {
            handle: 0,
            exchange,
        })
    }

    /// Ends every call of this client and of those derived from it, and each later one.
    pub(crate) fn cancel(&self) {
        self.exchange.cancel().request();
    }

    /// Asks the caller for credentials while this thread waits for a call.
    fn minding(&self) -> Minding {
        let (exchange, handle) = (self.exchange.clone(), self.handle);
        caller::minding(Rc::new(move || exchange.renew_by_caller(handle)))
    }

    /// Makes a call that reports its progress, and can be ended whatever it waits for.
    fn run<T: ReplyData>(
        &self,
        report: Option<&mut Report>,
        work: impl FnOnce(&Call, Progress) -> Result<Answer<T>> + Send + 'static,
    ) -> Result<Reply> {
        let _minding = self.minding();
        let callbacks = Callbacks { report, read: None };
        let work = Box::new(|call: &Call, progress: Progress, _: StreamReader| {
            work(call, progress).map(Reply::from)
        });
        run_cancellable(&self.exchange, callbacks, work)
    }

    /// The same of one that works with what is the caller's.
    fn run_borrowing<T: ReplyData>(
        &self,
        callbacks: Callbacks,
        work: impl FnOnce(&Call, Progress, StreamReader) -> Result<Answer<T>> + Send,
    ) -> Result<Reply> {
        let _minding = self.minding();
        let work = Box::new(|call: &Call, progress: Progress, reader: StreamReader| {
            work(call, progress, reader).map(Reply::from)
        });
        run_borrowing(&self.exchange, callbacks, work)
    }
}
