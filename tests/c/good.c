/* Every function that is no upload of a file, through its good cases.
 *
 *     good ENDPOINT
 */
#define _POSIX_C_SOURCE 200809L /* mkstemp */
#include "check.h"

#include <ctype.h>
#include <time.h>
#include <unistd.h>

/* SHA-1 of known content. */
#define SHA_OF_HELLO "aaf4c61ddcc5e8a2dabede0f3b482cd9aea9434d"
#define SHA_OF_NOTHING "da39a3ee5e6b4b0d3255bfef95601890afd80709"

/* What the service answers for something that is not there. */
static int is_missing(int64_t code) { return code == -166 || code == -197; }

static void check_missing(char *reply) {
    CHECK_REPLY(is_missing(qcos_reply_code(reply)), reply);
    VALUE(reply, "/error/name", "SERVICE");
    VALUE(reply, "/error/kind", "service");
    qcos_string_free(reply);
}

/* Unix seconds as the classic service writes them: digits in a string. */
static void check_time(const char *reply, const char *pointer) {
    char *value = qcos_reply_get(reply, pointer);
    CHECK_REPLY(value != NULL && strlen(value) >= 10, reply);
    for (const char *c = value; *c != '\0'; c++) CHECK_REPLY(isdigit((unsigned char)*c), reply);
    char quoted[64];
    snprintf(quoted, sizeof quoted, "\"%s\"", value);
    CHECK_REPLY(strstr(reply, quoted) != NULL, reply);
    qcos_string_free(value);
}

/* Hex of either case. */
static void check_sha(const char *reply, const char *expected) {
    char *sha = qcos_reply_get(reply, "/data/sha");
    CHECK_REPLY(sha != NULL && strlen(sha) == 40, reply);
    for (char *c = sha; *c != '\0'; c++) *c = (char)tolower((unsigned char)*c);
    CHECK_REPLY(strcmp(sha, expected) == 0, reply);
    qcos_string_free(sha);
}

static void put(qcos_client client, const char *path, const char *content) {
    DONE(qcos_upload_buffer(client, content, strlen(content), BUCKET, path, NULL));
}

static void versions(void) {
    char expected[32];
    snprintf(expected, sizeof expected, "%d.%d.%d", QCOS_VERSION_MAJOR, QCOS_VERSION_MINOR,
             QCOS_VERSION_PATCH);
    CHECK(strcmp(qcos_version(), expected) == 0);
    CHECK(qcos_version() == qcos_version());
    CHECK(qcos_version_number() == QCOS_VERSION_NUMBER);
}

static void replies(void) {
    const char *reply = "{\"code\":-178,\"message\":\"\\u597d \\\"\",\"httpcode\":400,"
                        "\"data\":{\"a/b\":{\"m~n\":[1,\"x\",null,true]},\"big\":9007199254740993,"
                        "\"empty\":\"\"}}";
    CHECK(qcos_reply_code(reply) == -178);
    VALUE(reply, "/message", "\xe5\xa5\xbd \"");
    VALUE(reply, "/httpcode", "400");
    VALUE(reply, "/data/big", "9007199254740993");
    VALUE(reply, "/data/empty", "");
    VALUE(reply, "/data/a~1b", "{\"m~n\":[1,\"x\",null,true]}");
    VALUE(reply, "/data/a~1b/m~0n/1", "x");
    VALUE(reply, "/data/a~1b/m~0n/2", "null");
    VALUE(reply, "/data/a~1b/m~0n/3", "true");
    VALUE(reply, "/data/a~1b/m~0n/4", NULL);
    VALUE(reply, "/nothing", NULL);
    VALUE(reply, "message", NULL);
    CHECK(qcos_reply_get(NULL, "/code") == NULL);
    CHECK(qcos_reply_get(reply, NULL) == NULL);
    CHECK(qcos_reply_get(NULL, NULL) == NULL);
    char *whole = qcos_reply_get(reply, "");
    CHECK(whole != NULL && qcos_reply_code(whole) == -178);
    qcos_string_free(whole);
    qcos_string_free(NULL);
}

