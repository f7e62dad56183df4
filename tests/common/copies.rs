//! Copies between places, as a Rust test calls them.

use std::ffi::{c_char, c_void};
use std::ptr;

use qcos::ffi::*;
use serde_json::Value;

use super::library::{Client, Report, c, take, trampoline};

type CopyFn = unsafe extern "C" fn(
    qcos_client,
    *const c_char,
    *const c_char,
    *const c_char,
    *const c_char,
    *const c_char,
    qcos_progress_fn,
    *mut c_void,
) -> *mut c_char;

impl Client {
    /// `from` and `to` are a bucket and a path.
    pub fn copy_with(
        &self,
        from: (&str, &str),
        to: (&str, &str),
        options: &Value,
        report: &mut Report,
    ) -> Value {
        self.copy(qcos_copy_with, from, to, options, report)
    }

    /// The same of folders.
    pub fn copy_tree(
        &self,
        from: (&str, &str),
        to: (&str, &str),
        options: &Value,
        report: &mut Report,
    ) -> Value {
        self.copy(qcos_copy_tree, from, to, options, report)
    }

    fn copy(
        &self,
        function: CopyFn,
        from: (&str, &str),
        to: (&str, &str),
        options: &Value,
        report: &mut Report,
    ) -> Value {
        let places = [from.0, from.1, to.0, to.1].map(c);
        let [bucket, path, dst_bucket, dst_path] = places.each_ref().map(|place| place.as_ptr());
        let options = c(&options.to_string());
        let mut report = report;
        take(unsafe {
            function(
                self.0,
                bucket,
                path,
                dst_bucket,
                dst_path,
                options.as_ptr(),
                Some(trampoline),
                ptr::from_mut(&mut report).cast(),
            )
        })
    }
}
