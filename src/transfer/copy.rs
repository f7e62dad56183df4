//! One object copied by the service, with the caller told how far it is.

use super::progress::Progress;
use crate::dialect::{self, CopyRequest};
use crate::error::Result;
use crate::exchange::Call;
use crate::model::{Answer, CopiedObject, Target};

pub(crate) fn copy(
    call: &Call,
    from: &Target,
    to: &Target,
    copy: &CopyRequest,
    mut progress: Progress,
) -> Result<Answer<CopiedObject>> {
    let dialect = dialect::of(call.exchange());
    let copied = &mut |done, all| {
        progress.set_total(all);
        progress.slice_end(done)
    };
    let answer = dialect.copy_file(call, from, to, copy, copied)?;
    progress.finish();
    Ok(answer)
}
