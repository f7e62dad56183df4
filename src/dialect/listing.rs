//! What a folder of the service holds, read from its lists, for whoever goes through many names in order.

use crate::error::{Error, Kind, Result, service_code};
use crate::model::ListedFile;

pub(crate) trait Listing {
    /// The file of this name, relative to the folder; each is behind the last one in the order of their bytes.
    /// `None` where there is none, where the lists do not tell, and where they may not be read: what is done
    /// next must not depend on it. Lists may lag behind.
    fn find(&mut self, name: &str) -> Result<Option<ListedFile>>;

    /// Whether there is a folder of this name that something else need not bring about; "" is the listed one itself.
    /// The same holds for what it is told of, with the order of a name with its slash.
    fn has_folder(&mut self, name: &str) -> Result<bool>;

    /// These are asked for next, in this order: what tells of them may be read side by side.
    fn expect(&mut self, _: &mut dyn Iterator<Item = &str>) {}
}

/// Credentials may be allowed to write what they may not list.
pub(crate) fn is_forbidden(error: &Error) -> bool {
    error.kind == Kind::Service && error.code == service_code::ACCESS_DENIED
}
