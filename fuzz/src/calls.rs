//! The C functions, called as a host program does.

use std::ffi::{CStr, CString, c_char};
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
        let paths = c(r#"["a","b/c"]"#);
        let (client, none) = (self.0, ptr::null());
        // SAFETY: strings, and NULL where it may be.
        take(unsafe {
            match which % 10 {
                0 => qcos_stat_file(client, bucket, path),
                1 => qcos_list(client, bucket, path, 0, none, 0, none),
                2 => qcos_create_folder(client, bucket, path, none),
                3 => qcos_upload_buffer(client, b"x".as_ptr().cast(), 1, bucket, path, none),
                4 => qcos_copy_file(client, bucket, path, other, 1),
                5 => qcos_delete_files(client, bucket, paths.as_ptr()),
                6 => qcos_list_uploads(client, bucket, path),
                7 => qcos_get_acl(client, bucket, path),
                8 => qcos_list_buckets(client),
                _ => qcos_delete_tree(client, bucket, path),
            }
        });
    }
}