static void clients(const char *endpoint) {
    qcos_client defaults = 0;
    char *reply = OK(qcos_client_open(APPID, SECRET_ID, SECRET_KEY, NULL, &defaults));
    CHECK_REPLY(strcmp(reply, "{\"code\":0,\"message\":\"SUCCESS\",\"httpcode\":0,\"data\":{}}") ==
                    0,
                reply);
    qcos_string_free(reply);

    /* Every option at once; the last two read nothing but the environment. */
    qcos_client client = open_client(
        endpoint, ",\"api\":\"json\",\"sign_expires_s\":7776000,\"connect_timeout_ms\":5000,"
                  "\"io_timeout_ms\":60000,\"timeout_ms\":86400000,\"retries\":0,"
                  "\"slice_size\":3145728,\"overwrite\":true,\"user_agent\":\"good.c\"");
    qcos_client unused = open_client(endpoint, ",\"tls_ca\":\"system\",\"proxy\":\"env\"");
    CHECK(defaults != client && client != unused);
    DONE(qcos_stat_folder(client, BUCKET, ""));

    qcos_client_close(unused);
    qcos_client_close(defaults);
    qcos_client_close(client);
    qcos_client_close(client);
    qcos_client_close(0);
    FAILS(QCOS_ERR_HANDLE, qcos_stat_folder(client, BUCKET, ""));
    qcos_client next = open_client(endpoint, "");
    CHECK(next != client && next != unused && next != defaults);
    qcos_client_close(next);
}

/* A derived client has its own limits, is cancelled alone, and outlives the other. */
static void derived(const char *endpoint) {
    qcos_client client = open_client(endpoint, ""), one = 0, two = 0;
    DONE(qcos_client_with(client, "{\"timeout_ms\":60000,\"retries\":1}", &one));
    DONE(qcos_client_with(one, NULL, &two));
    CHECK(one != 0 && two != 0 && one != two && one != client);
    DONE(qcos_stat_folder(two, BUCKET, ""));
    qcos_client_cancel(one);
    FAILS(QCOS_ERR_CANCELLED, qcos_stat_folder(one, BUCKET, ""));
    FAILS(QCOS_ERR_CANCELLED, qcos_stat_folder(two, BUCKET, ""));
    DONE(qcos_stat_folder(client, BUCKET, ""));
    qcos_client_close(one);
    FAILS(QCOS_ERR_HANDLE, qcos_client_with(one, NULL, &two));
    CHECK(two == 0);

    DONE(qcos_client_with(client, "{}", &one));
    qcos_client_close(client);
    DONE(qcos_stat_folder(one, BUCKET, ""));
    qcos_client_close(one);
}

static int32_t add_item(const char *item, void *user_data) {
    int *sum = user_data;
    char *number = qcos_reply_get(item, "");
    *sum += atoi(number);
    qcos_string_free(number);
    return *sum > 5 ? 42 : 0;
}

/* Elements one by one, and an end in the midst. */
static void elements(void) {
    int sum = 0;
    CHECK(qcos_reply_each("{\"data\":{\"a\":[1,2]}}", "/data/a", add_item, &sum) == 0 && sum == 3);
    CHECK(qcos_reply_each("[3,4,5]", "", add_item, &sum) == 42 && sum == 6);
}

static int32_t give_the_same(qcos_client client, void *user_data) {
    ++*(int *)user_data;
    DONE(qcos_client_set_credentials(client, SECRET_ID, SECRET_KEY, NULL, 0));
    return 0;
}

/* Wrong ones are refused, others given by the callback, and derived clients have them, too. */
static void credentials(const char *endpoint) {
    qcos_client client = open_client(endpoint, ""), below = 0;
    DONE(qcos_client_with(client, NULL, &below));
    DONE(qcos_client_set_credentials(client, "unknown", "key", NULL, 0));
    char *refused = qcos_stat_folder(below, BUCKET, "");
    CHECK_REPLY(qcos_reply_code(refused) == -79, refused);
    qcos_string_free(refused);
    int asked = 0;
    DONE(qcos_client_on_expiry(client, give_the_same, &asked));
    DONE(qcos_stat_folder(below, BUCKET, ""));
    CHECK(asked == 1);
    DONE(qcos_client_on_expiry(client, NULL, NULL));
    qcos_client_close(below);
    qcos_client_close(client);
}

static int32_t count_good(const char *event, void *user_data) {
    char *code = qcos_reply_get(event, "/code"), *method = qcos_reply_get(event, "/method");
    CHECK(code != NULL && strcmp(code, "0") == 0 && method != NULL);
    ++*(int *)user_data;
    qcos_string_free(code);
    qcos_string_free(method);
    return 0;
}

