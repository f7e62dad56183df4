//! Buckets: their names, checked before anything is sent, and where they are.

use std::hash::{Hash, Hasher};

use crate::base::quoted::quoted;
use crate::error::{Error, Result};
use crate::model::params;

/// No source states a length for bucket names; this only keeps absurd ones off the wire.
const BUCKET_MAX_BYTES: usize = 128;

/// A bucket's name, without slashes around it, and its home where that is not the client's.
#[derive(Clone, Debug)]
pub(crate) struct Bucket {
    name: String,
    home: Home,
    /// The caller's name for it, for errors found later.
    param: &'static str,
}

impl PartialEq for Bucket {
    fn eq(&self, other: &Bucket) -> bool {
        (&self.name, &self.home) == (&other.name, &other.home)
    }
}

impl Eq for Bucket {}

impl Hash for Bucket {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (&self.name, &self.home).hash(state);
    }
}

/// Where a bucket is, as far as that is not where those of the client are.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Home {
    pub(crate) region: Option<String>,
    /// Of another account.
    pub(crate) appid: Option<String>,
}

impl Bucket {
    pub(crate) fn new(text: &str) -> Result<Bucket> {
        Bucket::named("bucket", text)
    }

    /// `param` is the caller's name for it.
    pub(crate) fn named(param: &'static str, text: &str) -> Result<Bucket> {
        params::text(param, text, BUCKET_MAX_BYTES)?;
        let name = text.trim_matches('/');
        if name.is_empty() {
            return Err(Error::parameter(param, "must not be empty"));
        }
        // It stands in host names and, unencoded, in signatures (json-api.md §1.2).
        let allowed = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        match name.chars().find(|&c| !allowed(c)) {
            None => Ok(Bucket {
                name: name.to_owned(),
                home: Home::default(),
                param,
            }),
            Some(c) => Err(Error::parameter(
                param,
                format!(
                    "may hold letters, digits, '-' and '_' only, not {}",
                    quoted(c.encode_utf8(&mut [0; 4]))
                ),
            )),
        }
    }

    pub(crate) fn at(self, home: Home) -> Bucket {
        Bucket { home, ..self }
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.name
    }

    pub(crate) fn home(&self) -> &Home {
        &self.home
    }

    pub(crate) fn param(&self) -> &'static str {
        self.param
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_checked_and_homes_make_another_bucket() {
        for bucket in ["", "/", "a/b", "a&b", "a b", "桶", "..", "a\0"] {
            let error = Bucket::named("dst_bucket", bucket).unwrap_err();
            assert!(error.message.starts_with("dst_bucket"), "{}", error.message);
        }
        let bucket = Bucket::new("/b-1_A/").unwrap();
        assert_eq!(bucket.as_str(), "b-1_A");
        assert_eq!(bucket, Bucket::named("dst_bucket", "b-1_A").unwrap());
        let home = Home {
            region: Some("ap-x".to_owned()),
            appid: None,
        };
        assert_ne!(bucket.clone().at(home), bucket);
    }
}
