//! One of an object's versions, by the name that the service gave it.

use crate::error::{Error, Result};

/// Far longer than any that there is: they have some 28 characters (xml-api.md §3.14).
const MAX_BYTES: usize = 1024;

/// An id as the service tells it. `null` is one, too: of what was there before the bucket had versions, and of
/// what is made while it has none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct VersionId(String);

impl VersionId {
    pub(crate) fn new(text: &str) -> Result<VersionId> {
        let is_lawful = text.bytes().all(|b| b.is_ascii_graphic());
        if text.is_empty() || text.len() > MAX_BYTES || !is_lawful {
            let rule = format!("must be 1 to {MAX_BYTES} visible ASCII characters");
            return Err(Error::parameter("version_id", rule));
        }
        Ok(VersionId(text.to_owned()))
    }

    /// Whether an object without versions has it, too.
    pub(crate) fn is_null(&self) -> bool {
        self.0 == "null"
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_the_service_may_have_said_is_one() {
        for text in ["null", "MTg0NDUxNTc1NjIzMTQ1MDAwODg", "a/b+c=&?"] {
            assert_eq!(VersionId::new(text).unwrap().as_str(), text);
        }
        let long = "x".repeat(1025);
        for text in ["", " ", "a b", "a\n", "版", &long] {
            let error = VersionId::new(text).expect_err(text);
            assert!(error.message.starts_with("version_id: must be 1 to 1024"));
        }
    }
}
