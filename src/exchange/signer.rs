//! What one attempt is signed with: the credentials as they are when it begins, as they may change at any
//! time. Signature, token and what is hidden from its messages are of the same ones.

use std::sync::Arc;

use super::Exchange;
use super::secrets::Secrets;
use crate::error::{Error, Result};
use crate::model::Credentials;

pub(crate) struct Signer<'e> {
    exchange: &'e Exchange,
    credentials: Arc<Credentials>,
    /// The service's usual host does not answer: its other one is asked.
    by_backup: bool,
}

impl<'e> Signer<'e> {
    pub(super) fn new(exchange: &'e Exchange, credentials: Arc<Credentials>) -> Signer<'e> {
        Signer {
            exchange,
            credentials,
            by_backup: false,
        }
    }

    pub(super) fn by_backup(self, by_backup: bool) -> Signer<'e> {
        Signer { by_backup, ..self }
    }

    pub(crate) fn is_by_backup(&self) -> bool {
        self.by_backup
    }

    pub(crate) fn exchange(&self) -> &'e Exchange {
        self.exchange
    }

    pub(crate) fn credentials(&self) -> &Credentials {
        &self.credentials
    }

    /// Whether credentials have changed meanwhile.
    pub(crate) fn is_other_than(&self, before: &Signer) -> bool {
        !Arc::ptr_eq(&self.credentials, &before.credentials)
    }

    /// Refuses what others are to use longer than these credentials live: it would end without a word.
    /// `param` is the caller's name for how long that is.
    pub(crate) fn check_life(&self, param: &str, expires_s: u64) -> Result<()> {
        match self.credentials.left(self.exchange.now()) {
            Some(left) if left < expires_s => {
                let problem = format!(
                    "is {expires_s}; the client's credentials end in {left} seconds, and what they \
                     have signed ends with them"
                );
                Err(Error::parameter(param, problem))
            }
            _ => Ok(()),
        }
    }

    /// To be compared with those of another moment.
    pub(super) fn shared(&self) -> &Arc<Credentials> {
        &self.credentials
    }

    /// What no message about the attempt may tell: its signature, what it was signed with, and what has
    /// taken the place of that since.
    pub(crate) fn secrets(&self, signature: &str) -> Secrets {
        let secrets = Secrets::of(&self.credentials);
        let current = self.exchange.credentials();
        let is_other = |other: &Arc<Credentials>| !Arc::ptr_eq(other, &self.credentials);
        let secrets = match current.filter(is_other) {
            Some(other) => secrets.and(&other),
            None => secrets,
        };
        secrets.with_signature(signature)
    }
}
