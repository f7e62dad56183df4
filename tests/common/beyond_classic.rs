//! The C functions beyond those of the classic SDK, as a Rust test calls them.

use std::ffi::{CStr, c_char, c_void};
use std::path::Path;
use std::ptr;

use qcos::ffi::*;
use serde_json::Value;

use super::library::{BUCKET, Client, c, c_path, take};

type OnBucket = unsafe extern "C" fn(qcos_client, *const c_char) -> *mut c_char;

type OnFileWith =
    unsafe extern "C" fn(qcos_client, *const c_char, *const c_char, *const c_char) -> *mut c_char;

/// Takes a page of a list, and ends it with anything but 0.
pub type See<'a> = dyn FnMut(Value) -> i32 + 'a;

unsafe extern "C" fn seen(page: *const c_char, user_data: *mut c_void) -> i32 {
    // SAFETY: the reference that the call was given, and the library's text.
    unsafe {
        let see = &mut *user_data.cast::<&mut See>();
        let page = CStr::from_ptr(page).to_str().unwrap();
        see(serde_json::from_str(page).unwrap())
    }
}

impl Client {
    pub fn upload_with(&self, file: &Path, dstpath: &str, options: &Value) -> Value {
        let (file, bucket, dstpath) = (c_path(file), c(BUCKET), c(dstpath));
        let options = c(&options.to_string());
        take(unsafe {
            qcos_upload_with(
                self.0,
                file.as_ptr(),
                bucket.as_ptr(),
                dstpath.as_ptr(),
                options.as_ptr(),
                None,
                ptr::null_mut(),
            )
        })
    }

    /// Hands over each page until `see` says anything but 0.
    pub fn list_all(&self, path: &str, recursive: i32, mut see: &mut See) -> Value {
        let (bucket, path) = (c(BUCKET), c(path));
        take(unsafe {
            qcos_list_all(
                self.0,
                bucket.as_ptr(),
                path.as_ptr(),
                recursive,
                Some(seen),
                ptr::from_mut(&mut see).cast(),
            )
        })
    }

    /// The same of versions.
    pub fn list_versions(&self, path: &str, recursive: i32, mut see: &mut See) -> Value {
        let (bucket, path) = (c(BUCKET), c(path));
        take(unsafe {
            qcos_list_versions(
                self.0,
                bucket.as_ptr(),
                path.as_ptr(),
                recursive,
                Some(seen),
                ptr::from_mut(&mut see).cast(),
            )
        })
    }

    pub fn set_versioning(&self, status: &str) -> Value {
        self.set_versioning_of(BUCKET, status)
    }

    pub fn set_versioning_of(&self, bucket: &str, status: &str) -> Value {
        take(unsafe { qcos_set_versioning(self.0, c(bucket).as_ptr(), c(status).as_ptr()) })
    }

    pub fn get_versioning(&self) -> Value {
        take(unsafe { qcos_get_versioning(self.0, c(BUCKET).as_ptr()) })
    }

    /// What is listed that begins with a prefix.
    pub fn prefix_search_all(
        &self,
        path: &str,
        prefix: &str,
        recursive: i32,
        mut see: &mut See,
    ) -> Value {
        let (bucket, path, prefix) = (c(BUCKET), c(path), c(prefix));
        take(unsafe {
            qcos_prefix_search_all(
                self.0,
                bucket.as_ptr(),
                path.as_ptr(),
                prefix.as_ptr(),
                recursive,
                Some(seen),
                ptr::from_mut(&mut see).cast(),
            )
        })
    }

    /// One request in the service's own words; `None` for a bucket of NULL.
    pub fn request(&self, bucket: Option<&str>, path: &str, request: &Value, body: &[u8]) -> Value {
        let bucket = bucket.map(c);
        let (path, request) = (c(path), c(&request.to_string()));
        take(unsafe {
            qcos_request(
                self.0,
                bucket
                    .as_ref()
                    .map_or(ptr::null(), |bucket| bucket.as_ptr()),
                path.as_ptr(),
                request.as_ptr(),
                body.as_ptr().cast(),
                body.len(),
            )
        })
    }

    pub fn stat_with(&self, path: &str, options: &Value) -> Value {
        self.on_file_with(qcos_stat_with, path, options)
    }

    pub fn update_with(&self, path: &str, options: &Value) -> Value {
        self.on_file_with(qcos_update_with, path, options)
    }

    pub fn delete_with(&self, path: &str, options: &Value) -> Value {
        self.on_file_with(qcos_delete_with, path, options)
    }

    fn on_file_with(&self, call: OnFileWith, path: &str, options: &Value) -> Value {
        let (bucket, path, options) = (c(BUCKET), c(path), c(&options.to_string()));
        take(unsafe { call(self.0, bucket.as_ptr(), path.as_ptr(), options.as_ptr()) })
    }

    /// One request that somebody else sends.
    pub fn presign(&self, method: &str, path: &str, expires_s: i64, options: &Value) -> Value {
        let (method, bucket, path) = (c(method), c(BUCKET), c(path));
        let options = c(&options.to_string());
        take(unsafe {
            qcos_presign(
                self.0,
                method.as_ptr(),
                bucket.as_ptr(),
                path.as_ptr(),
                expires_s,
                options.as_ptr(),
            )
        })
    }

