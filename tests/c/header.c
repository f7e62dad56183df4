/* Only compiled, as C99 and as C++11: the header stands alone and twice, and its constants and
 * types are the frozen ones. */
#include <qcos.h>
#include <qcos.h>

#define GLUE_(a, b) a##b
#define GLUE(a, b) GLUE_(a, b)
/* C99 has no static assertion: an array of -1 elements is an error. */
#define ALWAYS(condition) typedef char GLUE(always_, __LINE__)[(condition) ? 1 : -1]

ALWAYS(QCOS_OK == 0);
ALWAYS(QCOS_ERR_LOCAL_FILE == -1);
ALWAYS(QCOS_ERR_NETWORK == -2);
ALWAYS(QCOS_ERR_PARAMS == -3);
ALWAYS(QCOS_ERR_SLICE_SIZE == -4);
ALWAYS(QCOS_ERR_CANCELLED == -5);
ALWAYS(QCOS_ERR_INTEGRITY == -6);
ALWAYS(QCOS_ERR_HANDLE == -7);
ALWAYS(QCOS_ERR_INTERNAL == -8);

ALWAYS(QCOS_VERSION_MAJOR == 0);
ALWAYS(QCOS_VERSION_MINOR == 1);
ALWAYS(QCOS_VERSION_PATCH == 0);
ALWAYS(QCOS_VERSION_NUMBER == 0x000100);

ALWAYS(sizeof(qcos_client) == 8);
ALWAYS((qcos_client)-1 > 0); /* unsigned */
ALWAYS(sizeof(qcos_code) == sizeof(int));

/* The version is for the preprocessor, too. */
#if QCOS_VERSION_NUMBER < 256
#error "QCOS_VERSION_NUMBER cannot be used in #if"
#endif

/* No default: a code that the header gains without this file is a warning, thus an error. */
const char *code_name(qcos_code code);
const char *code_name(qcos_code code) {
    switch (code) {
    case QCOS_OK: return "QCOS_OK";
    case QCOS_ERR_LOCAL_FILE: return "QCOS_ERR_LOCAL_FILE";
    case QCOS_ERR_NETWORK: return "QCOS_ERR_NETWORK";
    case QCOS_ERR_PARAMS: return "QCOS_ERR_PARAMS";
    case QCOS_ERR_SLICE_SIZE: return "QCOS_ERR_SLICE_SIZE";
    case QCOS_ERR_CANCELLED: return "QCOS_ERR_CANCELLED";
    case QCOS_ERR_INTEGRITY: return "QCOS_ERR_INTEGRITY";
    case QCOS_ERR_HANDLE: return "QCOS_ERR_HANDLE";
    case QCOS_ERR_INTERNAL: return "QCOS_ERR_INTERNAL";
    }
    return 0;
}

/* The signatures of the contract: a change of one parameter does not compile. */
typedef const char *text;

