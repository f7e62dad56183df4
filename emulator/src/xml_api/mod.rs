//! The XML API (xml-api.md): one request from its head to its answer.

mod acl;
mod actions;
mod append;
mod attributes;
mod authorize;
mod bucket;
mod complete;
mod conditions;
mod configurations;
mod content;
mod copy;
mod delete;
mod encryption;
mod form;
mod get;
mod grants;
mod headers;
mod list;
mod op;
mod part;
mod policy;
mod post;
mod put;
mod refusal;
mod reply;
mod restore;
mod sign;
mod sub_resources;
mod tags;
mod upload;
mod versioning;
mod versions;
mod xml;

use std::sync::Arc;

use axum::body::Body;
use axum::extract::Request;
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method};
use axum::response::Response;

use crate::names::{bucket_of, decode};
use crate::query;
use crate::service::Service;
use crate::store::Tx;
use crate::xml_options::Traits;
pub use actions::action;
use content::Content;
pub use encryption::is_customers;
pub use op::{OPS, Op};
use refusal::code;
pub use refusal::{About, Refusal, error_body};
use reply::Ids;
pub use sub_resources::is_named_in;

/// Where a request points.
#[derive(Debug, Clone)]
pub struct Place {
    /// `<bucket>-<appid>`; None for the service itself.
    pub bucket: Option<String>,
    /// The key, still encoded.
    pub path: String,
    /// Whether the path named the bucket, and not the host.
    pub is_path_style: bool,
}

impl Place {
    pub fn service() -> Place {
        Place {
            bucket: None,
            path: String::new(),
            is_path_style: false,
        }
    }

    pub fn op(&self, method: &Method, query: &str, headers: &HeaderMap) -> Op {
        let (has_bucket, has_key) = (self.bucket.is_some(), !self.path.is_empty());
        Op::of(method, has_bucket, has_key, query, headers)
    }
}

/// An extension of requests whose content is to be spoilt on its way to the disk.
#[derive(Debug, Clone, Copy)]
pub struct Spoilt;

/// A request that may be done.
pub struct Call {
    service: Arc<Service>,
    parts: Parts,
    params: Vec<(String, String)>,
    op: Op,
    /// As the store names it; empty for the service itself.
    bucket: String,
    key: String,
    /// As the host says it, `….cos.<region>.…`.
    host_region: Option<String>,
    now: i64,
    is_anonymous: bool,
}

pub async fn answer(service: Arc<Service>, place: Place, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let ids = Ids::new(service.clock.now());
    let resource = reply::resource(&parts);
    let (is_head, headers) = (parts.method == Method::HEAD, parts.headers.clone());
    let mut content = Content::new(body.into_data_stream());
    let done = match Call::admit(service, &place, parts) {
        Ok(call) if call.op == Op::PostObject => post::post_object(call, &mut content).await,
        Ok(call) => Arc::new(call).perform(&mut content).await,
        Err(refusal) => Err(refusal),
    };
    let mut response = done.unwrap_or_else(|refusal| {
        content.refuse(&headers);
        refusal.into_answer(&About {
            resource: &resource,
            request_id: &ids.request,
            trace_id: &ids.trace,
            is_head,
        })
    });
    ids.put(response.headers_mut());
    if is_head {
        *response.body_mut() = Body::empty();
    }
    response
}

/// The body of an error that nothing is wrong enough for, and its names.
pub fn error_answer(service: &Service, parts: &Parts, code: &str, message: &str) -> (Ids, String) {
    let ids = Ids::new(service.clock.now());
    let about = About {
        resource: &reply::resource(parts),
        request_id: &ids.request,
        trace_id: &ids.trace,
        is_head: false,
    };
    let body = error_body(code, message, &[], &about);
    (ids, body)
}

impl Call {
    fn admit(service: Arc<Service>, place: &Place, parts: Parts) -> Result<Call, Refusal> {
        let query = parts.uri.query().unwrap_or("");
        let op = place.op(&parts.method, query, &parts.headers);
        let params = query::pairs(query).map_err(|_| code::INVALID_URI)?;
        let key = decode(&place.path).map_err(|_| code::INVALID_URI)?;
        let full = place.bucket.as_deref().unwrap_or("");
        let bucket = bucket_of(full, &service.account.appid);
        let mut call = Call {
            bucket: bucket.unwrap_or("").to_owned(),
            now: service.clock.now(),
            host_region: bucket::region_of_host(&parts.headers),
            is_anonymous: false,
            service,
            parts,
            params,
            op,
            key,
        };
        if place.is_path_style && call.service.xml.no_path_style {
            return Err(code::PATH_STYLE_DOMAIN_FORBIDDEN.into());
        }
        call.authorize()?;
        match op {
            // Nothing that a client tries again in the hope of better luck.
            Op::Unsupported => Err(Refusal::new(
                code::METHOD_NOT_ALLOWED,
                "The emulator does not have this sub-resource.",
            )),
            Op::WrongMethod => Err(code::METHOD_NOT_ALLOWED.into()),
            // Other accounts' buckets are none that the emulator knows.
            _ if place.bucket.is_some() && call.bucket.is_empty() => {
                Err(code::NO_SUCH_BUCKET.into())
            }
            _ => Ok(call),
        }
    }

