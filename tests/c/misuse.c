/* Every exported function with every wrong value of every parameter. Each reply has the right
 * code and names the parameter, and nothing is ever sent.
 *
 *     misuse ENDPOINT FOLDER
 *
 * ENDPOINT is where no connection may arrive, FOLDER an empty one to make odd files in. What is
 * wrong with each kind of parameter stands in misuse_values.h, this file knows the functions.
 */
#define _POSIX_C_SOURCE 200809L /* mkfifo */
#include "check.h"

#include <stddef.h>

/* One call's arguments; each function takes those that it knows. */
struct arguments {
    qcos_client client;
    const char *appid, *secret_id, *secret_key, *options_json;
    qcos_client *opened, *derived;
    const char *derived_options;
    const char *security_token, *request_json, *method, *presign_options, *form_options;
    int64_t expires_at;
    const char *bucket, *path, *dstpath, *dst_path, *filepath, *fileid;
    const char *biz_attr, *prefix, *pattern, *context, *session, *paths_json, *acl, *bucket_acl,
        *status;
    const char *dirpath, *upload_options, *tree_options;
    const char *memory_options, *stream_options, *file_options, *buffer_options, *read_options;
    const char *stat_options, *delete_options, *update_options;
    const char *dst_bucket, *copy_options, *copy_tree_options;
    const char *tags_json, *tier, *append_options;
    int64_t days, position;
    qcos_page_fn page;
    qcos_read_fn read;
    qcos_write_fn write;
    void *buffer;
    uint64_t size;
    int64_t offset;
    int64_t recursive;
    const void *data;
    uint64_t len, slice_size;
    int64_t expired, expires_s, num, order, overwrite;
};

#include "misuse_values.h"

typedef const struct arguments *args;

static char *client_open(args a) {
    return qcos_client_open(a->appid, a->secret_id, a->secret_key, a->options_json, a->opened);
}
static char *client_with(args a) {
    return qcos_client_with(a->client, a->derived_options, a->derived);
}
static char *client_set_credentials(args a) {
    return qcos_client_set_credentials(a->client, a->secret_id, a->secret_key, a->security_token,
                                       a->expires_at);
}
static char *client_on_expiry(args a) { return qcos_client_on_expiry(a->client, NULL, NULL); }
static char *client_trace(args a) { return qcos_client_trace(a->client, NULL, NULL); }
static char *request(args a) {
    return qcos_request(a->client, a->bucket, a->path, a->request_json, a->data, (size_t)a->len);
}
static char *sign_more(args a) { return qcos_sign_more(a->client, a->bucket, a->expired); }
static char *sign_once(args a) { return qcos_sign_once(a->client, a->bucket, a->fileid); }
static char *presign(args a) {
    return qcos_presign(a->client, a->method, a->bucket, a->path, a->expires_s, a->presign_options);
}
static char *post_policy(args a) { return qcos_post_policy(a->client, a->bucket, a->form_options); }
static char *create_folder(args a) {
    return qcos_create_folder(a->client, a->bucket, a->path, a->biz_attr);
}
static char *update_folder(args a) {
    return qcos_update_folder(a->client, a->bucket, a->path, a->biz_attr);
}
static char *stat_folder(args a) { return qcos_stat_folder(a->client, a->bucket, a->path); }
static char *delete_folder(args a) { return qcos_delete_folder(a->client, a->bucket, a->path); }
static char *list(args a) {
    return qcos_list(a->client, a->bucket, a->path, (int32_t)a->num, a->pattern, (int32_t)a->order,
                     a->context);
}
static char *prefix_search(args a) {
    return qcos_prefix_search(a->client, a->bucket, a->path, a->prefix, (int32_t)a->num, a->pattern,
                              (int32_t)a->order, a->context);
}
static char *upload(args a) {
    return qcos_upload(a->client, a->filepath, a->bucket, a->dstpath, a->biz_attr, NULL, NULL);
}
static char *upload_buffer(args a) {
    return qcos_upload_buffer(a->client, a->data, (size_t)a->len, a->bucket, a->dstpath,
                              a->biz_attr);
}
static char *upload_buffer_with(args a) {
    return qcos_upload_buffer_with(a->client, a->data, (size_t)a->len, a->bucket, a->dstpath,
                                   a->memory_options, NULL, NULL);
}
static char *upload_stream(args a) {
    return qcos_upload_stream(a->client, a->bucket, a->dstpath, a->stream_options, a->read, NULL,
                              NULL);
}
static char *upload_slice(args a) {
    return qcos_upload_slice(a->client, a->filepath, a->bucket, a->dstpath, a->biz_attr,
                             a->slice_size, a->session, NULL, NULL);
}
static char *update_file(args a) {
    return qcos_update_file(a->client, a->bucket, a->path, a->biz_attr);
}
static char *update_with(args a) {
    return qcos_update_with(a->client, a->bucket, a->path, a->update_options);
}
static char *stat_file(args a) { return qcos_stat_file(a->client, a->bucket, a->path); }
static char *stat_with(args a) {
    return qcos_stat_with(a->client, a->bucket, a->path, a->stat_options);
}
static char *delete_file(args a) { return qcos_delete_file(a->client, a->bucket, a->path); }
static char *delete_with(args a) {
    return qcos_delete_with(a->client, a->bucket, a->path, a->delete_options);
}
static char *download(args a) {
    return qcos_download(a->client, a->bucket, a->path, a->filepath, NULL, NULL);
}
static char *download_with(args a) {
    return qcos_download_with(a->client, a->bucket, a->path, a->filepath, a->file_options, NULL,
                              NULL);
}
static char *download_buffer(args a) {
    return qcos_download_buffer(a->client, a->bucket, a->path, a->offset, a->buffer,
                                (size_t)a->size, a->buffer_options);
}
static char *download_stream(args a) {
    return qcos_download_stream(a->client, a->bucket, a->path, a->read_options, a->write, NULL);
}
static char *download_url(args a) {
    return qcos_download_url(a->client, a->bucket, a->path, a->expires_s);
}
static char *move_file(args a) {
    return qcos_move_file(a->client, a->bucket, a->path, a->dst_path, (int32_t)a->overwrite);
}
static char *copy_file(args a) {
    return qcos_copy_file(a->client, a->bucket, a->path, a->dst_path, (int32_t)a->overwrite);
}
static char *copy_with(args a) {
    return qcos_copy_with(a->client, a->bucket, a->path, a->dst_bucket, a->dst_path,
                          a->copy_options, NULL, NULL);
}
static char *copy_tree(args a) {
    return qcos_copy_tree(a->client, a->bucket, a->path, a->dst_bucket, a->dst_path,
                          a->copy_tree_options, NULL, NULL);
}