/* The requests of one call are told of. */
static void trace(qcos_client client) {
    qcos_client traced = 0;
    int told = 0;
    DONE(qcos_client_with(client, NULL, &traced));
    DONE(qcos_client_trace(traced, count_good, &told));
    DONE(qcos_stat_folder(traced, BUCKET, ""));
    CHECK(told == 1);
    DONE(qcos_stat_folder(client, BUCKET, ""));
    DONE(qcos_client_trace(traced, NULL, NULL));
    DONE(qcos_stat_folder(traced, BUCKET, ""));
    CHECK(told == 1);
    qcos_client_close(traced);
}

/* Tags of a bucket: set, read as a document and as JSON, deleted. */
static void requests(qcos_client client) {
    const char *tags =
        "<Tagging><TagSet><Tag><Key>k</Key><Value>v</Value></Tag></TagSet></Tagging>";
    const char *put = "{\"method\":\"PUT\",\"query\":{\"tagging\":\"\"}}";
    DONE(qcos_request(client, BUCKET, NULL, put, tags, strlen(tags)));
    const char *get = "{\"method\":\"GET\",\"query\":{\"tagging\":\"\"}}";
    char *reply = OK(qcos_request(client, BUCKET, "", get, NULL, 0));
    VALUE(reply, "/data/body", tags);
    VALUE(reply, "/data/xml/Tagging/TagSet/Tag/Value", "v");
    qcos_string_free(reply);
    const char *delete = "{\"method\":\"DELETE\",\"query\":{\"tagging\":\"\"}}";
    DONE(qcos_request(client, BUCKET, "", delete, NULL, 0));
}

/* Nothing is wrong with the emulator; its http:// is worth a warning. */
static void diagnosis(qcos_client client) {
    char *reply = OK(qcos_diagnose(client, BUCKET));
    VALUE(reply, "/data/ok", "true");
    VALUE(reply, "/data/steps/0/step", "dns");
    VALUE(reply, "/data/steps/3/status", "warning");
    VALUE(reply, "/data/steps/12/status", "ok");
    VALUE(reply, "/data/steps/12/message_zh", "有权读取对象。");
    qcos_string_free(reply);
}

