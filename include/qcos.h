/** @file
 * qcos.h - a client of Tencent Cloud Object Storage (COS)
 *
 * Makes and lists folders, uploads files whole or in slices with progress, cancel and resume,
 * downloads them, and stats, updates, copies, moves and deletes them, over today's service (the XML
 * API) or the classic JSON API (files/v1): with the option "region" the former is meant, see
 * qcos_client_open.
 *
 *     qcos_client client;
 *     char *reply = qcos_client_open(appid, secret_id, secret_key,
 *                                    "{\"region\":\"ap-guangzhou\"}", &client);
 *     qcos_string_free(reply);
 *     reply = qcos_upload(client, "a.jpg", "bucket", "photos/a.jpg", NULL, NULL, NULL);
 *     if (qcos_reply_code(reply) != QCOS_OK) fprintf(stderr, "%s\n", reply);
 *     qcos_string_free(reply);
 *     qcos_client_close(client);
 *
 * REPLIES. A call that can fail returns an owned string, never NULL: one JSON object.
 *
 *     {"code":0,"message":"SUCCESS","httpcode":200,"data":{...}}
 *     {"code":-2,"message":"connect to 127.0.0.1:1 failed: ...","httpcode":0,"data":{},
 *      "error":{"attempts":4,"kind":"connect","name":"QCOS_ERR_NETWORK","retryable":true}}
 *
 *     code      0 for success; a qcos_code when the library failed; else the service's own code.
 *     message   for people; do not compare it.
 *     httpcode  HTTP status, 0 when there was no HTTP reply.
 *     data      what the call brings, described at each function; {} when there is nothing.
 *     error     only of a failure. name: the qcos_code, or "SERVICE". kind: missing, unreadable,
 *               not_regular, not_folder, exists, changed, unwritable, disk_full (local file); dns,
 *               connect, timeout, reset, tls, redirect, http_status, bad_reply (network); parameter,
 *               slice_size, cancelled, integrity, handle, panic, service. retryable: the same call
 *               may succeed later. attempts: how often the failing request was sent, 0
 *               when the library found out by itself (a parameter, a local file, a conflict).
 *               In the XML API also service_code, trace_id and request_id, as the service gave them.
 *     request_id  the service's number for the request, of several for the last, where it gives one.
 *     attempts, elapsed_ms  only of a success that took requests: how many were sent, those that were
 *               sent again and those of all parts with them, and the milliseconds that the call took.
 *
 * SERVICE CODES. The JSON API's are passed through. The XML API has names, which become the nearest
 * classic code: -166 nothing is there, -133 no such bucket, -177 or -4018 (the same content) a file
 * is there, -178 a folder is, -173 not empty, -290 no such upload, -97 wrong signature, -79 secret
 * id, -96 expired, -60 the token is, -289 access denied, -412 changed meanwhile, -71 slow down, -300
 * unavailable, -181 internal error, and a few more; what has no classic code is minus the HTTP status, or -500 when
 * that was a success.
 *
 * Keys are only ever added. Read replies with qcos_reply_code and qcos_reply_get, or with any JSON
 * parser. Sizes are integers; ctime and mtime are strings of Unix seconds.
 *
 * OWNERSHIP. Every `char *` that is returned is the caller's and goes to qcos_string_free, never to
 * free(); every `const char *` that is returned is the library's. Parameters are borrowed for the
 * call and copied where they are needed longer.
 *
 * STRINGS. NUL-terminated UTF-8 without control characters (options may have line breaks); local
 * file paths are bytes. Where NULL is not allowed, or a string is malformed or over its limit, the
 * reply is QCOS_ERR_PARAMS and names the parameter. Nothing is sent then.
 *
 * PATHS. Slashes at the ends of a bucket or of a folder's path, and at the beginning of a file's, do not
 * matter; "." and ".." segments are refused. Where a file is written to, a slash at the end is
 * QCOS_ERR_PARAMS: it would name a folder. Of a file that is there it is part of the name in the XML
 * API, where a key may end with '/' and have content; the JSON API has no such files, and it does
 * not matter.
 * Paths are plain text: the library does the percent-encoding. In the JSON API the URL that a path
 * makes is at most 2048 bytes long; in the XML API a path is at most 850 bytes long, and a bucket's
 * name is lower-case letters, digits and, between them, '-', with its appid at the end or without.
 *
 * THREADS. Every function may be called from any thread at any time, also several times at once on
 * one client. Calls block. Threads that a large transfer starts have ended when its call returns.
 * The library has no last error, touches no signals, and prints nothing. Do not fork while a call
 * is in flight; a child may go on with the parent's clients, over connections of its own.
 *
 * SECURITY. https unless the endpoint says http; certificates are always verified. Redirects are
 * not followed, proxies not used unless asked for. Secrets are in no message.
 */


#ifndef QCOS_H
#define QCOS_H

/* Generated from src/ffi by `make header`; edit the comments there or cbindgen.toml. */

#include <stddef.h>
#include <stdint.h>

/** The version that a program is compiled against, as qcos_version_number counts. */
#define QCOS_VERSION_NUMBER \
    (QCOS_VERSION_MAJOR * 65536 + QCOS_VERSION_MINOR * 256 + QCOS_VERSION_PATCH)

/** Where the functions are: on Windows in qcos.dll, unless QCOS_STATIC is defined, as it must be by
 * whoever links the static library there; other systems need not be told. */
#if defined(_WIN32) && !defined(QCOS_STATIC)
#define QCOS_API __declspec(dllimport)
#elif defined(__GNUC__)
#define QCOS_API __attribute__((visibility("default")))
#else
#define QCOS_API
#endif

/**
 * The version that a program is compiled against.
 */
#define QCOS_VERSION_MAJOR 0

#define QCOS_VERSION_MINOR 1

#define QCOS_VERSION_PATCH 0

/**
 * The `code` of a reply when the library itself has failed. Every other code that is not 0 is
 * the service's own. The numbers never change; new ones may be added.
 */
typedef enum {
  /**
   * The call has succeeded.
   */
  QCOS_OK = 0,
  /**
   * A local file is missing, unreadable, not a regular file, or changed while it was read; or
   * one cannot be written, or the disk is full.
   */
  QCOS_ERR_LOCAL_FILE = -1,
  /**
   * The service gave no usable reply; `error.kind` has details.
   */
  QCOS_ERR_NETWORK = -2,
  /**
   * A parameter or option is wrong; the message names it. Nothing was sent.
   */
  QCOS_ERR_PARAMS = -3,
  /**
   * A slice size that the service does not take. Nothing was sent.
   */
  QCOS_ERR_SLICE_SIZE = -4,
  /**
   * The caller cancelled the call: a callback returned a value other than 0, or the client was
   * cancelled with qcos_client_cancel.
   */
  QCOS_ERR_CANCELLED = -5,
  /**
   * Checksum mismatch between local data and the stored object.
   */
  QCOS_ERR_INTEGRITY = -6,
  /**
   * The handle is 0, closed, or was never given out. Nothing was sent.
   */
  QCOS_ERR_HANDLE = -7,
  /**
   * A bug in the library (`error.kind` "panic"), or the system gives it no thread or no memory
   * for a stream ("system"). The client can go on being used.
   */
  QCOS_ERR_INTERNAL = -8,
} qcos_code;

/**
 * A client: an account at a service. An integer that is opened with qcos_client_open and closed
 * with qcos_client_close; never 0, never reused, below 2^53. Any thread may use it, also several
 * at once.
 */
typedef uint64_t qcos_client;

/**
 * Gives new credentials to a client whose old ones are about to end, or have: calls
 * qcos_client_set_credentials. As for qcos_progress_fn, it is called on the thread that made a call, while
 * the call is made, and may call the library: calls that it makes with the same credentials are signed
 * with the old ones. It may be called on every thread that makes calls, one at a time.
 *
 * @param client     The client that makes the call, perhaps a derived one.
 * @param user_data  The pointer that was passed to qcos_client_on_expiry.
 * @return 0 to go on, whether there are new ones or not; anything else cancels, and the call returns
 *         QCOS_ERR_CANCELLED.
 */
typedef int32_t (*qcos_credentials_fn)(qcos_client client, void *user_data);

/**
 * Receives what one attempt at a request has come to. As for qcos_progress_fn, it is called on the thread
 * that made a call, only while the call is made, with no lock held; it may be called on every thread that
 * makes calls, on several at once. It may call the library: the requests of calls that it makes are not
 * traced.
 *
 * @param event      One JSON object, without secrets, without line breaks; see qcos_client_trace for its
 *                   keys. The library's, and only for this call; qcos_reply_get takes it as its reply.
 * @param user_data  The pointer that was passed to qcos_client_trace.
 * @return 0 to go on; anything else cancels, and the call returns QCOS_ERR_CANCELLED, unless it is over.
 */
typedef int32_t (*qcos_trace_fn)(const char *event, void *user_data);

/**
 * Receives one element of an array, and can end the walk. It is called on the thread that called
 * qcos_reply_each, only during that call, with no lock held, and may call the library.
 *
 * @param item       The element as JSON text, a string with its quotes; the library's, and only for
 *                   this call. qcos_reply_get takes it as its reply.
 * @param user_data  The pointer that was passed to the call.
 * @return 0 to go on; anything else ends it, and is what qcos_reply_each returns.
 */
typedef int32_t (*qcos_item_fn)(const char *item, void *user_data);

/**
 * Receives one page of a complete list, and can cancel it. As for qcos_progress_fn, it is called on the
 * thread that made the call, and may call the library.
 *
 * @param page       JSON, {"infos":[...]} with entries as of qcos_list; the library's, and only
 *                   for this call.
 * @param user_data  The pointer that was passed to the call.
 * @return 0 to go on; anything else cancels, and the call returns QCOS_ERR_CANCELLED.
 */
typedef int32_t (*qcos_page_fn)(const char *page, void *user_data);

/**
 * Reports the progress of a transfer, and can cancel it.
 *
 * Called on the thread that made the call, only during the call, with no lock held; it may call
 * the library, with the same client too. It must not throw, longjmp or end the thread.
 *
 * @param done       Bytes that are on their way or have arrived. Never falls. After a failure the
 *                   service may have less: `data.offset` of the reply is exact.
 * @param total      Bytes in all. Of a tree, as far as it is known; it never falls.
 * @param user_data  The pointer that was passed to the call; the library does not use it.
 * @return 0 to go on; anything else cancels, and the call returns QCOS_ERR_CANCELLED within half a
 *         second.
 *
 * About ten calls a second come, whatever the transfer waits for, and one when a slice or range has
 * arrived. Until it has begun they have done == 0, and total is 9007199254740991 (2^53 - 1) as long as
 * the size is not known; then comes one at the offset where it starts. The last comes at done == total, exactly once and
 * only on success, when it is too late to cancel.
 */
typedef int32_t (*qcos_progress_fn)(uint64_t done, uint64_t total, void *user_data);

/**
 * Fills a buffer with the next bytes of an upload, and can cancel it. As for qcos_progress_fn, it is called
 * on the thread that made the call, and may call the library. It may take any time; while it does, no
 * progress is reported and no cancel is obeyed but its own.
 *
 * @param buffer     Where the bytes go; the library's, and only for this call.
 * @param size       How many it takes; never 0.
 * @param user_data  The pointer that was passed to the call.
 * @return The number of bytes that it has filled, from the front: 1 to `size`. 0: there are no more.
 *         Below 0 cancels, and the call returns QCOS_ERR_CANCELLED. More than `size` is
 *         QCOS_ERR_PARAMS.
 */
typedef int64_t (*qcos_read_fn)(void *buffer, size_t size, void *user_data);

/**
 * Receives the next bytes of a download, and can cancel it. As for qcos_progress_fn, it is called on the
 * thread that made the call, and may call the library. While it works, the next ranges of a large object
 * are fetched.
 *
 * @param data       The bytes; the library's, and only for this call.
 * @param len        How many they are; never 0.
 * @param user_data  The pointer that was passed to the call.
 * @return 0 to go on; anything else cancels, and the call returns QCOS_ERR_CANCELLED.
 */
typedef int32_t (*qcos_write_fn)(const void *data, size_t len, void *user_data);

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

/**
 * Returns the version of the loaded library, such as "0.1.0".
 *
 * @return A string that lives as long as the program; do not free it.
 */
QCOS_API const char *qcos_version(void);

/**
 * Returns the version of the loaded library as one number, for comparison with QCOS_VERSION_NUMBER:
 * major * 65536 + minor * 256 + patch.
 */
QCOS_API
uint32_t qcos_version_number(void);