static char *list_all(args a) {
    return qcos_list_all(a->client, a->bucket, a->path, (int32_t)a->recursive, a->page, NULL);
}
static char *list_versions(args a) {
    return qcos_list_versions(a->client, a->bucket, a->path, (int32_t)a->recursive, a->page, NULL);
}
static char *set_versioning(args a) { return qcos_set_versioning(a->client, a->bucket, a->status); }
static char *get_versioning(args a) { return qcos_get_versioning(a->client, a->bucket); }
static char *prefix_search_all(args a) {
    return qcos_prefix_search_all(a->client, a->bucket, a->path, a->prefix, (int32_t)a->recursive,
                                  a->page, NULL);
}
static char *upload_with(args a) {
    return qcos_upload_with(a->client, a->filepath, a->bucket, a->dstpath, a->upload_options, NULL,
                            NULL);
}
static char *upload_tree(args a) {
    return qcos_upload_tree(a->client, a->dirpath, a->bucket, a->dstpath, a->upload_options, NULL,
                            NULL);
}
static char *download_tree(args a) {
    return qcos_download_tree(a->client, a->bucket, a->path, a->dirpath, a->tree_options, NULL,
                              NULL);
}
static char *delete_files(args a) { return qcos_delete_files(a->client, a->bucket, a->paths_json); }
static char *delete_tree(args a) { return qcos_delete_tree(a->client, a->bucket, a->path); }
static char *create_bucket(args a) {
    return qcos_create_bucket(a->client, a->bucket, a->bucket_acl);
}
static char *head_bucket(args a) { return qcos_head_bucket(a->client, a->bucket); }
static char *delete_bucket(args a) { return qcos_delete_bucket(a->client, a->bucket); }
static char *list_buckets(args a) { return qcos_list_buckets(a->client); }
static char *set_acl(args a) { return qcos_set_acl(a->client, a->bucket, a->path, a->acl); }
static char *get_acl(args a) { return qcos_get_acl(a->client, a->bucket, a->path); }
static char *set_tags(args a) { return qcos_set_tags(a->client, a->bucket, a->path, a->tags_json); }
static char *get_tags(args a) { return qcos_get_tags(a->client, a->bucket, a->path); }
static char *restore_file(args a) {
    return qcos_restore_file(a->client, a->bucket, a->path, (int32_t)a->days, a->tier);
}
static char *append(args a) {
    return qcos_append(a->client, a->data, (size_t)a->len, a->bucket, a->path, a->position,
                       a->append_options);
}
static char *list_uploads(args a) { return qcos_list_uploads(a->client, a->bucket, a->path); }
static char *diagnose(args a) { return qcos_diagnose(a->client, a->bucket); }
static char *abort_upload(args a) {
    return qcos_abort_upload(a->client, a->bucket, a->path, a->session);
}

