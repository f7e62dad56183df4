/* What can be wrong with each kind of parameter; a part of misuse.c. Parameters of the same name
 * that differ in what they allow are kinds of their own. */

#ifdef _WIN32
#include <direct.h>
#define mkdir(path, mode) _mkdir(path)
#else
#include <sys/stat.h>
#include <unistd.h>
#endif

static char *repeated(char byte) {
    enum { MIB = 1048576 };
    char *text = malloc(MIB + 1);
    CHECK(text != NULL);
    memset(text, byte, MIB);
    text[MIB] = '\0';
    return text;
}

/* A wrong value, the code that it must bring, and how the message must begin. */
struct value {
    const char *text;
    uint64_t number;
    int code;
    const char *names;
};

struct parameter {
    const char *name;
    size_t offset;
    enum { POINTER, NUMBER } type;
    const struct value *values;
};

#define END \
    { NULL, 0, 0, NULL }
#define TEXT(name, value) \
    { value, 0, QCOS_ERR_PARAMS, name }
#define COUNT(name, value) \
    { NULL, (uint64_t)(value), QCOS_ERR_PARAMS, name }
#define PARAMETER(identifier, name, field, type, values)                                       \
    static const struct parameter identifier = {name, offsetof(struct arguments, field), type, \
                                                values}

/* Text that is wrong everywhere; too_long is filled in when the program starts. */
static char *too_long;
#define LONG_TEXT(name) TEXT(name, "too long")
#define MALFORMED(name)                                                                   \
    TEXT(name, "\xff\xfe"), TEXT(name, "a\xc3"), TEXT(name, "\xed\xa0\x80"),              \
        TEXT(name, "\xc0\xaf"), TEXT(name, "a\n"), TEXT(name, "a\rb"), TEXT(name, "\tb"), \
        TEXT(name, "a\x7f"), TEXT(name, "\x01"), TEXT(name, "\xc2\x85"), LONG_TEXT(name)
#define NO_PATH(name)                                                                           \
    MALFORMED(name), TEXT(name, NULL), TEXT(name, "."), TEXT(name, ".."), TEXT(name, "a/../b"), \
        TEXT(name, "./a"), TEXT(name, "/a/./"), TEXT(name, "a/..")
#define NO_ROOT(name) TEXT(name, ""), TEXT(name, "/"), TEXT(name, "///")

/* What is no file, a name that is not UTF-8, and what only POSIX has. */
#ifdef _WIN32
#define DEVICE "NUL"
#define NOT_UTF8(name, text) TEXT(name, text)
#define POSIX_FILES
#else
#define DEVICE "/dev/null"
#define NOT_UTF8(name, text) \
    { text, 0, QCOS_ERR_LOCAL_FILE, name }
#define POSIX_FILES FILE_ERROR("fifo"), FILE_ERROR("broken link"),
#endif

/* As many values on a line as fit. */
/* clang-format off */
static struct value appids[] = {MALFORMED("appid"), TEXT("appid", NULL), TEXT("appid", ""),
                                TEXT("appid", "12a"), TEXT("appid", " 1"), TEXT("appid", "-1"), END};
static struct value secret_ids[] = {MALFORMED("secret_id"), TEXT("secret_id", NULL),
                                    TEXT("secret_id", ""), TEXT("secret_id", "a&b"),
                                    TEXT("secret_id", "a b"), END};
static struct value secret_keys[] = {MALFORMED("secret_key"), TEXT("secret_key", NULL),
                                     TEXT("secret_key", ""), TEXT("secret_key", SECRET_KEY "\n"),
                                     END};

#define OPTION(key, json) TEXT("options_json: " key, "{\"" key "\":" json "}")
static struct value options[] = {
    TEXT("options_json", ""), TEXT("options_json", "{"), TEXT("options_json", "[]"),
    TEXT("options_json", "7"), TEXT("options_json", "null"), TEXT("options_json", "\xff\xfe"),
    TEXT("options_json", "{\"retries\":1}x"), LONG_TEXT("options_json"),
    OPTION("endpont", "\"http://h/\""), OPTION("", "1"), OPTION("api", "7"),
    OPTION("api", "\"soap\""), OPTION("endpoint", "7"), OPTION("endpoint", "null"),
    OPTION("endpoint", "\"\""), OPTION("endpoint", "\"ftp://h/\""),
    OPTION("endpoint", "\"http://\""), OPTION("endpoint", "\"http://u:p@h/\""),
    OPTION("endpoint", "\"http://h/?a\""), OPTION("endpoint", "\"http://h/\\n\""),
    OPTION("sign_expires_s", "0"), OPTION("sign_expires_s", "7776001"),
    OPTION("sign_expires_s", "\"60\""), OPTION("connect_timeout_ms", "0"),
    OPTION("connect_timeout_ms", "-1"), OPTION("io_timeout_ms", "0"),
    OPTION("io_timeout_ms", "1.5"), OPTION("timeout_ms", "true"), OPTION("timeout_ms", "1e300"),
    OPTION("retries", "11"), OPTION("retries", "[3]"), OPTION("slice_size", "\"1M\""),
    OPTION("overwrite", "1"), OPTION("overwrite", "\"true\""), OPTION("tls_ca", "true"),
    OPTION("tls_ca", "\"/nonexistent.pem\""), OPTION("tls_ca", "\"" DEVICE "\""),
    OPTION("tls_ca", "\"/\""), OPTION("proxy", "7"), OPTION("proxy", "\"socks5://h\""),
    OPTION("proxy", "\"\""), OPTION("user_agent", "\"\""), OPTION("user_agent", "\"a\\r\\nb\""),
    OPTION("user_agent", "\"\xe5\xa5\xbd\""), OPTION("user_agent", "{}"),
    {"{\"slice_size\":1}", 0, QCOS_ERR_SLICE_SIZE, "slice_size"},
    {"{\"slice_size\":0}", 0, QCOS_ERR_SLICE_SIZE, "slice_size"}, END};
