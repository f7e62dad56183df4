//! Opening and closing clients.

use std::ffi::c_char;

use super::types::qcos_client;
use super::{args, guard, handles};
use crate::client::Client;
use crate::error::{Error, Result};
use crate::model::Answer;

/// Opens a client. Nothing is sent.
///
/// @param appid         The account's number, in decimal digits.
/// @param secret_id     The account's secret id; NULL with the option "credentials".
/// @param secret_key    The account's secret key; NULL with the option "credentials". It is copied, and
///                      wiped when the client is gone.
/// @param options_json  NULL for the defaults, or one JSON object of these keys; an unknown key or
///                      a value of the wrong type or range is an error that names it:
///
///     "region"             the buckets' region, such as "ap-guangzhou". It means the XML API, today's
///                          service; buckets are at "https://<bucket>-<appid>.cos.<region>.myqcloud.com".
///                          To copy, move and update files it is always needed, as a copy's source
///                          is named by it, unless a host of the service contains it.
///     "api"                "xml", or "json": the JSON API (files/v1), which only accounts that had
///                          it can use. Default "xml" with a region, "json" without. It is needed for
///                          the XML API without a region, where "endpoint" names a host by itself.
///                          The functions and replies of both are the same.
///     "endpoint"           URL of the service, without a bucket. JSON API: default
///                          "https://web.file.myqcloud.com/files/v1/"; without a path, "/files/v1/"
///                          is meant. XML API: a host that buckets are in front of, such as
///                          "https://cos.accelerate.myqcloud.com"; or an address or "localhost",
///                          which is connected to directly; requests carry the Host headers
///                          of the region.
///     "addressing"         XML API: how a bucket is named. "host" (default), in front of the host;
///                          "path", as the first segment of the path; "domain", not at all, because
///                          "endpoint" is the bucket's own domain.
///     "security_token"     XML API: the token of temporary credentials; wiped with the client
///     "credentials"        where secret id and key come from, if not from the parameters. "env": the
///                          environment's TENCENTCLOUD_SECRET_ID, TENCENTCLOUD_SECRET_KEY and, with
///                          temporary ones in the XML API, TENCENTCLOUD_TOKEN, as they are when the
///                          client is opened. XML API: "cvm", the role of the instance that the program
///                          runs on, or "cvm:ROLE", one role by its name. A role's are fetched by the
///                          first call that signs, and again 10 minutes before they end, or when a
///                          tenth of their life is left, whichever is later; and when the service calls
///                          them ended. As long as the old ones are good they serve while that fails.
///     "metadata_endpoint"  with "cvm": URL of the instance's metadata service, default
///                          "http://metadata.tencentyun.com". It is asked directly, whatever "proxy" says
///     "download_endpoint"  JSON API: URL that objects are fetched from, "<bucket>-<appid>/<path>" follows it.
///                          Default "https://<bucket>-<appid>.file.myqcloud.com/", or with an
///                          endpoint of your own "http(s)://HOST/<bucket>-<appid>/" there. Never
///                          a URL that a reply names.
///     "sign_expires_s"     life of the signatures of requests, 1 to 7776000; default 60. It counts by
///                          the service's clock: a difference from this machine's, of up to a day
///                          (15 minutes over http), is learned from the response that rejects a
///                          signature as expired.
///     "connect_timeout_ms" time to establish a connection: DNS, TCP, the tunnel of a proxy and TLS;
///                          default 10000
///     "io_timeout_ms"      longest time with no bytes sent or received; an average below 512 bytes
///                          a second over the same time is too slow as well. Default 30000
///     "timeout_ms"         time limit of a whole call with its retries, met within a second;
///                          default 0, no limit
///     "retries"            retries after transient failures, 0 to 10; default 3. Each is signed
///                          anew. The pauses between them grow from 0.1 s (1 s when the service
///                          asks to slow down: 503, 429) to at most 20 s, or are as long as the
///                          service asks (Retry-After). A client that was asked to slow down, with
///                          those derived from it, sends so many requests a second as the service
///                          takes, for a minute or more. If the response to a request that is not
///                          idempotent is lost, the library compares what the service holds now
///                          with what it held before, which such a call queries first. A client
///                          whose calls all fail soon stops retrying until calls succeed again.
///     "slice_size"         bytes. JSON API: 524288, 1048576, 2097152 or 3145728; by default the
///                          least that makes no more than 64 slices of the file, if there is one.
///                          XML API: 1048576 to 5368709120; by default 8388608. It grows by itself
///                          for files of more than 10000 slices, and 524288 is taken as 1048576.
///     "parallel"           how many slices, ranges and small files are in flight at once, each over its
///                          own connection, which takes up to 1 MiB of memory. "auto" (the default): a
///                          number that all transfers of this client and of those derived from it with
///                          "auto" share. It begins with 8, grows to at most 64 while the throughput
///                          grows, and is halved when the service asks to slow down (503, 429) or does
///                          not answer in time; where the processors have enough to do it does not
///                          grow. Each transfer has at least one request in flight. Of one stream,
///                          memory holds at most 64 MiB, or 8 parts of "slice_size": the more parts or
///                          ranges are in flight, the smaller they are, down to 2 MiB. Or 1 to 32: as
///                          many of each transfer, and as many parts or ranges of a stream in memory.
///     "checkpoint_dir"     an existing folder where unfinished uploads in slices, and downloads to files
///                          of more than 8 MiB, are remembered, so that the same call resumes them after
///                          a failure or a crash; default none. What has arrived of a download stays
///                          beside the local file, as ".NAME.qcos-" and a random word. A checkpoint is
///                          removed when its transfer is complete; one that no longer fits the file or
///                          the service is ignored. Over the XML API there is also a file for each tree that
///                          was uploaded or downloaded, ".tree.qcos", by which the next call knows what has
///                          not changed (see qcos_upload_tree); it may be deleted at any time.
///     "overwrite"          true: an upload replaces what is there; default false
///     "tls_ca"             whom to trust: "system" (default), the CAs of the system's own files,
///                          whatever SSL_CERT_FILE and SSL_CERT_DIR say; or the path of a PEM file of
///                          those that are trusted instead: CAs, or servers' own certificates (CA:FALSE)
///     "proxy"              URL of an HTTP proxy, such as "http://user:password@host:3128", or "env"
///                          to read the environment; default none. https goes through a tunnel
///                          (CONNECT), http as requests that the proxy hands on.
///     "user_agent"         default "libqcos/" and the version
///     "network"            XML API: by which of the service's hosts it is reached. "public" (default),
///                          "internal" (cos-internal.REGION.tencentcos.cn, from machines of the vendor's in
///                          the same region) or "accelerate" (cos.accelerate.myqcloud.com, for which the
///                          bucket must have acceleration enabled; lists and other requests about the bucket
///                          itself go to the region's host)
///     "failover"           XML API: true: where nothing has come from the service, the last attempt goes to its
///                          other host (cos.REGION.tencentcos.cn), signed anew, with x-cos-sdk-retry: true;
///                          only with "network" as "public" and no "endpoint" of your own. Default false
///     "resolve"            an object of hosts and the addresses where they are, such as
///                          {"*.cos.ap-guangzhou.myqcloud.com":"10.0.0.7:8443"}: they are not looked up;
///                          without a port, that of the URL. Host header and TLS keep the name. "*." stands
///                          for all names below. A proxy that hands requests on looks up the names itself
///     "traffic_limit"      XML API: bits a second that the service takes or sends of each request with an
///                          object's content (x-cos-traffic-limit), 819200 to 838860800; default no limit
///     "max_bytes_per_s"    bytes a second over all connections of the client and those derived from it, each
///                          way, 4096 to 1099511627776; default no limit
///
/// @param client        Receives the handle; 0 on failure. Close it with qcos_client_close.
/// @return A reply, to be freed with qcos_string_free. Its data is empty.
///         Errors: QCOS_ERR_PARAMS, QCOS_ERR_SLICE_SIZE.
///
///     {"code":0,"message":"SUCCESS","httpcode":0,"data":{}}
#[unsafe(no_mangle)]
pub unsafe extern "C" fn qcos_client_open(
    appid: *const c_char,
    secret_id: *const c_char,
    secret_key: *const c_char,
    options_json: *const c_char,
    client: *mut qcos_client,
) -> *mut c_char {
    guard::reply(|| {
        // SAFETY: as the header demands.
        let slot = unsafe { HandleSlot::new("client", client)? };
        // SAFETY: strings as the header demands.
        let opened = unsafe {
            Client::open(
                args::string("appid", appid)?,
                args::optional("secret_id", secret_id)?,
                args::optional("secret_key", secret_key)?,
                args::optional("options_json", options_json)?,
            )?
        };
        slot.fill(opened);
        Ok(Answer::local(()).into())
    })
}

