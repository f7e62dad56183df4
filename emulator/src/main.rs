//! qcos-emulator: Tencent COS on this machine. See README.md for how the source is laid out.

#![forbid(unsafe_code)]
#![deny(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss
)]
#![warn(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod auth;
mod body;
mod clock;
mod download;
mod faults;
mod instance_role;
mod json_api;
mod keys;
mod names;
mod options;
mod query;
mod refusal;
mod route;
mod server;
mod service;
mod signals;
mod store;
mod tls;
mod xml_api;
mod xml_options;

use std::io::Write;
use std::process::ExitCode;

use tokio::net::TcpListener;

use auth::Account;
use clock::Clock;
use faults::Faults;
use instance_role::Role;
use options::{Options, Stop};
use service::Service;
use signals::Signals;
use store::{Store, Versioning};
use xml_options::{Permissions, Traits, XmlOptions};

/// A fault of the machine, and of the command line.
const FAILED: u8 = 1;
const MISUSED: u8 = 2;

fn main() -> ExitCode {
    let options = match Options::read() {
        Ok(options) => options,
        Err(Stop::Help(text)) => {
            let _ = write!(std::io::stdout(), "{text}");
            return ExitCode::SUCCESS;
        }
        Err(Stop::Wrong(message)) => {
            eprintln!("qcos-emulator: {message} (--help tells more)");
            return ExitCode::from(MISUSED);
        }
    };
    let done = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| format!("cannot start: {error}"))
        .and_then(|runtime| runtime.block_on(run(options)));
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("qcos-emulator: {message}");
            ExitCode::from(FAILED)
        }
    }
}

async fn run(options: Options) -> Result<(), String> {
    let store = Store::open(&options.data)
        .map_err(|error| format!("cannot use data folder {}: {error}", options.data.display()))?;
    let listening = |error| format!("cannot listen on {}: {error}", options.listen);
    let files = options.tls_certificate.zip(options.tls_key);
    let acceptor = files.map(|(certificate, key)| tls::acceptor(&certificate, &key));
    let acceptor = acceptor.transpose()?;
    let listener = TcpListener::bind(options.listen).await.map_err(listening)?;
    let address = listener.local_addr().map_err(listening)?;
    if !address.ip().is_loopback() {
        eprintln!("qcos-emulator: warning: a test tool, and {address} can be reached from outside");
    }
    let signals = Signals::catch().map_err(|error| format!("cannot catch signals: {error}"))?;
    let service = Service {
        account: Account {
            appid: options.appid,
            secret_id: options.secret_id,
            secret_key: options.secret_key,
        },
        any_bucket: options.buckets.is_empty(),
        private: options.private,
        xml: XmlOptions {
            region: options.region,
            default_bucket: options.default_bucket,
            security_token: options.security_token,
            permissions: Permissions::of(options.allow),
            traits: Traits {
                no_crc64: options.no_crc64,
                opaque_etag: options.opaque_etags,
            },
            strict_keys: options.strict_keys,
            no_path_style: options.no_path_style,
            versioning: options
                .versioning_suspended
                .then_some(Versioning::Suspended),
        },
        role: options.role.map(|name| Role {
            name,
            life: i64::from(options.role_life),
        }),
        clock: Clock::new(options.now),
        store,
        address,
    };
    let faults = Faults::new(address.ip().is_loopback() || options.faults);
    service
        .make_buckets(&options.buckets)
        .map_err(|error| format!("cannot make the buckets: {error}"))?;
    // Whoever started us may have closed our output; that is no reason not to serve.
    let mut out = std::io::stdout();
    let _ = writeln!(out, "qcos-emulator ready at http://{address}").and_then(|()| out.flush());
    server::serve((listener, acceptor), service, faults, signals.stop(FAILED)).await;
    Ok(())
}
