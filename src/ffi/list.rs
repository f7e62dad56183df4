//! Listing folders.

use std::ffi::{c_char, c_void};

use super::types::{qcos_client, qcos_page_fn};
use super::{args, callback, guard};
use crate::client::Page;
use crate::error::Result;

/// Lists one page of the entries directly in a folder: in the JSON API folders before files, in the
/// XML API in the byte order of their names.
///
/// @param client   An open client.
/// @param bucket   Name of the bucket.
/// @param path     The folder; "" or "/" for the bucket's root.
/// @param num      Entries a page, 1 to 199, in the XML API to 1000; 0 for 20.
/// @param pattern  "eListBoth", "eListDirOnly" or "eListFileOnly"; NULL for "eListBoth".
/// @param order    0 goes forward from the beginning or from `context`, 1 goes backward from the
///                 end or from `context`. The XML API has no backward lists: the whole folder is
///                 listed for each page, and more than 100000 entries are QCOS_ERR_PARAMS.
/// @param context  NULL or "" for the first page; then `data.context` of the page before, as it
///                 came.
/// @return A reply, to be freed with qcos_string_free. `has_more` is true if a further page
///         follows in the same order; `dircount` and `filecount` count the whole folder, in the XML
///         API the page. An entry without `filesize` is a folder; a file whose `filelen` is less
///         than its `filesize` is still being uploaded. In the XML API an entry has no `biz_attr`,
///         `ctime` and `sha` (qcos_stat_file returns them), a file also has `etag` and
///         `storage_class`, and a folder that is not there is empty.
///         A file of the folder's own key, which ends with "/", has the name "". An entry that has
///         `unusable` is left alone by all calls, because no URL is sure to name it, for the reason
///         given there; bytes that are no UTF-8 stand in its name as %XX.
///         Errors: the library's own, and -166 or -197 when there is no such folder.
///
///     {"code":0,"message":"SUCCESS","httpcode":200,
///      "data":{"context":"sub/|a.bin|0|","dircount":1,"filecount":7,"has_more":true,"infos":[
///        {"biz_attr":"","ctime":"1480000000","mtime":"1480000000","name":"sub"},
///        {"access_url":"http://bucket-10000001.file.myqcloud.com/dir/a.bin","biz_attr":"",
///         "ctime":"1480000001","filelen":5,"filesize":5,"mtime":"1480000002","name":"a.bin",
///         "sha":"AAF4C61DDCC5E8A2DABEDE0F3B482CD9AEA9434D"}]}}
#[unsafe(no_mangle)]
pub unsafe extern "C" fn qcos_list(
    client: qcos_client,
    bucket: *const c_char,
    path: *const c_char,
    num: i32,
    pattern: *const c_char,
    order: i32,
    context: *const c_char,
) -> *mut c_char {
    guard::call(client, |client| {
        // SAFETY: strings as the header demands.
        unsafe {
            client.list(
                args::string("bucket", bucket)?,
                args::string("path", path)?,
                &page(num, pattern, order, context)?,
            )
        }
    })
}

/// Lists one page of the entries of a folder whose names begin with a prefix. With "/" in it the prefix
/// leads into a folder below: "2026/a" finds "2026/abc" and the folder "2026/archive", not what is in that.
///
/// @param client   An open client.
/// @param bucket   Name of the bucket.
/// @param path     The folder; "" or "/" for the bucket's root.
/// @param prefix   How the names begin, relative to the folder. Not empty; it does not begin with "/".
/// @param num      As for qcos_list; so are the following.
/// @param pattern  As for qcos_list.
/// @param order    As for qcos_list.
/// @param context  As for qcos_list.
/// @return As for qcos_list; each name begins with the prefix.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn qcos_prefix_search(
    client: qcos_client,
    bucket: *const c_char,
    path: *const c_char,
    prefix: *const c_char,
    num: i32,
    pattern: *const c_char,
    order: i32,
    context: *const c_char,
) -> *mut c_char {
    guard::call(client, |client| {
        // SAFETY: strings as the header demands.
        unsafe {
            client.prefix_search(
                args::string("bucket", bucket)?,
                args::string("path", path)?,
                args::string("prefix", prefix)?,
                &page(num, pattern, order, context)?,
            )
        }
    })
}