/**
 * Opens a client. Nothing is sent.
 *
 * @param appid         The account's number, in decimal digits.
 * @param secret_id     The account's secret id; NULL with the option "credentials".
 * @param secret_key    The account's secret key; NULL with the option "credentials". It is copied, and
 *                      wiped when the client is gone.
 * @param options_json  NULL for the defaults, or one JSON object of these keys; an unknown key or
 *                      a value of the wrong type or range is an error that names it:
 *
 *     "region"             the buckets' region, such as "ap-guangzhou". It means the XML API, today's
 *                          service; buckets are at "https://<bucket>-<appid>.cos.<region>.myqcloud.com".
 *                          To copy, move and update files it is always needed, as a copy's source
 *                          is named by it, unless a host of the service contains it.
 *     "api"                "xml", or "json": the JSON API (files/v1), which only accounts that had
 *                          it can use. Default "xml" with a region, "json" without. It is needed for
 *                          the XML API without a region, where "endpoint" names a host by itself.
 *                          The functions and replies of both are the same.
 *     "endpoint"           URL of the service, without a bucket. JSON API: default
 *                          "https://web.file.myqcloud.com/files/v1/"; without a path, "/files/v1/"
 *                          is meant. XML API: a host that buckets are in front of, such as
 *                          "https://cos.accelerate.myqcloud.com"; or an address or "localhost",
 *                          which is connected to directly; requests carry the Host headers
 *                          of the region.
 *     "addressing"         XML API: how a bucket is named. "host" (default), in front of the host;
 *                          "path", as the first segment of the path; "domain", not at all, because
 *                          "endpoint" is the bucket's own domain.
 *     "security_token"     XML API: the token of temporary credentials; wiped with the client
 *     "credentials"        where secret id and key come from, if not from the parameters. "env": the
 *                          environment's TENCENTCLOUD_SECRET_ID, TENCENTCLOUD_SECRET_KEY and, with
 *                          temporary ones in the XML API, TENCENTCLOUD_TOKEN, as they are when the
 *                          client is opened. XML API: "cvm", the role of the instance that the program
 *                          runs on, or "cvm:ROLE", one role by its name. A role's are fetched by the
 *                          first call that signs, and again 10 minutes before they end, or when a
 *                          tenth of their life is left, whichever is later; and when the service calls
 *                          them ended. As long as the old ones are good they serve while that fails.
 *     "metadata_endpoint"  with "cvm": URL of the instance's metadata service, default
 *                          "http://metadata.tencentyun.com". It is asked directly, whatever "proxy" says
 *     "download_endpoint"  JSON API: URL that objects are fetched from, "<bucket>-<appid>/<path>" follows it.
 *                          Default "https://<bucket>-<appid>.file.myqcloud.com/", or with an
 *                          endpoint of your own "http(s)://HOST/<bucket>-<appid>/" there. Never
 *                          a URL that a reply names.
 *     "sign_expires_s"     life of the signatures of requests, 1 to 7776000; default 60. It counts by
 *                          the service's clock: a difference from this machine's, of up to a day
 *                          (15 minutes over http), is learned from the response that rejects a
 *                          signature as expired.
 *     "connect_timeout_ms" time to establish a connection: DNS, TCP, the tunnel of a proxy and TLS;
 *                          default 10000
 *     "io_timeout_ms"      longest time with no bytes sent or received; an average below 512 bytes
 *                          a second over the same time is too slow as well. Default 30000
 *     "timeout_ms"         time limit of a whole call with its retries, met within a second;
 *                          default 0, no limit
 *     "retries"            retries after transient failures, 0 to 10; default 3. Each is signed
 *                          anew. The pauses between them grow from 0.1 s (1 s when the service
 *                          asks to slow down: 503, 429) to at most 20 s, or are as long as the
 *                          service asks (Retry-After). A client that was asked to slow down, with
 *                          those derived from it, sends so many requests a second as the service
 *                          takes, for a minute or more. If the response to a request that is not
 *                          idempotent is lost, the library compares what the service holds now
 *                          with what it held before, which such a call queries first. A client
 *                          whose calls all fail soon stops retrying until calls succeed again.
 *     "slice_size"         bytes. JSON API: 524288, 1048576, 2097152 or 3145728; by default the
 *                          least that makes no more than 64 slices of the file, if there is one.
 *                          XML API: 1048576 to 5368709120; by default 8388608. It grows by itself
 *                          for files of more than 10000 slices, and 524288 is taken as 1048576.
 *     "parallel"           how many slices, ranges and small files are in flight at once, each over its
 *                          own connection, which takes up to 1 MiB of memory. "auto" (the default): a
 *                          number that all transfers of this client and of those derived from it with
 *                          "auto" share. It begins with 8, grows to at most 64 while the throughput
 *                          grows, and is halved when the service asks to slow down (503, 429) or does
 *                          not answer in time; where the processors have enough to do it does not
 *                          grow. Each transfer has at least one request in flight. Of one stream,
 *                          memory holds at most 64 MiB, or 8 parts of "slice_size": the more parts or
 *                          ranges are in flight, the smaller they are, down to 2 MiB. Or 1 to 32: as
 *                          many of each transfer, and as many parts or ranges of a stream in memory.
 *     "checkpoint_dir"     an existing folder where unfinished uploads in slices, and downloads to files
 *                          of more than 8 MiB, are remembered, so that the same call resumes them after
 *                          a failure or a crash; default none. What has arrived of a download stays
 *                          beside the local file, as ".NAME.qcos-" and a random word. A checkpoint is
 *                          removed when its transfer is complete; one that no longer fits the file or
 *                          the service is ignored. Over the XML API there is also a file for each tree that
 *                          was uploaded or downloaded, ".tree.qcos", by which the next call knows what has
 *                          not changed (see qcos_upload_tree); it may be deleted at any time.
 *     "overwrite"          true: an upload replaces what is there; default false
 *     "tls_ca"             whom to trust: "system" (default), the CAs of the system's own files,
 *                          whatever SSL_CERT_FILE and SSL_CERT_DIR say; or the path of a PEM file of
 *                          those that are trusted instead: CAs, or servers' own certificates (CA:FALSE)
 *     "proxy"              URL of an HTTP proxy, such as "http://user:password@host:3128", or "env"
 *                          to read the environment; default none. https goes through a tunnel
 *                          (CONNECT), http as requests that the proxy hands on.
 *     "user_agent"         default "libqcos/" and the version
 *     "network"            XML API: by which of the service's hosts it is reached. "public" (default),
 *                          "internal" (cos-internal.REGION.tencentcos.cn, from machines of the vendor's in
 *                          the same region) or "accelerate" (cos.accelerate.myqcloud.com, for which the
 *                          bucket must have acceleration enabled; lists and other requests about the bucket
 *                          itself go to the region's host)
 *     "failover"           XML API: true: where nothing has come from the service, the last attempt goes to its
 *                          other host (cos.REGION.tencentcos.cn), signed anew, with x-cos-sdk-retry: true;
 *                          only with "network" as "public" and no "endpoint" of your own. Default false
 *     "resolve"            an object of hosts and the addresses where they are, such as
 *                          {"*.cos.ap-guangzhou.myqcloud.com":"10.0.0.7:8443"}: they are not looked up;
 *                          without a port, that of the URL. Host header and TLS keep the name. "*." stands
 *                          for all names below. A proxy that hands requests on looks up the names itself
 *     "traffic_limit"      XML API: bits a second that the service takes or sends of each request with an
 *                          object's content (x-cos-traffic-limit), 819200 to 838860800; default no limit
 *     "max_bytes_per_s"    bytes a second over all connections of the client and those derived from it, each
 *                          way, 4096 to 1099511627776; default no limit
 *
 * @param client        Receives the handle; 0 on failure. Close it with qcos_client_close.
 * @return A reply, to be freed with qcos_string_free. Its data is empty.
 *         Errors: QCOS_ERR_PARAMS, QCOS_ERR_SLICE_SIZE.
 *
 *     {"code":0,"message":"SUCCESS","httpcode":0,"data":{}}
 */
QCOS_API
char *qcos_client_open(const char *appid,
                       const char *secret_id,
                       const char *secret_key,
                       const char *options_json,
                       qcos_client *client);

/**
 * Derives a client: another handle on the same account, with limits of its own. It shares the
 * connections, the clock and the retry budget of the client that it is derived from, so it costs next
 * to nothing: one for a single call is how that call gets its own time limit, or can be cancelled
 * alone. Nothing is sent.
 *
 * @param client        An open client. The derived one works on when this is closed.
 * @param options_json  NULL to change nothing, or one JSON object. Of the options of
 *                      qcos_client_open it takes "timeout_ms", "io_timeout_ms",
 *                      "connect_timeout_ms", "retries", "parallel", "slice_size", "overwrite",
 *                      "checkpoint_dir", "sign_expires_s", "failover" and "traffic_limit";
 *                      what is not named stays as it is. Any other belongs to the connections, and
 *                      is refused by its name.
 * @param derived       Receives the handle; 0 on failure. Close it with qcos_client_close.
 * @return A reply, to be freed with qcos_string_free. Its data is empty.
 *         Errors: QCOS_ERR_PARAMS, QCOS_ERR_SLICE_SIZE, QCOS_ERR_HANDLE.
 *
 *     {"code":0,"message":"SUCCESS","httpcode":0,"data":{}}
 */
QCOS_API
char *qcos_client_with(qcos_client client,
                       const char *options_json,
                       qcos_client *derived);

/**
 * Cancels every call in flight on a client and on those derived from it, whatever each waits for, and
 * every later one: within half a second they return QCOS_ERR_CANCELLED. It cannot be undone; close the
 * client. Clients that it was derived from are not touched. Any thread may call it, a callback too; not
 * a signal handler. It returns at once.
 *
 * An upload in slices that is cancelled can be resumed as after any other failure.
 *
 * @param client  A client. 0, or one that is closed already: nothing happens.
 */
QCOS_API
void qcos_client_cancel(qcos_client client);

/**
 * Closes a client. Calls in flight in other threads run to completion; every later call with
 * the handle returns QCOS_ERR_HANDLE. Clients that were derived from it stay open.
 *
 * @param client  A client. 0, or one that is closed already: nothing happens.
 */
QCOS_API
void qcos_client_close(qcos_client client);

/**
 * Changes the credentials of a client, of the clients derived from it, and of the one it is derived from:
 * all of them use the new ones from the next signature on, also in the midst of a transfer. Requests on
 * their way keep the signature that they have. The account stays the same. Nothing is sent. Any thread
 * may call it, a callback too.
 *
 * @param client          An open client.
 * @param secret_id       The new secret id.
 * @param secret_key      The new secret key. It is copied; the old one is wiped when the last request that
 *                        was signed with it is over.
 * @param security_token  The token of temporary credentials; NULL for others, and in the JSON API, which
 *                        knows no tokens.
 * @param expires_at      When the credentials end, in Unix seconds; 0 for never.
 * @return A reply, to be freed with qcos_string_free. Its data is empty.
 *         Errors: QCOS_ERR_PARAMS, QCOS_ERR_HANDLE; the client then keeps the credentials that it has.
 *
 *     {"code":0,"message":"SUCCESS","httpcode":0,"data":{}}
 */
QCOS_API
char *qcos_client_set_credentials(qcos_client client,
                                  const char *secret_id,
                                  const char *secret_key,
                                  const char *security_token,
                                  int64_t expires_at);

/**
 * Sets a callback that gives a client, and all that share credentials with it as with
 * qcos_client_set_credentials, new credentials before the old ones end: 10 minutes before, or when a
 * tenth of their life is left, whichever is later; and when the service calls them ended or unknown: the
 * request is then sent again with the new ones. In a transfer it is noticed within 0.1 s, whatever the
 * transfer waits for. One call at a time calls it back; others go on with the old credentials while
 * these are good, and else wait. Where it brings nothing new, it is not called again for 10 seconds.
 *
 * @param client     An open client; not one with the option "credentials":"cvm", which renews its own.
 * @param callback   Calls qcos_client_set_credentials; see qcos_credentials_fn. NULL for none any more;
 *                   it may still be running in a call of another thread then.
 * @param user_data  Passed to `callback`. It must live as long as calls of these clients are made.
 * @return A reply, to be freed with qcos_string_free. Its data is empty.
 *         Errors: QCOS_ERR_PARAMS, QCOS_ERR_HANDLE.
 *
 *     {"code":0,"message":"SUCCESS","httpcode":0,"data":{}}
 */
QCOS_API
char *qcos_client_on_expiry(qcos_client client,
                            qcos_credentials_fn callback,
                            void *user_data);

/**
 * Sets a callback that receives every attempt at a request, whether it succeeds or fails: for logs and
 * measurements. It is called soon after the attempt has ended, in transfers within 0.1 s, and for all of
 * them before the call returns. The callback is the client's, and serves the clients derived from it that
 * have none of their own: with qcos_client_with a single call is traced. It receives those of calls that begin
 * from then on, not of those under way. Where more than 1,000 events wait for the thread that made the
 * call, because the callback is slow, the call's requests wait, too.
 *
 * Keys of an event; times are in milliseconds with the microseconds as decimals, and are left out where
 * there was no such step:
 *
 * - `time_ms`: when the attempt began, in Unix milliseconds by this machine's clock
 * - `attempt`: from 1; above that the request is sent again
 * - `method`, `host`, `path`, `query`: as they go out, encoded
 * - `status`: the HTTP status, 0 without an answer; `request_id`: the service's number for the request
 * - `code`: that of a reply, 0 for success; `error`: the message then; `retry_in_ms`: the pause, if
 *   another attempt follows. What is a failure here, such as a check that finds no file, may be
 *   none of the call
 * - `sent`, `received`: bytes of the bodies, without heads and TLS
 * - `dns_ms`, `connect_ms`, `tunnel_ms` (through a proxy), `tls_ms`: left out on a kept connection
 * - `head_ms`: from the begin to the end of the answer's head; `whole_ms`: to the end of the attempt
 *
 * Requests to the metadata service, for the option "credentials":"cvm", are not traced.
 *
 * @param client     An open client.
 * @param callback   See qcos_trace_fn; NULL for none any more. The one before it may still be running in
 *                   calls of other threads then.
 * @param user_data  Passed to `callback`. It must live as long as calls of these clients are made.
 * @return A reply, to be freed with qcos_string_free. Its data is empty.
 *         Errors: QCOS_ERR_HANDLE.
 *
 *     {"code":0,"message":"SUCCESS","httpcode":0,"data":{}}
 *
 * An event, here with line breaks:
 *
 *     {"attempt":1,"code":0,"connect_ms":0.213,"dns_ms":0.004,"head_ms":12.846,
 *      "host":"bucket-1250000000.cos.ap-guangzhou.myqcloud.com","method":"PUT","path":"/a.txt",
 *      "query":"","received":0,"request_id":"NTk5ZGJj","sent":1024,"status":200,
 *      "time_ms":1790000000000,"tls_ms":5.106,"whole_ms":12.9}
 */