enum { PARAMETERS_MAX = 8 };

static const struct function {
    const char *name;
    char *(*call)(args);
    const struct parameter *parameters[PARAMETERS_MAX];
} functions[] = {
    /* A line for each function where it fits. */
    /* clang-format off */
    {"qcos_client_open", client_open, {&p_appid, &p_secret_id, &p_secret_key, &p_options, &p_opened}},
    {"qcos_client_with", client_with, {&p_client, &p_derived_options, &p_derived}},
    {"qcos_client_set_credentials",
     client_set_credentials,
     {&p_client, &p_secret_id, &p_secret_key, &p_security_token, &p_expires_at}},
    {"qcos_client_on_expiry", client_on_expiry, {&p_client}},
    {"qcos_client_trace", client_trace, {&p_client}},
    {"qcos_request",
     request,
     {&p_client, &p_bucket, &p_request_path, &p_request_json, &p_body, &p_body_len}},
    {"qcos_diagnose", diagnose, {&p_client, &p_bucket}},
    {"qcos_sign_more", sign_more, {&p_client, &p_bucket, &p_expired}},
    {"qcos_sign_once", sign_once, {&p_client, &p_bucket, &p_fileid}},
    {"qcos_presign", presign, {&p_client, &p_method, &p_bucket, &p_path, &p_expires_s, &p_presign_options}},
    {"qcos_post_policy", post_policy, {&p_client, &p_bucket, &p_form_options}},
    {"qcos_create_folder", create_folder, {&p_client, &p_bucket, &p_path, &p_attr_or_null}},
    {"qcos_update_folder", update_folder, {&p_client, &p_bucket, &p_path, &p_attr}},
    {"qcos_stat_folder", stat_folder, {&p_client, &p_bucket, &p_path_or_root}},
    {"qcos_delete_folder", delete_folder, {&p_client, &p_bucket, &p_path}},
    {"qcos_list", list, {&p_client, &p_bucket, &p_path_or_root, &p_num, &p_pattern, &p_order, &p_context}},
    {"qcos_prefix_search",
     prefix_search,
     {&p_client, &p_bucket, &p_path_or_root, &p_prefix, &p_num, &p_pattern, &p_order, &p_context}},
    {"qcos_upload", upload, {&p_client, &p_filepath, &p_bucket, &p_dstpath, &p_attr_or_null}},
    {"qcos_upload_buffer", upload_buffer, {&p_client, &p_data, &p_len, &p_bucket, &p_dstpath, &p_attr_or_null}},
    {"qcos_upload_buffer_with",
     upload_buffer_with,
     {&p_client, &p_data, &p_len, &p_bucket, &p_dstpath, &p_memory_options}},
    {"qcos_upload_stream", upload_stream, {&p_client, &p_bucket, &p_dstpath, &p_stream_options}},
    {"qcos_upload_slice",
     upload_slice,
     {&p_client, &p_filepath, &p_bucket, &p_dstpath, &p_attr_or_null, &p_slice_size, &p_session}},
    {"qcos_update_file", update_file, {&p_client, &p_bucket, &p_path, &p_attr}},
    {"qcos_update_with", update_with, {&p_client, &p_bucket, &p_path, &p_update_options}},
    {"qcos_stat_file", stat_file, {&p_client, &p_bucket, &p_path}},
    {"qcos_stat_with", stat_with, {&p_client, &p_bucket, &p_path, &p_stat_options}},
    {"qcos_delete_file", delete_file, {&p_client, &p_bucket, &p_path}},
    {"qcos_delete_with", delete_with, {&p_client, &p_bucket, &p_path, &p_delete_options}},
    {"qcos_download", download, {&p_client, &p_bucket, &p_path, &p_target}},
    {"qcos_download_with", download_with, {&p_client, &p_bucket, &p_path, &p_target, &p_file_options}},
    {"qcos_download_buffer",
     download_buffer,
     {&p_client, &p_bucket, &p_path, &p_offset, &p_buffer, &p_size, &p_buffer_options}},
    {"qcos_download_stream", download_stream, {&p_client, &p_bucket, &p_path, &p_read_options}},
    {"qcos_download_url", download_url, {&p_client, &p_bucket, &p_path, &p_expires_s}},
    {"qcos_list_all", list_all, {&p_client, &p_bucket, &p_path_or_root, &p_recursive}},
    {"qcos_prefix_search_all",
     prefix_search_all,
     {&p_client, &p_bucket, &p_path_or_root, &p_prefix, &p_recursive}},
    {"qcos_upload_with", upload_with, {&p_client, &p_filepath, &p_bucket, &p_dstpath, &p_upload_options}},
    {"qcos_upload_tree",
     upload_tree,
     {&p_client, &p_dirpath, &p_bucket, &p_dstpath_or_root, &p_up_tree_options}},
    {"qcos_download_tree",
     download_tree,
     {&p_client, &p_bucket, &p_path_or_root, &p_local_folder, &p_tree_options}},
    {"qcos_delete_files", delete_files, {&p_client, &p_bucket, &p_paths_json}},
    {"qcos_delete_tree", delete_tree, {&p_client, &p_bucket, &p_path}},
    {"qcos_create_bucket", create_bucket, {&p_client, &p_bucket, &p_bucket_acl}},
    {"qcos_head_bucket", head_bucket, {&p_client, &p_bucket}},
    {"qcos_delete_bucket", delete_bucket, {&p_client, &p_bucket}},
    {"qcos_list_buckets", list_buckets, {&p_client}},
    {"qcos_set_acl", set_acl, {&p_client, &p_bucket, &p_path, &p_acl}},
    {"qcos_get_acl", get_acl, {&p_client, &p_bucket, &p_path}},
    {"qcos_set_tags", set_tags, {&p_client, &p_bucket, &p_path, &p_tags_json}},
    {"qcos_get_tags", get_tags, {&p_client, &p_bucket, &p_path}},
    {"qcos_restore_file", restore_file, {&p_client, &p_bucket, &p_path, &p_days, &p_tier}},
    {"qcos_append",
     append,
     {&p_client, &p_data, &p_len, &p_bucket, &p_path, &p_position, &p_append_options}},
    {"qcos_list_uploads", list_uploads, {&p_client, &p_bucket, &p_path_or_root}},
    {"qcos_abort_upload", abort_upload, {&p_client, &p_bucket, &p_path, &p_session_needed}},
    {"qcos_set_versioning", set_versioning, {&p_client, &p_bucket, &p_status}},
    {"qcos_get_versioning", get_versioning, {&p_client, &p_bucket}},
    {"qcos_list_versions", list_versions, {&p_client, &p_bucket, &p_path_or_root, &p_recursive}},
    {"qcos_move_file", move_file, {&p_client, &p_bucket, &p_path, &p_dst_path, &p_overwrite}},
    {"qcos_copy_file", copy_file, {&p_client, &p_bucket, &p_path, &p_dst_path, &p_overwrite}},
    {"qcos_copy_with",
     copy_with,
     {&p_client, &p_bucket, &p_path, &p_dst_bucket, &p_dst_path, &p_copy_options}},
    {"qcos_copy_tree",
     copy_tree,
     {&p_client, &p_bucket, &p_path_or_root, &p_dst_bucket, &p_dst_folder, &p_copy_tree_options}},
    /* clang-format on */
};

