//! Where the service and the credentials are, as options name it: the parts make sense together only.

use super::Api;
use super::credentials::NamedOrigin;
use super::service::{Addressing, Reach};
use super::setting::{Setting, addressing, reach, region};
use crate::error::Result;

#[derive(Default)]
pub(super) struct Named {
    pub(super) region: Option<String>,
    pub(super) endpoint: Option<String>,
    pub(super) addressing: Option<Addressing>,
    pub(super) reach: Reach,
    pub(super) origin: NamedOrigin,
}

impl Named {
    /// Whether the option is one of them; then it is set.
    pub(super) fn set(&mut self, api: Api, option: &Setting) -> Result<bool> {
        let of_xml = || option.only_with(api, Api::Xml);
        match option.key {
            "region" => self.region = Some(region(of_xml()?)?),
            "addressing" => self.addressing = Some(addressing(of_xml()?)?),
            "network" => self.reach = reach(of_xml()?)?,
            "security_token" | "credentials" | "metadata_endpoint" => {
                self.origin.set(api, option)?
            }
            _ => return Ok(false),
        }
        Ok(true)
    }
}
