//! The C functions as a Rust test calls them: through the boundary, replies parsed and freed.

use std::ffi::{CStr, CString, c_char, c_void};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::ptr;

use qcos::ffi::*;
use serde_json::{Value, json};

use super::TempDir;
use super::emulator::{APPID, SECRET_ID, SECRET_KEY};

/// Parses and frees a reply.
pub fn take(reply: *mut c_char) -> Value {
    assert!(!reply.is_null(), "a reply is never NULL");
    // SAFETY: the library made it, and it is freed once.
    unsafe {
        let text = CStr::from_ptr(reply).to_str().unwrap().to_owned();
        qcos_string_free(reply);
        serde_json::from_str(&text).unwrap_or_else(|e| panic!("{e}: {text}"))
    }
}

pub fn c(text: &str) -> CString {
    CString::new(text).unwrap()
}

pub fn c_path(path: &Path) -> CString {
    CString::new(path.as_os_str().as_bytes()).unwrap()
}

pub fn code(reply: &Value) -> i64 {
    reply["code"].as_i64().unwrap()
}

pub fn kind(reply: &Value) -> &str {
    reply["error"]["kind"].as_str().unwrap_or_default()
}

pub fn message(reply: &Value) -> &str {
    reply["message"].as_str().unwrap()
}

/// The reply of a call that must succeed.
#[track_caller]
pub fn ok(reply: Value) -> Value {
    assert_eq!(code(&reply), 0, "{reply}");
    reply
}

/// Every API that a client can speak.
pub const APIS: [&str; 2] = ["json", "xml"];

/// An open client on the bucket `testbucket`.
pub struct Client(pub qcos_client);

pub const BUCKET: &str = "testbucket";

pub type Report<'a> = dyn FnMut(u64, u64) -> i32 + 'a;

/// The total of a progress report as long as the size is not known.
pub const UNKNOWN: u64 = (1 << 53) - 1;

/// The reports of a transfer since its size was known. On a busy machine some come before that.
pub fn sized(reports: &[(u64, u64)]) -> &[(u64, u64)] {
    let known = reports.iter().position(|(_, total)| *total != UNKNOWN);
    let (before, sized) = reports.split_at(known.expect("a size"));
    assert!(before.iter().all(|(done, _)| *done == 0), "{reports:?}");
    sized
}

pub unsafe extern "C" fn trampoline(done: u64, total: u64, user_data: *mut c_void) -> i32 {
    // SAFETY: the wrappers below hand out a pointer to such a reference.
    let report = unsafe { &mut *user_data.cast::<&mut Report>() };
    report(done, total)
}

impl Client {
    pub fn open(endpoint: &str) -> Client {
        Client::open_with(endpoint, json!({}))
    }

    pub fn open_with(endpoint: &str, mut options: Value) -> Client {
        options["endpoint"] = endpoint.into();
        let (reply, handle) = open(APPID, SECRET_ID, SECRET_KEY, Some(&options.to_string()));
        ok(reply);
        Client(handle)
    }

    /// Speaks the API of that name, with a service on this machine.
    pub fn speaking(api: &str, endpoint: &str, mut options: Value) -> Client {
        options["api"] = api.into();
        if api == "xml" {
            options["region"] = "ap-guangzhou".into();
        }
        Client::open_with(endpoint, options)
    }

    pub fn sign_more(&self, expired: i64) -> Value {
        take(unsafe { qcos_sign_more(self.0, c(BUCKET).as_ptr(), expired) })
    }

    pub fn sign_once(&self, fileid: &str) -> Value {
        take(unsafe { qcos_sign_once(self.0, c(BUCKET).as_ptr(), c(fileid).as_ptr()) })
    }

    pub fn create_folder(&self, path: &str, biz_attr: &str) -> Value {
        let (bucket, path, attr) = (c(BUCKET), c(path), c(biz_attr));
        take(unsafe { qcos_create_folder(self.0, bucket.as_ptr(), path.as_ptr(), attr.as_ptr()) })
    }

    pub fn update_folder(&self, path: &str, biz_attr: &str) -> Value {
        let (bucket, path, attr) = (c(BUCKET), c(path), c(biz_attr));
        take(unsafe { qcos_update_folder(self.0, bucket.as_ptr(), path.as_ptr(), attr.as_ptr()) })
    }

