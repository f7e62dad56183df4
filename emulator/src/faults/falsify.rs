//! Faults of the service's logic: the connection is sound, and what it says or keeps is not.

use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::act::Hit;
use super::raw::Raw;
use super::rule::{Action, Canned};
use super::tamper;
use crate::names::Location;
use crate::xml_api::Spoilt;

impl Hit {
    pub async fn falsify(mut self, action: Action) -> Response {
        if matches!(action, Action::ForgetSession) {
            if let Err(refusal) = tamper::forget_session(&self.service, &self.target).await {
                return refusal.into_response();
            }
        }
        if matches!(action, Action::Corrupt) && self.target.has_content() {
            self.parts.extensions.insert(Spoilt);
            let raw = self.answer().await;
            return self.send(&raw, []);
        }
        let mut raw = if matches!(action, Action::InstantHit) {
            self.read_away().await;
            self.canned(&self.instant_hit())
        } else {
            self.answer().await
        };
        let is_done = matches!(raw.status, 200..300);
        let mut tampered = Ok(());
        match action {
            Action::WrongOffset(shift) => alter(&mut raw, |data| {
                if let Some(offset) = data["offset"].as_i64() {
                    data["offset"] = json!(offset.saturating_add(shift));
                }
            }),
            Action::SliceSize(size) => {
                let mut session = None;
                alter(&mut raw, |data| {
                    if data.get("slice_size").is_some() {
                        data["slice_size"] = json!(size);
                        session = data["session"].as_str().map(str::to_owned);
                    }
                });
                // A size that no session could use is only claimed.
                if let (Some(id), Ok(size @ 1..)) = (session, u64::try_from(size)) {
                    tampered = tamper::set_slice_size(&self.service, id, size).await;
                }
            }
            Action::Corrupt if self.target.is_download() => {
                if let Some(byte) = raw.body.first_mut() {
                    *byte ^= 1;
                }
            }
            Action::Corrupt if is_done => {
                let offset = self.tee.seen.sniff().offset.clone();
                let offset = offset.and_then(|text| text.parse().ok()).unwrap_or(0);
                tampered = tamper::corrupt(&self.service, &self.target, offset).await;
            }
            _ => {}
        }
        match tampered {
            Ok(()) => self.send(&raw, []),
            Err(refusal) => refusal.into_response(),
        }
    }

    fn instant_hit(&self) -> Canned {
        let (service, bucket, key) = (&self.service, &self.target.bucket, self.target.key());
        let base_url = service.base_url(&self.parts.headers);
        let url = service.download_url(&base_url, bucket, key);
        let location = Location {
            bucket: bucket.clone(),
            key: key.to_owned(),
        };
        let data = json!({
            "access_url": url,
            "source_url": url,
            "url": format!("{base_url}{}", service.json_path(bucket, key)),
            "resource_path": location.fileid(&service.account.appid),
        });
        Canned {
            status: 200,
            body: json!({"code": 0, "message": "SUCCESS", "data": data}).to_string(),
            headers: Vec::new(),
        }
    }
}

/// Changes the `data` of an answer of the JSON API.
fn alter(raw: &mut Raw, change: impl FnOnce(&mut Value)) {
    let body = serde_json::from_slice::<Value>(&raw.body).ok();
    if let Some(mut body) = body.filter(|body| body["data"].is_object()) {
        change(&mut body["data"]);
        raw.body = body.to_string().into_bytes();
        raw.set_length();
    }
}
