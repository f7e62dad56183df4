//! Name lookup on the caller's own thread. ureq's resolver starts a thread for every request
//! that has a time limit, and that thread outlives the call (measured: quality.md §0.2).

use std::net::ToSocketAddrs;

use ureq::Error;
use ureq::config::Config;
use ureq::http::Uri;
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::NextTimeout;

use super::connect::NotConnected;
use crate::error::Kind;

/// Addresses of a host that are tried; the array that holds them takes no more.
const ADDRESSES_MAX: usize = 16;

#[derive(Debug)]
pub(super) struct SystemResolver;

impl Resolver for SystemResolver {
    fn resolve(
        &self,
        uri: &Uri,
        config: &Config,
        _: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, Error> {
        let unknown = |why: &dyn std::fmt::Display| NotConnected::error(Kind::Dns, why);
        let host_and_port = uri
            .scheme()
            .zip(uri.authority())
            .and_then(|(scheme, authority)| DefaultResolver::host_and_port(scheme, authority))
            .ok_or_else(|| unknown(&"the URL has no host"))?;
        let found = host_and_port.to_socket_addrs().map_err(|e| unknown(&e))?;

        let mut addresses = self.empty();
        for address in config.ip_family().keep_wanted(found).take(ADDRESSES_MAX) {
            addresses.push(address);
        }
        match addresses.is_empty() {
            true => Err(unknown(&"the host has no address")),
            false => Ok(addresses),
        }
    }
}