static struct value no_place[] = {TEXT("client", NULL), END};
static struct value derived_options[] = {
    TEXT("options_json", ""), TEXT("options_json", "{"), TEXT("options_json", "[]"),
    TEXT("options_json", "\xff\xfe"), LONG_TEXT("options_json"), OPTION("retrys", "1"),
    OPTION("retries", "11"), OPTION("timeout_ms", "\"1\""), OPTION("parallel", "33"),
    OPTION("checkpoint_dir", "\"/nonexistent\""), OPTION("api", "\"json\""),
    OPTION("endpoint", "\"http://h/\""), OPTION("region", "\"ap-x\""), OPTION("proxy", "\"env\""),
    OPTION("tls_ca", "\"system\""), OPTION("user_agent", "\"a\""),
    {"{\"slice_size\":1}", 0, QCOS_ERR_SLICE_SIZE, "slice_size"}, END};
static struct value no_place_derived[] = {TEXT("derived", NULL), END};

static struct value buckets[] = {
    MALFORMED("bucket"), TEXT("bucket", NULL), TEXT("bucket", ""), TEXT("bucket", "/"),
    TEXT("bucket", "a b"), TEXT("bucket", "a/b"), TEXT("bucket", "a&b"), TEXT("bucket", "a%b"),
    TEXT("bucket", "a?b"), TEXT("bucket", "."), TEXT("bucket", ".."), TEXT("bucket", "a.b"),
    TEXT("bucket", "\xe6\xa1\xb6"), END};
static struct value paths[] = {NO_PATH("path"), NO_ROOT("path"), END};
static struct value paths_or_root[] = {NO_PATH("path"), END};
static struct value dstpaths[] = {NO_PATH("dstpath"), NO_ROOT("dstpath"), END};
static struct value dst_paths[] = {NO_PATH("dst_path"), NO_ROOT("dst_path"), TEXT("dst_path", "a/b"),
                                   TEXT("dst_path", "/a/b/"), END};
/* Neither may be in the other. */
static struct value dst_folders[] = {NO_PATH("dst_path"), TEXT("dst_path", "a/b"),
                                     TEXT("dst_path", "a/b/c/"), TEXT("dst_path", "/a"),
                                     TEXT("dst_path", ""), END};
static struct value dst_buckets[] = {
    MALFORMED("dst_bucket"), TEXT("dst_bucket", NULL), TEXT("dst_bucket", ""),
    TEXT("dst_bucket", "/"), TEXT("dst_bucket", "a b"), TEXT("dst_bucket", "a/b"),
    TEXT("dst_bucket", "a.b"), END};
static struct value prefixes[] = {NO_PATH("prefix"), NO_ROOT("prefix"), TEXT("prefix", "/a"), TEXT("prefix", "a/../b"), END};
#define MINE "/" APPID "/" BUCKET "/"
static struct value fileids[] = {
    NO_PATH("fileid"), NO_ROOT("fileid"), TEXT("fileid", "f"), TEXT("fileid", "/" APPID),
    TEXT("fileid", MINE), TEXT("fileid", "/" APPID "/other/f"), TEXT("fileid", "/1/" BUCKET "/f"),
    TEXT("fileid", MINE "../f"), TEXT("fileid", MINE "."), TEXT("fileid", MINE "a\nb"),
    TEXT("fileid", MINE "\xff"), END};

static struct value paths_jsons[] = {
    TEXT("paths_json", NULL), TEXT("paths_json", "\xff"), TEXT("paths_json", ""),
    TEXT("paths_json", "a/b"), TEXT("paths_json", "{}"), TEXT("paths_json", "[]"),
    TEXT("paths_json", "[1]"), TEXT("paths_json", "[null]"), TEXT("paths_json", "[[\"a\"]]"),
    TEXT("paths_json", "[\"a\",\"\"]"), TEXT("paths_json", "[\"a\",\"/\"]"),
    TEXT("paths_json", "[\"../a\"]"), TEXT("paths_json", "[\"a\\nb\"]"),
    TEXT("paths_json", "[\"a\""), END};
