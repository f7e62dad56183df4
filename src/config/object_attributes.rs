//! What may be said of an object beside its content, whichever call makes it.

use serde_json::Value;

use super::Api;
use super::object_headers::{Named, Nulls, headers, meta, storage_class};
use super::options_json::text_of;
use crate::error::Result;
use crate::model::{ObjectAttributes, params};

impl ObjectAttributes {
    /// Whether the key is one of them; then it is set.
    pub(super) fn set(&mut self, api: Api, key: &str, value: &Value) -> Result<bool> {
        match key {
            "acl" => {
                self.acl = Some(
                    params::acl(text_of(key, value)?)
                        .map_err(|error| error.context("options_json"))?
                        .to_owned(),
                )
            }
            "storage_class" => self.storage_class = Some(storage_class(api, key, value)?),
            "headers" => self.add(|named| headers(key, value, Nulls::Refused, named))?,
            "meta" => self.add(|named| meta(key, value, Nulls::Refused, named))?,
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// A new object has nothing to remove.
    fn add(&mut self, read: impl FnOnce(&mut Named) -> Result<()>) -> Result<()> {
        let there = self.headers.drain(..);
        let mut named: Named = there.map(|(name, value)| (name, Some(value))).collect();
        read(&mut named)?;
        let given = |(name, value): (String, Option<String>)| Some((name, value?));
        self.headers = named.into_iter().filter_map(given).collect();
        Ok(())
    }
}