/* `from` with one parameter replaced. */
static struct arguments with(const struct arguments *from, const struct parameter *parameter,
                             const struct value *value) {
    struct arguments changed = *from;
    char *field = (char *)&changed + parameter->offset;
    switch (parameter->type) {
    case POINTER: memcpy(field, &value->text, sizeof value->text); break;
    case NUMBER: memcpy(field, &value->number, sizeof value->number); break;
    }
    return changed;
}

static void fail(const struct function *function, const struct parameter *parameter,
                 const struct value *value, int64_t code, const char *reply) {
    if (parameter->type == NUMBER) {
        fprintf(stderr, "%s(%s = %lld)", function->name, parameter->name, (long long)value->number);
    } else {
        const char *text = value->text == NULL ? "NULL" : value->text;
        fprintf(stderr, "%s(%s = %.60s)", function->name, parameter->name, text);
    }
    fprintf(stderr, ": expected code %d naming %s, got code %lld\n", value->code, value->names,
            (long long)code);
    check_failed(__FILE__, __LINE__, "misuse", reply);
}

/* Whether a size_t of 32 bits makes another number of it. */
static int is_another_size(const struct parameter *parameter, const struct value *value) {
    int is_size = strcmp(parameter->name, "len") == 0 || strcmp(parameter->name, "size") == 0;
    uint64_t number = (uint64_t)value->number;
    return is_size && number != UINT64_MAX && (uint64_t)(size_t)number != number;
}

