//! Whose keys have signed a request, and whether it may be done with them (xml-api.md §1.3).

use super::refusal::{Refusal, code};
use super::sign::{self, Signed};
use super::{Call, Op};
use crate::auth::Account;
use crate::instance_role::TemporaryKeys;
use crate::names::decode;

impl Call {
    pub fn authorize(&mut self) -> Result<(), Refusal> {
        // Its form has to be read for that.
        if self.op == Op::PostObject {
            return Ok(());
        }
        let path = decode(self.parts.uri.path()).map_err(|_| code::INVALID_URI)?;
        let Some(signature) = sign::find(&self.parts, &self.params)? else {
            // Whether the object may be read by all is known when it was found.
            self.is_anonymous = true;
            return match self.op {
                Op::GetObject | Op::HeadObject => Ok(()),
                // So it is with the bucket.
                Op::ListObjects | Op::ListVersions | Op::ListUploads | Op::HeadBucket => Ok(()),
                _ => Err(code::ACCESS_DENIED.into()),
            };
        };
        let signed = Signed {
            parts: &self.parts,
            path: &path,
            params: &self.params,
        };
        self.check_keys(signature.secret_id(), |account| {
            signature.verify(&signed, account, self.now)
        })?;
        self.check_permission()
    }

    /// Whether the signature is one of the keys with this id, as which account `verify` finds out.
    pub fn check_keys(
        &self,
        secret_id: &str,
        verify: impl Fn(&Account) -> Result<(), Refusal>,
    ) -> Result<(), Refusal> {
        let Some(keys) = self.temporary_keys(secret_id) else {
            verify(&self.service.account)?;
            return self.check_token();
        };
        verify(&keys.account)?;
        match keys.are_expired(self.now) {
            true => Err(code::EXPIRED_TOKEN.into()),
            false => Ok(()),
        }
    }

    /// Those of a role, by their token.
    fn temporary_keys(&self, secret_id: &str) -> Option<TemporaryKeys> {
        TemporaryKeys::of(&self.service.account, secret_id, self.token()?)
    }

    fn token(&self) -> Option<&str> {
        let header = self.header("x-cos-security-token");
        header.or_else(|| self.param("x-cos-security-token"))
    }

    /// xml-api.md §1.2: temporary keys are none without their token.
    fn check_token(&self) -> Result<(), Refusal> {
        let Some(wanted) = &self.service.xml.security_token else {
            return Ok(());
        };
        match self.token() {
            None => Err(code::INVALID_ACCESS_KEY_ID.into()),
            Some(token) if token == wanted => Ok(()),
            Some(_) => Err(Refusal::new(
                code::ACCESS_DENIED,
                "x-cos-security-token is not that of these keys",
            )),
        }
    }
}
