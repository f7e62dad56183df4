//! libqcos: a C library for Tencent Cloud Object Storage. Its interface is `include/qcos.h`,
//! generated from `ffi`; everything else here is safe Rust that knows no C type. The crate is no Rust
//! API: it shows nothing to Rust programs, so that none links it by accident and gets its heap, which
//! wipes what is given back. The tests, which are Rust programs, have the feature `rust-callers`.
//!
//! Data flows one way: C arguments → checked request (`client`) → `dialect` → `exchange` → `transport` →
//! reply.

// A size that becomes another on a smaller machine has no place here; tests reckon with small ones.
#![cfg_attr(
    not(test),
    deny(
        clippy::cast_possible_truncation,
        clippy::cast_possible_wrap,
        clippy::cast_sign_loss
    )
)]

mod base;
mod client;
mod config;
mod dialect;
mod error;
mod exchange;
#[cfg(not(feature = "rust-callers"))]
mod ffi;
#[cfg(feature = "rust-callers")]
pub mod ffi;
mod local;
mod model;
mod system;
mod transfer;
mod transport;