static const char *name_of(int code) {
    switch (code) {
    case QCOS_ERR_LOCAL_FILE: return "QCOS_ERR_LOCAL_FILE";
    case QCOS_ERR_PARAMS: return "QCOS_ERR_PARAMS";
    case QCOS_ERR_SLICE_SIZE: return "QCOS_ERR_SLICE_SIZE";
    case QCOS_ERR_HANDLE: return "QCOS_ERR_HANDLE";
    default: return "?";
    }
}

static void try_value(const struct function *function, const struct parameter *parameter,
                      const struct value *value, const struct arguments *good) {
    qcos_client opened = 42, derived = 42;
    struct arguments bad = *good;
    bad.opened = &opened;
    bad.derived = &derived;
    bad = with(&bad, parameter, value);

    char *reply = function->call(&bad);
    CHECK(reply != NULL);
    int64_t code = qcos_reply_code(reply);
    char *message = qcos_reply_get(reply, "/message");
    size_t length = strlen(value->names);
    int named =
        message != NULL && strncmp(message, value->names, length) == 0 && message[length] == ':';
    if (code != value->code || !named) fail(function, parameter, value, code, reply);
    VALUE(reply, "/httpcode", "0");
    /* A session that was given is told again, so that the upload can go on later. */
    char *session = qcos_reply_get(reply, "/data/session");
    if (session == NULL || value->code != QCOS_ERR_LOCAL_FILE) VALUE(reply, "/data", "{}");
    else VALUE(reply, "/data", "{\"session\":\"session\"}");
    qcos_string_free(session);
    VALUE(reply, "/error/name", name_of(value->code));
    VALUE(reply, "/error/attempts", "0");
    CHECK_REPLY(strstr(reply, SECRET_KEY) == NULL, reply);
    /* A handle that was not given out is 0. */
    if (function->call == client_open && bad.opened != NULL) CHECK_REPLY(opened == 0, reply);
    if (function->call == client_with && bad.derived != NULL) CHECK_REPLY(derived == 0, reply);
    qcos_string_free(message);
    qcos_string_free(reply);
}

/* What the JSON API does not have, whatever the arguments. */
static int only_xml(char *(*call)(args)) {
    return call == copy_file || call == copy_with || call == copy_tree || call == create_bucket || call == delete_bucket || call == request ||
           call == list_buckets || call == list_uploads || call == abort_upload ||
           call == presign || call == post_policy || call == set_tags || call == get_tags ||
           call == restore_file || call == append || call == set_versioning ||
           call == get_versioning || call == list_versions;
}

/* The arguments that each wrong value goes into are right: with them a request is made, or the
 * call succeeds. Nobody listens at this client's endpoint. */
static void try_good(const struct arguments *good) {
    struct arguments unheard = *good;
    qcos_client opened = 0, derived = 0;
    unheard.client = open_client("http://127.0.0.1:1", ",\"retries\":0");
    unheard.opened = &opened;
    unheard.derived = &derived;
    for (size_t f = 0; f < sizeof functions / sizeof *functions; f++) {
        char *reply = functions[f].call(&unheard);
        int64_t code = qcos_reply_code(reply);
        CHECK_REPLY(only_xml(functions[f].call) ? code == QCOS_ERR_PARAMS
                                                : code == QCOS_OK || code == QCOS_ERR_NETWORK,
                    reply);
        qcos_string_free(reply);
    }
    qcos_client_close(opened);
    qcos_client_close(derived);
    qcos_client_close(unheard.client);
}