/// Derives a client: another handle on the same account, with limits of its own. It shares the
/// connections, the clock and the retry budget of the client that it is derived from, so it costs next
/// to nothing: one for a single call is how that call gets its own time limit, or can be cancelled
/// alone. Nothing is sent.
///
/// @param client        An open client. The derived one works on when this is closed.
/// @param options_json  NULL to change nothing, or one JSON object. Of the options of
///                      qcos_client_open it takes "timeout_ms", "io_timeout_ms",
///                      "connect_timeout_ms", "retries", "parallel", "slice_size", "overwrite",
///                      "checkpoint_dir", "sign_expires_s", "failover" and "traffic_limit";
///                      what is not named stays as it is. Any other belongs to the connections, and
///                      is refused by its name.
/// @param derived       Receives the handle; 0 on failure. Close it with qcos_client_close.
/// @return A reply, to be freed with qcos_string_free. Its data is empty.
///         Errors: QCOS_ERR_PARAMS, QCOS_ERR_SLICE_SIZE, QCOS_ERR_HANDLE.
///
///     {"code":0,"message":"SUCCESS","httpcode":0,"data":{}}
#[unsafe(no_mangle)]
pub unsafe extern "C" fn qcos_client_with(
    client: qcos_client,
    options_json: *const c_char,
    derived: *mut qcos_client,
) -> *mut c_char {
    guard::reply(|| {
        // SAFETY: as the header demands.
        let slot = unsafe { HandleSlot::new("derived", derived)? };
        let client = handles::get(client)?;
        // SAFETY: a string as the header demands.
        let options = unsafe { args::optional("options_json", options_json)? };
        slot.fill(client.derived(options)?);
        Ok(Answer::local(()).into())
    })
}

