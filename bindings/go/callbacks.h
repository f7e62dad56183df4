/* What Go cannot say of qcos.h: functions as pointers, and a number as user_data. Memory is passed as
 * chars: as void, cgo would take what stands beside it for C's, too. */
#include <qcos.h>

/* In callbacks_cgo.go. */
extern int32_t qcosGoProgress(uint64_t done, uint64_t total, uintptr_t call);
extern int32_t qcosGoPage(char *page, uintptr_t call);
extern int64_t qcosGoRead(void *buffer, size_t size, uintptr_t call);
extern int32_t qcosGoWrite(void *data, size_t len, uintptr_t call);
extern int32_t qcosGoExpiry(uint64_t client, uintptr_t call);
extern int32_t qcosGoTrace(char *event, uintptr_t call);

static inline int32_t progress_to_go(uint64_t done, uint64_t total, void *call) {
    return qcosGoProgress(done, total, (uintptr_t)call);
}

static inline int32_t page_to_go(const char *page, void *call) {
    return qcosGoPage((char *)page, (uintptr_t)call);
}

static inline int64_t read_from_go(void *buffer, size_t size, void *call) {
    return qcosGoRead(buffer, size, (uintptr_t)call);
}

static inline int32_t write_to_go(const void *data, size_t len, void *call) {
    return qcosGoWrite((void *)data, len, (uintptr_t)call);
}

static inline int32_t expiry_to_go(qcos_client client, void *call) {
    return qcosGoExpiry(client, (uintptr_t)call);
}

static inline int32_t trace_to_go(const char *event, void *call) {
    return qcosGoTrace((char *)event, (uintptr_t)call);
}

static inline uintptr_t progress_callback(void) { return (uintptr_t)progress_to_go; }

static inline uintptr_t page_callback(void) { return (uintptr_t)page_to_go; }

static inline uintptr_t read_callback(void) { return (uintptr_t)read_from_go; }

static inline uintptr_t write_callback(void) { return (uintptr_t)write_to_go; }

static inline uintptr_t expiry_callback(void) { return (uintptr_t)expiry_to_go; }

static inline uintptr_t trace_callback(void) { return (uintptr_t)trace_to_go; }

static inline char *client_trace(qcos_client client, uintptr_t callback, uintptr_t call) {
    return qcos_client_trace(client, (qcos_trace_fn)callback, (void *)call);
}

static inline char *client_on_expiry(qcos_client client, uintptr_t callback, uintptr_t call) {
    return qcos_client_on_expiry(client, (qcos_credentials_fn)callback, (void *)call);
}

static inline char *list_all(qcos_client client, const char *bucket, const char *path,
                             int32_t recursive, uintptr_t callback, uintptr_t call) {
    return qcos_list_all(client, bucket, path, recursive, (qcos_page_fn)callback, (void *)call);
}

static inline char *list_versions(qcos_client client, const char *bucket, const char *path,
                                  int32_t recursive, uintptr_t callback, uintptr_t call) {
    return qcos_list_versions(client, bucket, path, recursive, (qcos_page_fn)callback,
                              (void *)call);
}

static inline char *prefix_search_all(qcos_client client, const char *bucket, const char *path,
                                      const char *prefix, int32_t recursive, uintptr_t callback,
                                      uintptr_t call) {
    return qcos_prefix_search_all(client, bucket, path, prefix, recursive, (qcos_page_fn)callback,
                                  (void *)call);
}

static inline char *upload(qcos_client client, const char *filepath, const char *bucket,
                           const char *dstpath, const char *biz_attr, uintptr_t callback,
                           uintptr_t call) {
    return qcos_upload(client, filepath, bucket, dstpath, biz_attr, (qcos_progress_fn)callback,
                       (void *)call);
}

static inline char *upload_slice(qcos_client client, const char *filepath, const char *bucket,
                                 const char *dstpath, const char *biz_attr, uint64_t slice_size,
                                 const char *session, uintptr_t callback, uintptr_t call) {
    return qcos_upload_slice(client, filepath, bucket, dstpath, biz_attr, slice_size, session,
                             (qcos_progress_fn)callback, (void *)call);
}