QCOS_API
char *qcos_client_trace(qcos_client client,
                        qcos_trace_fn callback,
                        void *user_data);

/**
 * Frees a string that the library returned: a reply, or a value from qcos_reply_get.
 *
 * @param text  Such a string, once. NULL: nothing happens.
 */
QCOS_API void qcos_string_free(char *text);

/**
 * Returns the code of a reply.
 *
 * @param reply  A reply of any call.
 * @return 0 for success, a qcos_code, or the service's own code. QCOS_ERR_PARAMS when `reply` is
 *         NULL or no reply.
 */
QCOS_API
int64_t qcos_reply_code(const char *reply);

/**
 * Returns one value of a reply, or of a page of qcos_list_all, so that simple programs need no
 * JSON parser. The whole text is read each time: for the entries of a list there is qcos_reply_each.
 *
 * @param reply         A reply of any call, or such a page, or an element of qcos_reply_each.
 * @param json_pointer  Where the value is (RFC 6901), such as "/data/session" or
 *                      "/data/infos/0/name".
 * @return A string as it is, without quotes; everything else as JSON text. To be freed with
 *         qcos_string_free. NULL when there is no such value, or a parameter is NULL.
 */
QCOS_API
char *qcos_reply_get(const char *reply,
                     const char *json_pointer);

/**
 * Hands out the elements of an array in a reply, or in a page of qcos_list_all, one by one. The text is
 * read once, whatever the number of elements.
 *
 * @param reply         A reply of any call, or such a page, or an element of this function; not NULL.
 *                      It stays as it is until the function returns.
 * @param json_pointer  Where the array is (RFC 6901), such as "/data/infos", or "/infos" in a page;
 *                      "" when the text itself is one. Not NULL.
 * @param item          Called with each element, in their order. Not NULL.
 * @param user_data     Passed to `item`.
 * @return 0 when all elements were handed out, else what `item` has returned, at once.
 *         QCOS_ERR_PARAMS when there is no such array, the text is no JSON, or a parameter is NULL.
 *         Where it is broken behind the array's beginning, the elements before that were handed out.
 *         QCOS_ERR_INTERNAL for a bug in the library. A positive value of `item` is mistaken for
 *         neither.
 *
 *     static int32_t print(const char *item, void *user_data) {
 *         char *name = qcos_reply_get(item, "/name");
 *         (void)user_data;
 *         if (name != NULL) puts(name);
 *         qcos_string_free(name);
 *         return 0;
 *     }
 *     ...
 *     qcos_reply_each(reply, "/data/infos", print, NULL);
 */
QCOS_API
int32_t qcos_reply_each(const char *reply,
                        const char *json_pointer,
                        qcos_item_fn item,
                        void *user_data);

/**
 * Returns a signature that can be used repeatedly in a bucket until it expires. No request is sent.
 * It goes into the `Authorization` header, or percent-encoded into the query as `sign=`.
 *
 * @param client   An open client.
 * @param bucket   Name of the bucket.
 * @param expired  When it ends: a Unix time in seconds, after now.
 * @return A reply, to be freed with qcos_string_free. `data.sign` is the signature.
 *         Errors: QCOS_ERR_PARAMS, also for a client of the XML API, whose signatures are for one
 *         request each (qcos_download_url makes one); QCOS_ERR_HANDLE.
 *
 *     {"code":0,"message":"SUCCESS","httpcode":0,"data":{"sign":"/Bm+lGULvNPrOurT...dWNrZXQ="}}
 */
QCOS_API
char *qcos_sign_more(qcos_client client,
                     const char *bucket,
                     int64_t expired);

/**
 * Returns a signature for a single request about one file or folder, as update and delete require.
 * No request is sent.
 *
 * @param client  An open client.
 * @param bucket  Name of the bucket.
 * @param fileid  "/appid/bucket/path" of the file, or of the folder with a "/" at its end; plain
 *                UTF-8, it is percent-encoded here.
 * @return As for qcos_sign_more.
 */
QCOS_API
char *qcos_sign_once(qcos_client client,
                     const char *bucket,
                     const char *fileid);

/**
 * Signs one request that somebody else sends: with `data.url`, and just the headers in `data.headers`,
 * any HTTP client can do this one thing, and needs no key for it. XML API only. No request is sent:
 * whether the file exists shows when the URL is used.
 *
 * The URL is a right of access: it holds a signature and, of temporary credentials, their token, and
 * whoever knows it can use it until it expires, as often as wanted. It cannot be taken back but by
 * deleting the key that has signed it. Keep it out of logs, and let it live no longer than needed.
 *
 * @param client        An open client.
 * @param method        "GET", "HEAD", "PUT", "POST" or "DELETE".
 * @param bucket        Name of the bucket.
 * @param path          The file's path, with its slashes at the end.
 * @param expires_s     For how long, in seconds from now: 1 to 7776000 (90 days), and no longer than the
 *                      client's credentials live, where their end is known (qcos_client_set_credentials,
 *                      the option "credentials").
 * @param options_json  NULL, or one JSON object. Other keys are QCOS_ERR_PARAMS.
 *       "headers"     An object of names and strings that are signed, and which the sender must send
 *                     as they are: printable ASCII, up to 8192 bytes each, x-cos-meta-... up to 4096
 *                     together. Such as {"content-type":"image/png"}, {"content-length":"11"} for a
 *                     body of this very length, or "x-cos-..." that the service documents. Those
 *                     about the sender and its connection are refused: Host (always signed),
 *                     Authorization, User-Agent, Expect, x-cos-security-token. Headers that are not
 *                     signed may be sent, too.
 *       "query"       An object of names and strings, not encoded; "" for a parameter without a value,
 *                     such as {"uploads":""}. Up to 8192 bytes each. Of a GET, {"response-...":"..."}
 *                     sets a header of the answer: "response-content-disposition",
 *                     "response-content-type", "response-cache-control" and others.
 *       "version_id"  A version of the file. It is a parameter of the query, "versionId".
 * @return A reply, to be freed with qcos_string_free. `data.url` is the URL; `data.headers` has the
 *         headers to send, by names in lower case; {} if there are none.
 *         Errors: QCOS_ERR_PARAMS, also with a client of the JSON API; QCOS_ERR_HANDLE. A client whose
 *         credentials come from a role may ask for them first: QCOS_ERR_NETWORK.
 *
 *     qcos_presign(client, "PUT", "bucket", "dir/a.png", 600, "{\"headers\":{\"content-type\":\"image/png\"}}")
 *     {"code":0,"message":"SUCCESS","httpcode":0,"data":{"headers":{"content-type":"image/png"},
 *        "url":"https://bucket-10000001.cos.ap-guangzhou.myqcloud.com/dir/a.png?q-sign-algorithm=sha1&..."}}
 */
QCOS_API
char *qcos_presign(qcos_client client,
                   const char *method,
                   const char *bucket,
                   const char *path,
                   int64_t expires_s,
                   const char *options_json);

/**
 * Signs a form with which a browser uploads a file, straight to the bucket: a POST of
 * multipart/form-data to `data.url`, with all fields in `data.fields` and after them, as the last one,
 * the field "file". What it may upload is limited by a policy, which is signed. XML API only. No request
 * is sent.
 *
 * The form is a right to write: whoever knows its fields can upload with them until they expire, as often
 * as wanted, and replaces what is there. What the policy says nothing of is for the sender to choose: a form
 * takes further fields, such as "success_action_redirect", "x-cos-meta-..." or, where "content_type" is
 * not given, "Content-Type". The file's ACL is never left to the sender.
 *
 * @param client        An open client.
 * @param bucket        Name of the bucket.
 * @param options_json  One JSON object; other keys are QCOS_ERR_PARAMS. One of "key" and "key_prefix", and
 *                      "expires_s" must be given.
 *       "key"             The path that the file gets.
 *       "key_prefix"      How that path begins, such as "uploads/17/"; not empty. The form's field "key"
 *                         is then this with "${filename}" after it, which the service replaces with the
 *                         sender's name for the file; the sender may put something else after it.
 *       "min"             Bytes that the file must have at least; 0 if not given.
 *       "max"             Bytes that it may have at most; 5368709120 (5 GiB), the service's own limit, if
 *                         not given.
 *       "expires_s"       For how long, in seconds from now: 1 to 7776000 (90 days), and no longer than
 *                         the client's credentials live, where their end is known.
 *       "content_type"    The type that the file gets; a browser's own word for it does not count.
 *       "acl"             "default" (if not given), "private" or "public-read".
 *       "success_status"  What the service answers when all went well: 200, 201 or 204, its default.
 * @return A reply, to be freed with qcos_string_free. `data.url` is where the form is posted to;
 *         `data.fields` has its fields, in any order but all before "file". One is the token of temporary
 *         credentials.
 *         Errors: QCOS_ERR_PARAMS, also with a client of the JSON API; QCOS_ERR_HANDLE. A client whose
 *         credentials come from a role may ask for them first: QCOS_ERR_NETWORK.
 *
 *     qcos_post_policy(client, "bucket", "{\"key_prefix\":\"in/\",\"max\":1048576,\"expires_s\":600}")
 *     {"code":0,"message":"SUCCESS","httpcode":0,"data":{"fields":{"acl":"default","key":"in/${filename}",
 *        "policy":"eyJjb25k...","q-ak":"AKID...","q-key-time":"1700000000;1700000660",
 *        "q-sign-algorithm":"sha1","q-signature":"7758dc9a..."},
 *        "url":"https://bucket-10000001.cos.ap-guangzhou.myqcloud.com/"}}
 */
QCOS_API
char *qcos_post_policy(qcos_client client,
                       const char *bucket,
                       const char *options_json);

/**
 * Creates a folder, with its parent folders as needed.
 *
 * @param client    An open client.
 * @param bucket    Name of the bucket.
 * @param path      The folder, such as "photos/2026"; slashes at its ends do not matter. Not the
 *                  bucket's root.
 * @param biz_attr  Text to store with it, as long as for qcos_upload; NULL for none.
 * @return A reply, to be freed with qcos_string_free.
 *         Errors: the library's own, and -178 when the folder is there already.
 *
 *     {"code":0,"message":"SUCCESS","httpcode":200,
 *      "data":{"ctime":"1480000000","resource_path":"/10000001/bucket/photos/2026/"}}
 */
QCOS_API
char *qcos_create_folder(qcos_client client,
                         const char *bucket,
                         const char *path,
                         const char *biz_attr);

/**
 * Replaces the attribute (`biz_attr`) of a folder.
 *
 * @param client    An open client.
 * @param bucket    Name of the bucket.
 * @param path      The folder; not the bucket's root.
 * @param biz_attr  The new text, as long as for qcos_upload; "" clears it. Not NULL.
 * @return A reply, to be freed with qcos_string_free. Its data is empty.
 *         Errors: the library's own, and -166 or -197 when there is no such folder.
 */
QCOS_API
char *qcos_update_folder(qcos_client client,
                         const char *bucket,
                         const char *path,
                         const char *biz_attr);

/**
 * Returns the metadata of a folder, or of the bucket.
 *
 * @param client  An open client.
 * @param bucket  Name of the bucket.
 * @param path    The folder; "" or "/" for the bucket's own properties.
 * @return A reply, to be freed with qcos_string_free. Times are Unix seconds. In the XML API a folder
 *         that was not created, but has something in it, has no times; the bucket has no properties.
 *         Errors: the library's own, and -166 or -197 when there is no such folder.
 *
 *     {"code":0,"message":"SUCCESS","httpcode":200,
 *      "data":{"biz_attr":"","ctime":"1480000000","mtime":"1480000000","name":"2026"}}
 */
QCOS_API
char *qcos_stat_folder(qcos_client client,
                       const char *bucket,
                       const char *path);

/**
 * Deletes an empty folder. In the XML API the library checks immediately before that it is empty; a
 * file with the folder's key, slash included, is kept (qcos_delete_file deletes it).
 *
 * @param client  An open client.
 * @param bucket  Name of the bucket.
 * @param path    The folder; not the bucket's root.
 * @return A reply, to be freed with qcos_string_free. Its data is as of qcos_delete_file.
 *         Errors: the library's own, -173 when the folder is not empty, and -166 or -197 when
 *         there is no such folder.
 */
QCOS_API
char *qcos_delete_folder(qcos_client client,
                         const char *bucket,
                         const char *path);

/**
 * Lists one page of the entries directly in a folder: in the JSON API folders before files, in the
 * XML API in the byte order of their names.
 *
 * @param client   An open client.
 * @param bucket   Name of the bucket.
 * @param path     The folder; "" or "/" for the bucket's root.
 * @param num      Entries a page, 1 to 199, in the XML API to 1000; 0 for 20.
 * @param pattern  "eListBoth", "eListDirOnly" or "eListFileOnly"; NULL for "eListBoth".
 * @param order    0 goes forward from the beginning or from `context`, 1 goes backward from the
 *                 end or from `context`. The XML API has no backward lists: the whole folder is
 *                 listed for each page, and more than 100000 entries are QCOS_ERR_PARAMS.
 * @param context  NULL or "" for the first page; then `data.context` of the page before, as it
 *                 came.
 * @return A reply, to be freed with qcos_string_free. `has_more` is true if a further page
 *         follows in the same order; `dircount` and `filecount` count the whole folder, in the XML
 *         API the page. An entry without `filesize` is a folder; a file whose `filelen` is less
 *         than its `filesize` is still being uploaded. In the XML API an entry has no `biz_attr`,
 *         `ctime` and `sha` (qcos_stat_file returns them), a file also has `etag` and
 *         `storage_class`, and a folder that is not there is empty.
 *         A file of the folder's own key, which ends with "/", has the name "". An entry that has
 *         `unusable` is left alone by all calls, because no URL is sure to name it, for the reason
 *         given there; bytes that are no UTF-8 stand in its name as %XX.
 *         Errors: the library's own, and -166 or -197 when there is no such folder.
 *
 *     {"code":0,"message":"SUCCESS","httpcode":200,
 *      "data":{"context":"sub/|a.bin|0|","dircount":1,"filecount":7,"has_more":true,"infos":[
 *        {"biz_attr":"","ctime":"1480000000","mtime":"1480000000","name":"sub"},
 *        {"access_url":"http://bucket-10000001.file.myqcloud.com/dir/a.bin","biz_attr":"",
 *         "ctime":"1480000001","filelen":5,"filesize":5,"mtime":"1480000002","name":"a.bin",
 *         "sha":"AAF4C61DDCC5E8A2DABEDE0F3B482CD9AEA9434D"}]}}
 */