static struct value upload_optionss[] = {
    TEXT("options_json", "\xff"), TEXT("options_json", ""), TEXT("options_json", "[]"),
    TEXT("options_json", "{\"x\":1}"), TEXT("options_json", "{\"biz_attr\":1}"),
    TEXT("options_json", "{\"biz_attr\":\"a\\nb\"}"), TEXT("options_json", "{\"overwrite\":1}"),
    TEXT("options_json", "{\"acl\":1}"), TEXT("options_json", "{\"headers\":1}"),
    TEXT("options_json", "{\"headers\":{\"Host\":\"h\"}}"),
    TEXT("options_json", "{\"headers\":{\"Expires\":\"a\\r\\nb\"}}"),
    TEXT("options_json", "{\"storage_class\":\"ARCHIVE\"}"), END};
#define SIXTEEN "0123456789abcdef"
/* With those of qcos_upload_with. */
#define UPLOAD_OPTIONS                                                                            \
    TEXT("options_json", "\xff"), TEXT("options_json", ""), TEXT("options_json", "[]"),          \
        OPTION("x", "1"), OPTION("biz_attr", "1"), OPTION("overwrite", "1"), OPTION("acl", "1"),  \
        OPTION("on_failure", "true"), OPTION("on_failure", "\"drop\""), OPTION("meta", "7"),         \
        OPTION("sse", "\"des\""), OPTION("sse", "{\"c\":\"c2hvcnQ=\"}"), OPTION("sse", "{\"kms\":7}"), \
        OPTION("sse", "{\"kms\":\"\",\"context\":\"W10=\"}"), OPTION("tags", "{}")
static struct value memory_optionss[] = {UPLOAD_OPTIONS, OPTION("length", "1"), END};
static struct value stream_optionss[] = {
    UPLOAD_OPTIONS, OPTION("length", "-1"), OPTION("length", "1.5"),
    OPTION("length", "53687091200001"), OPTION("length", "\"1\""), END};
/* Versions and conditions are for the XML API. */
#define READ_OPTIONS                                                                              \
    TEXT("options_json", "\xff"), TEXT("options_json", ""), TEXT("options_json", "[]"),          \
        OPTION("x", "1"), OPTION("version_id", "\"null\""), OPTION("version_id", "\"a b\""),   \
        OPTION("version_id", "7"), OPTION("if_match", "\"a\""), OPTION("if_match", "1"),       \
        OPTION("if_none_match", "\"\""), OPTION("if_modified_since", "\"now\""),              \
        OPTION("if_unmodified_since", "-1"), OPTION("sse", "\"cos\"")
static struct value file_optionss[] = {READ_OPTIONS, OPTION("overwrite", "0"),
                                       OPTION("offset", "0"), END};
static struct value buffer_optionss[] = {READ_OPTIONS, OPTION("overwrite", "true"),
                                         OPTION("offset", "0"), END};
static struct value stat_optionss[] = {READ_OPTIONS, OPTION("overwrite", "true"),
                                       OPTION("offset", "0"), END};
static struct value update_optionss[] = {
    TEXT("options_json", NULL), TEXT("options_json", "\xff"), TEXT("options_json", ""),
    TEXT("options_json", "[]"), TEXT("options_json", "{}"), OPTION("x", "1"),
    OPTION("biz_attr", "null"), OPTION("acl", "\"none\""), OPTION("storage_class", "\"a b\""),
    TEXT("options_json: Host", "{\"headers\":{\"Host\":\"h\"}}"), OPTION("headers", "7"),
    TEXT("options_json: Expires", "{\"headers\":{\"Expires\":7}}"), OPTION("meta", "7"),
    TEXT("options_json: Content-Type", "{\"headers\":{\"Content-Type\":null}}"),
    OPTION("meta", "{\"a_b\":\"x\"}"), OPTION("meta", "{\"a\":\"\"}"), OPTION("sse", "\"cos\""), END};
static struct value delete_optionss[] = {
    TEXT("options_json", "\xff"), TEXT("options_json", ""), TEXT("options_json", "[]"),
    OPTION("x", "1"), OPTION("version_id", "\"null\""), OPTION("version_id", "\"\""),
    OPTION("version_id", "null"), OPTION("if_match", "\"a\""), OPTION("if_none_match", "\"a\""),
    OPTION("if_modified_since", "1"), OPTION("if_unmodified_since", "1"), END};
static struct value read_optionss[] = {
    READ_OPTIONS, OPTION("overwrite", "true"), OPTION("offset", "-1"), OPTION("length", "\"1\""),
    OPTION("last", "1.5"), TEXT("options_json: last", "{\"last\":1,\"length\":1}"), END};
static struct value tokens[] = {MALFORMED("security_token"),
                                TEXT("security_token", "the JSON API knows none"), END};
static struct value expires_ats[] = {COUNT("expires_at", -1), COUNT("expires_at", 1),
                                     COUNT("expires_at", INT64_MIN), END};
