//! A client: whose account, which service, and how a single call goes out and is tried again.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::account::Account;
use crate::api::{self, json::Stamp};
use crate::cancel::{self, GLANCE};
use crate::clock::{Clock, Told};
use crate::config::Config;
use crate::error::{Error, Meaning, Result};
use crate::random;
use crate::retry::{self, Budget};
use crate::secrets::Secrets;
use crate::transport::{Request, Response, Transport};

pub(crate) struct Client {
    account: Account,
    config: Config,
    transport: Transport,
    clock: Clock,
    budget: Budget,
}

impl Client {
    pub(crate) fn open(
        appid: &str,
        secret_id: &str,
        secret_key: &str,
        options_json: Option<&str>,
    ) -> Result<Client> {
        let account = Account::new(appid, secret_id, secret_key)?;
        let config = Config::parse(options_json, appid)?;
        let transport = Transport::new(&config);
        Ok(Client {
            account,
            config,
            transport,
            clock: Clock::default(),
            budget: Budget::full(),
        })
    }

    pub(crate) fn account(&self) -> &Account {
        &self.account
    }

    pub(crate) fn config(&self) -> &Config {
        &self.config
    }

    pub(crate) fn transport(&self) -> &Transport {
        &self.transport
    }

    pub(crate) fn budget(&self) -> &Budget {
        &self.budget
    }

    fn token(&self) -> Option<&str> {
        let token = self.config.security_token.as_ref();
        token.map(|token| token.as_str())
    }

    /// What no message may tell, beside the signature of a request.
    pub(crate) fn secrets(&self) -> Secrets {
        Secrets::of(&self.account, self.token())
    }

    /// The service's time, in Unix seconds.
    pub(crate) fn now(&self) -> u64 {
        self.clock.now()
    }

    /// The service's time, and a word that makes the signature unlike any other.
    pub(crate) fn stamp(&self) -> Stamp {
        Stamp {
            now: self.clock.now(),
            random: random::word(),
        }
    }

    /// Begins a call: its time runs from here, over all requests that it takes.
    pub(crate) fn call(&self) -> Call<'_> {
        self.call_until(self.deadline())
    }

    /// When a call that begins now must be over.
    pub(crate) fn deadline(&self) -> Option<Instant> {
        self.config.timeout.map(|whole| Instant::now() + whole)
    }

    /// Goes on with a call that has begun elsewhere.
    pub(crate) fn call_until(&self, deadline: Option<Instant>) -> Call<'_> {
        Call {
            client: self,
            request_id: Mutex::new(None),
            deadline,
        }
    }
}

const REQUEST_NUMBER: &str = "x-cos-request-id";

/// Longer than any.
const REQUEST_NUMBER_BYTES: usize = 64;

/// When what was written is looked at again that is not seen yet, in milliseconds: for two seconds.
const LOOKS_AGAIN_MS: [u64; 5] = [100, 200, 400, 600, 700];

/// What one request asks, in the words of a dialect.
pub(crate) trait Question {
    type Answer;

    /// The request for one try, signed anew: a one-time signature is never sent twice, and none
    /// grows old.
    fn request(&self, client: &Client) -> Result<Request<'_>>;

    /// Understands the answer. Its errors are searched for secrets by the caller; a success must hold
    /// none.
    fn read(&self, response: Response, request: &Request) -> Result<Self::Answer>;

    /// Whether carrying it out twice does no more than carrying it out once. When nobody knows what
    /// became of one that is not, the error of the next try is `perhaps_done`.
    fn repeatable(&self) -> bool;

    /// Called when an earlier try may have been carried out and another one is to follow: its answer
    /// if it was, an error if it must not be tried again.
    fn before_another_try(&self, _: &Call) -> Result<Option<Self::Answer>> {
        Ok(None)
    }
}

/// One call of the library's user, of one request or many.
pub(crate) struct Call<'c> {
    client: &'c Client,
    /// The service's number for the last request.
    request_id: Mutex<Option<String>>,
    deadline: Option<Instant>,
}