QCOS_API
char *qcos_list(qcos_client client,
                const char *bucket,
                const char *path,
                int32_t num,
                const char *pattern,
                int32_t order,
                const char *context);

/**
 * Lists one page of the entries of a folder whose names begin with a prefix. With "/" in it the prefix
 * leads into a folder below: "2026/a" finds "2026/abc" and the folder "2026/archive", not what is in that.
 *
 * @param client   An open client.
 * @param bucket   Name of the bucket.
 * @param path     The folder; "" or "/" for the bucket's root.
 * @param prefix   How the names begin, relative to the folder. Not empty; it does not begin with "/".
 * @param num      As for qcos_list; so are the following.
 * @param pattern  As for qcos_list.
 * @param order    As for qcos_list.
 * @param context  As for qcos_list.
 * @return As for qcos_list; each name begins with the prefix.
 */
QCOS_API
char *qcos_prefix_search(qcos_client client,
                         const char *bucket,
                         const char *path,
                         const char *prefix,
                         int32_t num,
                         const char *pattern,
                         int32_t order,
                         const char *context);

/**
 * Lists all entries of a folder, with as many requests as needed. Once `page` has taken two of them, the next page
 * is requested while it looks at one: two are in memory at a time (JSON API: one page, and one of each of up to 64
 * folders that come next, which are read side by side).
 *
 * @param client     An open client.
 * @param bucket     Name of the bucket.
 * @param path       The folder; "" or "/" for the bucket's root.
 * @param recursive  0: what is directly in it; 1: everything below it, with names such as
 *                   "sub/a.bin". In the XML API folders are then listed only where they were
 *                   created; a file whose key ends with "/" is listed with that.
 * @param page       Called with each page, of up to 1000 entries. Not NULL.
 * @param user_data  Passed to `page`.
 * @return A reply, to be freed with qcos_string_free. `data.count` counts the entries.
 *         A folder whose content cannot be listed, because no URL can express its name (".") or
 *         the JSON API rejects it ("a?b"), is also named in `data.failed`, with `path`, `code`
 *         and `message`; without one there is no `failed`. A list that the service does not lead to
 *         its end is QCOS_ERR_NETWORK, whatever pages came before.
 *         Errors: the library's own, and -166 or -197 when there is no such folder (JSON API).
 *
 *     {"code":0,"message":"SUCCESS","httpcode":200,"data":{"count":1203}}
 */
QCOS_API
char *qcos_list_all(qcos_client client,
                    const char *bucket,
                    const char *path,
                    int32_t recursive,
                    qcos_page_fn page,
                    void *user_data);

/**
 * Lists all entries of a folder whose names begin with a prefix, with as many requests as needed; one page is
 * in memory at a time.
 *
 * @param client     An open client.
 * @param bucket     Name of the bucket.
 * @param path       The folder; "" or "/" for the bucket's root.
 * @param prefix     As for qcos_prefix_search.
 * @param recursive  0: as qcos_prefix_search finds them; 1: everything below the found folders too, so
 *                   that "2026/a" finds "2026/archive/b.bin". In the XML API folders are then listed as
 *                   by qcos_list_all.
 * @param page       Called with each page, of up to 1000 entries. Not NULL.
 * @param user_data  Passed to `page`.
 * @return As for qcos_list_all; each name begins with the prefix.
 *
 *     {"code":0,"message":"SUCCESS","httpcode":200,"data":{"count":12}}
 */
QCOS_API
char *qcos_prefix_search_all(qcos_client client,
                             const char *bucket,
                             const char *path,
                             const char *prefix,
                             int32_t recursive,
                             qcos_page_fn page,
                             void *user_data);

/**
 * Uploads a local file: in one request up to 8 MiB, in slices of the option "slice_size" above.
 *
 * The stored object is verified against the local data, by SHA-1 (JSON API) or CRC64 (XML API); a
 * mismatch is QCOS_ERR_INTEGRITY.
 *
 * An existing file is replaced only with the option "overwrite"; otherwise the call returns -4018 if
 * it has the same content, and -177 if not. (The XML API recognizes the same content by its
 * CRC64, which objects of before 2018 lack; and it refuses a second of two uploads at the same
 * moment only in buckets that never had versions. With credentials that may upload but not read, only
 * the service guards what is there: it answers -177, and in a bucket that ever had versions it puts a
 * new one over it.)
 *
 * @param client     An open client.
 * @param filepath   The local file: a regular file of any size that does not change meanwhile.
 *                   Bytes as the system takes them, not necessarily UTF-8.
 * @param bucket     Name of the bucket.
 * @param dstpath    Where it goes, such as "photos/2026/a.jpg"; without a slash at the end.
 * @param biz_attr   Text to store with it, up to 65536 bytes; in the XML API 2040 when
 *                   percent-encoded. NULL for none.
 * @param progress   Progress callback; NULL for none.
 * @param user_data  Passed to `progress`.
 * @return A reply, to be freed with qcos_string_free. `data.verified` is what was compared: "crc64"
 *         or "sha1"; or "length", where the service provides no digest of what it holds. What was
 *         changed on its way is sent again, within the client's retries (XML API); of up to 8 MiB only
 *         with `overwrite`, else the call fails with QCOS_ERR_INTEGRITY, and what has arrived stays.
 *         `data.version_id` is that of the new version, where the service tells it: of a bucket with
 *         versions enabled (XML API). When a file in slices fails after it has begun, whatever the
 *         reason, `data.session` and `data.offset` of the reply let qcos_upload_slice go on.
 *         Errors: the library's own, and the service's.
 *
 *     {"code":0,"message":"SUCCESS","httpcode":200,
 *      "data":{"access_url":"http://bucket-10000001.file.myqcloud.com/photos/2026/a.jpg",
 *        "resource_path":"/10000001/bucket/photos/2026/a.jpg",
 *        "url":"http://web.file.myqcloud.com/files/v1/10000001/bucket/photos/2026/a.jpg",
 *        "verified":"sha1"}}
 */
QCOS_API
char *qcos_upload(qcos_client client,
                  const char *filepath,
                  const char *bucket,
                  const char *dstpath,
                  const char *biz_attr,
                  qcos_progress_fn progress,
                  void *user_data);

/**
 * Uploads a buffer: up to 8388608 bytes (8 MiB) in one request, more in slices, several at once, which
 * are sent from where they are: no byte is copied.
 *
 * @param client    An open client.
 * @param data      The bytes; NULL is fine when `len` is 0. They must not change during the call.
 * @param len       How many, up to 53687091200000, the largest object (xml-api.md §3.10).
 * @param bucket    Name of the bucket.
 * @param dstpath   Where they go.
 * @param biz_attr  As for qcos_upload.
 * @return As for qcos_upload. A failure leaves no unfinished upload behind: `data.session` names one
 *         only if the library could not drop it.
 */
QCOS_API
char *qcos_upload_buffer(qcos_client client,
                         const void *data,
                         size_t len,
                         const char *bucket,
                         const char *dstpath,
                         const char *biz_attr);

/**
 * Uploads a local file in slices, or resumes an upload that was interrupted.
 *
 * Slices are read as they are sent, several at once. In the JSON API the file is read once more
 * before, for its SHA-1, which is sent first: the service may have the content already, then nothing
 * is sent. A file that changes meanwhile ends the upload. An empty file goes in one request. In
 * the XML API a slice is a part of a multipart upload; of an upload that is gone on with, only parts
 * whose MD5 is that of the file are kept.
 *
 * @param client      An open client.
 * @param filepath    The local file, as for qcos_upload.
 * @param bucket      Name of the bucket.
 * @param dstpath     Where it goes.
 * @param biz_attr    As for qcos_upload.
 * @param slice_size  Bytes a slice, as for the option "slice_size"; 0 for the option's. In the JSON
 *                    API the service may decide for another. In the XML API a size that makes more
 *                    than 10000 slices of the file is QCOS_ERR_SLICE_SIZE.
 * @param session     NULL or "" to begin; or `data.session` of the reply to an upload of the
 *                    same file to the same place that failed. A session that the service has
 *                    forgotten is begun again.
 * @param progress    Progress callback; NULL for none.
 * @param user_data   Passed to `progress`.
 * @return As for qcos_upload; also QCOS_ERR_SLICE_SIZE.
 *
 *     {"code":-5,"message":"the caller has cancelled the call","httpcode":0,
 *      "data":{"offset":33554432,"session":"c3a1..."},
 *      "error":{"attempts":0,"kind":"cancelled","name":"QCOS_ERR_CANCELLED","retryable":false}}
 */
QCOS_API
char *qcos_upload_slice(qcos_client client,
                        const char *filepath,
                        const char *bucket,
                        const char *dstpath,
                        const char *biz_attr,
                        uint64_t slice_size,
                        const char *session,
                        qcos_progress_fn progress,
                        void *user_data);

/**
 * Uploads a local file, as qcos_upload does, with further options.
 *
 * @param client        An open client.
 * @param filepath      The local file, as for qcos_upload.
 * @param bucket        Name of the bucket.
 * @param dstpath       Where it goes.
 * @param options_json  NULL for none, or one JSON object of these keys; an unknown key or a wrong
 *                      value is an error that names it:
 *
 *     "biz_attr"       as for qcos_upload
 *     "overwrite"      true or false; default the client's option
 *     "acl"            who may read it: "private", "public-read" or "default"
 *     "headers"        an object of headers that are kept with the file and come with it:
 *                      Cache-Control, Content-Disposition, Content-Encoding, Content-Language,
 *                      Content-Type, Expires, and x-cos-meta-... of letters, digits and '-';
 *                      values are printable ASCII without blanks at their ends, up to 2048 bytes;
 *                      what stands for ... counts, too, and in the XML API all metadata with
 *                      "biz_attr" and 23 bytes of the library's are 4096 at most. Without
 *                      Content-Type the service finds one by the name's ending
 *     "on_failure"     what becomes of an upload in slices that fails or is cancelled: "keep" (default),
 *                      and the reply names its session, with which it can be resumed; or "abort": it is
 *                      dropped, so that it costs nothing
 *     "meta"           an object of metadata: names without "x-cos-meta-", values of any text in UTF-8, which
 *                      is percent-encoded where it is not ASCII, and told again by a stat as it was given;
 *                      encoded it has the limits of "headers"
 *     "storage_class"  XML API only: such as "STANDARD_IA", "INTELLIGENT_TIERING" or "ARCHIVE"
 *     "sse"            XML API only: how the service encrypts the file. "cos": with a key that it keeps;
 *                      {"kms":"KEY ID"}: with a key of KMS, "" is its default key, and with "context", a JSON
 *                      object in Base64, beside it where the key needs one; {"c":"KEY"}: with a key of your own,
 *                      32 bytes in Base64, over https only. Every later stat and download of the file must
 *                      name that key. An answer that does not confirm it is QCOS_ERR_INTEGRITY
 *     "tags"           XML API only: an object of tags, with the limits of qcos_set_tags
 *
 * @param progress      Progress callback; NULL for none.
 * @param user_data     Passed to `progress`.
 * @return As for qcos_upload. The JSON API takes `acl` and `headers` only once the file is there: a
 *         failure of that is the call's, with the file uploaded.
 */
QCOS_API
char *qcos_upload_with(qcos_client client,
                       const char *filepath,
                       const char *bucket,
                       const char *dstpath,
                       const char *options_json,
                       qcos_progress_fn progress,
                       void *user_data);

/**
 * Uploads bytes from memory, with attributes and progress. As qcos_upload_buffer, of any size: above 8 MiB
 * in slices, straight from the caller's memory.
 *
 * @param client        An open client.
 * @param data          The bytes; NULL is fine if len is 0. They must not change during the call.
 * @param len           How many.
 * @param bucket        Name of the bucket.
 * @param dstpath       Where they go.
 * @param options_json  As for qcos_upload_with; "on_failure" is "abort" by default.
 * @param progress      Progress callback; NULL for none.
 * @param user_data     Passed to `progress`.
 * @return As for qcos_upload_with. A failure leaves no unfinished upload, unless "on_failure" says so or
 *         dropping it failed, too: then `data.session` names it.
 */
QCOS_API
char *qcos_upload_buffer_with(qcos_client client,
                              const void *data,
                              size_t len,
                              const char *bucket,
                              const char *dstpath,
                              const char *options_json,
                              qcos_progress_fn progress,
                              void *user_data);

