/* libcurl as a peer: the least that a C program needs for the same bytes, measured. It hashes nothing.
 *
 *     libcurl put|mime|download url=URL file=FILE [buffer=BYTES]
 *     libcurl puts|gets url=URL file=FILE [calls=N] [warm=N] [buffer=BYTES]
 *     libcurl upload_tree|download_tree url=URL file=FOLDER [threads=N] [files=N]
 *     libcurl head|json_stat|range url=URL path=PATH host=HOST [calls=N] [warm=N] [size=BYTES]
 *
 * `buffer` is CURLOPT_UPLOAD_BUFFERSIZE for the first two and CURLOPT_BUFFERSIZE for the third; 0 leaves
 * libcurl's own. puts and gets bring the same file again and again, over one connection. Trees go by its multi
 * interface over `threads` connections; nothing is listed, so that down it is told how many `files` there are. The others sign
 * each call, as the XML and the JSON API want it; range gets `size` bytes into memory, each time from another place.
 */
#define _XOPEN_SOURCE 700 /* nftw */

#include <curl/curl.h>
#include <ftw.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <sys/stat.h>

#include "measure.h"

#define APPID "10000001"
#define BUCKET "testbucket"
#define SECRET_ID "TESTSECRETID0000000000000000000000000"
#define SECRET_KEY "TESTSECRETKEYDONOTUSE0000000000"

static void set_url(CURL *curl, const char *url) {
    curl_easy_setopt(curl, CURLOPT_URL, url);
    curl_easy_setopt(curl, CURLOPT_FAILONERROR, 1L);
}

static void perform(CURL *curl) {
    const CURLcode code = curl_easy_perform(curl);
    if (code != CURLE_OK) fail("libcurl", curl_easy_strerror(code));
}

static size_t discard(char *bytes, size_t size, size_t count, void *unused) {
    (void)bytes, (void)unused;
    return size * count;
}

static FILE *open_file(const char *path, const char *mode) {
    FILE *file = fopen(path, mode);
    if (file == NULL) fail(path, "cannot be opened");
    return file;
}

static void put(CURL *curl, char **argv) {
    struct stat about;
    FILE *file = open_file(option(argv, "file", NULL), "rb");
    if (fstat(fileno(file), &about) != 0) fail("file", "cannot be read");
    curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(curl, CURLOPT_READDATA, file);
    curl_easy_setopt(curl, CURLOPT_INFILESIZE_LARGE, (curl_off_t)about.st_size);
    perform(curl);
    fclose(file);
}

static void mime(CURL *curl, char **argv) {
    curl_mime *form = curl_mime_init(curl);
    curl_mimepart *part = curl_mime_addpart(form);
    curl_mime_name(part, "op");
    curl_mime_data(part, "upload", CURL_ZERO_TERMINATED);
    part = curl_mime_addpart(form);
    curl_mime_name(part, "filecontent");
    curl_mime_filedata(part, option(argv, "file", NULL));
    curl_easy_setopt(curl, CURLOPT_MIMEPOST, form);
    perform(curl);
    curl_mime_free(form);
}

static void download(CURL *curl, char **argv) {
    FILE *file = open_file(option(argv, "file", NULL), "wb");
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, NULL);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, file);
    perform(curl);
    if (fclose(file) != 0) fail("file", "cannot be written");
}

static void hmac_sha1(const char *key, const char *text, unsigned char mac[20]) {
    unsigned length = 20;
    HMAC(EVP_sha1(), key, (int)strlen(key), (const unsigned char *)text, strlen(text), mac,
         &length);
}

static void hex(const unsigned char bytes[20], char text[41]) {
    for (int i = 0; i < 20; i++) {
        text[2 * i] = "0123456789abcdef"[bytes[i] >> 4];
        text[2 * i + 1] = "0123456789abcdef"[bytes[i] & 15];
    }
    text[40] = 0;
}

static void sign_xml(const char *method, const char *path, const char *host, char *header,
                     size_t size) {
    const long long time_now = (long long)time(NULL);
    char times[64], sign_key[41], digest[41], text[1024];
    unsigned char bytes[20];
    unsigned length = 20;
    snprintf(times, sizeof times, "%lld;%lld", time_now - 60, time_now + 60);
    hmac_sha1(SECRET_KEY, times, bytes);
    hex(bytes, sign_key);
    snprintf(text, sizeof text, "%s\n%s\n\nhost=%s\n", method, path, host);
    EVP_Digest(text, strlen(text), bytes, &length, EVP_sha1(), NULL);
    hex(bytes, digest);
    snprintf(text, sizeof text, "sha1\n%s\n%s\n", times, digest);
    hmac_sha1(sign_key, text, bytes);
    hex(bytes, digest);
    snprintf(header, size,
             "Authorization: q-sign-algorithm=sha1&q-ak=" SECRET_ID "&q-sign-time=%s&q-key-time=%s"
             "&q-header-list=host&q-url-param-list=&q-signature=%s",
             times, times, digest);
}