struct functions {
    const char *(*version)(void);
    uint32_t (*version_number)(void);
    char *(*client_open)(text, text, text, text, uint64_t *);
    char *(*client_with)(uint64_t, text, uint64_t *);
    char *(*client_set_credentials)(uint64_t, text, text, text, int64_t);
    char *(*client_on_expiry)(uint64_t, int32_t (*)(uint64_t, void *), void *);
    char *(*client_trace)(uint64_t, int32_t (*)(text, void *), void *);
    void (*client_cancel)(uint64_t);
    void (*client_close)(uint64_t);
    void (*string_free)(char *);
    int64_t (*reply_code)(text);
    char *(*reply_get)(text, text);
    int32_t (*reply_each)(text, text, int32_t (*)(text, void *), void *);
    char *(*sign_more)(uint64_t, text, int64_t);
    char *(*sign_once)(uint64_t, text, text);
    char *(*presign)(uint64_t, text, text, text, int64_t, text);
    char *(*post_policy)(uint64_t, text, text);
    char *(*create_folder)(uint64_t, text, text, text);
    char *(*update_folder)(uint64_t, text, text, text);
    char *(*stat_folder)(uint64_t, text, text);
    char *(*delete_folder)(uint64_t, text, text);
    char *(*list)(uint64_t, text, text, int32_t, text, int32_t, text);
    char *(*prefix_search)(uint64_t, text, text, text, int32_t, text, int32_t, text);
    char *(*upload)(uint64_t, text, text, text, text, int32_t (*)(uint64_t, uint64_t, void *),
                    void *);
    char *(*upload_buffer)(uint64_t, const void *, size_t, text, text, text);
    char *(*upload_buffer_with)(uint64_t, const void *, size_t, text, text, text, qcos_progress_fn,
                                void *);
    char *(*upload_stream)(uint64_t, text, text, text, int64_t (*)(void *, size_t, void *),
                           qcos_progress_fn, void *);
    char *(*upload_slice)(uint64_t, text, text, text, text, uint64_t, text, qcos_progress_fn,
                          void *);
    char *(*update_file)(uint64_t, text, text, text);
    char *(*update_with)(uint64_t, text, text, text);
    char *(*stat_file)(uint64_t, text, text);
    char *(*stat_with)(uint64_t, text, text, text);
    char *(*delete_file)(uint64_t, text, text);
    char *(*delete_with)(uint64_t, text, text, text);
    char *(*move_file)(uint64_t, text, text, text, int32_t);
    char *(*copy_file)(uint64_t, text, text, text, int32_t);
    char *(*copy_with)(uint64_t, text, text, text, text, text, qcos_progress_fn, void *);
    char *(*copy_tree)(uint64_t, text, text, text, text, text, qcos_progress_fn, void *);
    char *(*download)(uint64_t, text, text, text, qcos_progress_fn, void *);
    char *(*download_with)(uint64_t, text, text, text, text, qcos_progress_fn, void *);
    char *(*download_buffer)(uint64_t, text, text, int64_t, void *, size_t, text);
    char *(*download_stream)(uint64_t, text, text, text, int32_t (*)(const void *, size_t, void *),
                             void *);
    char *(*download_url)(uint64_t, text, text, int64_t);
    char *(*list_all)(uint64_t, text, text, int32_t, int32_t (*)(text, void *), void *);
    char *(*prefix_search_all)(uint64_t, text, text, text, int32_t, qcos_page_fn, void *);
    char *(*set_tags)(uint64_t, text, text, text);
    char *(*get_tags)(uint64_t, text, text);
    char *(*restore_file)(uint64_t, text, text, int32_t, text);
    char *(*append)(uint64_t, const void *, size_t, text, text, int64_t, text);
    char *(*upload_with)(uint64_t, text, text, text, text, qcos_progress_fn, void *);
    char *(*upload_tree)(uint64_t, text, text, text, text, qcos_progress_fn, void *);
    char *(*download_tree)(uint64_t, text, text, text, text, qcos_progress_fn, void *);
    char *(*delete_files)(uint64_t, text, text);
    char *(*delete_tree)(uint64_t, text, text);
    char *(*create_bucket)(uint64_t, text, text);
    char *(*head_bucket)(uint64_t, text);
    char *(*delete_bucket)(uint64_t, text);
    char *(*list_buckets)(uint64_t);
    char *(*set_acl)(uint64_t, text, text, text);
    char *(*get_acl)(uint64_t, text, text);
    char *(*list_uploads)(uint64_t, text, text);
    char *(*abort_upload)(uint64_t, text, text, text);
    char *(*set_versioning)(uint64_t, text, text);
    char *(*get_versioning)(uint64_t, text);
    char *(*list_versions)(uint64_t, text, text, int32_t, qcos_page_fn, void *);
    char *(*request)(uint64_t, text, text, text, const void *, size_t);
    char *(*diagnose)(uint64_t, text);
};

extern const struct functions functions;
const struct functions functions = {
    qcos_version,
    qcos_version_number,
    qcos_client_open,
    qcos_client_with,
    qcos_client_set_credentials,
    qcos_client_on_expiry,
    qcos_client_trace,
    qcos_client_cancel,
    qcos_client_close,
    qcos_string_free,
    qcos_reply_code,
    qcos_reply_get,
    qcos_reply_each,
    qcos_sign_more,
    qcos_sign_once,
    qcos_presign,
    qcos_post_policy,
    qcos_create_folder,
    qcos_update_folder,
    qcos_stat_folder,
    qcos_delete_folder,
    qcos_list,
    qcos_prefix_search,
    qcos_upload,
    qcos_upload_buffer,
    qcos_upload_buffer_with,
    qcos_upload_stream,
    qcos_upload_slice,
    qcos_update_file,
    qcos_update_with,
    qcos_stat_file,
    qcos_stat_with,
    qcos_delete_file,
    qcos_delete_with,
    qcos_move_file,
    qcos_copy_file,
    qcos_copy_with,
    qcos_copy_tree,
    qcos_download,
    qcos_download_with,
    qcos_download_buffer,
    qcos_download_stream,
    qcos_download_url,
    qcos_list_all,
    qcos_prefix_search_all,
    qcos_set_tags,
    qcos_get_tags,
    qcos_restore_file,
    qcos_append,
    qcos_upload_with,
    qcos_upload_tree,
    qcos_download_tree,
    qcos_delete_files,
    qcos_delete_tree,
    qcos_create_bucket,
    qcos_head_bucket,
    qcos_delete_bucket,
    qcos_list_buckets,
    qcos_set_acl,
    qcos_get_acl,
    qcos_list_uploads,
    qcos_abort_upload,
    qcos_set_versioning,
    qcos_get_versioning,
    qcos_list_versions,
    qcos_request,
    qcos_diagnose,
};
