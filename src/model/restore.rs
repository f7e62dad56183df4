//! What has become of a request to restore an archived object (xml-api.md §3.18).

use serde_json::{Map, Value};

use super::reply::ReplyData;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Restore {
    /// The service has begun.
    Started,
    /// It was at it already.
    InProgress,
    /// There is a copy to read, which stays for the days that were asked for.
    Restored,
}

impl ReplyData for Restore {
    fn write(self, data: &mut Map<String, Value>) {
        let state = match self {
            Restore::Started => "started",
            Restore::InProgress => "in_progress",
            Restore::Restored => "restored",
        };
        data.insert("state".to_owned(), state.into());
    }
}

/// Where an object ends, which is where the next piece is appended.
pub(crate) struct NextPosition(pub(crate) u64);

impl ReplyData for NextPosition {
    fn write(self, data: &mut Map<String, Value>) {
        data.insert("position".to_owned(), self.0.into());
    }
}
