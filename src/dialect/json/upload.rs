//! A whole file in one request (json-api.md §2.8), and what this API takes only once a file is there.

use super::operation::Operation;
use super::reconcile::{self, Careful};
use super::request::ask;
use super::typed;
use crate::dialect::{UploadContent, UploadSpec};
use crate::error::Result;
use crate::exchange::Call;
use crate::model::{Answer, ObjectAttributes, Target, UploadedObject};
use crate::transport::Content;

pub(super) fn upload_whole(
    call: &Call,
    upload: &UploadSpec,
    content: &dyn UploadContent,
    bytes: Content,
    sent: &mut dyn FnMut(u64) -> Result<()>,
) -> Result<Answer<UploadedObject>> {
    let (target, sha1, size) = (&upload.target, content.sha1(), bytes.len());
    let operation = Operation::Upload {
        content: bytes,
        sha1,
        biz_attr: upload.biz_attr,
        overwrite: upload.overwrite,
        claims: upload.claims,
    };
    let answer = Careful::new(call, target, &operation)?.send(call, sent)?;
    let verified = reconcile::confirm(call, target, size, sha1, &mut || sent(0))?;
    set_attributes_of_upload(call, target, upload.attributes)?;
    Ok(typed::uploaded(answer, verified))
}

pub(super) fn set_attributes_of_upload(
    call: &Call,
    target: &Target,
    attributes: &ObjectAttributes,
) -> Result<()> {
    if attributes.is_empty() {
        return Ok(());
    }
    let outcome = ask(
        call,
        target,
        &Operation::SetAttributes {
            attributes,
            biz_attr: None,
        },
    );
    let problem = "uploaded, but its headers or access rights could not be set";
    outcome.map(|_| ()).map_err(|error| error.context(problem))
}
