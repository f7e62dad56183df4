//! What `data` of a reply holds of versions: more of the keys that this library writes.

use serde_json::{Map, Value};

use super::listed::ListedVersion;
use super::reply::ReplyData;
use super::reply_data::write;
use super::{DeletedVersion, MovedObject};

impl ReplyData for DeletedVersion {
    fn write(self, data: &mut Map<String, Value>) {
        write(data, "version_id", self.version_id);
        write(data, "delete_marker", self.is_marker.then_some(true));
    }
}

impl ReplyData for MovedObject {
    fn write(self, data: &mut Map<String, Value>) {
        write(data, "version_id", self.version_id);
    }
}

impl ReplyData for ListedVersion {
    fn write(self, data: &mut Map<String, Value>) {
        write(data, "version_id", self.id);
        write(data, "is_latest", Some(self.is_latest));
        write(data, "delete_marker", self.is_marker.then_some(true));
    }
}

/// Whether a bucket keeps versions; empty where it never had any.
pub(crate) struct Versioning(pub(crate) String);

impl ReplyData for Versioning {
    fn write(self, data: &mut Map<String, Value>) {
        write(data, "status", Some(self.0));
    }
}
