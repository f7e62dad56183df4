//! Name lookup on the caller's own thread. ureq's resolver starts a thread for every request
//! that has a time limit, and that thread outlives the call (measured: quality.md §0.2).

use std::fmt;
use std::io;
use std::net::ToSocketAddrs;

use ureq::Error;
use ureq::config::Config;
use ureq::http::Uri;
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::NextTimeout;

#[derive(Debug)]
pub(super) struct SystemResolver;

/// Marks a failed lookup inside an `io::Error`, so that it can be told from a failed connect.
#[derive(Debug)]
pub(super) struct LookupFailed(String);

impl fmt::Display for LookupFailed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for LookupFailed {}

impl Resolver for SystemResolver {
    fn resolve(
        &self,
        uri: &Uri,
        config: &Config,
        _: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, Error> {
        let host_and_port = uri
            .scheme()
            .zip(uri.authority())
            .and_then(|(scheme, authority)| DefaultResolver::host_and_port(scheme, authority))
            .ok_or_else(|| Error::BadUri("no host".to_owned()))?;
        let found = host_and_port
            .to_socket_addrs()
            .map_err(|e| Error::Io(io::Error::other(LookupFailed(e.to_string()))))?;

        let mut addresses = self.empty();
        // The array behind it holds 16 and panics on more.
        for address in config.ip_family().keep_wanted(found).take(16) {
            addresses.push(address);
        }
        if addresses.is_empty() {
            return Err(Error::HostNotFound);
        }
        Ok(addresses)
    }
}
