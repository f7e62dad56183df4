//! Requests and answers: each is signed, sent, classified and, where that helps, tried again; the same
//! for small calls, parts and ranges of bytes. Knows no dialect.

mod attempts;
mod buckets;
mod call;
mod clock;
mod pace;
pub(crate) mod pages;
mod provider;
mod request_id;
mod retry;
pub(crate) mod secrets;
mod signer;
mod trace;

pub(crate) use attempts::Attempts;
pub(crate) use buckets::Versions;
pub(crate) use call::{ApiRequest, Call, Origin, wait};
pub(crate) use provider::{CredentialsSource, OnExpiry, Provider};
pub(crate) use signer::Signer;
pub(crate) use trace::OnTrace;

use std::sync::Arc;
use std::time::Instant;

use crate::base::cancel::Cancel;
use crate::base::concurrency::{Concurrency, Parallel};
use crate::base::panics;
use crate::config::Config;
use crate::error::Result;
use crate::model::{Bucket, Credentials};
use crate::transport::{TimeLimits, Transport};
use buckets::Buckets;
use clock::Clock;
use pace::Pace;
use retry::RetryBudget;
use trace::Trace;

/// What the requests of a client share.
pub(crate) struct Exchange {
    shared: Arc<Shared>,
    config: Config,
    /// Ends every call.
    cancel: Arc<Cancel>,
    trace: Arc<Trace>,
}

/// What a client shares with those that are derived from it.
struct Shared {
    /// The account's number.
    appid: String,
    provider: Provider,
    transport: Transport,
    clock: Clock,
    budget: RetryBudget,
    pace: Pace,
    buckets: Buckets,
    concurrency: Arc<Concurrency>,
}

impl Exchange {
    pub(crate) fn new(appid: String, provider: Provider, config: Config) -> Exchange {
        let transport = Transport::new(&config);
        Exchange {
            shared: Arc::new(Shared {
                appid,
                provider,
                transport,
                clock: Clock::default(),
                budget: RetryBudget::full(),
                pace: Pace::default(),
                buckets: Buckets::default(),
                concurrency: Arc::new(Concurrency::adaptive()),
            }),
            config,
            cancel: Arc::default(),
            trace: Arc::default(),
        }
    }

    /// The same account and connections with other options. It ends with this one's calls, or alone.
    pub(crate) fn derived(&self, config: Config) -> Exchange {
        Exchange {
            shared: self.shared.clone(),
            config,
            cancel: Arc::new(Cancel::below(&self.cancel)),
            trace: Arc::new(Trace::below(&self.trace)),
        }
    }

    /// What its calls listen to.
    pub(crate) fn cancel(&self) -> &Arc<Cancel> {
        &self.cancel
    }

    pub(crate) fn appid(&self) -> &str {
        &self.shared.appid
    }

    /// Changes what requests are signed with, from the next signature on; of all that share with it.
    pub(crate) fn set_credentials(&self, credentials: Credentials) {
        self.shared.provider.set(credentials);
    }

    /// Whether others can come in the place of credentials that have ended.
    pub(crate) fn renews_credentials(&self) -> bool {
        self.shared.provider.renews()
    }

    /// Whether they are fetched from where the caller has nothing to do with.
    pub(crate) fn has_credentials_source(&self) -> bool {
        self.shared.provider.has_source()
    }

    /// Of all that share with it.
    pub(crate) fn set_on_expiry(&self, callback: Option<Box<OnExpiry>>) {
        self.shared.provider.set_on_expiry(callback);
    }

    /// Calls the caller back where credentials are due; on the thread that made a call, with its client.
    pub(crate) fn renew_by_caller(&self, client: u64) -> Result<()> {
        self.shared.provider.call_back(client, || self.now())
    }

    /// Has the caller told of attempts of its calls, and of those of clients derived from it that have no
    /// callback of their own.
    pub(crate) fn set_trace(&self, callback: Option<Box<OnTrace>>) {
        self.trace.set(callback);
    }

    /// What a signature of this moment is made with; for comparison.
    pub(crate) fn credentials(&self) -> Option<Arc<Credentials>> {
        self.shared.provider.current()
    }

    pub(crate) fn config(&self) -> &Config {
        &self.config
    }

    /// How many jobs of a transfer are done at once.
    pub(crate) fn concurrency(&self) -> Arc<Concurrency> {
        match self.config.parallel {
            Parallel::Fixed(jobs) => Arc::new(Concurrency::fixed(jobs)),
            Parallel::Auto => self.shared.concurrency.clone(),
        }
    }

    pub(crate) fn transport(&self) -> &Transport {
        &self.shared.transport
    }

    /// The service's time, in Unix seconds.
    pub(crate) fn now(&self) -> u64 {
        self.shared.clock.now()
    }

    /// Whether a bucket ever had versions. Where that is unknown `find_out` is called, of all calls that want to
    /// know at once by one; it tells nothing where the next one is to ask again.
    pub(crate) fn versions(
        &self,
        bucket: &Bucket,
        may_wait: &dyn Fn() -> Result<()>,
        find_out: &dyn Fn() -> Result<Option<Versions>>,
    ) -> Result<Versions> {
        let buckets = &self.shared.buckets;
        if let Some(known) = buckets.versions(bucket, may_wait)? {
            return Ok(known);
        }
        let found = panics::catch(find_out).and_then(|found| found);
        buckets.learn(bucket, found.as_ref().ok().copied().flatten());
        Ok(found?.unwrap_or(Versions::Perhaps))
    }

    pub(crate) fn learn_versions(&self, bucket: &Bucket, versions: Versions) {
        self.shared.buckets.learn(bucket, Some(versions));
    }

    /// Begins a call, on the thread that makes it: its time runs from here, over all requests that it takes.
    pub(crate) fn origin(&self) -> Origin {
        let is_within_renewal = self.shared.provider.is_renewing_here();
        Origin::new(self.config.timeout, is_within_renewal, self.trace.events())
    }

    /// Goes on with a call, perhaps on another thread.
    pub(crate) fn call(&self, origin: Origin) -> Call<'_> {
        Call::new(self, origin)
    }

    /// Of one request in a call that must be over at `deadline`.
    pub(crate) fn time_limits(&self, deadline: Option<Instant>) -> TimeLimits {
        TimeLimits::of(&self.config, deadline)
    }
}
