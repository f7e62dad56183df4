//! The C functions, called as a host program does.

use std::ffi::{CStr, CString, c_char, c_void};
use std::ptr;
use std::sync::LazyLock;

use qcos::ffi::*;

use super::service;

pub const FILE: &str = "dir/file";

#[derive(Clone, Copy)]
pub enum Api {
    Json,
    Xml,
}

pub struct Client(qcos_client);

fn c(text: &str) -> CString {
    CString::new(text).unwrap()
}

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

unsafe extern "C" fn page(_: *const c_char, _: *mut c_void) -> i32 {
    0
}

/// Every reply is a JSON object with a code.
fn take(reply: *mut c_char) -> String {
    assert!(!reply.is_null());
    // SAFETY: the library made it, and it is freed once.
    unsafe {
        let text = CStr::from_ptr(reply).to_str().unwrap().to_owned();
        let code = qcos_reply_get(reply, c"/code".as_ptr());
        assert!(!code.is_null(), "{text}");
        qcos_string_free(code);
        qcos_string_free(reply);
        assert!(!text.contains("QCOS_ERR_INTERNAL"), "{text}");
        text
    }
}

impl Client {
    /// The one client of each API.
    pub fn of(api: Api) -> &'static Client {
        static JSON: LazyLock<Client> = LazyLock::new(|| Client::open(""));
        static XML: LazyLock<Client> =
            LazyLock::new(|| Client::open(r#","api":"xml","region":"ap-x""#));
        match api {
            Api::Json => &JSON,
            Api::Xml => &XML,
        }
    }

    fn open(more: &str) -> Client {
        let options = format!(
            r#"{{"endpoint":"{}","retries":0,"timeout_ms":2000{more}}}"#,
            *service::URL
        );
        let mut client = 0;
        let (appid, id, key) = (c("10000001"), c("id"), c("key"));
        let options = c(&options);
        // SAFETY: strings, and a place for the handle.
        let reply = unsafe {
            qcos_client_open(
                appid.as_ptr(),
                id.as_ptr(),
                key.as_ptr(),
                options.as_ptr(),
                &mut client,
            )
        };
        take(reply);
        assert_ne!(client, 0);
        Client(client)
    }

    pub fn stat(&self, path: &str) -> String {
        let (bucket, path) = (c("testbucket"), c(path));
        // SAFETY: strings.
        take(unsafe { qcos_stat_file(self.0, bucket.as_ptr(), path.as_ptr()) })
    }

    pub fn upload(&self, content: &[u8], path: &str, attribute: &str) -> String {
        let (bucket, path, attribute) = (c("testbucket"), c(path), c(attribute));
        // SAFETY: bytes and strings.
        take(unsafe {
            qcos_upload_buffer(
                self.0,
                content.as_ptr().cast(),
                content.len(),
                bucket.as_ptr(),
                path.as_ptr(),
                attribute.as_ptr(),
            )
        })
    }

    /// One of the questions whose answers differ.
    pub fn ask(&self, which: u8) {
        let (bucket, path, other) = (c("testbucket"), c(FILE), c("other"));
        let (bucket, path, other) = (bucket.as_ptr(), path.as_ptr(), other.as_ptr());
        let (paths, version) = (c(r#"["a","b/c"]"#), c(r#"{"version_id":"v"}"#));
        let (changes, tags) = (c(r#"{"meta":{"a":"b"}}"#), c(r#"{"a":"b"}"#));
        let request = c(r#"{"method":"GET"}"#);
        let (client, none) = (self.0, ptr::null());
        // SAFETY: strings, and NULL where it may be.
        take(unsafe {
            match which % 24 {
                0 => qcos_stat_file(client, bucket, path),
                1 => qcos_list(client, bucket, path, 0, none, 0, none),
                2 => qcos_create_folder(client, bucket, path, none),
                3 => qcos_upload_buffer(client, b"x".as_ptr().cast(), 1, bucket, path, none),
                4 => qcos_copy_file(client, bucket, path, other, 1),
                5 => qcos_delete_files(client, bucket, paths.as_ptr()),
                6 => qcos_list_uploads(client, bucket, path),
                7 => qcos_get_acl(client, bucket, path),
                8 => qcos_list_buckets(client),
                9 => qcos_delete_tree(client, bucket, path),
                10 => qcos_stat_with(client, bucket, path, version.as_ptr()),
                11 => qcos_delete_with(client, bucket, path, version.as_ptr()),
                12 => qcos_update_with(client, bucket, path, changes.as_ptr()),
                13 => qcos_get_versioning(client, bucket),
                14 => qcos_list_versions(client, bucket, path, 1, Some(page), ptr::null_mut()),
                15 => qcos_set_tags(client, bucket, path, tags.as_ptr()),
                16 => qcos_get_tags(client, bucket, path),
                17 => qcos_restore_file(client, bucket, path, 1, none),
                18 => qcos_append(client, b"x".as_ptr().cast(), 1, bucket, path, 3, none),
                19 => self.copy(qcos_copy_with, bucket, path, other),
                20 => self.copy(qcos_copy_tree, bucket, path, other),
                21 => qcos_set_versioning(client, bucket, c"Enabled".as_ptr()),
                22 => qcos_request(client, bucket, path, request.as_ptr(), none.cast(), 0),
                _ => qcos_diagnose(client, bucket),
            }
        });
    }

    unsafe fn copy(
        &self,
        call: CopyFn,
        bucket: *const c_char,
        path: *const c_char,
        other: *const c_char,
    ) -> *mut c_char {
        let moving = c(r#"{"move":true,"overwrite":true}"#);
        // SAFETY: the caller's strings.
        unsafe {
            call(
                self.0,
                bucket,
                path,
                bucket,
                other,
                moving.as_ptr(),
                None,
                ptr::null_mut(),
            )
        }
    }

    /// One of the calls that take these options.
    pub fn with_options(&self, which: u8, options: &str) -> String {
        let (bucket, path, other, options) = (c("testbucket"), c(FILE), c("other"), c(options));
        let (bucket, path, options) = (bucket.as_ptr(), path.as_ptr(), options.as_ptr());
        let (client, content, user_data) = (self.0, b"x".as_ptr().cast(), ptr::null_mut());
        // SAFETY: strings and a byte.
        take(unsafe {
            match which % 12 {
                0 => qcos_stat_with(client, bucket, path, options),
                1 => qcos_delete_with(client, bucket, path, options),
                2 => qcos_update_with(client, bucket, path, options),
                3 => qcos_set_tags(client, bucket, path, options),
                4 => qcos_append(client, content, 1, bucket, path, 0, options),
                5 | 6 => {
                    let call = if which % 12 == 5 {
                        qcos_copy_with
                    } else {
                        qcos_copy_tree
                    };
                    let other = other.as_ptr();
                    call(
                        client, bucket, path, bucket, other, options, None, user_data,
                    )
                }
                7 => qcos_presign(client, c"PUT".as_ptr(), bucket, path, 60, options),
                8 => qcos_post_policy(client, bucket, options),
                9 => qcos_upload_buffer_with(
                    client, content, 1, bucket, path, options, None, user_data,
                ),
                10 => qcos_request(client, bucket, path, options, content.cast(), 1),
                _ => {
                    let mut derived = 0;
                    let reply = qcos_client_with(client, options, &mut derived);
                    qcos_client_close(derived);
                    reply
                }
            }
        })
    }
}