/// Cancels every call in flight on a client and on those derived from it, whatever each waits for, and
/// every later one: within half a second they return QCOS_ERR_CANCELLED. It cannot be undone; close the
/// client. Clients that it was derived from are not touched. Any thread may call it, a callback too; not
/// a signal handler. It returns at once.
///
/// An upload in slices that is cancelled can be resumed as after any other failure.
///
/// @param client  A client. 0, or one that is closed already: nothing happens.
#[unsafe(no_mangle)]
pub extern "C" fn qcos_client_cancel(client: qcos_client) {
    guard::plain((), || {
        if let Ok(client) = handles::get(client) {
            client.cancel();
        }
    });
}

/// Closes a client. Calls in flight in other threads run to completion; every later call with
/// the handle returns QCOS_ERR_HANDLE. Clients that were derived from it stay open.
///
/// @param client  A client. 0, or one that is closed already: nothing happens.
#[unsafe(no_mangle)]
pub extern "C" fn qcos_client_close(client: qcos_client) {
    guard::plain((), || handles::remove(client));
}

/// Where the caller wants a new handle; 0 until there is one.
struct HandleSlot(*mut qcos_client);

impl HandleSlot {
    /// # Safety
    ///
    /// NULL, or a variable of the caller's that stays as long as this.
    unsafe fn new(name: &str, slot: *mut qcos_client) -> Result<HandleSlot> {
        if slot.is_null() {
            return Err(Error::parameter(name, "must not be NULL"));
        }
        // SAFETY: not NULL, and as promised.
        unsafe { slot.write(0) };
        Ok(HandleSlot(slot))
    }

    fn fill(self, client: Client) {
        // SAFETY: as when it was made.
        unsafe { self.0.write(handles::insert(client)) };
    }
}
