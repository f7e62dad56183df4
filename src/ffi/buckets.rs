//! Buckets, access rights, unfinished uploads.

use std::ffi::c_char;

use super::types::qcos_client;
use super::{args, guard};

/// Creates a bucket in the client's region. XML API only.
///
/// @param client  An open client.
/// @param bucket  Its name: lower-case letters, digits and '-'.
/// @param acl     "private", "public-read" or "public-read-write"; NULL for "private".
/// @return A reply, to be freed with qcos_string_free. Its data is empty.
///         Errors: the library's own, QCOS_ERR_PARAMS with a client of the JSON API, and -176 when
///         there is such a bucket.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn qcos_create_bucket(
    client: qcos_client,
    bucket: *const c_char,
    acl: *const c_char,
) -> *mut c_char {
    guard::call(client, |client| {
        // SAFETY: strings as the header demands.
        unsafe {
            client.create_bucket(args::string("bucket", bucket)?, args::optional("acl", acl)?)
        }
    })
}

/// Checks that a bucket exists and that the credentials may use it.
///
/// @param client  An open client.
/// @param bucket  Name of the bucket.
/// @return A reply, to be freed with qcos_string_free. `data.region` if the service reports it.
///         Errors: the library's own, -166 or -133 when there is no such bucket, -289 when it is
///         another account's.
///
///     {"code":0,"message":"SUCCESS","httpcode":200,"data":{"region":"ap-guangzhou"}}
#[unsafe(no_mangle)]
pub unsafe extern "C" fn qcos_head_bucket(
    client: qcos_client,
    bucket: *const c_char,
) -> *mut c_char {
    guard::call(client, |client| {
        // SAFETY: a string as the header demands.
        client.head_bucket(unsafe { args::string("bucket", bucket)? })
    })
}

/// Deletes an empty bucket. XML API only.
///
/// @param client  An open client.
/// @param bucket  Name of the bucket. Unfinished uploads count as content (qcos_list_uploads).
/// @return A reply, to be freed with qcos_string_free. Its data is empty.
///         Errors: the library's own, QCOS_ERR_PARAMS with a client of the JSON API, -133 when
///         there is no such bucket, -173 when it is not empty.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn qcos_delete_bucket(
    client: qcos_client,
    bucket: *const c_char,
) -> *mut c_char {
    guard::call(client, |client| {
        // SAFETY: a string as the header demands.
        client.delete_bucket(unsafe { args::string("bucket", bucket)? })
    })
}

/// Lists the account's buckets. XML API only. The request goes to the option "endpoint" if it is set,
/// and the list is what that host returns; otherwise it goes to "https://service.cos.myqcloud.com",
/// which returns the buckets of all regions.
///
/// @param client  An open client; not one whose "addressing" is "domain".
/// @return A reply, to be freed with qcos_string_free. Names have the appid at their end.
///         Errors: the library's own; QCOS_ERR_PARAMS with a client of the JSON API.
///
///     {"code":0,"message":"SUCCESS","httpcode":200,"data":{"infos":[
///       {"ctime":"1558698590","name":"photos-1250000000","region":"ap-beijing"}]}}
#[unsafe(no_mangle)]
pub unsafe extern "C" fn qcos_list_buckets(client: qcos_client) -> *mut c_char {
    guard::call(client, |client| client.list_buckets())
}

/// Sets the access control list (ACL) of a file.
///
/// @param client  An open client.
/// @param bucket  Name of the bucket.
/// @param path    The file.
/// @param acl     "private", "public-read", or "default" for the bucket's rule.
/// @return A reply, to be freed with qcos_string_free. Its data is empty.
///         Errors: the library's own, and -166 or -197 when there is no such file.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn qcos_set_acl(
    client: qcos_client,
    bucket: *const c_char,
    path: *const c_char,
    acl: *const c_char,
) -> *mut c_char {
    guard::call(client, |client| {
        // SAFETY: strings as the header demands.
        unsafe {
            client.set_acl(
                args::string("bucket", bucket)?,
                args::string("path", path)?,
                args::string("acl", acl)?,
            )
        }
    })
}

/// Returns the access control list (ACL) of a file.
///
/// @param client  An open client.
/// @param bucket  Name of the bucket.
/// @param path    The file.
/// @return A reply, to be freed with qcos_string_free. `data.acl` as for qcos_set_acl; "custom", or
///         the service's own word, for what none of these says. `data.grants` then lists every
///         permission granted to others than the owner: an account's number or a group, and "READ",
///         "WRITE", "READ_ACP", "WRITE_ACP" or "FULL_CONTROL". A file for which the service lists
///         nothing but the owner's own permissions is "private".
///         Errors: the library's own, and -166 or -197 when there is no such file.
///
///     {"code":0,"message":"SUCCESS","httpcode":200,"data":{"acl":"public-read"}}
///     {"code":0,"message":"SUCCESS","httpcode":200,"data":{"acl":"custom","grants":[
///       {"grantee":"100000000002","permission":"READ"}]}}
#[unsafe(no_mangle)]
pub unsafe extern "C" fn qcos_get_acl(
    client: qcos_client,
    bucket: *const c_char,
    path: *const c_char,
) -> *mut c_char {
    guard::call(client, |client| {
        // SAFETY: strings as the header demands.
        unsafe { client.get_acl(args::string("bucket", bucket)?, args::string("path", path)?) }
    })
}

/// Lists the unfinished uploads of files in a folder and below it. They cost storage until they are
/// completed or aborted. XML API only.
///
/// @param client  An open client.
/// @param bucket  Name of the bucket.
/// @param path    The folder; "" or "/" for the whole bucket.
/// @return A reply, to be freed with qcos_string_free, with all of them: it grows with their number.
///         A `session` goes to qcos_upload_slice, to go on, or to qcos_abort_upload; `unusable` is as for qcos_list.
///         Errors: the library's own; QCOS_ERR_PARAMS with a client of the JSON API.
///
///     {"code":0,"message":"SUCCESS","httpcode":200,"data":{"infos":[
///       {"ctime":"1585130821","path":"videos/a.mp4","session":"1585130821cbb7df1d..."}]}}
#[unsafe(no_mangle)]
pub unsafe extern "C" fn qcos_list_uploads(
    client: qcos_client,
    bucket: *const c_char,
    path: *const c_char,
) -> *mut c_char {
    guard::call(client, |client| {
        // SAFETY: strings as the header demands.
        unsafe { client.list_uploads(args::string("bucket", bucket)?, args::string("path", path)?) }
    })
}

/// Aborts an unfinished upload and discards its parts. XML API only.
///
/// @param client   An open client.
/// @param bucket   Name of the bucket.
/// @param path     The file that would have come of it.
/// @param session  `data.session` of the reply to an upload that failed, or one of
///                 qcos_list_uploads. Not NULL or "".
/// @return A reply, to be freed with qcos_string_free. Its data is empty.
///         Errors: the library's own, QCOS_ERR_PARAMS with a client of the JSON API, -290 when
///         there is no such upload.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn qcos_abort_upload(
    client: qcos_client,
    bucket: *const c_char,
    path: *const c_char,
    session: *const c_char,
) -> *mut c_char {
    guard::call(client, |client| {
        // SAFETY: strings as the header demands.
        unsafe {
            client.abort_upload(
                args::string("bucket", bucket)?,
                args::string("path", path)?,
                args::string("session", session)?,
            )
        }
    })
}