#define REQUEST(json) TEXT("request_json", json)
static struct value request_jsons[] = {
    REQUEST(NULL), REQUEST("\xff"), REQUEST(""), REQUEST("[]"), REQUEST("{}"),
    REQUEST("{\"method\":\"PATCH\"}"), REQUEST("{\"method\":\"GET\",\"x\":1}"),
    REQUEST("{\"method\":\"GET\",\"query\":1}"),
    REQUEST("{\"method\":\"GET\",\"headers\":{\"Host\":\"h\"}}"),
    REQUEST("{\"method\":\"GET\",\"headers\":{\"X\":\"a\\r\\nb\"}}"),
    REQUEST("{\"method\":\"GET\",\"host\":\"other\"}"), END};
static struct value request_paths[] = {
    MALFORMED("path"),     TEXT("path", "."),     TEXT("path", ".."),  TEXT("path", "a/../b"),
    TEXT("path", "./a"), TEXT("path", "a/.."), END};
static struct value no_body[] = {TEXT("body", NULL), END};
static struct value body_lens[] = {COUNT("len", 67108865), COUNT("len", UINT64_MAX), END};
static struct value no_buffer[] = {TEXT("buffer", NULL), END};
static struct value buffer_sizes[] = {COUNT("size", INT64_C(53687091200001)),
                                      COUNT("size", UINT64_MAX), END};
static struct value offsets[] = {COUNT("offset", -1), COUNT("offset", INT64_C(53687091200001)),
                                 COUNT("offset", INT64_MIN), COUNT("offset", INT64_MAX), END};
/* Of trees in both directions. Times and modes are for the XML API. */
#define TREE_OPTIONS                                                                              \
    OPTION("x", "1"), OPTION("include", "\"*\""), OPTION("include", "[1]"),                    \
        OPTION("exclude", "[\"\"]"), OPTION("exclude", "[\"a[\"]"),                          \
        OPTION("exclude", "[\"a//b\"]"), OPTION("compare", "\"time\""), OPTION("delete", "1"), \
        OPTION("dry_run", "null"), OPTION("times", "true"), OPTION("modes", "true"),             \
        OPTION("overwrite", "1"), OPTION("on_failure", "\"keep\"")
static struct value up_tree_optionss[] = {
    TEXT("options_json", "\xff"), TEXT("options_json", ""), TEXT("options_json", "[]"),
    TREE_OPTIONS, OPTION("acl", "1"), OPTION("storage_class", "\"ARCHIVE\""), END};
static struct value tree_optionss[] = {
    TEXT("options_json", "\xff"), TEXT("options_json", ""), TEXT("options_json", "null"),
    TREE_OPTIONS, OPTION("acl", "\"private\""), OPTION("version_id", "\"null\""),
    TEXT("options_json", "{\"overwrite\":"), END};
/* The version is for the XML API. */
#define COPY_OPTIONS                                                                              \
    TEXT("options_json", "\xff"), TEXT("options_json", ""), TEXT("options_json", "[]"),          \
        OPTION("x", "1"), OPTION("src_region", "\"A b\""), OPTION("src_region", "1"),            \
        OPTION("src_region", "\"\""), OPTION("src_appid", "\"a\""), OPTION("src_appid", "1"),   \
        OPTION("version_id", "\"null\""), OPTION("overwrite", "1"), OPTION("move", "\"yes\""), \
        OPTION("headers", "1"), TEXT("options_json", "{\"headers\":{\"Host\":\"h\"}}"),       \
        OPTION("storage_class", "\"ARCHIVE\""), OPTION("acl", "\"none\""),                     \
        OPTION("sse", "\"des\""), OPTION("src_sse", "\"cos\""),                                \
        OPTION("src_sse", "{\"c\":\"c2hvcnQ=\"}"),                                            \
        OPTION("delete", "true"), OPTION("times", "true"), OPTION("biz_attr", "\"x\"")
static struct value copy_optionss[] = {COPY_OPTIONS, OPTION("include", "[\"*\"]"), END};
static struct value copy_tree_optionss[] = {
    COPY_OPTIONS, OPTION("include", "\"*\""), OPTION("exclude", "[\"a[\"]"),
    OPTION("compare", "\"time\""), OPTION("dry_run", "1"), END};
#define FOLDER_ERROR(text) \
    { text, 0, QCOS_ERR_LOCAL_FILE, "dirpath" }
static struct value dirpaths[] = {
    TEXT("dirpath", NULL), TEXT("dirpath", ""), LONG_TEXT("dirpath"),
    NOT_UTF8("dirpath", "/nonexistent/\xff\n"), FOLDER_ERROR(DEVICE), END};
static struct value local_folders[] = {
    TEXT("dirpath", NULL), TEXT("dirpath", ""), LONG_TEXT("dirpath"), FOLDER_ERROR(DEVICE),
    FOLDER_ERROR(DEVICE "/below"), FOLDER_ERROR("/proc/none"), END};
static struct value dstpaths_or_root[] = {NO_PATH("dstpath"), END};
static struct value acls[] = {
    MALFORMED("acl"), TEXT("acl", NULL), TEXT("acl", ""), TEXT("acl", "Private"),
    TEXT("acl", "public-read-write"), END};
static struct value statuses[] = {MALFORMED("status"), TEXT("status", NULL), TEXT("status", ""),
                                  TEXT("status", "enabled"), TEXT("status", "Enabled "),
                                  TEXT("status", "Disabled"), END};
