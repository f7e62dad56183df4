//! The calls that move bytes without files, as a Rust test makes them.

use std::ffi::c_void;
use std::path::Path;
use std::sync::atomic::AtomicU8;
use std::{ptr, slice};

use qcos::ffi::*;
use serde_json::{Map, Value};

use super::library::{BUCKET, Client, Report, c, c_path, take, trampoline};

/// What the callbacks of a call do.
struct Callbacks<'a> {
    read: &'a mut dyn FnMut(&mut [u8]) -> i64,
    write: &'a mut dyn FnMut(&[u8]) -> i32,
    report: &'a mut dyn FnMut(u64, u64) -> i32,
}

/// # Safety
/// `user_data` is what `Client` hands out below.
unsafe fn callbacks<'u>(user_data: *mut c_void) -> &'u mut Callbacks<'u> {
    unsafe { &mut *user_data.cast::<Callbacks>() }
}

unsafe extern "C" fn read(buffer: *mut c_void, size: usize, user_data: *mut c_void) -> i64 {
    // SAFETY: memory of this size, and our own callbacks.
    let (buffer, callbacks) = unsafe {
        let buffer = std::slice::from_raw_parts_mut(buffer.cast(), size);
        (buffer, callbacks(user_data))
    };
    (callbacks.read)(buffer)
}

unsafe extern "C" fn write(data: *const c_void, len: usize, user_data: *mut c_void) -> i32 {
    // SAFETY: bytes of this number, and our own callbacks.
    let (bytes, callbacks) = unsafe {
        let bytes = std::slice::from_raw_parts(data.cast(), len);
        (bytes, callbacks(user_data))
    };
    (callbacks.write)(bytes)
}

unsafe extern "C" fn report(done: u64, total: u64, user_data: *mut c_void) -> i32 {
    // SAFETY: our own callbacks.
    let callbacks = unsafe { callbacks(user_data) };
    (callbacks.report)(done, total)
}

impl Client {
    pub fn upload_stream(
        &self,
        dstpath: &str,
        options: &Value,
        read_more: &mut dyn FnMut(&mut [u8]) -> i64,
        report_to: &mut dyn FnMut(u64, u64) -> i32,
    ) -> Value {
        let (bucket, dstpath, options) = (c(BUCKET), c(dstpath), c(&options.to_string()));
        let mut callbacks = Callbacks {
            read: read_more,
            write: &mut |_| 0,
            report: report_to,
        };
        take(unsafe {
            qcos_upload_stream(
                self.0,
                bucket.as_ptr(),
                dstpath.as_ptr(),
                options.as_ptr(),
                Some(read),
                Some(report),
                ptr::from_mut(&mut callbacks).cast(),
            )
        })
    }

    /// Bytes as a stream, some at a time.
    pub fn upload_streamed(&self, dstpath: &str, options: &Value, bytes: &[u8]) -> Value {
        self.upload_stream(dstpath, options, &mut reader(bytes), &mut |_, _| 0)
    }

    pub fn upload_buffer_with(
        &self,
        content: &[u8],
        dstpath: &str,
        options: &Value,
        report_to: &mut dyn FnMut(u64, u64) -> i32,
    ) -> Value {
        let (bucket, dstpath, options) = (c(BUCKET), c(dstpath), c(&options.to_string()));
        let mut callbacks = Callbacks {
            read: &mut |_| 0,
            write: &mut |_| 0,
            report: report_to,
        };
        take(unsafe {
            qcos_upload_buffer_with(
                self.0,
                content.as_ptr().cast(),
                content.len(),
                bucket.as_ptr(),
                dstpath.as_ptr(),
                options.as_ptr(),
                Some(report),
                ptr::from_mut(&mut callbacks).cast(),
            )
        })
    }

    /// Memory that its owner may change while nobody reads it.
    pub fn upload_changing(
        &self,
        content: &[AtomicU8],
        dstpath: &str,
        report: &mut dyn FnMut(u64, u64) -> i32,
    ) -> Value {
        // SAFETY: the same layout.
        let bytes = unsafe { slice::from_raw_parts(content.as_ptr().cast(), content.len()) };
        self.upload_buffer_with(bytes, dstpath, &Value::Object(Map::new()), report)
    }

    pub fn download_with(&self, path: &str, file: &Path, options: &Value) -> Value {
        self.download_with_reporting(path, file, options, &mut |_, _| 0)
    }

    pub fn download_with_reporting(
        &self,
        path: &str,
        file: &Path,
        options: &Value,
        mut report: &mut Report,
    ) -> Value {
        let (bucket, path, options) = (c(BUCKET), c(path), c(&options.to_string()));
        let file = c_path(file);
        take(unsafe {
            qcos_download_with(
                self.0,
                bucket.as_ptr(),
                path.as_ptr(),
                file.as_ptr(),
                options.as_ptr(),
                Some(trampoline),
                ptr::from_mut(&mut report).cast(),
            )
        })
    }

    pub fn download_buffer(
        &self,
        path: &str,
        offset: i64,
        buffer: &mut [u8],
        options: &Value,
    ) -> Value {
        let (bucket, path, options) = (c(BUCKET), c(path), c(&options.to_string()));
        take(unsafe {
            qcos_download_buffer(
                self.0,
                bucket.as_ptr(),
                path.as_ptr(),
                offset,
                buffer.as_mut_ptr().cast(),
                buffer.len(),
                options.as_ptr(),
            )
        })
    }

    pub fn download_stream(
        &self,
        path: &str,
        options: &Value,
        write_to: &mut dyn FnMut(&[u8]) -> i32,
    ) -> Value {
        let (bucket, path, options) = (c(BUCKET), c(path), c(&options.to_string()));
        let mut callbacks = Callbacks {
            read: &mut |_| 0,
            write: write_to,
            report: &mut |_, _| 0,
        };
        take(unsafe {
            qcos_download_stream(
                self.0,
                bucket.as_ptr(),
                path.as_ptr(),
                options.as_ptr(),
                Some(write),
                ptr::from_mut(&mut callbacks).cast(),
            )
        })
    }
}

/// Hands bytes out, of odd numbers at a time.
pub fn reader(mut bytes: &[u8]) -> impl FnMut(&mut [u8]) -> i64 + '_ {
    const AT_ONCE: usize = 65_537;
    move |buffer| {
        let now = buffer.len().min(bytes.len()).min(AT_ONCE);
        let (first, rest) = bytes.split_at(now);
        buffer[..now].copy_from_slice(first);
        bytes = rest;
        i64::try_from(now).unwrap()
    }
}