/**
 * Uploads what a callback reads, of a size that need not be known. Up to 8 MiB go in one request. More goes
 * in parts, in the XML API: of the option "slice_size", by default 8 MiB, and with "parallel" "auto" down to
 * 2 MiB where the service is far away. They grow as their number does, so that 10000 parts are enough. Memory
 * holds each part until the service has it; as much at once as the option "parallel" says, or one part that
 * is larger. A part that fails is sent again from there. The JSON API has to know the whole before it sends
 * the first byte, and takes 20 MiB (20971520) of a stream at most.
 *
 * @param client        An open client.
 * @param bucket        Name of the bucket.
 * @param dstpath       Where the bytes go.
 * @param options_json  NULL for none, or one JSON object of the keys of qcos_upload_with and of "length":
 *                      how many bytes there will be, if that is known. "on_failure" is "abort" by default.
 * @param read          Fills buffers with the bytes.
 * @param progress      Progress callback; NULL for none. Without "length" its total is 9007199254740991
 *                      (2^53 - 1) until the end of the stream.
 * @param user_data     Passed to `read` and `progress`.
 * @return As for qcos_upload_with. There is an object only when all bytes up to the end of the stream have
 *         arrived and were compared. A failure leaves no unfinished upload, unless "on_failure" says so or
 *         dropping it failed, too: then `data.session` names it.
 *         Errors: QCOS_ERR_PARAMS, too, for a stream that is longer or shorter than "length", or too long.
 */
QCOS_API
char *qcos_upload_stream(qcos_client client,
                         const char *bucket,
                         const char *dstpath,
                         const char *options_json,
                         qcos_read_fn read,
                         qcos_progress_fn progress,
                         void *user_data);

/**
 * Downloads a file to a local file. The local file is replaced as a whole or not at all.
 *
 * The content is written to an unnamed file, verified against what the service knows of the object,
 * flushed to disk, and then takes the place of `filepath`. Until then, and whatever fails, what was
 * at `filepath` is unchanged; a process that is killed leaves nothing behind. (Where the
 * file system has no files without a name, it is ".NAME.qcos-1" or so meanwhile; one that a killed
 * process has left is removed by the next download to the same place.) A connection that breaks
 * is replaced by one that continues where it stopped. With the option "checkpoint_dir" what has arrived of
 * a file above 8 MiB stays, and the next call continues there. Files above 8 MiB are fetched in ranges, as many at
 * once as the option "parallel" says, by threads that end before the call returns.
 *
 * @param client     An open client.
 * @param bucket     Name of the bucket.
 * @param path       The file.
 * @param filepath   Where it goes: a regular file, which is replaced and whose permissions are
 *                   kept, but for setuid, setgid and sticky bits; or nothing yet, in a folder that
 *                   can be written to. Not a symbolic link.
 *                   Bytes as the system takes them, not necessarily UTF-8.
 * @param progress   Progress callback; NULL for none.
 * @param user_data  Passed to `progress`.
 * @return A reply, to be freed with qcos_string_free. `data.sha` is the SHA-1, in hex, of what is
 *         in the file now; in the XML API `data.crc64` its CRC64, in decimal (`sha` where the
 *         service knows none). `data.verified` is what was compared: "crc64", "sha1" or "md5"; or
 *         "length", where the service knows no digest of the object. An MD5 is that of the ETag,
 *         where nothing better is known: of an object that came in one request, with no key of KMS
 *         or of its owner's own. An ETag that looks like one and is none makes the download fail as
 *         QCOS_ERR_INTEGRITY. `data.version_id` is that of what has arrived, in a bucket that has versions
 *         (XML API).
 *         Errors: the library's own, QCOS_ERR_INTEGRITY when something else arrived than was
 *         announced (a file of up to 8 MiB is fetched again then, within the client's retries) or the
 *         file was replaced meanwhile; -166, -197 or -6101 when there is no such
 *         file, -45062 while it is still being uploaded, -96 and others about the signature.
 *
 *     {"code":0,"message":"SUCCESS","httpcode":200,
 *      "data":{"filesize":5,"sha":"aaf4c61ddcc5e8a2dabede0f3b482cd9aea9434d","verified":"sha1"}}
 */
QCOS_API
char *qcos_download(qcos_client client,
                    const char *bucket,
                    const char *path,
                    const char *filepath,
                    qcos_progress_fn progress,
                    void *user_data);

/**
 * Downloads a file, or a version of it, to a local file, on conditions.
 *
 * @param client        An open client.
 * @param bucket        Name of the bucket.
 * @param path          The file.
 * @param filepath      As for qcos_download.
 * @param options_json  NULL for none, or one JSON object of these keys; an unknown key or a wrong
 *                      value is an error that names it:
 *
 *     "overwrite"            false: a local file that is there already is QCOS_ERR_LOCAL_FILE
 *                            (`error.kind` "exists"), and stays as it is; default true
 *     "version_id"           XML API only, as all below: this version of the file, by the `version_id` of a
 *                            stat; "null" is that of before the bucket had any. One that is not there is
 *                            -166, and so is a delete marker, with `data.delete_marker` true.
 *     "if_match"             an ETag, as a stat or list returns it, with or
 *                            without its quotes. An object with another is refused with the code -412.
 *     "if_none_match"        an ETag. An object with the same is refused with the code -304.
 *     "if_modified_since"    Unix seconds. An object that has not changed since is refused with -304.
 *     "if_unmodified_since"  Unix seconds. An object that has changed since is refused with -412.
 *     "sse"                  how the file is encrypted, as for qcos_upload_with: {"c":"KEY"} for one that is
 *                            encrypted with a key of your own; another key is -289 or -182. "cos" and
 *                            {"kms":"KEY ID"} need not be said: a file that is encrypted otherwise, or not at
 *                            all, is QCOS_ERR_INTEGRITY then.
 *
 * @param progress      Progress callback; NULL for none.
 * @param user_data     Passed to `progress`.
 * @return As for qcos_download.
 */
QCOS_API
char *qcos_download_with(qcos_client client,
                         const char *bucket,
                         const char *path,
                         const char *filepath,
                         const char *options_json,
                         qcos_progress_fn progress,
                         void *user_data);

/**
 * Downloads some bytes of a file into memory. In the XML API up to 8 MiB take one request; more are
 * fetched in ranges, as many at once as the option "parallel" says, by threads that end before the call
 * returns.
 *
 * @param client        An open client.
 * @param bucket        Name of the bucket.
 * @param path          The file.
 * @param offset        Where the bytes begin in the file, from 0 on. At the file's end there are none; behind
 *                      it is QCOS_ERR_PARAMS.
 * @param buffer        Where they go. NULL is fine if size is 0. After a failure it holds anything.
 * @param size          How many are wanted. Fewer arrive where the file ends before that.
 * @param options_json  NULL for none, or one JSON object of "version_id", "sse" and the conditions of
 *                      qcos_download_with.
 *                      Programs that read a file piece by piece pass "if_match" with the ETag of the
 *                      first reply, so that all pieces are of the same content.
 * @return A reply, to be freed with qcos_string_free. `data.len` is the number of bytes in `buffer`,
 *         `data.filesize` that of the whole file, `data.etag` its ETag, with its quotes, where the service
 *         provides one. `data.verified` is what was compared: a whole file's digest as of qcos_download;
 *         of a part "length", as the service knows digests of whole files alone. All of them are of one
 *         version of the file: `data.version_id`, as of qcos_download.
 *         Errors: as for qcos_download.
 *
 *     {"code":0,"message":"SUCCESS","httpcode":200,
 *      "data":{"etag":"\"5d41402abc4b2a76b9719d911017c592\"","filesize":5,"len":2,"verified":"length"}}
 */
QCOS_API
char *qcos_download_buffer(qcos_client client,
                           const char *bucket,
                           const char *path,
                           int64_t offset,
                           void *buffer,
                           size_t size,
                           const char *options_json);

/**
 * Downloads a file, or some of it, to a callback, in order. Ranges of large files are fetched ahead, as many
 * at once as the option "parallel" says, each of 2 to 8 MiB, which memory holds until the callback
 * has taken them. A connection that breaks is replaced by one that continues where it stopped.
 *
 * @param client        An open client.
 * @param bucket        Name of the bucket.
 * @param path          The file.
 * @param options_json  NULL for all of the file, or one JSON object of "version_id", "sse" and the conditions
 *                      of qcos_download_with and of these keys:
 *
 *     "offset"  where the bytes begin, from 0 on; default 0. Behind the file's end is QCOS_ERR_PARAMS.
 *     "length"  how many at most; default all
 *     "last"    the last so many instead, or all where the file is shorter
 *
 * @param write         Receives the bytes.
 * @param user_data     Passed to `write`.
 * @return As of qcos_download_buffer, with the bytes that `write` has received as `data.len`. A whole
 *         file is compared at its end: after QCOS_ERR_INTEGRITY, as after every failure, what `write` has
 *         received is not to be used.
 *         Errors: as for qcos_download.
 *
 *     {"code":0,"message":"SUCCESS","httpcode":200,
 *      "data":{"etag":"\"5d41402abc4b2a76b9719d911017c592\"","filesize":5,"len":5,"verified":"crc64"}}
 */
QCOS_API
char *qcos_download_stream(qcos_client client,
                           const char *bucket,
                           const char *path,
                           const char *options_json,
                           qcos_write_fn write,
                           void *user_data);

/**
 * Returns a signed URL with which anyone can download a file, also from a private bucket, until it
 * expires. No request is sent: whether the file exists shows when the URL is used.
 *
 * @param client     An open client.
 * @param bucket     Name of the bucket.
 * @param path       The file.
 * @param expires_s  For how long, in seconds from now: 1 to 7776000 (90 days), and no longer than the
 *                   client's credentials live, where their end is known.
 * @return A reply, to be freed with qcos_string_free. `data.url` is the URL. It holds a signature
 *         for this file, and a temporary account's token: who knows it can read the file.
 *         Errors: QCOS_ERR_PARAMS, QCOS_ERR_HANDLE.
 *
 *     {"code":0,"message":"SUCCESS","httpcode":0,
 *      "data":{"url":"https://bucket-10000001.file.myqcloud.com/dir/a.bin?sign=Kz1bB...%3D"}}
 */
QCOS_API
char *qcos_download_url(qcos_client client,
                        const char *bucket,
                        const char *path,
                        int64_t expires_s);

/**
 * Replaces the attribute (`biz_attr`) of a file and keeps everything else.
 *
 * In the XML API the file is copied onto itself with all that it has (headers, metadata, storage
 * class, encryption, access rights), files above 5 GiB in parts. It needs the right to read the
 * file's access rights (cos:GetObjectACL). A concurrent change by somebody else is kept, and
 * the attribute is set again; -412 when others keep changing the file, or have just overwritten it.
 * The service reports times in whole seconds: if the file was changed within the current second, the
 * call waits until that second is over.
 *
 * @param client    An open client.
 * @param bucket    Name of the bucket.
 * @param path      The file.
 * @param biz_attr  The new text, as long as for qcos_upload; "" clears it. Not NULL.
 * @return A reply, to be freed with qcos_string_free. Its data is empty.
 *         Errors: the library's own, and -166 or -197 when there is no such file; QCOS_ERR_PARAMS,
 *         with nothing changed, when something of the file cannot be kept (see qcos_copy_file).
 */
QCOS_API
char *qcos_update_file(qcos_client client,
                       const char *bucket,
                       const char *path,
                       const char *biz_attr);

/**
 * Changes what is named of a file, and keeps everything else: its content is not sent again.
 *
 * In the XML API the file is copied onto itself, as by qcos_update_file, which tells what that needs; it
 * stays encrypted as it is. Where everything is as it is to be already, nothing is written, and `data.changed`
 * is false. Who may read it is set last, by a request of its own.
 *
 * @param client        An open client.
 * @param bucket        Name of the bucket.
 * @param path          The file.
 * @param options_json  One JSON object of at least one of these keys; an unknown key or a wrong value is an
 *                      error that names it:
 *
 *     "biz_attr"       as for qcos_update_file
 *     "headers"        headers as for qcos_upload_with, each replaced; null removes one, but Content-Type. The
 *                      JSON API knows no single ones: those that are named take the place of all
 *     "meta"           metadata as for qcos_upload_with, each replaced; null removes one. In the JSON API as
 *                      "headers", and together with them
 *     "acl"            who may read it: "private", "public-read" or "default"
 *     "storage_class"  XML API only: as for qcos_upload_with
 *     "sse"            XML API only: {"c":"KEY"} for a file that is encrypted with a key of your own, which it
 *                      keeps; changes nothing by itself
 *
 * @return A reply, to be freed with qcos_string_free. `data.changed`, in the XML API, is whether anything was
 *         written.
 *         Errors: as for qcos_update_file.
 *
 *     {"code":0,"message":"SUCCESS","httpcode":200,"data":{"changed":true}}
 */
QCOS_API
char *qcos_update_with(qcos_client client,
                       const char *bucket,
                       const char *path,
                       const char *options_json);

/**
 * Returns a file's metadata.
 *
 * @param client  An open client.
 * @param bucket  Name of the bucket.
 * @param path    The file.
 * @return A reply, to be freed with qcos_string_free. Sizes are in bytes, times Unix seconds,
 *         `sha` is SHA-1 in hex of either case. `filelen` less than `filesize`: it is still being
 *         uploaded. The XML API has `crc64` (decimal; objects of before 2018 have none) and
 *         `etag` instead of `sha`, and also tells `headers` (Content-Type and the other headers of
 *         qcos_upload_with, names in lower case), `meta` (the x-cos-meta-... of its uploader, names
 *         without that), `storage_class`, `type` ("normal" or "appendable"), in a bucket that has versions
 *         `version_id`, of an archived file that is or was restored `restore`, in the service's words, such
 *         as `ongoing-request="true"`, and of an encrypted file `sse`: "cos", {"kms":"KEY ID"}, or {"c_md5":...}
 *         with the MD5, in Base64, of a key of its owner's own.
 *         Errors: the library's own, and -166 or -197 when there is no such file.
 *
 *     {"code":0,"message":"SUCCESS","httpcode":200,
 *      "data":{"access_url":"http://bucket-10000001.file.myqcloud.com/dir/a.bin","biz_attr":"",
 *        "ctime":"1480000001","filelen":5,"filesize":5,"mtime":"1480000002","name":"a.bin",
 *        "sha":"AAF4C61DDCC5E8A2DABEDE0F3B482CD9AEA9434D"}}
 */