#define TAGS(json) TEXT("tags_json", json)
#define TAG(n) "\"k" n "\":\"v\","
static struct value tags_jsons[] = {
    TAGS(NULL), TAGS("\xff"), TAGS(""), TAGS("[]"), TAGS("null"), TAGS("a=b"), TAGS("{\"a\":1}"),
    TAGS("{\"a\":null}"), TAGS("{\"\":\"v\"}"), TAGS("{\"a!\":\"v\"}"), TAGS("{\"a\":\"b,c\"}"),
    TAGS("{\"a\":\"b\\nc\"}"), TAGS("{\"a\":\"b\"}x"),
    /* Eleven of them, a key of 129 characters, a value of 257. */
    TAGS("{" TAG("0") TAG("1") TAG("2") TAG("3") TAG("4") TAG("5") TAG("6") TAG("7") TAG("8")
             TAG("9") "\"k\":\"v\"}"),
    TAGS("{\"a" SIXTEEN SIXTEEN SIXTEEN SIXTEEN SIXTEEN SIXTEEN SIXTEEN SIXTEEN "\":\"v\"}"),
    TAGS("{\"a\":\"v" SIXTEEN SIXTEEN SIXTEEN SIXTEEN SIXTEEN SIXTEEN SIXTEEN SIXTEEN SIXTEEN
             SIXTEEN SIXTEEN SIXTEEN SIXTEEN SIXTEEN SIXTEEN SIXTEEN "\"}"),
    END};
static struct value dayss[] = {COUNT("days", 0), COUNT("days", -1), COUNT("days", INT32_MIN), END};
static struct value tiers[] = {MALFORMED("tier"), TEXT("tier", ""), TEXT("tier", "standard"),
                               TEXT("tier", "Fast"), TEXT("tier", "Bulk "), END};
/* One byte behind the last that there can be is one too many. */
static struct value positions[] = {
    COUNT("position", -1), COUNT("position", INT64_MIN), COUNT("position", INT64_C(5368709121)),
    COUNT("position", INT64_MAX), COUNT("len", INT64_C(5368709120)), END};
static struct value append_optionss[] = {
    TEXT("options_json", "\xff"), TEXT("options_json", ""), TEXT("options_json", "[]"),
    OPTION("x", "1"), OPTION("biz_attr", "1"), OPTION("overwrite", "true"),
    OPTION("on_failure", "\"keep\""), OPTION("tags", "{}"), OPTION("acl", "1"),
    OPTION("headers", "1"), TEXT("options_json: Host", "{\"headers\":{\"Host\":\"h\"}}"),
    OPTION("storage_class", "\"STANDARD_IA\""), END};
static struct value bucket_acls[] = {
    MALFORMED("acl"), TEXT("acl", ""), TEXT("acl", "default"), TEXT("acl", "public"), END};
static struct value sessions_needed[] = {
    MALFORMED("session"), TEXT("session", NULL), TEXT("session", ""), END};

static struct value attrs[] = {MALFORMED("biz_attr"), TEXT("biz_attr", NULL), END};
static struct value attrs_or_null[] = {MALFORMED("biz_attr"), END};
static struct value patterns[] = {MALFORMED("pattern"), TEXT("pattern", ""),
                                  TEXT("pattern", "elistboth"), TEXT("pattern", "ListBoth"),
                                  TEXT("pattern", "eListBoth "), END};
static struct value contexts[] = {MALFORMED("context"), END};
static struct value sessions[] = {MALFORMED("session"), END};

/* The last ones are made at the start, in the caller's folder. Control characters and any bytes
 * are lawful in local names of POSIX; there is just no such file. */
#ifdef _WIN32
enum { FILES_MADE = 2 };
#else
enum { FILES_MADE = 4 };
#endif
#define FILE_ERROR(text) \
    { text, 0, QCOS_ERR_LOCAL_FILE, "filepath" }
static struct value filepaths[] = {
    TEXT("filepath", NULL), TEXT("filepath", ""), FILE_ERROR("/nonexistent/file"),
    NOT_UTF8("filepath", "\xff\xfe"), FILE_ERROR("a\nb"), FILE_ERROR("."), FILE_ERROR("/"),
    FILE_ERROR(DEVICE), LONG_TEXT("filepath"), FILE_ERROR("missing"), FILE_ERROR("folder"),
    POSIX_FILES END};

/* What a download cannot replace. The last are those made at the start, but for the missing one. */
static struct value targets[] = {
    TEXT("filepath", NULL), TEXT("filepath", ""), FILE_ERROR("/nonexistent/file"),
    FILE_ERROR("."), FILE_ERROR(".."), FILE_ERROR("/"), FILE_ERROR("new/"), FILE_ERROR(DEVICE),
    LONG_TEXT("filepath"), FILE_ERROR("folder"), POSIX_FILES END};

static struct value datas[] = {TEXT("data", NULL), END};
static struct value lens[] = {COUNT("len", INT64_C(53687091200001)),
                              COUNT("len", INT64_MAX),
                              COUNT("len", UINT64_MAX), END};