    pub fn stat_folder(&self, path: &str) -> Value {
        take(unsafe { qcos_stat_folder(self.0, c(BUCKET).as_ptr(), c(path).as_ptr()) })
    }

    pub fn delete_folder(&self, path: &str) -> Value {
        take(unsafe { qcos_delete_folder(self.0, c(BUCKET).as_ptr(), c(path).as_ptr()) })
    }

    pub fn update_file(&self, path: &str, biz_attr: &str) -> Value {
        let (bucket, path, attr) = (c(BUCKET), c(path), c(biz_attr));
        take(unsafe { qcos_update_file(self.0, bucket.as_ptr(), path.as_ptr(), attr.as_ptr()) })
    }

    pub fn stat_file(&self, path: &str) -> Value {
        take(unsafe { qcos_stat_file(self.0, c(BUCKET).as_ptr(), c(path).as_ptr()) })
    }

    pub fn delete_file(&self, path: &str) -> Value {
        take(unsafe { qcos_delete_file(self.0, c(BUCKET).as_ptr(), c(path).as_ptr()) })
    }

    pub fn list(&self, path: &str, num: i32, pattern: &str, order: i32, context: &str) -> Value {
        let (bucket, path, pattern, context) = (c(BUCKET), c(path), c(pattern), c(context));
        take(unsafe {
            qcos_list(
                self.0,
                bucket.as_ptr(),
                path.as_ptr(),
                num,
                pattern.as_ptr(),
                order,
                context.as_ptr(),
            )
        })
    }

    pub fn prefix_search(&self, path: &str, prefix: &str, num: i32, context: &str) -> Value {
        let (bucket, path, prefix, context) = (c(BUCKET), c(path), c(prefix), c(context));
        take(unsafe {
            qcos_prefix_search(
                self.0,
                bucket.as_ptr(),
                path.as_ptr(),
                prefix.as_ptr(),
                num,
                ptr::null(),
                0,
                context.as_ptr(),
            )
        })
    }

    pub fn upload(&self, file: &Path, dstpath: &str) -> Value {
        self.upload_reporting(file, dstpath, &mut |_, _| 0)
    }

    pub fn upload_reporting(&self, file: &Path, dstpath: &str, report: &mut Report) -> Value {
        let (file, bucket, dstpath) = (c_path(file), c(BUCKET), c(dstpath));
        let mut report = report;
        take(unsafe {
            qcos_upload(
                self.0,
                file.as_ptr(),
                bucket.as_ptr(),
                dstpath.as_ptr(),
                ptr::null(),
                Some(trampoline),
                ptr::from_mut(&mut report).cast(),
            )
        })
    }

    pub fn download(&self, path: &str, file: &Path) -> Value {
        self.download_reporting(path, file, &mut |_, _| 0)
    }

    pub fn download_reporting(&self, path: &str, file: &Path, report: &mut Report) -> Value {
        let (bucket, path, file) = (c(BUCKET), c(path), c_path(file));
        let mut report = report;
        take(unsafe {
            qcos_download(
                self.0,
                bucket.as_ptr(),
                path.as_ptr(),
                file.as_ptr(),
                Some(trampoline),
                ptr::from_mut(&mut report).cast(),
            )
        })
    }

    pub fn download_url(&self, path: &str, expires_s: i64) -> Value {
        take(unsafe { qcos_download_url(self.0, c(BUCKET).as_ptr(), c(path).as_ptr(), expires_s) })
    }

    pub fn move_file(&self, path: &str, dst_path: &str, overwrite: i32) -> Value {
        let (bucket, path, dst) = (c(BUCKET), c(path), c(dst_path));
        take(unsafe {
            qcos_move_file(
                self.0,
                bucket.as_ptr(),
                path.as_ptr(),
                dst.as_ptr(),
                overwrite,
            )
        })
    }

    pub fn copy_file(&self, path: &str, dst_path: &str, overwrite: i32) -> Value {
        let (bucket, path, dst) = (c(BUCKET), c(path), c(dst_path));
        take(unsafe {
            qcos_copy_file(
                self.0,
                bucket.as_ptr(),
                path.as_ptr(),
                dst.as_ptr(),
                overwrite,
            )
        })
    }

