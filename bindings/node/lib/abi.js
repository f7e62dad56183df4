"use strict";

// The functions of qcos.h, as it declares them: `make header` writes them anew.

const VERSION = [0, 1, 0];

const DECLARATIONS = `
const char *qcos_version(void);
uint32_t qcos_version_number(void);
char *qcos_client_open(const char *appid, const char *secret_id, const char *secret_key, const char *options_json, qcos_client *client);
char *qcos_client_with(qcos_client client, const char *options_json, qcos_client *derived);
void qcos_client_cancel(qcos_client client);
void qcos_client_close(qcos_client client);
char *qcos_client_set_credentials(qcos_client client, const char *secret_id, const char *secret_key, const char *security_token, int64_t expires_at);
char *qcos_client_on_expiry(qcos_client client, qcos_credentials_fn callback, void *user_data);
char *qcos_client_trace(qcos_client client, qcos_trace_fn callback, void *user_data);
void qcos_string_free(char *text);
int64_t qcos_reply_code(const char *reply);
char *qcos_reply_get(const char *reply, const char *json_pointer);
int32_t qcos_reply_each(const char *reply, const char *json_pointer, qcos_item_fn item, void *user_data);
char *qcos_sign_more(qcos_client client, const char *bucket, int64_t expired);
char *qcos_sign_once(qcos_client client, const char *bucket, const char *fileid);
char *qcos_presign(qcos_client client, const char *method, const char *bucket, const char *path, int64_t expires_s, const char *options_json);
char *qcos_post_policy(qcos_client client, const char *bucket, const char *options_json);
char *qcos_create_folder(qcos_client client, const char *bucket, const char *path, const char *biz_attr);
char *qcos_update_folder(qcos_client client, const char *bucket, const char *path, const char *biz_attr);
char *qcos_stat_folder(qcos_client client, const char *bucket, const char *path);
char *qcos_delete_folder(qcos_client client, const char *bucket, const char *path);
char *qcos_list(qcos_client client, const char *bucket, const char *path, int32_t num, const char *pattern, int32_t order, const char *context);
char *qcos_prefix_search(qcos_client client, const char *bucket, const char *path, const char *prefix, int32_t num, const char *pattern, int32_t order, const char *context);
char *qcos_list_all(qcos_client client, const char *bucket, const char *path, int32_t recursive, qcos_page_fn page, void *user_data);
char *qcos_prefix_search_all(qcos_client client, const char *bucket, const char *path, const char *prefix, int32_t recursive, qcos_page_fn page, void *user_data);
char *qcos_upload(qcos_client client, const char *filepath, const char *bucket, const char *dstpath, const char *biz_attr, qcos_progress_fn progress, void *user_data);
char *qcos_upload_buffer(qcos_client client, const void *data, size_t len, const char *bucket, const char *dstpath, const char *biz_attr);
char *qcos_upload_slice(qcos_client client, const char *filepath, const char *bucket, const char *dstpath, const char *biz_attr, uint64_t slice_size, const char *session, qcos_progress_fn progress, void *user_data);
char *qcos_upload_with(qcos_client client, const char *filepath, const char *bucket, const char *dstpath, const char *options_json, qcos_progress_fn progress, void *user_data);
char *qcos_upload_buffer_with(qcos_client client, const void *data, size_t len, const char *bucket, const char *dstpath, const char *options_json, qcos_progress_fn progress, void *user_data);
char *qcos_upload_stream(qcos_client client, const char *bucket, const char *dstpath, const char *options_json, qcos_read_fn read, qcos_progress_fn progress, void *user_data);
char *qcos_download(qcos_client client, const char *bucket, const char *path, const char *filepath, qcos_progress_fn progress, void *user_data);
char *qcos_download_with(qcos_client client, const char *bucket, const char *path, const char *filepath, const char *options_json, qcos_progress_fn progress, void *user_data);
char *qcos_download_buffer(qcos_client client, const char *bucket, const char *path, int64_t offset, void *buffer, size_t size, const char *options_json);
char *qcos_download_stream(qcos_client client, const char *bucket, const char *path, const char *options_json, qcos_write_fn write, void *user_data);
char *qcos_download_url(qcos_client client, const char *bucket, const char *path, int64_t expires_s);
char *qcos_update_file(qcos_client client, const char *bucket, const char *path, const char *biz_attr);
char *qcos_update_with(qcos_client client, const char *bucket, const char *path, const char *options_json);
char *qcos_stat_file(qcos_client client, const char *bucket, const char *path);
char *qcos_stat_with(qcos_client client, const char *bucket, const char *path, const char *options_json);
char *qcos_delete_file(qcos_client client, const char *bucket, const char *path);
char *qcos_delete_with(qcos_client client, const char *bucket, const char *path, const char *options_json);
char *qcos_move_file(qcos_client client, const char *bucket, const char *path, const char *dst_path, int32_t overwrite);
char *qcos_copy_file(qcos_client client, const char *bucket, const char *path, const char *dst_path, int32_t overwrite);
char *qcos_copy_with(qcos_client client, const char *bucket, const char *path, const char *dst_bucket, const char *dst_path, const char *options_json, qcos_progress_fn progress, void *user_data);
char *qcos_copy_tree(qcos_client client, const char *bucket, const char *path, const char *dst_bucket, const char *dst_path, const char *options_json, qcos_progress_fn progress, void *user_data);
char *qcos_set_tags(qcos_client client, const char *bucket, const char *path, const char *tags_json);
char *qcos_get_tags(qcos_client client, const char *bucket, const char *path);
char *qcos_restore_file(qcos_client client, const char *bucket, const char *path, int32_t days, const char *tier);
char *qcos_append(qcos_client client, const void *data, size_t len, const char *bucket, const char *path, int64_t position, const char *options_json);
char *qcos_upload_tree(qcos_client client, const char *dirpath, const char *bucket, const char *dstpath, const char *options_json, qcos_progress_fn progress, void *user_data);
char *qcos_download_tree(qcos_client client, const char *bucket, const char *path, const char *dirpath, const char *options_json, qcos_progress_fn progress, void *user_data);
char *qcos_delete_files(qcos_client client, const char *bucket, const char *paths_json);
char *qcos_delete_tree(qcos_client client, const char *bucket, const char *path);
char *qcos_create_bucket(qcos_client client, const char *bucket, const char *acl);
char *qcos_head_bucket(qcos_client client, const char *bucket);
char *qcos_delete_bucket(qcos_client client, const char *bucket);
char *qcos_list_buckets(qcos_client client);
char *qcos_set_acl(qcos_client client, const char *bucket, const char *path, const char *acl);
char *qcos_get_acl(qcos_client client, const char *bucket, const char *path);
char *qcos_list_uploads(qcos_client client, const char *bucket, const char *path);
char *qcos_abort_upload(qcos_client client, const char *bucket, const char *path, const char *session);
char *qcos_set_versioning(qcos_client client, const char *bucket, const char *status);
char *qcos_get_versioning(qcos_client client, const char *bucket);
char *qcos_list_versions(qcos_client client, const char *bucket, const char *path, int32_t recursive, qcos_page_fn page, void *user_data);
char *qcos_request(qcos_client client, const char *bucket, const char *path, const char *request_json, const void *body, size_t len);
char *qcos_diagnose(qcos_client client, const char *bucket);
`;

/** "const char *path" is of the type "const char *" and called "path". */
function split(text) {
  const [, type, name] = text.trim().match(/^(.*?)(\w+)$/);
  return { type: type.trim(), name };
}

/** `{ name, result, parameters: [{ type, name }] }` of each declaration. */
function parse(declarations) {
  return declarations.trim().split(/\s*;\s*/).filter(Boolean).map((line) => {
    const [, head, inside] = line.match(/^([^(]*)\(([^)]*)\)$/);
    const { type: result, name } = split(head);
    return { name, result, parameters: inside === "void" ? [] : inside.split(",").map(split) };
  });
}

module.exports = { DECLARATIONS, VERSION, parse };