static struct value nums[] = {COUNT("num", -1), COUNT("num", 200), COUNT("num", INT32_MIN),
                              COUNT("num", INT32_MAX), END};
static struct value orders[] = {COUNT("order", 2), COUNT("order", -1), COUNT("order", INT32_MIN),
                                COUNT("order", INT32_MAX), END};
static struct value expireds[] = {COUNT("expired", 0), COUNT("expired", -1),
                                  COUNT("expired", 1480000000), COUNT("expired", INT64_MIN), END};
static struct value expires_ss[] = {COUNT("expires_s", 0), COUNT("expires_s", -1),
                                    COUNT("expires_s", 7776001), COUNT("expires_s", INT64_MIN),
                                    COUNT("expires_s", INT64_MAX), END};
static struct value methods[] = {MALFORMED("method"), TEXT("method", NULL), TEXT("method", ""),
                                 TEXT("method", "get"), TEXT("method", "PATCH"),
                                 TEXT("method", "GET "), END};
static struct value presign_optionss[] = {
    TEXT("options_json", "\xff"), TEXT("options_json", ""), TEXT("options_json", "[]"),
    OPTION("x", "1"), OPTION("headers", "[]"), OPTION("headers", "{\"Host\":\"h\"}"),
    OPTION("headers", "{\"a\":\"b\\r\\nc\"}"), OPTION("headers", "{\"a b\":\"c\"}"),
    OPTION("headers", "{\"authorization\":\"c\"}"), OPTION("headers", "{\"a\":\"\"}"),
    OPTION("headers", "{\"x-cos-security-token\":\"c\"}"), OPTION("headers", "{\"a\":7}"),
    OPTION("headers", "{\"content-length\":\"-1\"}"), OPTION("query", "\"a=b\""),
    OPTION("query", "{\"q-ak\":\"a\"}"), OPTION("query", "{\"sign\":\"a\"}"),
    OPTION("query", "{\"x-cos-security-token\":\"a\"}"), OPTION("query", "{\"a\":\"\\n\"}"),
    OPTION("version_id", "\"\""), OPTION("version_id", "7"), OPTION("version_id", "\"a b\""), END};
#define FORM(key, more) TEXT("options_json: " key, "{" more "}")
#define FORM_OPTION(option, json) \
    FORM(option, "\"key\":\"a\",\"expires_s\":60,\"" option "\":" json)
static struct value form_optionss[] = {
    TEXT("options_json", NULL), TEXT("options_json", "\xff"), TEXT("options_json", ""),
    TEXT("options_json", "[]"), FORM("key", ""), FORM("key", "\"expires_s\":60"),
    FORM("expires_s", "\"key\":\"a\""), FORM("expires_s", "\"key\":\"a\",\"expires_s\":0"),
    FORM("expires_s", "\"key\":\"a\",\"expires_s\":7776001"),
    FORM("expires_s", "\"key\":\"a\",\"expires_s\":\"60\""),
    FORM("key", "\"key\":\"\",\"expires_s\":60"), FORM("key", "\"key\":\"/\",\"expires_s\":60"),
    FORM("key", "\"key\":\"../a\",\"expires_s\":60"), FORM("key", "\"key\":7,\"expires_s\":60"),
    FORM("key", "\"key\":\"a\\n\",\"expires_s\":60"),
    FORM("key", "\"key\":\"${filename}\",\"expires_s\":60"), FORM_OPTION("key_prefix", "\"a\""),
    FORM("key_prefix", "\"key_prefix\":\"\",\"expires_s\":60"),
    FORM("key_prefix", "\"key_prefix\":\"a/./\",\"expires_s\":60"), FORM_OPTION("min", "-1"),
    FORM_OPTION("max", "5368709121"), FORM_OPTION("min", "\"1\""), FORM_OPTION("min", "2,\"max\":1"),
    FORM_OPTION("content_type", "\"\""), FORM_OPTION("content_type", "\"a\\r\\nb\""),
    FORM_OPTION("content_type", "7"), FORM_OPTION("acl", "\"public\""),
    FORM_OPTION("success_status", "202"), FORM_OPTION("success_status", "\"204\""),
    FORM_OPTION("conditions", "[]"), END};
static struct value recursives[] = {COUNT("recursive", 2), COUNT("recursive", -1),
                                    COUNT("recursive", INT32_MIN), COUNT("recursive", INT32_MAX),
                                    END};
static struct value overwrites[] = {COUNT("overwrite", 2), COUNT("overwrite", -1),
                                    COUNT("overwrite", INT32_MIN), COUNT("overwrite", INT32_MAX),
                                    END};
#define SIZE(value) \
    { NULL, value, QCOS_ERR_SLICE_SIZE, "slice_size" }
static struct value slice_sizes[] = {SIZE(1), SIZE(524287), SIZE(524289), SIZE(4194304),
                                     SIZE(UINT64_C(1) << 32), SIZE(UINT64_MAX), END};
/* The last one is the handle that the program has closed. */
#define HANDLE(value) \
    { NULL, value, QCOS_ERR_HANDLE, "client" }