static void sign_json(char *header, size_t size) {
    const long long time_now = (long long)time(NULL);
    unsigned char bytes[512];
    char *plain = (char *)bytes + 20;
    const int length = snprintf(plain, sizeof bytes - 20,
                                "a=" APPID "&k=" SECRET_ID "&e=%lld&t=%lld&r=%d&f=&b=" BUCKET,
                                time_now + 60, time_now, rand() % 1000000000);
    hmac_sha1(SECRET_KEY, plain, bytes);
    const int begun = snprintf(header, size, "Authorization: ");
    EVP_EncodeBlock((unsigned char *)header + begun, bytes, length + 20);
}

enum call { HEAD, JSON_STAT, RANGE, PUTS, GETS };

static char *range;
static size_t range_size, range_filled;

static size_t fill(char *bytes, size_t size, size_t count, void *unused) {
    (void)unused;
    if (size * count > range_size - range_filled) return 0;
    memcpy(range + range_filled, bytes, size * count);
    range_filled += size * count;
    return size * count;
}

static void signed_call(CURL *curl, char **argv, enum call call) {
    const char *host = option(argv, "host", NULL);
    char header[1024], named[300];
    if (call == JSON_STAT) {
        sign_json(header, sizeof header);
    } else {
        sign_xml(call == HEAD ? "head" : "get", option(argv, "path", NULL), host, header,
                 sizeof header);
    }
    snprintf(named, sizeof named, "Host: %s", host);
    struct curl_slist *headers = curl_slist_append(curl_slist_append(NULL, named), header);
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    if (call == RANGE) {
        static size_t at = 0;
        char bytes[64];
        at = (at + 4096) % (1 << 20);
        snprintf(bytes, sizeof bytes, "%zu-%zu", at, at + range_size - 1);
        curl_easy_setopt(curl, CURLOPT_RANGE, bytes);
        range_filled = 0;
    } else {
        curl_easy_setopt(curl, CURLOPT_NOBODY, call == HEAD ? 1L : 0L);
    }
    perform(curl);
    if (call == RANGE && range_filled != range_size) fail("range", "is not whole");
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, NULL);
    curl_slist_free_all(headers);
}

static void small_call(CURL *curl, char **argv, enum call call) {
    if (call == PUTS) {
        put(curl, argv);
    } else if (call == GETS) {
        download(curl, argv);
    } else {
        signed_call(curl, argv, call);
    }
}

static void small_calls(CURL *curl, char **argv, enum call call) {
    const size_t warm = number(argv, "warm", "200"), count = number(argv, "calls", "20000");
    double *calls = calloc(count, sizeof *calls);
    if (calls == NULL) fail("calls", "no memory");
    for (size_t i = 0; i < warm; i++) small_call(curl, argv, call);
    const struct measured begun = measure();
    for (size_t i = 0; i < count; i++) {
        const double before = now();
        small_call(curl, argv, call);
        calls[i] = now() - before;
    }
    report(begun, calls, count);
    free(calls);
}

/* The files of a tree, by their names in it. */
static char **names;
static size_t names_count, root_length;

static int note(const char *path, const struct stat *about, int type, struct FTW *place) {
    (void)about, (void)place;
    if (type != FTW_F) return 0;
    names = realloc(names, (names_count + 1) * sizeof *names);
    if (names == NULL || (names[names_count++] = strdup(path + root_length + 1)) == NULL) {
        fail("names", "no memory");
    }
    return 0;
}

/* The next file of a tree on its way, over whatever connection is free. */
static void start(CURLM *multi, CURL *curl, char **argv, size_t at, int up) {
    char path[4096], url[4096];
    FILE *file;
    snprintf(path, sizeof path, "%s/%s", option(argv, "file", NULL), names[at]);
    snprintf(url, sizeof url, "%s/%s", option(argv, "url", NULL), names[at]);
    file = open_file(path, up ? "rb" : "wb");
    set_url(curl, url);
    curl_easy_setopt(curl, CURLOPT_PRIVATE, file);
    if (up) {
        struct stat about;
        if (fstat(fileno(file), &about) != 0) fail(path, "cannot be read");
        curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L);
        curl_easy_setopt(curl, CURLOPT_READDATA, file);
        curl_easy_setopt(curl, CURLOPT_INFILESIZE_LARGE, (curl_off_t)about.st_size);
        curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, discard);
    } else {
        curl_easy_setopt(curl, CURLOPT_WRITEDATA, file);
    }
    if (curl_multi_add_handle(multi, curl) != CURLM_OK) fail("libcurl", "no transfer");
}