QCOS_API
char *qcos_stat_file(qcos_client client,
                     const char *bucket,
                     const char *path);

/**
 * Returns a file's metadata as qcos_stat_file does, of a version of the file, or on conditions.
 *
 * @param client        An open client.
 * @param bucket        Name of the bucket.
 * @param path          The file.
 * @param options_json  NULL for none, or one JSON object of "version_id", "sse" and the conditions of
 *                      qcos_download_with, all of them XML API only.
 * @return As of qcos_stat_file. `data.url` and the other URLs of a version lead to that version.
 *         Errors: as for qcos_stat_file and, about versions and conditions, for qcos_download_with.
 */
QCOS_API
char *qcos_stat_with(qcos_client client,
                     const char *bucket,
                     const char *path,
                     const char *options_json);

/**
 * Deletes a file, or (JSON API) an unfinished upload of it. In the XML API, with credentials that may
 * delete files but not read their metadata, this succeeds also when there is no such file.
 *
 * In a bucket that has versions all of them stay, behind a delete marker that hides them.
 *
 * @param client  An open client.
 * @param bucket  Name of the bucket.
 * @param path    The file.
 * @return A reply, to be freed with qcos_string_free. Its data is empty; in a bucket that has versions
 *         `delete_marker` is true, and `version_id` is that of the marker, unless the service's answer
 *         was lost.
 *         Errors: the library's own, and -166 or -197 when there is no such file.
 */
QCOS_API
char *qcos_delete_file(qcos_client client,
                       const char *bucket,
                       const char *path);

/**
 * Deletes a file as qcos_delete_file does, or one of its versions for good.
 *
 * A delete marker has a version_id, too: when the newest is deleted, the file is there again. Of "null", the
 * version of before the bucket had any, it is not sure that the service tells whether it was there: where it
 * tells nothing, the call succeeds.
 *
 * @param client        An open client.
 * @param bucket        Name of the bucket.
 * @param path          The file.
 * @param options_json  NULL for none, or one JSON object of this key; an unknown key or a wrong value is
 *                      an error that names it:
 *
 *     "version_id"  XML API only: the version or delete marker that is deleted. The other versions stay.
 *
 * @return A reply, to be freed with qcos_string_free. In a bucket that has versions, `data.version_id` is
 *         that of the version that is gone, or of the delete marker that was made; `data.delete_marker` is
 *         true where it is a delete marker.
 *         Errors: the library's own, and -166 or -197 when there is no such file or version.
 *
 *     {"code":0,"message":"SUCCESS","httpcode":200,
 *      "data":{"version_id":"MTg0NDUxNTc1NjIzMTQ1MDAwODg"}}
 */
QCOS_API
char *qcos_delete_with(qcos_client client,
                       const char *bucket,
                       const char *path,
                       const char *options_json);

/**
 * Moves or renames a file within its bucket. Folders cannot be moved.
 *
 * In the XML API this is a copy, as by qcos_copy_file, followed by a delete of the source: a failure
 * in between leaves both. A source that somebody else has changed meanwhile, even its headers or
 * access rights alone, is not deleted: QCOS_ERR_INTEGRITY.
 *
 * @param client     An open client.
 * @param bucket     Name of the bucket.
 * @param path       The file.
 * @param dst_path   Where it goes, from the bucket's root; not `path` itself.
 * @param overwrite  1: an existing file is replaced; 0: it is kept, and the call fails.
 * @return A reply, to be freed with qcos_string_free. Its data is empty; in a bucket with versions enabled
 *         `version_id` is that of the new file (XML API). What was moved is then hidden by a delete
 *         marker, and its versions stay.
 *         Errors: the library's own, -166 or -197 when there is no such file; -177, -178 or
 *         -4018 (the same content, XML API) when `dst_path` is there already.
 */
QCOS_API
char *qcos_move_file(qcos_client client,
                     const char *bucket,
                     const char *path,
                     const char *dst_path,
                     int32_t overwrite);

/**
 * Copies a file within its bucket, with its attribute, storage class, encryption and access rights.
 * The JSON API has no such call: for its clients the reply is always QCOS_ERR_PARAMS, and
 * nothing is sent.
 *
 * In the XML API the service copies; files above 5 GiB in parts. The option "region" must be known.
 * Access rights that the service lists are given to the copy, those of single accounts too, for
 * which the right to read them (cos:GetObjectACL) is needed. The call is refused with
 * QCOS_ERR_PARAMS, by name and with nothing changed, when something cannot be kept: grants that no
 * request can make, a KMS key that the service does not name, keys of SSE-C. Of a file above 5 GiB the tags
 * are read and said again, for which the right to read them (cos:GetObjectTagging) is needed.
 *
 * The copy is compared with its source by CRC64, else by MD5 where both ETags are one, else by size.
 * One that differs is QCOS_ERR_INTEGRITY; it stays at `dst_path`, and the source stays as it was.
 *
 * @param client     An open client.
 * @param bucket     Name of the bucket.
 * @param path       The file.
 * @param dst_path   Where the copy goes, from the bucket's root; not `path` itself.
 * @param overwrite  As for qcos_move_file.
 * @return A reply, to be freed with qcos_string_free. Its data, and errors, as of qcos_move_file.
 */
QCOS_API
char *qcos_copy_file(qcos_client client,
                     const char *bucket,
                     const char *path,
                     const char *dst_path,
                     int32_t overwrite);

/**
 * Copies a file as qcos_copy_file does, also to another bucket, from another region or of one of its
 * versions; with other headers, storage class or access rights; or moves it. XML API only.
 *
 * `dst_bucket` is in the client's region. What the options do not name, the copy has of its source: headers
 * and metadata, storage class, encryption, tags and access rights, with the same refusals as for
 * qcos_copy_file. The service copies; files above 5 GiB in parts, as many at once as the option "parallel"
 * says.
 *
 * With "move", the source is deleted once the service has confirmed the copy, and only if nobody has changed
 * it meanwhile: QCOS_ERR_INTEGRITY if so, with both left. A failure in between leaves both, too.
 *
 * @param client        An open client.
 * @param bucket        Name of the source's bucket.
 * @param path          The file.
 * @param dst_bucket    Name of the bucket that the copy goes to; may be `bucket`.
 * @param dst_path      Where the copy goes, from the bucket's root. In the same bucket it must not be `path`
 *                      itself, unless "version_id" is given: that restores an older version.
 * @param options_json  NULL for none, or one JSON object of these keys; an unknown key or a wrong value is
 *                      an error that names it:
 *
 *     "src_region"     the region of `bucket`, if it is not the client's, such as "ap-shanghai"
 *     "src_appid"      the account of `bucket`, if it is not the client's; its owner must have granted the
 *                      client's keys to read the file and its access rights
 *     "version_id"     the version that is copied; default: the newest. Excludes "move"
 *     "overwrite"      true or false: whether a file at `dst_path` is replaced, or kept, and the call fails;
 *                      default: the client's option
 *     "move"           true: the source is deleted in the end
 *     "headers"        as for qcos_upload_with: those that the copy has instead of its source's of the same
 *                      names; the others are kept
 *     "meta"           the same of metadata, as for qcos_upload_with
 *     "storage_class"  as for qcos_upload_with
 *     "tags"           an object of tags, with the limits of qcos_set_tags, that the copy has instead of its
 *                      source's; {} for none
 *     "sse"            as for qcos_upload_with: how the copy is encrypted; default: as its source. An answer
 *                      that does not confirm it is QCOS_ERR_INTEGRITY, and the source stays
 *     "src_sse"        {"c":"KEY"}: the key of a source that is encrypted with a key of one's own, over https
 *                      only. Without "sse" the copy has the same key
 *     "acl"            as for qcos_upload_with. With it, the right to read the source's access rights is not
 *                      needed
 *
 * @param progress      Called with the bytes that are copied, after each part; NULL for none.
 * @param user_data     Passed to `progress`.
 * @return A reply, to be freed with qcos_string_free. `data` has the addresses of the copy, `filesize` in
 *         bytes, its `crc64` where the service tells it, `verified` ("crc64", "md5" or "length": by what it
 *         was compared with its source), and in a bucket that has versions the `version_id` of the copy.
 *         Errors: the library's own, -166 or -197 when there is no such file or version; -177, -178 or
 *         -4018 (the same content) when `dst_path` is there already.
 *
 *     {"code":0,"message":"SUCCESS","httpcode":200,
 *      "data":{"access_url":"https://backup-1250000000.cos.ap-guangzhou.myqcloud.com/a.bin",
 *        "crc64":"11051210869376104954","filesize":5,"resource_path":"/1250000000/backup/a.bin",
 *        "source_url":"https://backup-1250000000.cos.ap-guangzhou.myqcloud.com/a.bin",
 *        "url":"https://backup-1250000000.cos.ap-guangzhou.myqcloud.com/a.bin","verified":"crc64"}}
 */
QCOS_API
char *qcos_copy_with(qcos_client client,
                     const char *bucket,
                     const char *path,
                     const char *dst_bucket,
                     const char *dst_path,
                     const char *options_json,
                     qcos_progress_fn progress,
                     void *user_data);

/**
 * Copies a folder with everything below it, in its bucket, to another bucket or from another region, as
 * qcos_copy_with does of each file; or moves, so renames it. XML API only.
 *
 * Source and target are listed page by page, and a file that is at the target already with the same content is
 * not copied again: a call that failed can just be made again. What is the same is told by the ETags of the
 * lists where they are MD5s, else by the CRC64 that a HEAD of both tells; with "sse" or "src_sse" always by
 * these, which tell the encryption, too. Files up to 5 GiB are copied side by side, as many at once as the
 * option "parallel" says; then the larger ones, one after the other, each in parts. Folders with nothing in
 * them are made.
 *
 * With "move", each source is deleted once its copy is proven and if nobody has changed it meanwhile; folders
 * go in the end, if nothing is left in them and no file failed. A call that was broken off has moved some
 * files and left the others: none is lost, and the same call goes on.
 *
 * @param client        An open client.
 * @param bucket        Name of the source's bucket.
 * @param path          The folder; "" or "/" for the bucket's root.
 * @param dst_bucket    Name of the bucket that it goes to; may be `bucket`.
 * @param dst_path      The folder that it becomes; "" or "/" for the bucket's root. What is there already
 *                      stays. In the same bucket neither folder may be in the other.
 * @param options_json  NULL for none, or one JSON object of the keys of qcos_copy_with (but not "version_id"),
 *                      which are for every file, and of "include", "exclude", "compare" and "dry_run" as for
 *                      qcos_upload_tree. With "move", files are always compared by content.
 * @param progress      Called with the bytes of all files, also after each file; NULL for none. The total
 *                      grows with each page that is listed; done == total comes only once, in the end.
 * @param user_data     Passed to `progress`.
 * @return As for qcos_upload_tree, with `data.copied` or `data.moved`, and `action` "copy" or "move"; names
 *         are relative to `path`. A file that was at the target already and whose source was then deleted
 *         counts as moved.
 *         Errors: the library's own, and the service's; -166 or -197 when there is no such folder.
 *
 *     {"code":0,"message":"SUCCESS","httpcode":200,
 *      "data":{"copied":2,"failed":[],"same":1,"skipped":[]}}
 */
QCOS_API
char *qcos_copy_tree(qcos_client client,
                     const char *bucket,
                     const char *path,
                     const char *dst_bucket,
                     const char *dst_path,
                     const char *options_json,
                     qcos_progress_fn progress,
                     void *user_data);

/**
 * Replaces all tags of a file. XML API only.
 *
 * Uploads take tags, too (option "tags" of qcos_upload_with). In a bucket that has versions the newest has them.
 *
 * @param client     An open client.
 * @param bucket     Name of the bucket.
 * @param path       The file.
 * @param tags_json  One JSON object of keys and values, such as {"project":"apollo"}; {} deletes all tags. Not
 *                   NULL. Up to 10 tags, keys of 1 to 128 characters, values of up to 256: letters, digits,
 *                   blanks and + - = . _ : / \@. (The service's own pages differ about letters of other
 *                   scripts, and '\@': what it does not take, it refuses.)
 * @return A reply, to be freed with qcos_string_free. Its data is empty.
 *         Errors: the library's own, QCOS_ERR_PARAMS with a client of the JSON API, and -166 or -197 when there
 *         is no such file.
 */
QCOS_API
char *qcos_set_tags(qcos_client client,
                    const char *bucket,
                    const char *path,
                    const char *tags_json);

/**
 * Returns a file's tags. XML API only.
 *
 * @param client  An open client.
 * @param bucket  Name of the bucket.
 * @param path    The file.
 * @return A reply, to be freed with qcos_string_free. `data.tags` is an object of keys and values, empty where
 *         there are none.
 *         Errors: as for qcos_set_tags.
 *
 *     {"code":0,"message":"SUCCESS","httpcode":200,"data":{"tags":{"project":"apollo","year":"2026"}}}
 */
QCOS_API
char *qcos_get_tags(qcos_client client,
                    const char *bucket,
                    const char *path);

