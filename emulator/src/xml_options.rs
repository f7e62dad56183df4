//! How the XML API is set up: what a key may do in it, and how objects are.

use crate::store::Versioning;

/// How the XML API is set up.
pub struct XmlOptions {
    /// Where the buckets are, if the `Host` does not say.
    pub region: String,
    /// The bucket of requests that name none.
    pub default_bucket: Option<String>,
    /// What every signed request must carry, as those with temporary keys do.
    pub security_token: Option<String>,
    /// What the account's key may do.
    pub permissions: Permissions,
    /// How all objects are, whatever rules of faults say of some.
    pub traits: Traits,
    /// Whether keys that the service's documents forbid are refused.
    pub strict_keys: bool,
    /// Whether only hosts name buckets, as with those made since 2024.
    pub no_path_style: bool,
    /// What buckets begin with.
    pub versioning: Option<Versioning>,
}

/// An extension of requests: where their object is not as objects mostly are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Traits {
    /// It has no CRC64, like those from before there was one.
    pub no_crc64: bool,
    /// Its ETag is no MD5, like those of what is encrypted with KMS.
    pub opaque_etag: bool,
}

/// The actions of a key; None may do everything.
pub struct Permissions(Option<Vec<String>>);

impl Permissions {
    /// No action at all stands for all of them.
    pub fn of(actions: Vec<String>) -> Permissions {
        Permissions(Some(actions).filter(|actions| !actions.is_empty()))
    }

    pub fn allow(&self, wanted: &str) -> bool {
        let Some(actions) = &self.0 else {
            return true;
        };
        actions.iter().any(|action| covers(action, wanted))
    }

    pub fn allow_one_of(&self, wanted: &[&str]) -> bool {
        wanted.iter().any(|wanted| self.allow(wanted))
    }
}

/// Whether an action of a policy is or covers the wanted one: `*` at its end stands for anything.
pub fn covers(action: &str, wanted: &str) -> bool {
    match action.strip_suffix('*') {
        Some(prefix) => wanted.starts_with(prefix),
        None => action == wanted,
    }
}