    /// A form that somebody else sends.
    pub fn post_policy(&self, options: &Value) -> Value {
        let (bucket, options) = (c(BUCKET), c(&options.to_string()));
        take(unsafe { qcos_post_policy(self.0, bucket.as_ptr(), options.as_ptr()) })
    }

    pub fn delete_files(&self, paths: &Value) -> Value {
        let (bucket, paths) = (c(BUCKET), c(&paths.to_string()));
        take(unsafe { qcos_delete_files(self.0, bucket.as_ptr(), paths.as_ptr()) })
    }

    pub fn delete_tree(&self, path: &str) -> Value {
        take(unsafe { qcos_delete_tree(self.0, c(BUCKET).as_ptr(), c(path).as_ptr()) })
    }

    pub fn set_acl(&self, path: &str, acl: &str) -> Value {
        let (bucket, path, acl) = (c(BUCKET), c(path), c(acl));
        take(unsafe { qcos_set_acl(self.0, bucket.as_ptr(), path.as_ptr(), acl.as_ptr()) })
    }

    pub fn get_acl(&self, path: &str) -> Value {
        take(unsafe { qcos_get_acl(self.0, c(BUCKET).as_ptr(), c(path).as_ptr()) })
    }

    pub fn set_tags(&self, path: &str, tags: &Value) -> Value {
        self.on_file_with(qcos_set_tags, path, tags)
    }

    pub fn get_tags(&self, path: &str) -> Value {
        take(unsafe { qcos_get_tags(self.0, c(BUCKET).as_ptr(), c(path).as_ptr()) })
    }

    pub fn restore_file(&self, path: &str, days: i32, tier: &str) -> Value {
        let (bucket, path, tier) = (c(BUCKET), c(path), c(tier));
        take(unsafe {
            qcos_restore_file(self.0, bucket.as_ptr(), path.as_ptr(), days, tier.as_ptr())
        })
    }

    pub fn append(&self, bytes: &[u8], path: &str, position: usize, options: &Value) -> Value {
        let (bucket, path, options) = (c(BUCKET), c(path), c(&options.to_string()));
        take(unsafe {
            qcos_append(
                self.0,
                bytes.as_ptr().cast(),
                bytes.len(),
                bucket.as_ptr(),
                path.as_ptr(),
                i64::try_from(position).unwrap(),
                options.as_ptr(),
            )
        })
    }

    pub fn list_uploads(&self, path: &str) -> Value {
        take(unsafe { qcos_list_uploads(self.0, c(BUCKET).as_ptr(), c(path).as_ptr()) })
    }

    pub fn abort_upload(&self, path: &str, session: &str) -> Value {
        let (bucket, path, session) = (c(BUCKET), c(path), c(session));
        take(unsafe { qcos_abort_upload(self.0, bucket.as_ptr(), path.as_ptr(), session.as_ptr()) })
    }

    pub fn create_bucket(&self, bucket: &str, acl: &str) -> Value {
        take(unsafe { qcos_create_bucket(self.0, c(bucket).as_ptr(), c(acl).as_ptr()) })
    }

    pub fn head_bucket(&self, bucket: &str) -> Value {
        self.on_bucket(qcos_head_bucket, bucket)
    }

    pub fn diagnose(&self, bucket: &str) -> Value {
        self.on_bucket(qcos_diagnose, bucket)
    }

    pub fn delete_bucket(&self, bucket: &str) -> Value {
        self.on_bucket(qcos_delete_bucket, bucket)
    }

    fn on_bucket(&self, call: OnBucket, bucket: &str) -> Value {
        take(unsafe { call(self.0, c(bucket).as_ptr()) })
    }

    pub fn list_buckets(&self) -> Value {
        take(unsafe { qcos_list_buckets(self.0) })
    }
}

/// Hands over the elements of an array, as the texts that the library gives, until `see` says anything
/// but 0.
pub fn reply_each(reply: &str, pointer: &str, see: &mut dyn FnMut(&CStr) -> i32) -> i32 {
    unsafe extern "C" fn item(item: *const c_char, user_data: *mut c_void) -> i32 {
        // SAFETY: the reference that was given below, and the library's text.
        unsafe {
            let see = &mut *user_data.cast::<&mut dyn FnMut(&CStr) -> i32>();
            see(CStr::from_ptr(item))
        }
    }
    let (reply, pointer) = (c(reply), c(pointer));
    let mut see = see;
    unsafe {
        qcos_reply_each(
            reply.as_ptr(),
            pointer.as_ptr(),
            Some(item),
            ptr::from_mut(&mut see).cast(),
        )
    }
}

/// A value of a reply; `None` for NULL.
pub fn reply_get(reply: &CStr, pointer: &str) -> Option<String> {
    // SAFETY: strings, and what the library gives is freed once.
    unsafe {
        let value = qcos_reply_get(reply.as_ptr(), c(pointer).as_ptr());
        (!value.is_null()).then(|| {
            let text = CStr::from_ptr(value).to_str().unwrap().to_owned();
            qcos_string_free(value);
            text
        })
    }
}
