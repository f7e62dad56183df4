/* What Go cannot say of qcos.h: functions as pointers, and a number as user_data. */
#include <qcos.h>

/* In callbacks_cgo.go. */
extern int32_t qcosGoProgress(uint64_t done, uint64_t total, uintptr_t call);
extern int32_t qcosGoPage(char *page, uintptr_t call);

static inline int32_t progress_to_go(uint64_t done, uint64_t total, void *call) {
    return qcosGoProgress(done, total, (uintptr_t)call);
}

static inline int32_t page_to_go(const char *page, void *call) {
    return qcosGoPage((char *)page, (uintptr_t)call);
}

static inline uintptr_t progress_callback(void) { return (uintptr_t)progress_to_go; }

static inline uintptr_t page_callback(void) { return (uintptr_t)page_to_go; }

static inline char *list_all(qcos_client client, const char *bucket, const char *path,
                             int32_t recursive, uintptr_t callback, uintptr_t call) {
    return qcos_list_all(client, bucket, path, recursive, (qcos_page_fn)callback, (void *)call);
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

static inline char *upload_tree(qcos_client client, const char *dirpath, const char *bucket,
                                const char *dstpath, const char *options_json, uintptr_t callback,
                                uintptr_t call) {
    return qcos_upload_tree(client, dirpath, bucket, dstpath, options_json,
                            (qcos_progress_fn)callback, (void *)call);
}

static inline char *download(qcos_client client, const char *bucket, const char *path,
                             const char *filepath, uintptr_t callback, uintptr_t call) {
    return qcos_download(client, bucket, path, filepath, (qcos_progress_fn)callback, (void *)call);
}

static inline char *download_tree(qcos_client client, const char *bucket, const char *path,
                                  const char *dirpath, const char *options_json, uintptr_t callback,
                                  uintptr_t call) {
    return qcos_download_tree(client, bucket, path, dirpath, options_json,
                              (qcos_progress_fn)callback, (void *)call);
}