static void is_named(char *reply, const char *parameter) {
    CHECK_REPLY(qcos_reply_code(reply) == QCOS_ERR_PARAMS && strstr(reply, parameter), reply);
    qcos_string_free(reply);
}

/* A function is nothing that the table above could hold. */
static void no_function(const struct arguments *good) {
    qcos_client client = good->client;
    is_named(qcos_list_all(client, good->bucket, good->path, 0, NULL, NULL), "\"page:");
    is_named(qcos_prefix_search_all(client, good->bucket, good->path, "a", 0, NULL, NULL),
             "\"page:");
    is_named(qcos_list_versions(client, good->bucket, good->path, 0, NULL, NULL), "\"page:");
    is_named(qcos_upload_stream(client, good->bucket, good->dstpath, NULL, NULL, NULL, NULL),
             "\"read:");
    is_named(qcos_download_stream(client, good->bucket, good->path, NULL, NULL, NULL), "\"write:");
}

static int32_t count_item(const char *item, void *user_data) {
    (void)item;
    ++*(int *)user_data;
    return 0;
}

/* The functions that answer with no reply. */
static void plain_functions(qcos_client closed) {
    static const char *const not_replies[] = {
        NULL,
        "",
        "x",
        "\xff\xfe",
        "[]",
        "{}",
        "7",
        "null",
        "{\"code\":\"0\"}",
        "{\"code\":1.5}",
        "{\"code\":1e300}",
        "{\"code\":0",
    };
    for (size_t i = 0; i < sizeof not_replies / sizeof *not_replies; i++) {
        CHECK(qcos_reply_code(not_replies[i]) == QCOS_ERR_PARAMS);
        CHECK(qcos_reply_get(not_replies[i], "/data") == NULL);
    }
    int calls = 0;
    CHECK(qcos_reply_each(NULL, "/data", count_item, &calls) == QCOS_ERR_PARAMS);
    CHECK(qcos_reply_each("[1]", NULL, count_item, &calls) == QCOS_ERR_PARAMS);
    CHECK(qcos_reply_each("[1]", "", NULL, NULL) == QCOS_ERR_PARAMS);
    CHECK(qcos_reply_each("{\"data\":7}", "/data", count_item, &calls) == QCOS_ERR_PARAMS);
    CHECK(qcos_reply_each("\xff\xfe", "", count_item, &calls) == QCOS_ERR_PARAMS);
    CHECK(calls == 0);
    char *deep = repeated('[');
    CHECK(qcos_reply_each(deep, "", count_item, &calls) == QCOS_ERR_PARAMS);
    CHECK(qcos_reply_code(deep) == QCOS_ERR_PARAMS);
    CHECK(qcos_reply_get(deep, "/0") == NULL);
    CHECK(qcos_reply_get("{\"code\":0}", deep) == NULL);
    CHECK(qcos_reply_get("{\"code\":0}", NULL) == NULL);
    CHECK(qcos_reply_get("{\"code\":0}", "\xff\xfe") == NULL);
    CHECK(qcos_reply_get("{\"code\":0}", "/\n") == NULL);
    free(deep);

    const qcos_client handles[] = {0, closed, UINT64_C(1) << 40, UINT64_MAX};
    for (size_t i = 0; i < sizeof handles / sizeof *handles; i++) {
        qcos_client_cancel(handles[i]);
        qcos_client_close(handles[i]);
    }
    qcos_string_free(NULL);
}

int main(int argc, char **argv) {
    CHECK(argc == 3);
    qcos_client closed = open_client(argv[1], "");
    qcos_client_close(closed);
    make_values(argv[2], closed);

    struct arguments good = good_arguments();
    good.client = open_client(argv[1], ",\"retries\":0");
    try_good(&good);
    int tried = 0;
    for (size_t f = 0; f < sizeof functions / sizeof *functions; f++) {
        for (int p = 0; p < PARAMETERS_MAX && functions[f].parameters[p] != NULL; p++) {
            const struct parameter *parameter = functions[f].parameters[p];
            for (const struct value *value = parameter->values; value->names != NULL; value++) {
                if (is_another_size(parameter, value)) continue;
                try_value(&functions[f], parameter, value, &good);
                tried++;
            }
        }
    }
    no_function(&good);
    plain_functions(closed);
    /* All of this has left the client in order. */
    DONE(sign_more(&good));
    qcos_client_close(good.client);
    free_values();
    printf("%d misuses\n", tried);
    return 0;
}
