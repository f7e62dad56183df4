//! What calls on many files tell.

use serde_json::{Map, Value, json};

use super::{ReplyData, write};
use crate::model::TreeCounts;
use crate::model::partial_failure::Failures;

/// How many files a call has deleted.
pub(crate) struct Deleted(pub(crate) usize);

impl ReplyData for Deleted {
    fn write(self, data: &mut Map<String, Value>) {
        write(data, "deleted", Some(self.0));
    }
}

/// How many entries a call has listed.
pub(crate) struct Listed(pub(crate) usize);

impl ReplyData for Listed {
    fn write(self, data: &mut Map<String, Value>) {
        write(data, "count", Some(self.0));
    }
}

impl ReplyData for TreeCounts {
    fn write(self, data: &mut Map<String, Value>) {
        write(data, self.verb, Some(self.done));
        write(data, "same", Some(self.same));
        write(data, "skipped", Some(self.skipped));
        let more = |count: usize| (count > 0).then_some(count);
        write(data, "skipped_more", more(self.skipped_more));
        write(data, "unverified", more(self.unverified));
        write(data, "deleted", self.deleted);
        if let Some(plan) = self.plan {
            let steps = plan.steps.into_iter();
            let steps = steps.map(|(path, action)| json!({"path": path, "action": action}));
            write(data, "plan", Some(steps.collect::<Value>()));
            write(data, "plan_more", more(plan.more));
        }
    }
}

impl ReplyData for Failures {
    fn write(self, data: &mut Map<String, Value>) {
        let failed = self.named.into_iter().map(|failure| {
            let mut named = json!({
                "path": failure.path,
                "code": failure.code,
                "message": failure.message,
                "service_code": failure.service_code,
            });
            for (key, value) in failure.data {
                named[key] = value;
            }
            named
        });
        write(data, "failed", Some(failed.collect::<Value>()));
        let more = Some(self.more).filter(|more| *more > 0);
        write(data, "failed_more", more);
    }
}
