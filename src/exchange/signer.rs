//! What one attempt is signed with: the credentials as they are when it begins, as they may change at any
//! time. Signature, token and what is hidden from its messages are of the same ones.

use std::sync::Arc;

use super::Exchange;
use super::secrets::Secrets;
use crate::model::Credentials;

pub(crate) struct Signer<'e> {
    exchange: &'e Exchange,
    credentials: Arc<Credentials>,
}

impl<'e> Signer<'e> {
    pub(super) fn new(exchange: &'e Exchange, credentials: Arc<Credentials>) -> Signer<'e> {
        Signer {
            exchange,
            credentials,
        }
    }

    pub(crate) fn exchange(&self) -> &'e Exchange {
        self.exchange
    }

    pub(crate) fn credentials(&self) -> &Credentials {
        &self.credentials
    }

    /// What no message about the attempt may tell: its signature, what it was signed with, and what has
    /// taken the place of that since.
    pub(crate) fn secrets(&self, signature: &str) -> Secrets {
        let secrets = Secrets::of(&self.credentials);
        let current = self.exchange.shared.provider.current();
        let secrets = match Arc::ptr_eq(&current, &self.credentials) {
            true => secrets,
            false => secrets.and(&current),
        };
        secrets.with_signature(signature)
    }
}