/**
 * Asks the service to restore an archived file (storage class ARCHIVE or DEEP_ARCHIVE): to make a copy of it
 * that can be downloaded for some days. XML API only.
 *
 * It takes minutes to days. qcos_stat_file tells how far it is: `data.restore` is `ongoing-request="true"`, later
 * `ongoing-request="false", expiry-date="..."`. Before, a download is -403 InvalidObjectState. The file stays
 * archived, and the copy is deleted by itself.
 *
 * @param client  An open client.
 * @param bucket  Name of the bucket.
 * @param path    The file.
 * @param days    How many days the copy stays, from 1 on.
 * @param tier    How fast: "Standard" (3 to 5 hours, of DEEP_ARCHIVE 12 to 24), "Expedited" (1 to 5 minutes, not
 *                of DEEP_ARCHIVE) or "Bulk" (5 to 12 hours, of DEEP_ARCHIVE 24 to 48), which differ in price; NULL
 *                for "Standard".
 * @return A reply, to be freed with qcos_string_free. `data.state` is "started" (`httpcode` 202); "in_progress",
 *         where it had been asked for already (409), and the first request's days and tier count; or "restored" (200),
 *         where there is a copy, which stays for `days` from now on.
 *         Errors: the library's own, QCOS_ERR_PARAMS with a client of the JSON API, -166 or -197 when there is
 *         no such file, -405 RestoreNonArchiveObject when it is not archived.
 *
 *     {"code":0,"message":"SUCCESS","httpcode":202,"data":{"state":"started"}}
 */
QCOS_API
char *qcos_restore_file(qcos_client client,
                        const char *bucket,
                        const char *path,
                        int32_t days,
                        const char *tier);

/**
 * Appends bytes to a file, or begins one that can be appended to. XML API only.
 *
 * The bytes are appended exactly once, also when the answer is lost: then the length and the CRC64 of the file,
 * else the bytes at `position`, tell whether they are there. (Of two writers that append the same bytes at the same
 * position, both may be told that they have succeeded.) A file that was uploaded otherwise cannot be appended to, and
 * an upload over this one makes it such a file. The service does not copy, move or update a file that can be appended
 * to. In a bucket that has versions, appends make none.
 *
 * @param client        An open client.
 * @param data          The bytes; NULL is fine when `len` is 0.
 * @param len           How many. The file can have up to 5368709120 bytes (5 GiB).
 * @param bucket        Name of the bucket.
 * @param path          The file.
 * @param position      Where it ends so far: 0 to begin it, then `data.position` of the last reply.
 * @param options_json  NULL for none, or with position 0 one JSON object of the keys "biz_attr", "headers", "acl"
 *                      and "storage_class" of qcos_upload_with. Later appends cannot change them.
 * @return A reply, to be freed with qcos_string_free. `data.position` is where the file ends now.
 *         Errors: the library's own, QCOS_ERR_PARAMS with a client of the JSON API; -409 AppendPositionErr when
 *         the file does not end at `position`, -409 ObjectNotAppendable when it cannot be appended to.
 *
 *     {"code":0,"message":"SUCCESS","httpcode":200,"data":{"position":4096}}
 */
QCOS_API
char *qcos_append(qcos_client client,
                  const void *data,
                  size_t len,
                  const char *bucket,
                  const char *path,
                  int64_t position,
                  const char *options_json);

/**
 * Uploads a local folder with everything below it. The target is listed, and a file that is there with the
 * same content is not sent: an unchanged tree takes a request for each 1000 files (JSON API: 199 of one
 * folder). Files are compared and those up to 8 MiB sent side by side, as many at once as the option
 * "parallel" says; then the larger ones, one after the other, each in slices. Folders with nothing in them
 * are created. The names of one folder at a time are in memory.
 *
 * A call that failed can just be made again. A file counts as the same when its size is, and a digest: the
 * SHA-1 (JSON API) or MD5 in the list, else the CRC64 that a HEAD tells, for files that came in parts or are
 * encrypted. What is the same keeps the headers that it has, also with "overwrite". Where the credentials may
 * not list, each file is sent, or refused by the service as the same.
 * With the option "checkpoint_dir" of an XML API client, what was found to be the same is remembered: a file
 * whose size, times and inode have not changed since, nor the object's ETag in the list, is neither read nor asked
 * about again. A file that was changed within two seconds before it was read is not remembered.
 * Symbolic links to files are followed; those to folders are skipped, as is what is neither file
 * nor folder.
 *
 * @param client        An open client.
 * @param dirpath       The local folder.
 * @param bucket        Name of the bucket.
 * @param dstpath       The folder it becomes; "" or "/" for the bucket's root. What is there
 *                      already stays.
 * @param options_json  NULL for none, or one JSON object of the keys of qcos_upload_with, which are for every
 *                      file (but not "on_failure"), and of these:
 *
 *     "include"        an array of patterns: files that match none are left out; default: all take part
 *     "exclude"        an array of patterns: what matches one is left out, though it is included, and a
 *                      folder with all that is in it
 *     "compare"        "content" or "size": by what a file is the same; default "content"
 *     "dry_run"        true: nothing is changed; `data.plan` tells what would be
 *     "delete"         true: what the folder in the bucket has and the local one does not is deleted, once
 *                      all else has succeeded; what patterns leave out stays
 *     "times"          true: the time of modification is sent, as x-cos-meta-mtime. XML API
 *     "modes"          true: so is the mode, as x-cos-meta-mode. XML API
 *
 *                      A pattern is about names relative to the folder: "*" stands for any characters of one
 *                      segment, "?" for one, "[a-z]" and "[!a-z]" for one of these or of all others; a segment
 *                      of two stars stands for any number of segments. Without a slash it is about a segment
 *                      anywhere ("*.o", ".git"), with one about the whole name ("/build", "docs/?.md"); one
 *                      that ends with a slash is about folders.
 *
 *                      "delete" deletes nothing, and fails, when the folder has no file, when something was
 *                      skipped, or when `dirpath` is itself a link.
 * @param progress      Called with the bytes of all files, also after each file; NULL for none. The
 *                      total is found out first, and grows while it is (and when files do).
 * @param user_data     Passed to `progress`.
 * @return A reply, to be freed with qcos_string_free. `data.uploaded` counts the files that were
 *         sent, `data.same` those that were there already, `data.deleted` those that were deleted;
 *         `data.skipped` and `data.failed` name the others, relative to `dirpath`. `data.plan` of a dry run
 *         holds objects of `path` and `action` ("upload" or "delete"). Of each, 1000 are named and the others
 *         counted, as `data.skipped_more`, `data.failed_more` and `data.plan_more`.
 *         When some failed, the code is that of the first, and all others were still tried; only what
 *         concerns them all (the network, the credentials, the bucket, a callback that cancels) ends the
 *         call. `session` and `offset` of one that failed let qcos_upload_slice go on with it. Where the
 *         service provides no digest of what it holds, `data.unverified` counts the files of which only the
 *         length was compared.
 *         Errors: the library's own, and the service's.
 *
 *     {"code":-177,"message":"1 of 4 were not uploaded; a/b.jpg because: another file is there already",
 *      "httpcode":409,"data":{"uploaded":2,"same":1,"skipped":["a/socket"],
 *        "failed":[{"code":-177,"message":"another file is there already","path":"a/b.jpg",
 *          "service_code":""}]},"error":{...}}
 */
QCOS_API
char *qcos_upload_tree(qcos_client client,
                       const char *dirpath,
                       const char *bucket,
                       const char *dstpath,
                       const char *options_json,
                       qcos_progress_fn progress,
                       void *user_data);

/**
 * Downloads a folder with everything below it, page by page as the service lists it; the files of a page as
 * for qcos_upload_tree. Local files that have the listed content already are not fetched again, so that a
 * call that failed can just be made again. The memory that it takes does not grow with the number of files.
 *
 * Nothing is written or read outside `dirpath`: a file whose name has a segment that is empty, "."
 * or ".." fails, also one that ends with "/" and has content; and no symbolic link below `dirpath`
 * is followed, whenever it came there. `dirpath` itself may be one.
 *
 * @param client        An open client.
 * @param bucket        Name of the bucket.
 * @param path          The folder; "" or "/" for the bucket's root.
 * @param dirpath       The local folder that it becomes; made if it is not there, with those that
 *                      it is in. What else is in it stays.
 * @param options_json  NULL for none, or one JSON object of these keys:
 *
 *     "include"        as for qcos_upload_tree
 *     "exclude"        as for qcos_upload_tree
 *     "compare"        as for qcos_upload_tree
 *     "dry_run"        as for qcos_upload_tree
 *     "overwrite"      true or false: whether a local file with other content is replaced or
 *                      fails as QCOS_ERR_LOCAL_FILE; default true
 *     "delete"         true: regular files below `dirpath` that the folder does not have are deleted, once
 *                      all else has succeeded and the service has confirmed of each that it is not there,
 *                      and then the folders that are empty, unless it has them;
 *                      nothing is, and the call fails, when the folder has no file
 *     "times"          true: a file that is fetched gets the time of modification that it was uploaded with,
 *                      else that of its upload. XML API
 *     "modes"          true: it gets the mode that it was uploaded with, but no more than 0777. XML API
 *     "sse"            how all the files are encrypted, as for qcos_download_with. XML API
 *
 * @param progress      Called with the bytes of all files, also after each file; NULL for none. The
 *                      total grows with each page that is listed; done == total comes only once, in
 *                      the end.
 * @param user_data     Passed to `progress`.
 * @return As for qcos_upload_tree, with `data.downloaded`, and `action` "download" or "delete"; names are
 *         relative to `path`.
 *         Errors: the library's own, and the service's; -166 or -197 when there is no such folder.
 *
 *     {"code":0,"message":"SUCCESS","httpcode":200,
 *      "data":{"downloaded":2,"failed":[],"same":1,"skipped":[]}}
 */
QCOS_API
char *qcos_download_tree(qcos_client client,
                         const char *bucket,
                         const char *path,
                         const char *dirpath,
                         const char *options_json,
                         qcos_progress_fn progress,
                         void *user_data);

/**
 * Deletes many files: in the XML API up to 1000 per request, in the JSON API one by one.
 *
 * @param client      An open client.
 * @param bucket      Name of the bucket.
 * @param paths_json  The files: a JSON array of 1 to 100000 strings, such as ["a.jpg","b/c.jpg"]. A
 *                    slash at the end is part of the name: it means an empty folder, or in the XML
 *                    API a file of that key.
 * @return A reply, to be freed with qcos_string_free. `data.deleted` counts the files that are
 *         gone, including those that did not exist. If some could not be deleted, the code is that
 *         of the first, and `data.failed` names each of them.
 *         Errors: the library's own, and the service's.
 *
 *     {"code":-289,"message":"1 of 3 were not deleted; b/c.jpg because: Access Denied.","httpcode":200,
 *      "data":{"deleted":2,"failed":[{"code":-289,"message":"Access Denied.","path":"b/c.jpg",
 *        "service_code":"AccessDenied"}]},"error":{...}}
 */
QCOS_API
char *qcos_delete_files(qcos_client client,
                        const char *bucket,
                        const char *paths_json);

/**
 * Deletes a folder with everything below it, folders included. Files that others create there
 * meanwhile may remain. Keys that no request can name for certain, such as one that is not UTF-8, are
 * reported in `data.failed`.
 *
 * @param client  An open client.
 * @param bucket  Name of the bucket.
 * @param path    The folder; not the bucket's root.
 * @return As for qcos_delete_files; folders count as well, and the reply grows with the number of
 *         objects that stay. -166 or -197 when there is no such
 *         folder.
 */
QCOS_API
char *qcos_delete_tree(qcos_client client,
                       const char *bucket,
                       const char *path);

/**
 * Creates a bucket in the client's region. XML API only.
 *
 * @param client  An open client.
 * @param bucket  Its name: lower-case letters, digits and '-'.
 * @param acl     "private", "public-read" or "public-read-write"; NULL for "private".
 * @return A reply, to be freed with qcos_string_free. Its data is empty.
 *         Errors: the library's own, QCOS_ERR_PARAMS with a client of the JSON API, and -176 when
 *         there is such a bucket.
 */
QCOS_API
char *qcos_create_bucket(qcos_client client,
                         const char *bucket,
                         const char *acl);

/**
 * Checks that a bucket exists and that the credentials may use it.
 *
 * @param client  An open client.
 * @param bucket  Name of the bucket.
 * @return A reply, to be freed with qcos_string_free. `data.region` if the service reports it.
 *         Errors: the library's own, -166 or -133 when there is no such bucket, -289 when it is
 *         another account's.
 *
 *     {"code":0,"message":"SUCCESS","httpcode":200,"data":{"region":"ap-guangzhou"}}
 */
QCOS_API
char *qcos_head_bucket(qcos_client client,
                       const char *bucket);

/**
 * Deletes an empty bucket. XML API only.
 *
 * @param client  An open client.
 * @param bucket  Name of the bucket. Unfinished uploads count as content (qcos_list_uploads).
 * @return A reply, to be freed with qcos_string_free. Its data is empty.
 *         Errors: the library's own, QCOS_ERR_PARAMS with a client of the JSON API, -133 when
 *         there is no such bucket, -173 when it is not empty.
 */
QCOS_API
char *qcos_delete_bucket(qcos_client client,
                         const char *bucket);

/**
 * Lists the account's buckets. XML API only. The request goes to the option "endpoint" if it is set,
 * and the list is what that host returns; otherwise it goes to "https://service.cos.myqcloud.com",
 * which returns the buckets of all regions.
 *
 * @param client  An open client; not one whose "addressing" is "domain".
 * @return A reply, to be freed with qcos_string_free. Names have the appid at their end.
 *         Errors: the library's own; QCOS_ERR_PARAMS with a client of the JSON API.
 *
 *     {"code":0,"message":"SUCCESS","httpcode":200,"data":{"infos":[
 *       {"ctime":"1558698590","name":"photos-1250000000","region":"ap-beijing"}]}}
 */