    pub fn upload_buffer(&self, content: &[u8], dstpath: &str, biz_attr: &str) -> Value {
        let (bucket, dstpath, attr) = (c(BUCKET), c(dstpath), c(biz_attr));
        take(unsafe {
            qcos_upload_buffer(
                self.0,
                content.as_ptr().cast(),
                content.len(),
                bucket.as_ptr(),
                dstpath.as_ptr(),
                attr.as_ptr(),
            )
        })
    }

    pub fn upload_slice(
        &self,
        file: &Path,
        dstpath: &str,
        slice_size: u64,
        session: &str,
        report: &mut Report,
    ) -> Value {
        let (file, bucket, dstpath, session) = (c_path(file), c(BUCKET), c(dstpath), c(session));
        let mut report = report;
        take(unsafe {
            qcos_upload_slice(
                self.0,
                file.as_ptr(),
                bucket.as_ptr(),
                dstpath.as_ptr(),
                ptr::null(),
                slice_size,
                session.as_ptr(),
                Some(trampoline),
                ptr::from_mut(&mut report).cast(),
            )
        })
    }

    pub fn upload_tree(
        &self,
        dir: &Path,
        dstpath: &str,
        options: &str,
        report: &mut Report,
    ) -> Value {
        let (dir, bucket, dstpath, options) = (c_path(dir), c(BUCKET), c(dstpath), c(options));
        let mut report = report;
        take(unsafe {
            qcos_upload_tree(
                self.0,
                dir.as_ptr(),
                bucket.as_ptr(),
                dstpath.as_ptr(),
                options.as_ptr(),
                Some(trampoline),
                ptr::from_mut(&mut report).cast(),
            )
        })
    }

    pub fn download_tree(
        &self,
        path: &str,
        dir: &Path,
        options: &str,
        report: &mut Report,
    ) -> Value {
        let (bucket, path, dir, options) = (c(BUCKET), c(path), c_path(dir), c(options));
        let mut report = report;
        take(unsafe {
            qcos_download_tree(
                self.0,
                bucket.as_ptr(),
                path.as_ptr(),
                dir.as_ptr(),
                options.as_ptr(),
                Some(trampoline),
                ptr::from_mut(&mut report).cast(),
            )
        })
    }
}

impl Client {
    /// Checks that the service holds just this content.
    #[track_caller]
    pub fn holds(&self, path: &str, content: &[u8]) {
        let files = TempDir::new();
        ok(self.download(path, &files.join("f")));
        assert!(std::fs::read(files.join("f")).unwrap() == content, "{path}");
        let stat = ok(self.stat_file(path));
        assert_eq!(stat["data"]["filesize"], content.len());
    }

    /// A client that is derived from this one.
    pub fn with(&self, options: &Value) -> Client {
        let (reply, derived) = self.try_with(Some(&options.to_string()));
        ok(reply);
        Client(derived)
    }

    pub fn try_with(&self, options: Option<&str>) -> (Value, qcos_client) {
        let options = options.map(c);
        let mut derived = 42;
        let reply = unsafe {
            qcos_client_with(
                self.0,
                options.as_ref().map_or(ptr::null(), |o| o.as_ptr()),
                &mut derived,
            )
        };
        (take(reply), derived)
    }

    pub fn cancel(&self) {
        qcos_client_cancel(self.0);
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        qcos_client_close(self.0);
    }
}

/// Opens a client with any parameters; the handle is 0 when that fails.
pub fn open(
    appid: &str,
    secret_id: &str,
    secret_key: &str,
    options: Option<&str>,
) -> (Value, qcos_client) {
    let (appid, id, key) = (c(appid), c(secret_id), c(secret_key));
    let options = options.map(c);
    let mut handle = 42;
    let reply = unsafe {
        qcos_client_open(
            appid.as_ptr(),
            id.as_ptr(),
            key.as_ptr(),
            options.as_ref().map_or(ptr::null(), |o| o.as_ptr()),
            &mut handle,
        )
    };
    (take(reply), handle)
}