    async fn perform(self: Arc<Self>, content: &mut Content) -> Result<Response, Refusal> {
        match self.op {
            Op::PutObject => put::put_object(self, content).await,
            Op::GetObject | Op::HeadObject => get::get_object(self).await,
            Op::CopyObject => copy::copy_object(self).await,
            Op::UploadPart => part::upload_part(self, content).await,
            Op::UploadPartCopy => part::upload_part_copy(self).await,
            Op::Complete => complete::complete(self, content).await,
            Op::DeleteObjects => delete::delete_objects(self, content).await,
            Op::PutAcl => acl::put_acl(self, content).await,
            Op::PutBucket => bucket::put_bucket(self, content).await,
            Op::PutVersioning => versioning::put(self, content).await,
            Op::PutConfiguration(which) => configurations::put(self, which, content).await,
            Op::PutTags => tags::put(self, content).await,
            Op::Restore => restore::restore(self, content).await,
            Op::Append => append::append(self, content).await,
            op => self.blocking(move |call| call.ask(op)).await,
        }
    }

    /// Operations without content.
    fn ask(&self, op: Op) -> Result<Response, Refusal> {
        match op {
            Op::DeleteObject => delete::delete_object(self),
            Op::ListObjects => list::list_objects(self),
            Op::ListVersions => versions::list_versions(self),
            Op::Initiate => upload::initiate(self),
            Op::ListParts => upload::list_parts(self),
            Op::Abort => upload::abort(self),
            Op::ListUploads => upload::list_uploads(self),
            Op::GetAcl => acl::get_acl(self),
            Op::GetLocation => bucket::location(self),
            Op::GetVersioning => versioning::get(self),
            Op::ListBuckets => bucket::list_buckets(self),
            Op::HeadBucket => bucket::head_bucket(self),
            Op::DeleteBucket => bucket::delete_bucket(self),
            Op::GetConfiguration(which) => configurations::get(self, which),
            Op::DeleteConfiguration(which) => configurations::delete(self, which),
            Op::GetTags => tags::get(self),
            Op::DeleteTags => tags::delete(self),
            Op::GetUnset(code) => bucket::unset(self, code),
            _ => Err(code::METHOD_NOT_ALLOWED.into()),
        }
    }

    // ------------------------------------------------------------------------------- the building

    async fn blocking<T: Send + 'static>(
        self: &Arc<Self>,
        work: impl FnOnce(&Call) -> Result<T, Refusal> + Send + 'static,
    ) -> Result<T, Refusal> {
        let call = Arc::clone(self);
        self.service.blocking(move |_| work(&call)).await
    }

    fn transaction<T>(
        &self,
        work: impl FnOnce(&mut Tx) -> Result<T, Refusal>,
    ) -> Result<T, Refusal> {
        self.service.store.transaction(work)
    }

    /// A header that is text and not empty.
    fn header(&self, name: &str) -> Option<&str> {
        let value = self.parts.headers.get(name)?.as_bytes();
        std::str::from_utf8(value).ok().filter(|v| !v.is_empty())
    }

    /// A parameter of the query; its name in lower case.
    fn param(&self, name: &str) -> Option<&str> {
        let found = self.params.iter().find(|(given, _)| given == name);
        found.map(|(_, value)| value.as_str())
    }

    /// The same; an empty one counts as absent.
    fn given(&self, name: &str) -> Option<&str> {
        self.param(name).filter(|text| !text.is_empty())
    }

    fn traits(&self) -> Traits {
        let given = self.parts.extensions.get::<Traits>().copied();
        let given = given.unwrap_or_default();
        let all = &self.service.xml.traits;
        Traits {
            no_crc64: given.no_crc64 || all.no_crc64,
            opaque_etag: given.opaque_etag || all.opaque_etag,
        }
    }

    fn full_bucket(&self) -> String {
        self.full_name(&self.bucket)
    }

    fn full_name(&self, bucket: &str) -> String {
        format!("{bucket}-{}", self.service.account.appid)
    }
}
