//! Single objects, and versions of them, deleted (xml-api.md §3.4, §3.14).

use super::head::{self, Head, Lookup};
use super::object::refuse_folder;
use super::request::{RequestBuilder, request_id};
use super::version_headers::{deleted, version_id};
use crate::error::{Error, ErrorClass, Result};
use crate::exchange::{ApiRequest, Call, Signer};
use crate::model::{DeletedVersion, Target, VersionId};
use crate::transport::{Method, Request, Response};

/// A version for good; else what is there now. Of that the service answers the same whether there was anything
/// to delete, so it is asked first, if the credentials may ask.
pub(super) fn delete(call: &Call, target: &Target) -> Result<DeletedVersion> {
    if let Some(id) = target.version() {
        return remove_version(call, target, id);
    }
    match head::lookup(call, target)? {
        Lookup::There(held) => {
            refuse_folder(target, &held)?;
            remove_seen(call, target, &held)
        }
        Lookup::Nothing(error) => Err(head::named(call, target, error)),
        Lookup::Forbidden(_) => remove(call, target),
    }
}

/// What is there, if anything is.
pub(super) fn remove(call: &Call, target: &Target) -> Result<DeletedVersion> {
    call.ask(&removal(target, |response| Ok(deleted(response))))
}

/// What was found there. In a bucket that has versions a second request would lay a second delete marker, and
/// whoever removes one of them would not have the object back.
pub(super) fn remove_seen(call: &Call, target: &Target, held: &Head) -> Result<DeletedVersion> {
    let Some(version) = version_id(&held.headers) else {
        return remove(call, target);
    };
    let request = removal(target, |response| Ok(deleted(response)));
    call.ask(&Hiding {
        request: request.non_idempotent(),
        target,
        version,
    })
}

/// Lays a delete marker before a version.
struct Hiding<'a> {
    request: RequestBuilder<'a, DeletedVersion>,
    target: &'a Target,
    version: &'a str,
}

impl ApiRequest for Hiding<'_> {
    type Answer = DeletedVersion;

    fn request(&self, signer: &Signer) -> Result<Request<'_>> {
        self.request.request(signer)
    }

    fn read(&self, response: Response, request: &Request) -> Result<DeletedVersion> {
        self.request.read(response, request)
    }

    fn is_idempotent(&self) -> bool {
        self.request.is_idempotent()
    }

    /// What others have put there since is not what was to be deleted.
    fn reconcile(&self, call: &Call) -> Result<Option<DeletedVersion>> {
        let is_hidden = match head::lookup(call, self.target)? {
            Lookup::There(now) if version_id(&now.headers) == Some(self.version) => {
                return Ok(None);
            }
            Lookup::Forbidden(_) => return Ok(None),
            Lookup::There(_) => false,
            Lookup::Nothing(_) => true,
        };
        Ok(Some(DeletedVersion {
            version_id: None,
            is_marker: is_hidden,
        }))
    }
}

/// The service names what it has deleted (xml-api.md §3.14): nothing, if it was not there. Of `null` it may name
/// nothing all the same, in a bucket that never had versions [guess].
fn remove_version(call: &Call, target: &Target, id: &VersionId) -> Result<DeletedVersion> {
    if id.is_null() {
        return remove(call, target);
    }
    let request = removal(target, |response| {
        let told = deleted(response);
        if told.version_id.is_none() {
            let error = Error::not_found("the file has no such version");
            return Err(error.with_request_id(request_id(response)));
        }
        Ok(told)
    });
    match call.ask(&request.non_idempotent()) {
        // The first attempt was carried out, and its answer lost.
        Err(error) if error.maybe_applied && error.is(ErrorClass::NotFound) => Ok(DeletedVersion {
            version_id: Some(id.as_str().to_owned()),
            is_marker: false,
        }),
        outcome => outcome,
    }
}

fn removal(
    target: &Target,
    understand: fn(&Response) -> Result<DeletedVersion>,
) -> RequestBuilder<'_, DeletedVersion> {
    // An empty key would mean the bucket (xml-api.md §3.4).
    assert!(!target.path.plain().is_empty());
    RequestBuilder::about(Method::Delete, target, understand)
}