QCOS_API
char *qcos_list_buckets(qcos_client client);

/**
 * Sets the access control list (ACL) of a file.
 *
 * @param client  An open client.
 * @param bucket  Name of the bucket.
 * @param path    The file.
 * @param acl     "private", "public-read", or "default" for the bucket's rule.
 * @return A reply, to be freed with qcos_string_free. Its data is empty.
 *         Errors: the library's own, and -166 or -197 when there is no such file.
 */
QCOS_API
char *qcos_set_acl(qcos_client client,
                   const char *bucket,
                   const char *path,
                   const char *acl);

/**
 * Returns the access control list (ACL) of a file.
 *
 * @param client  An open client.
 * @param bucket  Name of the bucket.
 * @param path    The file.
 * @return A reply, to be freed with qcos_string_free. `data.acl` as for qcos_set_acl; "custom", or
 *         the service's own word, for what none of these says. `data.grants` then lists every
 *         permission granted to others than the owner: an account's number or a group, and "READ",
 *         "WRITE", "READ_ACP", "WRITE_ACP" or "FULL_CONTROL". A file for which the service lists
 *         nothing but the owner's own permissions is "private".
 *         Errors: the library's own, and -166 or -197 when there is no such file.
 *
 *     {"code":0,"message":"SUCCESS","httpcode":200,"data":{"acl":"public-read"}}
 *     {"code":0,"message":"SUCCESS","httpcode":200,"data":{"acl":"custom","grants":[
 *       {"grantee":"100000000002","permission":"READ"}]}}
 */
QCOS_API
char *qcos_get_acl(qcos_client client,
                   const char *bucket,
                   const char *path);

/**
 * Lists the unfinished uploads of files in a folder and below it. They cost storage until they are
 * completed or aborted. XML API only.
 *
 * @param client  An open client.
 * @param bucket  Name of the bucket.
 * @param path    The folder; "" or "/" for the whole bucket.
 * @return A reply, to be freed with qcos_string_free, with all of them: it grows with their number.
 *         A `session` goes to qcos_upload_slice, to go on, or to qcos_abort_upload; `unusable` is as for qcos_list.
 *         Errors: the library's own; QCOS_ERR_PARAMS with a client of the JSON API.
 *
 *     {"code":0,"message":"SUCCESS","httpcode":200,"data":{"infos":[
 *       {"ctime":"1585130821","path":"videos/a.mp4","session":"1585130821cbb7df1d..."}]}}
 */
QCOS_API
char *qcos_list_uploads(qcos_client client,
                        const char *bucket,
                        const char *path);

/**
 * Aborts an unfinished upload and discards its parts. XML API only.
 *
 * @param client   An open client.
 * @param bucket   Name of the bucket.
 * @param path     The file that would have come of it.
 * @param session  `data.session` of the reply to an upload that failed, or one of
 *                 qcos_list_uploads. Not NULL or "".
 * @return A reply, to be freed with qcos_string_free. Its data is empty.
 *         Errors: the library's own, QCOS_ERR_PARAMS with a client of the JSON API, -290 when
 *         there is no such upload.
 */
QCOS_API
char *qcos_abort_upload(qcos_client client,
                        const char *bucket,
                        const char *path,
                        const char *session);

/**
 * Sets whether a bucket keeps the versions of its files. XML API only.
 *
 * Once enabled, versioning can be suspended but not switched off: the versions that there are stay, and
 * what is uploaded while it is suspended is the version "null", which the next upload replaces.
 *
 * @param client  An open client.
 * @param bucket  Name of the bucket.
 * @param status  "Enabled" or "Suspended". Not NULL.
 * @return A reply, to be freed with qcos_string_free. Its data is empty.
 *         Errors: the library's own, QCOS_ERR_PARAMS with a client of the JSON API, -133 when there is
 *         no such bucket.
 */
QCOS_API
char *qcos_set_versioning(qcos_client client,
                          const char *bucket,
                          const char *status);

/**
 * Returns whether a bucket keeps the versions of its files. XML API only.
 *
 * @param client  An open client.
 * @param bucket  Name of the bucket.
 * @return A reply, to be freed with qcos_string_free. `data.status` is "Enabled", "Suspended", or "" if
 *         the bucket never had versions.
 *         Errors: the library's own, QCOS_ERR_PARAMS with a client of the JSON API, -133 when there is
 *         no such bucket.
 *
 *     {"code":0,"message":"SUCCESS","httpcode":200,"data":{"status":"Enabled"}}
 */
QCOS_API
char *qcos_get_versioning(qcos_client client,
                          const char *bucket);

/**
 * Lists all versions and delete markers of the files of a folder, with as many requests as needed; one page
 * is in memory at a time. XML API only.
 *
 * @param client     An open client.
 * @param bucket     Name of the bucket.
 * @param path       The folder; "" or "/" for the bucket's root.
 * @param recursive  0: of files directly in it, with the folders in it as entries of their own; 1: of
 *                   everything below it, with names such as "sub/a.bin".
 * @param page       Called with each page, of up to 1000 entries: by name, and of one file from the newest
 *                   version to the oldest. Not NULL.
 * @param user_data  Passed to `page`.
 * @return A reply, to be freed with qcos_string_free. `data.count` counts the entries. An entry of a
 *         version or delete marker has `version_id`, as qcos_download_with, qcos_stat_with and
 *         qcos_delete_with take it, and `is_latest`: whether it is the newest of its file. A delete marker
 *         has `delete_marker`, and neither a size nor URLs. The URLs of a version lead to that version. An
 *         entry that has neither `filesize` nor `delete_marker` is a folder. In a bucket that never had versions
 *         each file has one entry, without `version_id`. A folder that was created is listed by its key,
 *         which ends with "/", with all its versions, and the listed folder itself by the name "".
 *         `unusable` is as for qcos_list. A list that the service does not lead to its end is
 *         QCOS_ERR_NETWORK, whatever pages came before.
 *         Errors: the library's own; QCOS_ERR_PARAMS with a client of the JSON API.
 *
 *     A page: {"infos":[
 *       {"name":"a.bin","mtime":"1480000003","version_id":"MTg0NDUxNTc1NjIzMTQ1MDAwODg","is_latest":true,
 *        "delete_marker":true},
 *       {"name":"a.bin","mtime":"1480000002","filesize":5,"filelen":5,"etag":"\"5d41402a...\"",
 *        "storage_class":"STANDARD","version_id":"MTg0NDUxNTc1NjIzMTQ1MDAwOTk","is_latest":false,
 *        "access_url":"https://...","source_url":"https://..."}]}
 */
QCOS_API
char *qcos_list_versions(qcos_client client,
                         const char *bucket,
                         const char *path,
                         int32_t recursive,
                         qcos_page_fn page,
                         void *user_data);

/**
 * Sends one request of the service's own XML API: for what has no function here, such as a bucket's
 * lifecycle, CORS, policy, website or tags. It is signed, tried again, limited in time, cancelled and
 * reported as every other request. XML API only.
 *
 * @param client        An open client.
 * @param bucket        Name of the bucket; NULL or "" with "host":"service" only.
 * @param path          The file's path, with its slashes at the end; NULL or "" for the bucket itself.
 * @param request_json  The rest, one JSON object; not NULL. Other keys are QCOS_ERR_PARAMS.
 *       "method"      "GET", "HEAD", "PUT", "POST" or "DELETE"; must be given.
 *       "query"       An object of names and strings, not encoded; "" for a parameter without a value,
 *                     such as {"lifecycle":""}. Up to 8192 bytes each. Those of a signature are
 *                     refused.
 *       "headers"     An object of names and strings: printable ASCII, up to 8192 bytes each, x-cos-meta-...
 *                     up to 4096 together. Those that the library sets itself are refused: Host,
 *                     Authorization, Content-Length, x-cos-security-token, User-Agent, and those about
 *                     the connection. Content-MD5 is added when there is a body, and it is not given.
 *       "host"        "bucket", the default; "service", that of the account's buckets; "ci", where the
 *                     bucket's data is processed, for clients that have only "region".
 *       "idempotent"  Whether carrying it out twice does no more than once: true but for "POST". When
 *                     the answer of one that is not was lost, so that it may have been carried out, it is
 *                     not sent again, and the message says so.
 * @param body          The bytes of a PUT or POST; NULL is fine when `len` is 0. They must not change
 *                      during the call.
 * @param len           How many, up to 67108864 (64 MiB); 0 for other methods.
 * @return A reply, to be freed with qcos_string_free. An answer longer than 67108864 bytes is
 *         QCOS_ERR_NETWORK: qcos_download takes any. Of a success, `data` has
 *         - `status`, the HTTP status, as `httpcode`;
 *         - `headers`, by names in lower case; several of one name are joined with ", ", and bytes that
 *           are no UTF-8 stand as %XX;
 *         - `body`, when it is UTF-8, just as it came; else `body_base64`;
 *         - `xml`, when Content-Type says that the body is XML, and it is: {name of the root: value}. The
 *           value of an element without others in it is its text, a string; of one with others an object
 *           of their values by name, with an array where a name is there more than once: a list of one
 *           entry is no array. Namespaces, attributes, and text between elements are left out.
 *         A status from 300 on is an error as of other calls, and so is a success whose body is an error
 *         (but for GET). `data` then has the same, without `body_base64` and bodies longer than 1 MiB;
 *         of a redirect it has `status` alone. Secrets that the service repeats in headers or errors
 *         are hidden; a success's body is left as it is.
 *         Errors: the library's own, QCOS_ERR_PARAMS with a client of the JSON API, and the
 *         service's.
 *
 *     qcos_request(client, "bucket", "", "{\"method\":\"GET\",\"query\":{\"tagging\":\"\"}}", NULL, 0)
 *     {"code":0,"message":"SUCCESS","httpcode":200,"data":{
 *        "body":"<Tagging><TagSet><Tag><Key>age</Key><Value>18</Value></Tag></TagSet></Tagging>",
 *        "headers":{"content-type":"application/xml","x-cos-request-id":"NjA4..."},"status":200,
 *        "xml":{"Tagging":{"TagSet":{"Tag":{"Key":"age","Value":"18"}}}}},"request_id":"NjA4..."}
 */
QCOS_API
char *qcos_request(qcos_client client,
                   const char *bucket,
                   const char *path,
                   const char *request_json,
                   const void *body,
                   size_t len);

/**
 * Finds out what is wrong between this program and the service, step by step: from the name of the
 * host to the rights of the key, each with a sentence and an advice in English and in Chinese. It
 * reads only, and changes nothing: it makes a connection (another one to read a certificate that is not
 * accepted), sends one request without a signature, and at most three with one: a list of one entry,
 * the list of buckets where the bucket was not found, and a read of the file "qcos-diagnose", which
 * need not be there. The client's limits apply: connect_timeout_ms to the connection, and when
 * timeout_ms is over, the step that was under way has failed.
 *
 * @param client  An open client.
 * @param bucket  Name of the bucket; not NULL.
 * @return A reply, to be freed with qcos_string_free. Its code is 0 when the diagnosis could be made,
 *         whatever is wrong: `data.ok` is true if no step has failed. `data.steps` has always these,
 *         in this order:
 *         - "dns": the host's name, or the proxy's, is looked up;
 *         - "tcp": a connection is made to it;
 *         - "proxy": it connects to the service;
 *         - "tls": the certificate is accepted; `detail` names its subject and its issuer, also
 *           when it is not: a proxy that inspects TLS shows in these names;
 *         - "http": what answers is the service;
 *         - "clock": this machine's agrees with the service's;
 *         - "region": the bucket is there;
 *         - "path_style": the service takes the option "addressing" (XML API);
 *         - "key": the secret id is known;
 *         - "signature": the secret key is right;
 *         - "token": it is valid, where one is used;
 *         - "list", "read": the key may do that. A refused list is a warning where reading is allowed.
 *         Each has
 *         - `status`: "ok", "warning" (it works, but should be known), "failed", or "skipped": not known,
 *           as one before it has failed, or there is nothing to check;
 *         - `message`, `message_zh`: what was found, in English and in Chinese;
 *         - `advice`, `advice_zh`: what to do, "" for nothing;
 *         - `detail`: an object with what is known of `host`, `addresses`, `proxy`, `subject`, `issuer`,
 *           `clock_ahead_s` (seconds; below 0 when this machine's clock is behind), `bucket`, `region`
 *           (where the bucket is, when that is another one), `addressing`; of a failure `error`, `kind`,
 *           `code` and `httpcode` as an error reply has them, `service_code`, `request_id`.
 *         Secrets are hidden. The JSON API does not report whether the bucket is there before the
 *         signature is right.
 *         Errors: QCOS_ERR_PARAMS, QCOS_ERR_HANDLE, QCOS_ERR_CANCELLED.
 *
 *     {"code":0,"message":"SUCCESS","httpcode":0,"data":{"ok":false,"steps":[
 *       {"step":"dns","status":"ok","detail":{"addresses":["203.0.113.7"],"host":"cos.example.com"},
 *        "message":"cos.example.com has the address 203.0.113.7.",
 *        "message_zh":"cos.example.com 的地址是 203.0.113.7。","advice":"","advice_zh":""},
 *       {"step":"tcp","status":"failed","detail":{"code":-2,"error":"connect to cos.example.com
 *        failed: Connection refused (os error 111)","host":"cos.example.com:443","httpcode":0,
 *        "kind":"connect"},"message":"No connection to cos.example.com:443 can be made.", ...}, ...]}}
 */
QCOS_API
char *qcos_diagnose(qcos_client client,
                    const char *bucket);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  /* QCOS_H */