static inline char *upload_with(qcos_client client, const char *filepath, const char *bucket,
                                const char *dstpath, const char *options_json, uintptr_t callback,
                                uintptr_t call) {
    return qcos_upload_with(client, filepath, bucket, dstpath, options_json,
                            (qcos_progress_fn)callback, (void *)call);
}

static inline char *upload_buffer(qcos_client client, const char *data, size_t len,
                                  const char *bucket, const char *dstpath, const char *biz_attr) {
    return qcos_upload_buffer(client, data, len, bucket, dstpath, biz_attr);
}

static inline char *upload_buffer_with(qcos_client client, const char *data, size_t len,
                                       const char *bucket, const char *dstpath,
                                       const char *options_json, uintptr_t callback,
                                       uintptr_t call) {
    return qcos_upload_buffer_with(client, data, len, bucket, dstpath, options_json,
                                   (qcos_progress_fn)callback, (void *)call);
}

static inline char *append_bytes(qcos_client client, const char *data, size_t len,
                                 const char *bucket, const char *path, int64_t position,
                                 const char *options_json) {
    return qcos_append(client, data, len, bucket, path, position, options_json);
}

static inline char *upload_stream(qcos_client client, const char *bucket, const char *dstpath,
                                  const char *options_json, uintptr_t read, uintptr_t callback,
                                  uintptr_t call) {
    return qcos_upload_stream(client, bucket, dstpath, options_json, (qcos_read_fn)read,
                              (qcos_progress_fn)callback, (void *)call);
}

static inline char *upload_tree(qcos_client client, const char *dirpath, const char *bucket,
                                const char *dstpath, const char *options_json, uintptr_t callback,
                                uintptr_t call) {
    return qcos_upload_tree(client, dirpath, bucket, dstpath, options_json,
                            (qcos_progress_fn)callback, (void *)call);
}

static inline char *copy_with(qcos_client client, const char *bucket, const char *path,
                              const char *dst_bucket, const char *dst_path,
                              const char *options_json, uintptr_t callback, uintptr_t call) {
    return qcos_copy_with(client, bucket, path, dst_bucket, dst_path, options_json,
                          (qcos_progress_fn)callback, (void *)call);
}

static inline char *copy_tree(qcos_client client, const char *bucket, const char *path,
                              const char *dst_bucket, const char *dst_path,
                              const char *options_json, uintptr_t callback, uintptr_t call) {
    return qcos_copy_tree(client, bucket, path, dst_bucket, dst_path, options_json,
                          (qcos_progress_fn)callback, (void *)call);
}

static inline char *download(qcos_client client, const char *bucket, const char *path,
                             const char *filepath, uintptr_t callback, uintptr_t call) {
    return qcos_download(client, bucket, path, filepath, (qcos_progress_fn)callback, (void *)call);
}

static inline char *download_with(qcos_client client, const char *bucket, const char *path,
                                  const char *filepath, const char *options_json,
                                  uintptr_t callback, uintptr_t call) {
    return qcos_download_with(client, bucket, path, filepath, options_json,
                              (qcos_progress_fn)callback, (void *)call);
}

static inline char *download_buffer(qcos_client client, const char *bucket, const char *path,
                                    int64_t offset, char *buffer, size_t size,
                                    const char *options_json) {
    return qcos_download_buffer(client, bucket, path, offset, buffer, size, options_json);
}

static inline char *download_stream(qcos_client client, const char *bucket, const char *path,
                                    const char *options_json, uintptr_t write, uintptr_t call) {
    return qcos_download_stream(client, bucket, path, options_json, (qcos_write_fn)write,
                                (void *)call);
}

static inline char *download_tree(qcos_client client, const char *bucket, const char *path,
                                  const char *dirpath, const char *options_json, uintptr_t callback,
                                  uintptr_t call) {
    return qcos_download_tree(client, bucket, path, dirpath, options_json,
                              (qcos_progress_fn)callback, (void *)call);
}