static struct value handles[] = {HANDLE(0), HANDLE(UINT64_C(1) << 40), HANDLE(UINT64_MAX),
                                 HANDLE(0), END};
/* clang-format on */

PARAMETER(p_client, "client", client, NUMBER, handles);
PARAMETER(p_appid, "appid", appid, POINTER, appids);
PARAMETER(p_secret_id, "secret_id", secret_id, POINTER, secret_ids);
PARAMETER(p_secret_key, "secret_key", secret_key, POINTER, secret_keys);
PARAMETER(p_options, "options_json", options_json, POINTER, options);
PARAMETER(p_opened, "client", opened, POINTER, no_place);
PARAMETER(p_derived_options, "options_json", derived_options, POINTER, derived_options);
PARAMETER(p_derived, "derived", derived, POINTER, no_place_derived);
PARAMETER(p_bucket, "bucket", bucket, POINTER, buckets);
PARAMETER(p_path, "path", path, POINTER, paths);
PARAMETER(p_path_or_root, "path", path, POINTER, paths_or_root);
PARAMETER(p_dstpath, "dstpath", dstpath, POINTER, dstpaths);
PARAMETER(p_dst_path, "dst_path", dst_path, POINTER, dst_paths);
PARAMETER(p_target, "filepath", filepath, POINTER, targets);
PARAMETER(p_filepath, "filepath", filepath, POINTER, filepaths);
PARAMETER(p_fileid, "fileid", fileid, POINTER, fileids);
PARAMETER(p_attr, "biz_attr", biz_attr, POINTER, attrs);
PARAMETER(p_attr_or_null, "biz_attr", biz_attr, POINTER, attrs_or_null);
PARAMETER(p_prefix, "prefix", prefix, POINTER, prefixes);
PARAMETER(p_pattern, "pattern", pattern, POINTER, patterns);
PARAMETER(p_context, "context", context, POINTER, contexts);
PARAMETER(p_session, "session", session, POINTER, sessions);
PARAMETER(p_session_needed, "session", session, POINTER, sessions_needed);
PARAMETER(p_paths_json, "paths_json", paths_json, POINTER, paths_jsons);
PARAMETER(p_upload_options, "options_json", upload_options, POINTER, upload_optionss);
PARAMETER(p_security_token, "security_token", security_token, POINTER, tokens);
PARAMETER(p_expires_at, "expires_at", expires_at, NUMBER, expires_ats);
PARAMETER(p_request_path, "path", path, POINTER, request_paths);
PARAMETER(p_request_json, "request_json", request_json, POINTER, request_jsons);
PARAMETER(p_body, "body", data, POINTER, no_body);
PARAMETER(p_body_len, "len", len, NUMBER, body_lens);
PARAMETER(p_memory_options, "options_json", memory_options, POINTER, memory_optionss);
PARAMETER(p_stream_options, "options_json", stream_options, POINTER, stream_optionss);
PARAMETER(p_file_options, "options_json", file_options, POINTER, file_optionss);
PARAMETER(p_buffer_options, "options_json", buffer_options, POINTER, buffer_optionss);
PARAMETER(p_stat_options, "options_json", stat_options, POINTER, stat_optionss);
PARAMETER(p_update_options, "options_json", update_options, POINTER, update_optionss);
PARAMETER(p_delete_options, "options_json", delete_options, POINTER, delete_optionss);
PARAMETER(p_read_options, "options_json", read_options, POINTER, read_optionss);
PARAMETER(p_buffer, "buffer", buffer, POINTER, no_buffer);
PARAMETER(p_size, "size", size, NUMBER, buffer_sizes);
PARAMETER(p_offset, "offset", offset, NUMBER, offsets);
PARAMETER(p_tree_options, "options_json", tree_options, POINTER, tree_optionss);
PARAMETER(p_dst_bucket, "dst_bucket", dst_bucket, POINTER, dst_buckets);
PARAMETER(p_dst_folder, "dst_path", dst_path, POINTER, dst_folders);
PARAMETER(p_copy_options, "options_json", copy_options, POINTER, copy_optionss);
PARAMETER(p_copy_tree_options, "options_json", copy_tree_options, POINTER, copy_tree_optionss);
PARAMETER(p_up_tree_options, "options_json", upload_options, POINTER, up_tree_optionss);
PARAMETER(p_dirpath, "dirpath", dirpath, POINTER, dirpaths);
PARAMETER(p_local_folder, "dirpath", dirpath, POINTER, local_folders);
PARAMETER(p_dstpath_or_root, "dstpath", dstpath, POINTER, dstpaths_or_root);
PARAMETER(p_recursive, "recursive", recursive, NUMBER, recursives);
PARAMETER(p_acl, "acl", acl, POINTER, acls);
PARAMETER(p_tags_json, "tags_json", tags_json, POINTER, tags_jsons);
PARAMETER(p_days, "days", days, NUMBER, dayss);
PARAMETER(p_tier, "tier", tier, POINTER, tiers);
PARAMETER(p_position, "position", position, NUMBER, positions);
PARAMETER(p_append_options, "options_json", append_options, POINTER, append_optionss);
PARAMETER(p_bucket_acl, "acl", bucket_acl, POINTER, bucket_acls);
PARAMETER(p_status, "status", status, POINTER, statuses);
PARAMETER(p_data, "data", data, POINTER, datas);
PARAMETER(p_len, "len", len, NUMBER, lens);
PARAMETER(p_num, "num", num, NUMBER, nums);
PARAMETER(p_order, "order", order, NUMBER, orders);
PARAMETER(p_expired, "expired", expired, NUMBER, expireds);
PARAMETER(p_expires_s, "expires_s", expires_s, NUMBER, expires_ss);
PARAMETER(p_method, "method", method, POINTER, methods);
PARAMETER(p_presign_options, "options_json", presign_options, POINTER, presign_optionss);
PARAMETER(p_form_options, "options_json", form_options, POINTER, form_optionss);
PARAMETER(p_overwrite, "overwrite", overwrite, NUMBER, overwrites);
PARAMETER(p_slice_size, "slice_size", slice_size, NUMBER, slice_sizes);