impl Call<'_> {
    pub(crate) fn client(&self) -> &Client {
        self.client
    }

    /// The service's number for the last request that it has answered, where it gives one.
    pub(crate) fn request_id(&self) -> Option<String> {
        let last = self.request_id.lock();
        last.unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn deadline(&self) -> Option<Instant> {
        self.deadline
    }

    /// Asks and reads the answer, with as many tries as are allowed and of use. `sent` is told how
    /// many bytes of content are on their way; its error ends the call.
    pub(crate) fn send<Q: Question>(
        &self,
        question: &Q,
        sent: &mut dyn FnMut(u64) -> Result<()>,
    ) -> Result<Q::Answer> {
        let client = self.client;
        let mut attempts = 0;
        let mut perhaps_done = false;
        let mut clock_corrected = false;
        loop {
            let signed_at = client.clock.now();
            let (mut error, told) = match self.attempt(question, sent) {
                Ok(answer) => {
                    client.budget.earn();
                    return Ok(answer);
                }
                Err(failed) => failed,
            };
            attempts += 1;
            error.attempts = attempts;
            error.perhaps_done = perhaps_done;
            if error.means(Meaning::Expired) {
                if clock_corrected {
                    // It was not the clock.
                    client.clock.forget();
                } else if client.clock.correct(told, signed_at) {
                    clock_corrected = true;
                    continue;
                }
                let why = told.and_then(|told| client.clock.explanation(told));
                error.message.extend(why.map(|why| format!("; {why}")));
            }
            perhaps_done |= !question.repeatable() && retry::leaves_open(&error);
            let spent = attempts > client.config.retries;
            if spent || !retry::worthwhile(&error) || !client.budget.spend() {
                return Err(error);
            }
            let pause = retry::pause(attempts, &error);
            if self.ends_within(pause) {
                return Err(error);
            }
            wait(pause, &mut || sent(0))?;
            if perhaps_done {
                if let Some(answer) = question.before_another_try(self)? {
                    return Ok(answer);
                }
            }
        }
    }

    /// Asks a question that carries no content to tell of.
    pub(crate) fn ask<Q: Question>(&self, question: &Q) -> Result<Q::Answer> {
        self.send(question, &mut |_| Ok(()))
    }

    /// Looks at what the service holds until `is_so`, for a moment: what was written may not be seen at
    /// once. `look` is called while it waits; false if it never was so.
    pub(crate) fn see(
        &self,
        look: &mut dyn FnMut() -> Result<()>,
        is_so: &mut dyn FnMut() -> Result<bool>,
    ) -> Result<bool> {
        for pause in LOOKS_AGAIN_MS.map(Duration::from_millis) {
            if is_so()? {
                return Ok(true);
            }
            if self.ends_within(pause) {
                return Ok(false);
            }
            wait(pause, look)?;
        }
        is_so()
    }

    /// Whether its time is over before it has waited so long.
    pub(crate) fn ends_within(&self, pause: Duration) -> bool {
        self.deadline.is_some_and(|d| Instant::now() + pause >= d)
    }

    fn attempt<Q: Question>(
        &self,
        question: &Q,
        sent: &mut dyn FnMut(u64) -> Result<()>,
    ) -> std::result::Result<Q::Answer, (Error, Option<Told>)> {
        cancel::check().map_err(|error| (error, None))?;
        let client = self.client;
        let request = question.request(client).map_err(|error| (error, None))?;
        let response = client.transport.send(&request, self.deadline, sent);
        let answer = response.and_then(|mut response| {
            self.hide_in_number(&request, &mut response);
            if client.clock.is_adjusted() {
                api::date(&response).inspect(|date| client.clock.check(*date));
            }
            self.note(&response);
            question.read(response, &request)
        });
        answer.map_err(|error| {
            let told = error.date.map(|date| Told {
                date,
                is_verified: request.url.starts_with("https://"),
            });
            let secrets = client.secrets().with_signature(&request.signature);
            (secrets.hide_in(error), told)
        })
    }

    /// The request's number is told of a success, too; of an error all that is told is searched.
    fn hide_in_number(&self, request: &Request, response: &mut Response) {
        let Some(number) = response.headers.text(REQUEST_NUMBER) else {
            return;
        };
        let client = self.client;
        let digits = request.signature.rsplit_once("q-signature=");
        let known = [
            client.token().unwrap_or_default(),
            digits.map_or("", |(_, digits)| digits),
            client.account.secret_id(),
            client.account.secret_key(),
        ];
        let holds = |secret: &&str| !secret.is_empty() && number.contains(*secret);
        // Every answer comes by here, and nearly none is worth a search.
        let is_odd = number.len() > REQUEST_NUMBER_BYTES || number.contains(['%', '&', '\\']);
        if is_odd || known.iter().any(holds) {
            let mut number = number.to_owned();
            let secrets = client.secrets().with_signature(&request.signature);
            secrets.hide_in_text(&mut number);
            response.headers.replace(REQUEST_NUMBER, &number);
        }
    }

    fn note(&self, response: &Response) {
        if let Some(id) = response.headers.text(REQUEST_NUMBER) {
            let last = self.request_id.lock();
            *last.unwrap_or_else(PoisonError::into_inner) = Some(id.to_owned());
        }
    }
}

/// Waits before another try; an error of `look` ends it.
pub(crate) fn wait(pause: Duration, look: &mut dyn FnMut() -> Result<()>) -> Result<()> {
    let end = Instant::now() + pause;
    loop {
        let left = end.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Ok(());
        }
        cancel::pause(left.min(GLANCE))?;
        look()?;
    }
}
