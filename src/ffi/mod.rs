//! The C boundary: the only layer with `unsafe` and C types. Each function borrows its arguments,
//! calls the safe core inside a guard, and hands out one owned JSON reply.
//!
//! The order of the modules is the order of the header.

#![allow(unsafe_code)]
// The header tells C programmers what is safe; there are no Rust callers.
#![allow(clippy::missing_safety_doc)]
// Only the linker takes them then.
#![cfg_attr(not(feature = "rust-callers"), allow(dead_code, unused_imports))]

mod args;
mod callback;
mod guard;
mod handles;
mod memory;

mod types;
pub use types::*;

mod version;
pub use version::*;

mod client;
pub use client::*;

mod credentials;
pub use credentials::*;

mod trace;
pub use trace::*;

mod reply;
pub use reply::*;

mod sign;
pub use sign::*;

mod folder;
pub use folder::*;

mod list;
pub use list::*;

mod upload;
pub use upload::*;

mod download;
pub use download::*;

mod file;
pub use file::*;

mod copy;
pub use copy::*;
mod object;
pub use object::*;

mod tree;
pub use tree::*;

mod many;
pub use many::*;

mod buckets;
pub use buckets::*;

mod versions;
pub use versions::*;

mod request;
pub use request::*;

mod diagnose;
pub use diagnose::*;