static void signatures(qcos_client client) {
    char *reply = OK(qcos_sign_more(client, BUCKET, (int64_t)time(NULL) + 60));
    char *other = OK(qcos_sign_more(client, BUCKET, (int64_t)time(NULL) + 60));
    char *once = OK(qcos_sign_once(client, BUCKET, "/" APPID "/" BUCKET "/dir/a b"));
    char *folder = OK(qcos_sign_once(client, "/" BUCKET "/", "/" APPID "/" BUCKET "/dir/"));
    char *sign = qcos_reply_get(once, "/data/sign");
    /* Base64 of 20 bytes of HMAC and the signed text. */
    CHECK_REPLY(sign != NULL && strlen(sign) % 4 == 0 && strlen(sign) > 100, once);
    CHECK(strspn(sign, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=") ==
          strlen(sign));
    VALUE(reply, "/httpcode", "0");
    CHECK(strcmp(reply, other) != 0);
    qcos_string_free(sign);
    qcos_string_free(reply);
    qcos_string_free(other);
    qcos_string_free(once);
    qcos_string_free(folder);
}

/* What others send: used by curl in tests/presign.rs. */
static void signed_for_others(qcos_client client) {
    const char *headers = "{\"headers\":{\"Content-Type\":\"text/x\"},\"version_id\":\"v\"}";
    char *reply = OK(qcos_presign(client, "PUT", BUCKET, "a b", 60, headers));
    VALUE(reply, "/httpcode", "0");
    VALUE(reply, "/data/headers", "{\"content-type\":\"text/x\"}");
    char *url = qcos_reply_get(reply, "/data/url");
    CHECK_REPLY(url != NULL &&
                    strstr(url, "/a%20b?versionId=v&q-sign-algorithm=sha1&q-ak=") != NULL,
                reply);
    qcos_string_free(url);
    qcos_string_free(reply);
    const char *options =
        "{\"key_prefix\":\"in/\",\"max\":9,\"expires_s\":60,\"success_status\":200}";
    reply = OK(qcos_post_policy(client, BUCKET, options));
    VALUE(reply, "/data/fields/key", "in/${filename}");
    VALUE(reply, "/data/fields/acl", "default");
    VALUE(reply, "/data/fields/success_action_status", "200");
    qcos_string_free(reply);
}

static void folders(qcos_client client) {
    char *reply = OK(qcos_create_folder(client, BUCKET, "/dir/sub/", "first"));
    VALUE(reply, "/httpcode", "200");
    VALUE(reply, "/data/resource_path", "/" APPID "/" BUCKET "/dir/sub/");
    VALUE(reply, "/error", NULL);
    check_time(reply, "/data/ctime");
    qcos_string_free(reply);
    FAILS(-178, qcos_create_folder(client, BUCKET, "dir/sub", NULL));

    reply = OK(qcos_stat_folder(client, BUCKET, "dir/sub"));
    VALUE(reply, "/data/name", "sub");
    VALUE(reply, "/data/biz_attr", "first");
    check_time(reply, "/data/ctime");
    check_time(reply, "/data/mtime");
    qcos_string_free(reply);

    DONE(qcos_update_folder(client, BUCKET, "dir/sub", "second"));
    reply = OK(qcos_stat_folder(client, BUCKET, "dir/sub/"));
    VALUE(reply, "/data/biz_attr", "second");
    qcos_string_free(reply);
    DONE(qcos_update_folder(client, BUCKET, "dir/sub", ""));
    reply = OK(qcos_stat_folder(client, BUCKET, "dir/sub/"));
    VALUE(reply, "/data/biz_attr", "");
    qcos_string_free(reply);

    /* The bucket's own properties. */
    DONE(qcos_stat_folder(client, BUCKET, ""));
    DONE(qcos_stat_folder(client, BUCKET, "/"));

    put(client, "dir/sub/file", "x");
    FAILS(-173, qcos_delete_folder(client, BUCKET, "dir/sub"));
    DONE(qcos_delete_file(client, BUCKET, "dir/sub/file"));
    reply = OK(qcos_delete_folder(client, BUCKET, "dir/sub"));
    VALUE(reply, "/data", "{}");
    qcos_string_free(reply);
    check_missing(qcos_stat_folder(client, BUCKET, "dir/sub"));
    check_missing(qcos_delete_folder(client, BUCKET, "dir/sub"));
    check_missing(qcos_update_folder(client, BUCKET, "dir/sub", "x"));
}

static void files(qcos_client client) {
    char *reply = OK(qcos_upload_buffer(client, "hello", 5, BUCKET, "files/a", "first"));
    VALUE(reply, "/data/resource_path", "/" APPID "/" BUCKET "/files/a");
    qcos_string_free(reply);
    FAILS(-4018, qcos_upload_buffer(client, "hello", 5, BUCKET, "files/a", NULL));
    FAILS(-177, qcos_upload_buffer(client, "other", 5, BUCKET, "files/a", NULL));

    reply = OK(qcos_stat_file(client, BUCKET, "/files/a"));
    VALUE(reply, "/data/name", "a");
    VALUE(reply, "/data/biz_attr", "first");
    VALUE(reply, "/data/filesize", "5");
    VALUE(reply, "/data/filelen", "5");
    check_sha(reply, SHA_OF_HELLO);
    check_time(reply, "/data/mtime");
    qcos_string_free(reply);

    DONE(qcos_update_file(client, BUCKET, "files/a", "\xe5\xb1\x9e\xe6\x80\xa7 \"100%\" \\ {}"));
    reply = OK(qcos_stat_file(client, BUCKET, "files/a"));
    VALUE(reply, "/data/biz_attr", "\xe5\xb1\x9e\xe6\x80\xa7 \"100%\" \\ {}");
    qcos_string_free(reply);
    DONE(qcos_update_file(client, BUCKET, "files/a", ""));
    qcos_string_free(OK(qcos_update_with(client, BUCKET, "files/a", "{\"biz_attr\":\"again\"}")));
    reply = OK(qcos_stat_file(client, BUCKET, "files/a"));
    VALUE(reply, "/data/biz_attr", "again");
    qcos_string_free(reply);

    DONE(qcos_upload_buffer(client, NULL, 0, BUCKET, "files/empty", NULL));
    reply = OK(qcos_stat_file(client, BUCKET, "files/empty"));
    VALUE(reply, "/data/filesize", "0");
    check_sha(reply, SHA_OF_NOTHING);
    qcos_string_free(reply);

    DONE(qcos_upload_buffer(client, "a\0\r\n--b", 7, BUCKET, "files/binary", NULL));
    reply = OK(qcos_stat_file(client, BUCKET, "files/binary"));
    VALUE(reply, "/data/filelen", "7");
    qcos_string_free(reply);

    reply = OK(qcos_stat_with(client, BUCKET, "files/a", NULL));
    VALUE(reply, "/data/filesize", "5");
    qcos_string_free(reply);
    DONE(qcos_upload_buffer(client, "b", 1, BUCKET, "files/b", NULL));
    reply = OK(qcos_delete_with(client, BUCKET, "files/b", "{}"));
    VALUE(reply, "/data", "{}");
    qcos_string_free(reply);
    check_missing(qcos_stat_with(client, BUCKET, "files/b", NULL));
    check_missing(qcos_delete_with(client, BUCKET, "files/b", NULL));

    reply = OK(qcos_delete_file(client, BUCKET, "files/a"));
    VALUE(reply, "/data", "{}");
    qcos_string_free(reply);
    check_missing(qcos_stat_file(client, BUCKET, "files/a"));
    check_missing(qcos_delete_file(client, BUCKET, "files/a"));
    check_missing(qcos_update_file(client, BUCKET, "files/a", "x"));
}

/* Appends the names of a page, each with a blank behind it, and a bar at its end. */
static void add_names(char *all, size_t size, const char *reply) {
    for (int i = 0;; i++) {
        char pointer[32];
        snprintf(pointer, sizeof pointer, "/data/infos/%d/name", i);
        char *name = qcos_reply_get(reply, pointer);
        if (name == NULL) break;
        CHECK(strlen(all) + strlen(name) + 3 < size);
        strcat(strcat(all, name), " ");
        qcos_string_free(name);
    }
    strcat(all, "|");
}

/* Reads every page, or those of a search where `prefix` is not NULL. */
static void check_pages(qcos_client client, const char *prefix, int32_t num, const char *pattern,
                        int32_t order, const char *expected) {
    char all[256] = "";
    char *context = NULL;
    for (int more = 1; more;) {
        const char *at = context;
        char *reply = OK(prefix == NULL ? qcos_list(client, BUCKET, "list", num, pattern, order, at)
                                        : qcos_prefix_search(client, BUCKET, "list", prefix, num,
                                                             pattern, order, at));
        add_names(all, sizeof all, reply);
        char *has_more = qcos_reply_get(reply, "/data/has_more");
        CHECK_REPLY(has_more != NULL, reply);
        more = strcmp(has_more, "true") == 0;
        qcos_string_free(has_more);
        qcos_string_free(context);
        context = qcos_reply_get(reply, "/data/context");
        CHECK_REPLY(context != NULL, reply);
        qcos_string_free(reply);
    }
    qcos_string_free(context);
    if (strcmp(all, expected) != 0) fprintf(stderr, "%s\nexpected %s\n", all, expected);
    CHECK(strcmp(all, expected) == 0);
}

static void lists(qcos_client client) {
    DONE(qcos_create_folder(client, BUCKET, "list/apples", "red"));
    DONE(qcos_create_folder(client, BUCKET, "list/zoo", NULL));
    put(client, "list/apricot", "1");
    put(client, "list/banana", "22");
    put(client, "list/cherry", "333");

    check_pages(client, NULL, 2, NULL, 0, "apples zoo |apricot banana |cherry |");
    check_pages(client, NULL, 0, "eListBoth", 0, "apples zoo apricot banana cherry |");
    check_pages(client, NULL, 199, NULL, 1, "cherry banana apricot zoo apples |");
    check_pages(client, NULL, 2, NULL, 1, "cherry banana |apricot zoo |apples |");
    check_pages(client, NULL, 199, "eListDirOnly", 0, "apples zoo |");
    check_pages(client, NULL, 2, "eListFileOnly", 0, "apricot banana |cherry |");
    check_pages(client, "ap", 0, NULL, 0, "apples apricot |");
    check_pages(client, "ap", 1, "eListBoth", 0, "apples |apricot |");
    check_pages(client, "ap", 1, "eListFileOnly", 1, "apricot |");
    check_pages(client, "none", 1, NULL, 0, "|");

    char *reply = OK(qcos_list(client, BUCKET, "/list/", 0, NULL, 0, ""));
    VALUE(reply, "/data/dircount", "2");
    VALUE(reply, "/data/filecount", "3");
    VALUE(reply, "/data/infos/0/biz_attr", "red");
    VALUE(reply, "/data/infos/0/sha", NULL);
    VALUE(reply, "/data/infos/4/filesize", "3");
    check_time(reply, "/data/infos/4/mtime");
    qcos_string_free(reply);
    DONE(qcos_list(client, BUCKET, "", 1, NULL, 0, NULL));
    DONE(qcos_prefix_search(client, BUCKET, "/", "li", 1, NULL, 0, NULL));
}

/* Names that a careless client breaks in a URL, a form or a signature. */
static void odd_names(qcos_client client) {
    static const char *const names[] = {
        "\xe5\x9b\xbe \xe7\x89\x87.txt",
        "a b",
        "100%",
        "%2F",
        "1+1=2",
        "a&b",
        "#1",
        "it's (ok)!",
        "..hidden",
        "~tilde_-.",
        "\xf0\x9f\x98\x80",
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char folder[128], file[128];
        snprintf(folder, sizeof folder, "odd/%s", names[i]);
        snprintf(file, sizeof file, "odd/%s/%s", names[i], names[i]);
        DONE(qcos_create_folder(client, BUCKET, folder, names[i]));
        DONE(qcos_upload_buffer(client, names[i], strlen(names[i]), BUCKET, file, names[i]));
        DONE(qcos_update_folder(client, BUCKET, folder, "seen"));
        char *reply = OK(qcos_stat_file(client, BUCKET, file));
        VALUE(reply, "/data/name", names[i]);
        VALUE(reply, "/data/biz_attr", names[i]);
        qcos_string_free(reply);
        reply = OK(qcos_prefix_search(client, BUCKET, folder, names[i], 0, NULL, 0, NULL));
        VALUE(reply, "/data/infos/0/name", names[i]);
        qcos_string_free(reply);
        DONE(qcos_update_file(client, BUCKET, file, "seen"));
        DONE(qcos_delete_file(client, BUCKET, file));
        DONE(qcos_delete_folder(client, BUCKET, folder));
    }
    char *reply = OK(qcos_list(client, BUCKET, "odd", 0, NULL, 0, NULL));
    VALUE(reply, "/data/infos", "[]");
    qcos_string_free(reply);
}

static int32_t count_calls(uint64_t done, uint64_t total, void *user_data) {
    /* The size is not known until the service has told it. */
    CHECK(total == 5 ? done <= 5 : done == 0 && total == (UINT64_C(1) << 53) - 1);
    ++*(int *)user_data;
    return 0;
}

static void check_content(const char *path, const char *expected) {
    char content[64] = "";
    FILE *file = fopen(path, "rb");
    CHECK(file != NULL);
    size_t length = fread(content, 1, sizeof content - 1, file);
    fclose(file);
    CHECK(length == strlen(expected) && strcmp(content, expected) == 0);
}

static void downloads(qcos_client client) {
    char target[] = "/tmp/qcos-good-XXXXXX";
    int descriptor = mkstemp(target);
    CHECK(descriptor >= 0 && close(descriptor) == 0);
    DONE(qcos_upload_buffer(client, "hello", 5, BUCKET, "down/a", NULL));

    int calls = 0;
    char *reply = OK(qcos_download(client, BUCKET, "/down/a", target, count_calls, &calls));
    VALUE(reply, "/data/filesize", "5");
    VALUE(reply, "/data/sha", SHA_OF_HELLO);
    qcos_string_free(reply);
    CHECK(calls >= 2); /* at the beginning and at the end, and ten times a second */
    check_content(target, "hello");

    DONE(qcos_move_file(client, BUCKET, "down/a", "down/b", 0));
    check_missing(qcos_move_file(client, BUCKET, "down/a", "down/b", 1));
    check_missing(qcos_download(client, BUCKET, "down/a", target, NULL, NULL));
    check_content(target, "hello");
    DONE(qcos_download(client, BUCKET, "down/b", target, NULL, NULL));

    reply = OK(qcos_download_url(client, BUCKET, "down/b", 60));
    VALUE(reply, "/httpcode", "0");
    char *url = qcos_reply_get(reply, "/data/url");
    CHECK_REPLY(url != NULL && strstr(url, "/down/b?sign=") != NULL, reply);
    qcos_string_free(url);
    qcos_string_free(reply);

    reply = qcos_copy_file(client, BUCKET, "down/b", "down/c", 0);
    CHECK_REPLY(qcos_reply_code(reply) == QCOS_ERR_PARAMS && strstr(reply, "XML API"), reply);
    qcos_string_free(reply);
    reply = qcos_copy_with(client, BUCKET, "down/b", BUCKET, "down/c", NULL, NULL, NULL);
    CHECK_REPLY(qcos_reply_code(reply) == QCOS_ERR_PARAMS && strstr(reply, "XML API"), reply);
    qcos_string_free(reply);
    reply = qcos_copy_tree(client, BUCKET, "down", BUCKET, "up", NULL, NULL, NULL);
    CHECK_REPLY(qcos_reply_code(reply) == QCOS_ERR_PARAMS && strstr(reply, "XML API"), reply);
    qcos_string_free(reply);
    CHECK(remove(target) == 0);
}

static int32_t count_page(const char *page, void *user_data) {
    CHECK(strncmp(page, "{\"infos\":[", 10) == 0);
    ++*(int *)user_data;
    return 0;
}

/* Many files at once, and who may read one. */
static void many(qcos_client client) {
    DONE(qcos_upload_buffer(client, "1", 1, BUCKET, "many/a", NULL));
    DONE(qcos_upload_buffer(client, "2", 1, BUCKET, "many/b/c", NULL));
    DONE(qcos_upload_buffer(client, "3", 1, BUCKET, "many/b/d", NULL));
    DONE(qcos_set_acl(client, BUCKET, "many/a", "public-read"));
    char *reply = OK(qcos_get_acl(client, BUCKET, "many/a"));
    VALUE(reply, "/data/acl", "public-read");
    qcos_string_free(reply);
    reply = OK(qcos_get_acl(client, BUCKET, "many/b/c"));
    VALUE(reply, "/data/acl", "default");
    qcos_string_free(reply);

    int pages = 0;
    reply = OK(qcos_list_all(client, BUCKET, "many", 0, count_page, &pages));
    VALUE(reply, "/data/count", "2");
    CHECK(pages == 1);
    qcos_string_free(reply);
    reply = OK(qcos_prefix_search_all(client, BUCKET, "/", "many/b/", 0, count_page, &pages));
    VALUE(reply, "/data/count", "2");
    CHECK(pages == 2);
    qcos_string_free(reply);

    reply = OK(qcos_delete_files(client, BUCKET, "[\"many/a\",\"many/none\"]"));
    VALUE(reply, "/data/deleted", "2");
    VALUE(reply, "/data/failed", "[]");
    qcos_string_free(reply);
    check_missing(qcos_stat_file(client, BUCKET, "many/a"));
    DONE(qcos_delete_tree(client, BUCKET, "many"));
    check_missing(qcos_stat_file(client, BUCKET, "many/b/d"));
    check_missing(qcos_delete_tree(client, BUCKET, "many"));
}

/* What the XML API adds. */
static void buckets(qcos_client client) {
    DONE(qcos_create_bucket(client, "fresh", NULL));
    DONE(qcos_head_bucket(client, "fresh"));
    char *reply = OK(qcos_list_buckets(client));
    CHECK_REPLY(strstr(reply, "\"fresh-10000001\"") != NULL, reply);
    qcos_string_free(reply);

    reply = OK(qcos_list_uploads(client, "fresh", ""));
    VALUE(reply, "/data/infos", "[]");
    qcos_string_free(reply);
    reply = qcos_abort_upload(client, "fresh", "a", "none");
    CHECK_REPLY(qcos_reply_code(reply) == -290, reply);
    qcos_string_free(reply);
    DONE(qcos_delete_bucket(client, "fresh"));
    reply = qcos_head_bucket(client, "fresh");
    CHECK_REPLY(qcos_reply_code(reply) == -133, reply);
    qcos_string_free(reply);
}

static int32_t last_page(const char *page, void *user_data) {
    qcos_string_free(*(char **)user_data);
    *(char **)user_data = qcos_reply_get(page, "/infos");
    return 0;
}

static void object_versions(qcos_client client) {
    DONE(qcos_create_bucket(client, "versioned", NULL));
    char *reply = OK(qcos_get_versioning(client, "versioned"));
    VALUE(reply, "/data/status", "");
    qcos_string_free(reply);
    DONE(qcos_set_versioning(client, "versioned", "Enabled"));
    reply = OK(qcos_get_versioning(client, "versioned"));
    VALUE(reply, "/data/status", "Enabled");
    qcos_string_free(reply);

    reply = OK(qcos_upload_buffer(client, "hello", 5, "versioned", "d/a", NULL));
    char *id = qcos_reply_get(reply, "/data/version_id");
    CHECK_REPLY(id != NULL, reply);
    qcos_string_free(reply);
    DONE(qcos_delete_file(client, "versioned", "d/a"));
    char *infos = NULL;
    reply = OK(qcos_list_versions(client, "versioned", "", 1, last_page, &infos));
    VALUE(reply, "/data/count", "2");
    qcos_string_free(reply);
    VALUE(infos, "/0/name", "d/a");
    VALUE(infos, "/0/delete_marker", "true");
    VALUE(infos, "/0/is_latest", "true");
    VALUE(infos, "/1/version_id", id);
    VALUE(infos, "/1/filesize", "5");
    VALUE(infos, "/1/is_latest", "false");
    for (int i = 0; i < 2; i++) {
        char pointer[16], options[128];
        snprintf(pointer, sizeof pointer, "/%d/version_id", i);
        char *version = qcos_reply_get(infos, pointer);
        snprintf(options, sizeof options, "{\"version_id\":\"%s\"}", version);
        DONE(qcos_delete_with(client, "versioned", "d/a", options));
        qcos_string_free(version);
    }
    qcos_string_free(infos);
    qcos_string_free(id);
    DONE(qcos_set_versioning(client, "versioned", "Suspended"));
    DONE(qcos_delete_bucket(client, "versioned"));
    reply = qcos_get_versioning(client, "versioned");
    CHECK_REPLY(qcos_reply_code(reply) == -133, reply);
    qcos_string_free(reply);
}

/* Tags, archives, and bytes that are appended. */
static void objects(qcos_client client) {
    put(client, "tagged", "x");
    DONE(qcos_set_tags(client, BUCKET, "tagged", "{\"a b\":\"c/d\",\"e\":\"\"}"));
    char *reply = OK(qcos_get_tags(client, BUCKET, "tagged"));
    VALUE(reply, "/data/tags", "{\"a b\":\"c/d\",\"e\":\"\"}");
    qcos_string_free(reply);
    DONE(qcos_set_tags(client, BUCKET, "tagged", "{}"));
    reply = OK(qcos_get_tags(client, BUCKET, "tagged"));
    VALUE(reply, "/data/tags", "{}");
    qcos_string_free(reply);
    check_missing(qcos_get_tags(client, BUCKET, "none"));

    reply = qcos_restore_file(client, BUCKET, "tagged", 1, NULL);
    CHECK_REPLY(qcos_reply_code(reply) == -405, reply);
    VALUE(reply, "/error/service_code", "RestoreNonArchiveObject");
    qcos_string_free(reply);
    DONE(qcos_upload_buffer_with(client, "x", 1, BUCKET, "archived",
                                 "{\"storage_class\":\"ARCHIVE\"}", NULL, NULL));
    reply = OK(qcos_restore_file(client, BUCKET, "archived", 1, "Bulk"));
    VALUE(reply, "/data/state", "started");
    VALUE(reply, "/httpcode", "202");
    qcos_string_free(reply);
    reply = OK(qcos_restore_file(client, BUCKET, "archived", 1, NULL));
    VALUE(reply, "/data/state", "in_progress");
    qcos_string_free(reply);

    reply = OK(qcos_append(client, "hello", 5, BUCKET, "log", 0, "{\"acl\":\"private\"}"));
    VALUE(reply, "/data/position", "5");
    qcos_string_free(reply);
    reply = OK(qcos_append(client, NULL, 0, BUCKET, "log", 5, NULL));
    VALUE(reply, "/data/position", "5");
    qcos_string_free(reply);
    reply = qcos_append(client, "!", 1, BUCKET, "log", 4, NULL);
    CHECK_REPLY(qcos_reply_code(reply) == -409, reply);
    VALUE(reply, "/error/service_code", "AppendPositionErr");
    qcos_string_free(reply);
    reply = OK(qcos_stat_file(client, BUCKET, "log"));
    VALUE(reply, "/data/type", "appendable");
    qcos_string_free(reply);
}

int main(int argc, char **argv) {
    CHECK(argc == 2);
    versions();
    replies();
    clients(argv[1]);
    derived(argv[1]);
    elements();
    credentials(argv[1]);
    qcos_client client = open_client(argv[1], "");
    signatures(client);
    diagnosis(client);
    folders(client);
    files(client);
    lists(client);
    odd_names(client);
    downloads(client);
    many(client);
    trace(client);
    qcos_client_close(client);

    client = open_client(argv[1], ",\"api\":\"xml\",\"region\":\"ap-x\"");
    many(client);
    buckets(client);
    object_versions(client);
    requests(client);
    objects(client);
    signed_for_others(client);
    trace(client);
    diagnosis(client);
    qcos_client_close(client);
    return 0;
}