static char files[FILES_MADE][2048];
static char good_file[2048];
static const char *good_folder;

static void make_file(char *path, size_t size, const char *folder, const char *name) {
    int length = snprintf(path, size, "%s/%s", folder, name);
    CHECK(length > 0 && (size_t)length < size);
}

/* Fills in what is not known when the program is compiled. */
static void make_values(const char *folder, qcos_client closed) {
    static struct value *const lists[] = {
        appids,        secret_ids,    secret_keys,     options,     buckets,       paths,
        paths_or_root, dstpaths,      prefixes,        fileids,     attrs,         attrs_or_null,
        patterns,      contexts,      sessions,        filepaths,   dst_paths,     targets,
        acls,          bucket_acls,   sessions_needed, dirpaths,    local_folders, dstpaths_or_root,
        tokens,        request_paths, methods,         dst_folders, dst_buckets,   statuses,      tiers,
    };
    too_long = repeated('a');
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        for (struct value *value = lists[i]; value->names != NULL; value++) {
            int marked = value->text != NULL && strcmp(value->text, "too long") == 0;
            if (marked) value->text = too_long;
        }
    }
    struct value *made = &filepaths[sizeof filepaths / sizeof *filepaths - 1 - FILES_MADE];
    for (int i = 0; i < FILES_MADE; i++) {
        make_file(files[i], sizeof files[i], folder, made[i].text);
        made[i].text = files[i];
    }
    made = &targets[sizeof targets / sizeof *targets - FILES_MADE];
    for (int i = 1; i < FILES_MADE; i++) made[i - 1].text = files[i];
    CHECK(mkdir(files[1], 0700) == 0);
#ifndef _WIN32
    CHECK(mkfifo(files[2], 0600) == 0);
    CHECK(symlink(files[0], files[3]) == 0);
#endif

    good_folder = folder;
    make_file(good_file, sizeof good_file, folder, "good");
    FILE *file = fopen(good_file, "wb");
    CHECK(file != NULL && fputs("good", file) >= 0 && fclose(file) == 0);
    handles[sizeof handles / sizeof *handles - 2].number = closed;
}

static void free_values(void) { free(too_long); }

static int32_t any_page(const char *page, void *user_data) {
    (void)page;
    (void)user_data;
    return 0;
}

static int64_t any_read(void *buffer, size_t size, void *user_data) {
    (void)buffer;
    (void)size;
    (void)user_data;
    return 0;
}

static int32_t any_write(const void *data, size_t len, void *user_data) {
    (void)data;
    (void)len;
    (void)user_data;
    return 0;
}

/* All right; a wrong value is put in the place of one of them. */
static struct arguments good_arguments(void) {
    /* As long as the longest `len` that is looked at, since `len` promises that many. */
    static const char data[20971521];
    static char buffer[8];
    struct arguments good = {0};
    good.appid = APPID;
    good.secret_id = SECRET_ID;
    good.secret_key = SECRET_KEY;
    good.bucket = BUCKET;
    good.path = good.dstpath = "a/b";
    good.filepath = good_file;
    good.dirpath = good_folder;
    good.fileid = MINE "a/b";
    good.biz_attr = "attribute";
    good.prefix = "p";
    good.data = data;
    good.len = 1;
    good.dst_path = "c/d";
    good.dst_bucket = BUCKET;
    good.request_json = "{\"method\":\"PUT\",\"query\":{\"tagging\":\"\"}}";
    good.method = "PUT";
    good.status = "Enabled";
    good.update_options = "{\"biz_attr\":\"attribute\"}";
    good.form_options = "{\"key_prefix\":\"a/\",\"expires_s\":7776000}";
    good.page = any_page;
    good.read = any_read;
    good.write = any_write;
    good.buffer = buffer;
    good.size = sizeof buffer;
    good.session = "session";
    good.paths_json = "[\"a\",\"b/c\"]";
    good.acl = good.bucket_acl = "private";
    good.tags_json = "{\"a\":\"b\"}";
    good.days = 1;
    good.expired = INT64_MAX;
    good.expires_s = 7776000;
    return good;
}
