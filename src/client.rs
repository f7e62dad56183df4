//! A client: whose account, which service, and how a single call goes out and is tried again.

use std::thread;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use crate::api::{Operation, Target, json};
use crate::config::Config;
use crate::error::Result;
use crate::random;
use crate::reply::Reply;
use crate::retry;
use crate::sign::{Account, Stamp};
use crate::transport::Transport;

pub(crate) struct Client {
    account: Account,
    config: Config,
    transport: Transport,
}

impl Client {
    pub(crate) fn open(
        appid: &str,
        secret_id: &str,
        secret_key: &str,
        options_json: Option<&str>,
    ) -> Result<Client> {
        let account = Account::new(appid, secret_id, secret_key)?;
        let config = Config::parse(options_json)?;
        let transport = Transport::new(&config);
        Ok(Client {
            account,
            config,
            transport,
        })
    }

    pub(crate) fn account(&self) -> &Account {
        &self.account
    }

    pub(crate) fn config(&self) -> &Config {
        &self.config
    }

    /// Begins a call: its time runs from here, over all requests that it takes.
    pub(crate) fn call(&self) -> Call<'_> {
        Call {
            client: self,
            deadline: self.config.timeout.map(|whole| Instant::now() + whole),
        }
    }
}

/// One call of the library's user, of one request or many.
pub(crate) struct Call<'c> {
    client: &'c Client,
    deadline: Option<Instant>,
}

impl Call<'_> {
    pub(crate) fn client(&self) -> &Client {
        self.client
    }

    /// Sends an operation and reads its answer, with as many tries as are allowed and of use.
    /// `sent` is told how many bytes of content are on their way; its error ends the call.
    pub(crate) fn send(
        &self,
        target: &Target,
        operation: &Operation,
        sent: &mut dyn FnMut(u64) -> Result<()>,
    ) -> Result<Reply> {
        let mut attempts = 0;
        loop {
            let mut error = match self.attempt(target, operation, sent) {
                Ok(reply) => return Ok(reply),
                Err(error) => error,
            };
            attempts += 1;
            error.attempts = attempts;
            let retries = self.client.config.retries;
            if attempts > retries || !retry::worthwhile(&error, operation) {
                return Err(error);
            }
            let pause = retry::pause(attempts, error.retry_after);
            if self.deadline.is_some_and(|d| Instant::now() + pause >= d) {
                return Err(error);
            }
            thread::sleep(pause);
        }
    }

    /// One try, signed anew: a one-time signature is never sent twice, and none grows old.
    fn attempt(
        &self,
        target: &Target,
        operation: &Operation,
        sent: &mut dyn FnMut(u64) -> Result<()>,
    ) -> Result<Reply> {
        let client = self.client;
        let request = json::request(&client.account, &client.config, target, operation, stamp())?;
        let response = client.transport.send(&request, self.deadline, sent)?;
        json::read(operation, response, &request.signature)
    }
}

/// Now, and a word that makes the signature unlike any other.
pub(crate) fn stamp() -> Stamp {
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH);
    Stamp {
        now: since_epoch.map_or(0, |d| d.as_secs()),
        random: random::word(),
    }
}
