//! What is changed of an object that is there.

use serde_json::{Map, Value};

use super::reply::ReplyData;

/// What of an object is to be changed; what is not named stays.
#[derive(Clone, Default)]
pub(crate) struct ObjectChanges {
    pub(crate) biz_attr: Option<String>,
    pub(crate) acl: Option<String>,
    pub(crate) storage_class: Option<String>,
    /// Headers and metadata, names in lower case; `None` of what is to be removed.
    pub(crate) headers: Vec<(String, Option<String>)>,
}

impl ObjectChanges {
    pub(crate) fn is_empty(&self) -> bool {
        self.biz_attr.is_none() && self.acl.is_none() && !self.is_of_content()
    }

    /// Whether headers or the storage class are among it.
    fn is_of_content(&self) -> bool {
        self.storage_class.is_some() || !self.headers.is_empty()
    }

    /// Whether who may read it is all of it.
    pub(crate) fn is_acl_alone(&self) -> bool {
        self.biz_attr.is_none() && !self.is_of_content()
    }
}

/// Whether an update has changed anything, where that is known.
pub(crate) struct Changed(pub(crate) Option<bool>);

impl ReplyData for Changed {
    fn write(self, data: &mut Map<String, Value>) {
        if let Some(changed) = self.0 {
            data.insert("changed".to_owned(), changed.into());
        }
    }
}
