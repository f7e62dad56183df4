//! Requests in the caller's own words.

use super::Client;
use crate::config::request_options::{RequestHost, RequestOptions};
use crate::dialect::RawRequest;
use crate::error::{Error, Result};
use crate::model::encryption::KEY_HEADERS;
use crate::model::{Bucket, Method, Path, Reply, Target};

/// The largest body: it is in memory, and sent in one piece.
const BODY_MAX_BYTES: usize = 64 << 20;

impl Client {
    pub(crate) fn request(
        &self,
        bucket: &str,
        path: &str,
        request_json: &str,
        body: &[u8],
    ) -> Result<Reply> {
        let options = RequestOptions::parse(request_json)?;
        check_body(options.method, body)?;
        self.check_keys(&options)?;
        let request = RawRequest {
            target: self.place(options.host, bucket, path)?,
            options: &options,
            body,
        };
        self.call(|call| {
            let answer = self.dialect().raw_request(call, &request)?;
            Ok(call.answer(answer).into())
        })
    }

    /// A key that only the caller has goes to nobody who could read it on its way.
    fn check_keys(&self, options: &RequestOptions) -> Result<()> {
        let service = self.config().service.as_ref();
        let is_plain = service.is_some_and(|service| !service.is_tls());
        match KEY_HEADERS.iter().find(|name| options.has_header(name)) {
            Some(name) if is_plain => {
                let problem = format!(
                    "headers: {name}: goes over https alone, and the client's endpoint is http"
                );
                Err(Error::parameter("request_json", problem))
            }
            _ => Ok(()),
        }
    }

    /// What it is about; nothing for the account itself.
    fn place(&self, host: RequestHost, bucket: &str, path: &str) -> Result<Option<Target>> {
        let is_root = path.trim_matches('/').is_empty();
        if host == RequestHost::Service {
            let problem = "must be NULL or empty with \"host\":\"service\"";
            return match (bucket.is_empty(), is_root) {
                (true, true) => Ok(None),
                (false, _) => Err(Error::parameter("bucket", problem)),
                (_, false) => Err(Error::parameter("path", problem)),
            };
        }
        if is_root {
            return Ok(Some(Target::new(Bucket::new(bucket)?, Path::root("path"))));
        }
        self.file("path", bucket, path).map(Some)
    }
}

fn check_body(method: Method, body: &[u8]) -> Result<()> {
    if body.len() > BODY_MAX_BYTES {
        let problem = format!(
            "is {}, the limit is {BODY_MAX_BYTES}; qcos_upload_buffer takes more",
            body.len()
        );
        return Err(Error::parameter("len", problem));
    }
    let has_none = matches!(method, Method::Get | Method::Head | Method::Delete);
    if has_none && !body.is_empty() {
        let problem = format!("a {} request has none, len must be 0", method.name());
        return Err(Error::parameter("body", problem));
    }
    Ok(())
}
