//! libqcos: a C library for Tencent Cloud Object Storage. Its interface is `include/qcos.h`,
//! generated from `ffi`; everything else here is safe Rust that knows no C type.
//!
//! Data flows one way: C arguments → checked request → dialect (`api`) → `transport` → dialect →
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

mod account;
mod api;
mod buckets;
mod cancel;
mod client;
mod clock;
mod config;
mod crc64;
mod error;
pub mod ffi;
mod hex;
mod key;
mod local;
mod many;
mod operations;
mod pages;
mod panics;
mod params;
mod partial;
mod path;
mod quoted;
mod random;
mod reply;
mod retry;
mod secrets;
mod size;
mod threads;
mod transfer;
mod transport;
