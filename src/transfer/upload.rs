//! A file or a buffer to an object, whole or in slices as its size asks for.

use std::path::Path;

use serde_json::Value;

use super::digest;
use super::progress::Progress;
use super::slices;
use super::source::Source;
use crate::api::{Operation, Target};
use crate::client::{Call, Client};
use crate::error::{Error, Kind, Meaning, Result};
use crate::reply::Reply;

/// Larger files go in slices, as in the classic SDK (json-api.md §2.8).
const WHOLE_MAX_BYTES: u64 = 8 << 20;

/// Parameters of an upload that are the same whichever way it goes.
pub(crate) struct Upload<'a> {
    pub(crate) target: Target,
    pub(crate) biz_attr: &'a str,
}

impl Upload<'_> {
    /// A file of any size.
    pub(crate) fn file(
        &self,
        client: &Client,
        filepath: &Path,
        mut progress: Progress,
    ) -> Result<Reply> {
        let call = client.call();
        let source = Source::open(filepath)?;
        progress.set_total(source.size());
        if source.size() <= WHOLE_MAX_BYTES {
            self.whole_file(&call, &source, &mut progress)
        } else {
            let slice_size = client.config().slice_size;
            slices::upload(self, &call, &source, slice_size, None, &mut progress)
        }
    }

    /// A file of any size, in slices; goes on with `session` where it stopped.
    pub(crate) fn file_in_slices(
        &self,
        client: &Client,
        filepath: &Path,
        slice_size: u64,
        session: Option<&str>,
        mut progress: Progress,
    ) -> Result<Reply> {
        let call = client.call();
        let source = Source::open(filepath)?;
        progress.set_total(source.size());
        if source.size() == 0 {
            // There is no slice to send.
            return self.whole_file(&call, &source, &mut progress);
        }
        slices::upload(self, &call, &source, slice_size, session, &mut progress)
    }

    /// Bytes in memory, in one request.
    pub(crate) fn buffer(&self, client: &Client, content: &[u8]) -> Result<Reply> {
        let max = crate::api::json::UPLOAD_MAX_BYTES;
        if content.len() > max {
            let problem = format!(
                "is {}, one request takes {max} bytes; qcos_upload_slice takes any file",
                content.len()
            );
            return Err(Error::parameter("len", problem));
        }
        self.content(&client.call(), content, &mut Progress::new(None))
    }

    fn whole_file(&self, call: &Call, source: &Source, progress: &mut Progress) -> Result<Reply> {
        let mut content = vec![0; source.size() as usize];
        source.read_at(&mut content, 0)?;
        source.unchanged()?;
        self.content(call, &content, progress)
    }

    fn content(&self, call: &Call, content: &[u8], progress: &mut Progress) -> Result<Reply> {
        progress.start(0)?;
        let sha1 = digest::of_bytes(content);
        let operation = Operation::Upload {
            content,
            sha1: &sha1,
            biz_attr: self.biz_attr,
            overwrite: call.client().config().overwrite,
        };
        let reply = call.send(&self.target, &operation, &mut |sent| progress.advance(sent))?;
        self.confirm(call, content.len() as u64, &sha1)?;
        progress.finish();
        Ok(reply)
    }

    /// Asks what the service holds now: it must be what was read here.
    pub(super) fn confirm(&self, call: &Call, size: u64, sha1: &str) -> Result<()> {
        let stat = call.ask(&self.target, &Operation::Stat);
        let held = match stat {
            Err(error) if error.meaning == Some(Meaning::NotFound) => {
                let message = "the service said that the upload is complete, and holds nothing";
                return Err(Error::new(Kind::Integrity, message).answered(error.httpcode));
            }
            Err(mut error) => {
                let prefix = "uploaded, but asking what the service holds failed";
                error.message = format!("{prefix}: {}", error.message);
                return Err(error);
            }
            Ok(held) => held,
        };
        let text = |key: &str| held.data.get(key).and_then(Value::as_str);
        let number = |key: &str| held.data.get(key).and_then(Value::as_u64);
        let same_sha = text("sha").is_none_or(|held| held.eq_ignore_ascii_case(sha1));
        let same_size = ["filesize", "filelen"]
            .iter()
            .all(|key| number(key).is_none_or(|held| held == size));
        if same_sha && same_size {
            return Ok(());
        }
        let message = format!(
            "the service holds {} bytes with SHA-1 {}, {size} bytes with SHA-1 {sha1} were sent",
            number("filelen").map_or("?".to_owned(), |n| n.to_string()),
            text("sha").unwrap_or("?"),
        );
        Err(Error::new(Kind::Integrity, message).answered(held.httpcode))
    }
}