static void tree(char **argv, int up) {
    const size_t threads = number(argv, "threads", "32");
    const char *root = option(argv, "file", NULL);
    size_t next = 0, left;
    CURLM *multi = curl_multi_init();
    if (multi == NULL) fail("libcurl", "no handle");
    curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, (long)threads);
    root_length = strlen(root);
    if (up) {
        if (nftw(root, note, 16, FTW_PHYS) != 0) fail(root, "cannot be read");
    } else {
        const size_t files = number(argv, "files", "0");
        char name[32];
        names = calloc(files, sizeof *names);
        for (; names != NULL && names_count < files; names_count++) {
            snprintf(name, sizeof name, "%06zu", names_count);
            if ((names[names_count] = strdup(name)) == NULL) fail("names", "no memory");
        }
    }
    left = names_count;
    for (; next < names_count && next < threads; next++) {
        CURL *curl = curl_easy_init();
        if (curl == NULL) fail("libcurl", "no handle");
        start(multi, curl, argv, next, up);
    }
    while (left > 0) {
        int running, queued;
        CURLMsg *message;
        if (curl_multi_perform(multi, &running) != CURLM_OK) fail("libcurl", "fails");
        while ((message = curl_multi_info_read(multi, &queued)) != NULL) {
            CURL *curl = message->easy_handle;
            FILE *file;
            if (message->data.result != CURLE_OK) {
                fail("libcurl", curl_easy_strerror(message->data.result));
            }
            curl_easy_getinfo(curl, CURLINFO_PRIVATE, (char **)&file);
            if (fclose(file) != 0) fail("file", "cannot be written");
            curl_multi_remove_handle(multi, curl);
            left--;
            if (next < names_count) {
                start(multi, curl, argv, next++, up);
            } else {
                curl_easy_cleanup(curl);
            }
        }
        if (left > 0) curl_multi_poll(multi, NULL, 0, 1000, NULL);
    }
    curl_multi_cleanup(multi);
}

int main(int argc, char **argv) {
    if (argc < 2) fail("libcurl", "which operation?");
    const char *operation = argv[1];
    curl_global_init(CURL_GLOBAL_DEFAULT);
    CURL *curl = curl_easy_init();
    if (curl == NULL) fail("libcurl", "no handle");
    set_url(curl, option(argv, "url", NULL));
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, discard);
    const char *ca = option(argv, "ca", "");
    if (*ca != 0) curl_easy_setopt(curl, CURLOPT_CAINFO, ca);
    if (strcmp(operation, "head") == 0 || strcmp(operation, "json_stat") == 0) {
        small_calls(curl, argv, strcmp(operation, "json_stat") == 0 ? JSON_STAT : HEAD);
    } else if (strcmp(operation, "puts") == 0 || strcmp(operation, "gets") == 0) {
        const int up = strcmp(operation, "puts") == 0;
        const long buffer = (long)number(argv, "buffer", "0");
        if (buffer > 0) {
            curl_easy_setopt(curl, up ? CURLOPT_UPLOAD_BUFFERSIZE : CURLOPT_BUFFERSIZE, buffer);
        }
        small_calls(curl, argv, up ? PUTS : GETS);
    } else if (strcmp(operation, "upload_tree") == 0 || strcmp(operation, "download_tree") == 0) {
        const struct measured begun = measure();
        tree(argv, strcmp(operation, "upload_tree") == 0);
        report(begun, NULL, 0);
    } else if (strcmp(operation, "range") == 0) {
        range_size = number(argv, "size", "65536");
        range = malloc(range_size);
        if (range == NULL) fail("range", "no memory");
        curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, fill);
        small_calls(curl, argv, RANGE);
        free(range);
    } else {
        const long buffer = (long)number(argv, "buffer", "0");
        const int down = strcmp(operation, "download") == 0;
        if (buffer > 0) {
            curl_easy_setopt(curl, down ? CURLOPT_BUFFERSIZE : CURLOPT_UPLOAD_BUFFERSIZE, buffer);
        }
        const struct measured begun = measure();
        if (down) {
            download(curl, argv);
        } else if (strcmp(operation, "put") == 0) {
            put(curl, argv);
        } else if (strcmp(operation, "mime") == 0) {
            mime(curl, argv);
        } else {
            fail("unknown operation", operation);
        }
        report(begun, NULL, 0);
    }
    curl_easy_cleanup(curl);
    curl_global_cleanup();
    return 0;
}