/// Lists all entries of a folder, with as many requests as needed. Once `page` has taken two of them, the next page
/// is requested while it looks at one: two are in memory at a time (JSON API: one page, and one of each of up to 64
/// folders that come next, which are read side by side).
///
/// @param client     An open client.
/// @param bucket     Name of the bucket.
/// @param path       The folder; "" or "/" for the bucket's root.
/// @param recursive  0: what is directly in it; 1: everything below it, with names such as
///                   "sub/a.bin". In the XML API folders are then listed only where they were
///                   created; a file whose key ends with "/" is listed with that.
/// @param page       Called with each page, of up to 1000 entries. Not NULL.
/// @param user_data  Passed to `page`.
/// @return A reply, to be freed with qcos_string_free. `data.count` counts the entries.
///         A folder whose content cannot be listed, because no URL can express its name (".") or
///         the JSON API rejects it ("a?b"), is also named in `data.failed`, with `path`, `code`
///         and `message`; without one there is no `failed`. A list that the service does not lead to
///         its end is QCOS_ERR_NETWORK, whatever pages came before.
///         Errors: the library's own, and -166 or -197 when there is no such folder (JSON API).
///
///     {"code":0,"message":"SUCCESS","httpcode":200,"data":{"count":1203}}
#[unsafe(no_mangle)]
pub unsafe extern "C" fn qcos_list_all(
    client: qcos_client,
    bucket: *const c_char,
    path: *const c_char,
    recursive: i32,
    page: qcos_page_fn,
    user_data: *mut c_void,
) -> *mut c_char {
    guard::call(client, |client| {
        let mut visit = callback::page(page, user_data)?;
        // SAFETY: strings as the header demands.
        let (bucket, path) =
            unsafe { (args::string("bucket", bucket)?, args::string("path", path)?) };
        client.list_all(bucket, path, recursive, &mut visit)
    })
}

/// Lists all entries of a folder whose names begin with a prefix, with as many requests as needed; one page is
/// in memory at a time.
///
/// @param client     An open client.
/// @param bucket     Name of the bucket.
/// @param path       The folder; "" or "/" for the bucket's root.
/// @param prefix     As for qcos_prefix_search.
/// @param recursive  0: as qcos_prefix_search finds them; 1: everything below the found folders too, so
///                   that "2026/a" finds "2026/archive/b.bin". In the XML API folders are then listed as
///                   by qcos_list_all.
/// @param page       Called with each page, of up to 1000 entries. Not NULL.
/// @param user_data  Passed to `page`.
/// @return As for qcos_list_all; each name begins with the prefix.
///
///     {"code":0,"message":"SUCCESS","httpcode":200,"data":{"count":12}}
#[unsafe(no_mangle)]
pub unsafe extern "C" fn qcos_prefix_search_all(
    client: qcos_client,
    bucket: *const c_char,
    path: *const c_char,
    prefix: *const c_char,
    recursive: i32,
    page: qcos_page_fn,
    user_data: *mut c_void,
) -> *mut c_char {
    guard::call(client, |client| {
        let mut visit = callback::page(page, user_data)?;
        // SAFETY: strings as the header demands.
        let (bucket, path, prefix) = unsafe {
            (
                args::string("bucket", bucket)?,
                args::string("path", path)?,
                args::string("prefix", prefix)?,
            )
        };
        client.prefix_search_all(bucket, path, prefix, recursive, &mut visit)
    })
}

/// # Safety
/// The strings are NULL or end with a NUL.
unsafe fn page<'a>(
    num: i32,
    pattern: *const c_char,
    order: i32,
    context: *const c_char,
) -> Result<Page<'a>> {
    // SAFETY: as promised by the caller.
    unsafe {
        Ok(Page {
            num,
            pattern: args::optional("pattern", pattern)?,
            order,
            context: args::optional("context", context)?,
        })
    }
}
