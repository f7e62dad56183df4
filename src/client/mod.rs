//! A client, and its calls by topic: each checks what only it demands, and hands on to a dialect or a
//! transfer.

mod buckets;
mod bulk;
mod copies;
mod credentials;
mod diagnose;
mod lists;
mod objects;
mod presign;
mod request;
mod trace;
mod transfers;

pub(crate) use lists::Page;
pub(crate) use objects::{destination, folder_or_root};

use std::rc::Rc;
use std::sync::Arc;

use crate::base::caller::{self, Minding};
use crate::base::cancel::{self, Cancel, Listening};
use crate::config::Config;
use crate::dialect::{self, Dialect};
use crate::error::Result;
use crate::exchange::{Call, Exchange, Origin};
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
struct Begun {
    minding: Minding,
    _listening: Listening,
    cancel: Arc<Cancel>,
    origin: Origin,
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
    fn call(&self, work: impl FnOnce(&Call) -> Result<Reply>) -> Result<Reply> {
        let begun = self.begin()?;
        let outcome = work(&self.exchange.call(begun.origin.clone()));
        begun.over(outcome)
    }

    /// Once in the library, whatever the call.
    fn begin(&self) -> Result<Begun> {
        let origin = self.exchange.origin();
        let cancel = Arc::new(Cancel::below(self.exchange.cancel()));
        let listening = cancel::listening_to(&cancel);
        cancel.check()?;
        let (errand, ended) = (self.errand(&origin), cancel.clone());
        let minding = caller::minding(Rc::new(move || errand().inspect_err(|_| ended.request())));
        Ok(Begun {
            minding,
            _listening: listening,
            cancel,
            origin,
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

    /// What the thread that makes a call does for it while it waits: asks the caller for credentials, and
    /// tells of attempts.
    fn errand(&self, origin: &Origin) -> impl Fn() -> Result<()> + 'static {
        let (exchange, handle, origin) = (self.exchange.clone(), self.handle, origin.clone());
        move || {
            exchange.renew_by_caller(handle)?;
            origin.tell()
        }
    }

    /// Makes a call that reports its progress, and can be ended whatever it waits for.
    fn run<T: ReplyData>(
        &self,
        report: Option<&mut Report>,
        work: impl FnOnce(&Call, Progress) -> Result<Answer<T>> + Send + 'static,
    ) -> Result<Reply> {
        let callbacks = Callbacks { report, read: None };
        let work = Box::new(|call: &Call, progress: Progress, _: StreamReader| {
            work(call, progress).map(Reply::from)
        });
        self.attend(|origin| run_cancellable(&self.exchange, origin, callbacks, work))
    }

    /// The same of one that works with what is the caller's.
    fn run_borrowing<T: ReplyData>(
        &self,
        callbacks: Callbacks,
        work: impl FnOnce(&Call, Progress, StreamReader) -> Result<Answer<T>> + Send,
    ) -> Result<Reply> {
        let work = Box::new(|call: &Call, progress: Progress, reader: StreamReader| {
            work(call, progress, reader).map(Reply::from)
        });
        self.attend(|origin| run_borrowing(&self.exchange, origin, callbacks, work))
    }

    /// Runs the errands of a call while this thread waits for it.
    fn attend(&self, call: impl FnOnce(&Origin) -> Result<Reply>) -> Result<Reply> {
        let origin = self.exchange.origin();
        let minding = caller::minding(Rc::new(self.errand(&origin)));
        over(call(&origin), minding, &origin)
    }
}

impl Begun {
    fn over(self, outcome: Result<Reply>) -> Result<Reply> {
        let outcome = over(outcome, self.minding, &self.origin);
        outcome.map_err(|error| self.cancel.blamed(error))
    }
}

/// A call is over: what the caller is told of its last attempts ends it no more.
fn over(outcome: Result<Reply>, minding: Minding, origin: &Origin) -> Result<Reply> {
    drop(minding);
    let _ = origin.tell();
    let effort = origin.effort();
    outcome.map(|reply| Reply { effort, ..reply })
}
