/* Uploads of files: whole and in slices, with progress, cancel and resume.
 *
 *     uploads API ENDPOINT FOLDER SHA_OF_SMALL SHA_OF_BIG
 *
 * FOLDER holds the files "empty", "big" of more than 8 MiB and no whole number of slices, and one
 * whose name is not UTF-8. The big file's object "kept/big" stays, to be compared by the caller.
 */
#define _POSIX_C_SOURCE 200809L /* strcasecmp */
#include "check.h"

#include <pthread.h>
#include <strings.h>

/* A local name is bytes, but for Windows, where C's own functions take no UTF-8 either. */
#ifdef _WIN32
#define SMALL "small.bin"
#else
#define SMALL "small \xff\n.bin"
#endif

enum { MIB = 1048576 };

static char folder[1024];

/* The smallest slice of the API: what clients here use unless a call says another. */
static uint64_t slice_size = 524288;

static qcos_client client_of(int is_xml, const char *endpoint, const char *extra) {
    char options[256];
    snprintf(options, sizeof options, "%s%s",
             is_xml ? ",\"api\":\"xml\",\"region\":\"ap-x\",\"slice_size\":1048576" : "", extra);
    return open_client(endpoint, options);
}

static const char *local(const char *name) {
    static char path[2048];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

/* What a callback has seen, and when it shall cancel. */
struct seen {
    pthread_t caller;
    uint64_t slice;
    uint64_t cancel_at; /* 0: never */
    int calls;
    int ends; /* reports at the end of a slice */
    int totals;
    uint64_t first, last, total;
    uint64_t first_above_0;
};

static struct seen watch(uint64_t slice, uint64_t cancel_at) {
    struct seen seen = {0};
    seen.caller = pthread_self();
    seen.slice = slice;
    seen.cancel_at = cancel_at;
    return seen;
}

static int32_t on_progress(uint64_t done, uint64_t total, void *user_data) {
    struct seen *seen = user_data;
    CHECK(pthread_equal(seen->caller, pthread_self()));
    /* Until the size is known, which takes a busy machine a moment. */
    if (total == (UINT64_C(1) << 53) - 1 && done == 0 && seen->calls == 0) return 0;
    CHECK(done <= total);
    CHECK(done >= seen->last);
    CHECK(seen->totals == 0); /* the total comes last */
    if (seen->calls == 0) {
        seen->first = done;
        seen->total = total;
    }
    CHECK(total == seen->total);
    if (seen->first_above_0 == 0) seen->first_above_0 = done;
    if (done > seen->last && done < total && done % seen->slice == 0) seen->ends++;
    if (done == total) seen->totals++;
    seen->calls++;
    seen->last = done;
    /* A number of which a part is 0: anything but 0 cancels. */
    return seen->cancel_at != 0 && done >= seen->cancel_at ? 256 : 0;
}

/* The whole way from 0 to the total, with a report at each slice's end. */
static void check_whole_way(const struct seen *seen, uint64_t size, int ends) {
    CHECK(seen->total == size);
    CHECK(seen->first == 0);
    CHECK(seen->last == size && seen->totals == 1);
    if (seen->ends != ends) fprintf(stderr, "%d ends of slices, expected %d\n", seen->ends, ends);
    CHECK(seen->ends == ends);
}

/* Speaks the JSON API, which tells the SHA-1 of what is there, whoever has put it. */
static qcos_client judge;

static void check_object(const char *bucket, const char *path, uint64_t size, const char *sha) {
    char *reply = OK(qcos_stat_file(judge, bucket, path));
    char *held = qcos_reply_get(reply, "/data/sha");
    CHECK_REPLY(held != NULL && strcasecmp(held, sha) == 0, reply);
    CHECK_REPLY(number_at(reply, "/data/filesize") == size, reply);
    CHECK_REPLY(number_at(reply, "/data/filelen") == size, reply);
    qcos_string_free(held);
    qcos_string_free(reply);
}

static uint64_t size_of(const char *name) {
    FILE *file = fopen(local(name), "rb");
    CHECK(file != NULL);
    CHECK(fseek(file, 0, SEEK_END) == 0);
    long size = ftell(file);
    CHECK(size >= 0);
    fclose(file);
    return (uint64_t)size;
}

static void whole_files(qcos_client client, const char *sha) {
    uint64_t size = size_of(SMALL);
    struct seen seen = watch(size, 0);
    char *reply =
        OK(qcos_upload(client, local(SMALL), BUCKET, "whole/small", "text", on_progress, &seen));
    VALUE(reply, "/data/resource_path", "/" APPID "/" BUCKET "/whole/small");
    char *url = qcos_reply_get(reply, "/data/access_url");
    CHECK_REPLY(url != NULL && strncmp(url, "http://", 7) == 0, reply);
    qcos_string_free(url);
    qcos_string_free(reply);
    check_whole_way(&seen, size, 0);
    check_object(BUCKET, "whole/small", size, sha);
    reply = OK(qcos_stat_file(client, BUCKET, "whole/small"));
    VALUE(reply, "/data/biz_attr", "text");
    qcos_string_free(reply);

    /* Without a callback user_data is not looked at. */
    DONE(qcos_upload(client, local(SMALL), BUCKET, "whole/again", NULL, NULL, &seen));

    seen = watch(1, 0);
    DONE(qcos_upload_with(client, local("empty"), BUCKET, "whole/private",
                          "{\"acl\":\"private\",\"headers\":{\"Content-Type\":\"text/plain\"}}",
                          NULL, NULL));

    DONE(qcos_upload(client, local("empty"), BUCKET, "whole/empty", NULL, on_progress, &seen));
    CHECK(seen.calls == 1 && seen.total == 0 && seen.totals == 1);
    seen = watch(1, 0);
    DONE(qcos_upload_slice(client, local("empty"), BUCKET, "whole/empty2", NULL, 0, NULL,
                           on_progress, &seen));
    CHECK(seen.calls == 1 && seen.total == 0 && seen.totals == 1);
    check_object(BUCKET, "whole/empty2", 0, "da39a3ee5e6b4b0d3255bfef95601890afd80709");
}

static int32_t refuse(uint64_t done, uint64_t total, void *user_data) {
    (void)done, (void)total, (void)user_data;
    return -1;
}

static void cancel_too_early_and_too_late(qcos_client client) {
    FAILS(QCOS_ERR_CANCELLED,
          qcos_upload(client, local(SMALL), BUCKET, "whole/refused", NULL, refuse, NULL));
    char *reply = qcos_stat_file(client, BUCKET, "whole/refused");
    VALUE(reply, "/error/name", "SERVICE");
    qcos_string_free(reply);

    struct seen seen = watch(1, size_of(SMALL));
    DONE(qcos_upload(client, local(SMALL), BUCKET, "whole/late", NULL, on_progress, &seen));
    CHECK(seen.totals == 1);
}

/* A small file in one slice; the answer to the last report is too late to cancel. */
static void one_slice(qcos_client client, const char *sha) {
    struct seen seen = watch(slice_size, size_of(SMALL));
    DONE(qcos_upload_slice(client, local(SMALL), "onebucket", "one", NULL, 0, "", on_progress,
                           &seen));
    check_whole_way(&seen, size_of(SMALL), 0);
    check_object("onebucket", "one", size_of(SMALL), sha);
}

/* The object is made by qcos_upload itself in slices of the option's size. */
static void slices_by_themselves(qcos_client client, const char *sha) {
    uint64_t size = size_of("big");
    struct seen seen = watch(slice_size, 0);
    DONE(qcos_upload(client, local("big"), "itself", "big", NULL, on_progress, &seen));
    check_whole_way(&seen, size, (int)(size / slice_size));
    check_object("itself", "big", size, sha);
}

/* Broken off by the callback in the third slice, then taken up where it stopped. */
static void cancel_and_resume(qcos_client client, const char *sha) {
    uint64_t size = size_of("big");
    struct seen seen = watch(MIB, 2 * MIB + 1);
    char *reply = qcos_upload_slice(client, local("big"), BUCKET, "kept/big", "half", MIB, NULL,
                                    on_progress, &seen);
    CHECK_REPLY(qcos_reply_code(reply) == QCOS_ERR_CANCELLED, reply);
    VALUE(reply, "/error/name", "QCOS_ERR_CANCELLED");
    VALUE(reply, "/error/kind", "cancelled");
    VALUE(reply, "/httpcode", "0");
    CHECK(seen.totals == 0);
    uint64_t offset = number_at(reply, "/data/offset");
    CHECK_REPLY(offset % MIB == 0 && offset >= 2 * MIB && offset <= seen.last, reply);
    char *session = qcos_reply_get(reply, "/data/session");
    CHECK_REPLY(session != NULL && *session != '\0', reply);
    qcos_string_free(reply);

    /* Cancelled again before a slice: nothing is lost. The slice that was on its way may have
     * arrived after all. */
    seen = watch(MIB, 1);
    reply = qcos_upload_slice(client, local("big"), BUCKET, "kept/big", "half", MIB, session,
                              on_progress, &seen);
    CHECK_REPLY(qcos_reply_code(reply) == QCOS_ERR_CANCELLED, reply);
    VALUE(reply, "/data/session", session);
    uint64_t again = number_at(reply, "/data/offset");
    CHECK_REPLY(again == offset || again == offset + MIB, reply);
    qcos_string_free(reply);

    seen = watch(MIB, 0);
    DONE(qcos_upload_slice(client, local("big"), BUCKET, "kept/big", "half", MIB, session,
                           on_progress, &seen));
    /* 0 while it hashes, which a slow machine reports; then the offset, and the slices behind it. */
    CHECK(seen.first == 0 || seen.first == seen.first_above_0);
    CHECK(seen.first_above_0 >= again && seen.first_above_0 <= offset + MIB);
    /* One of the reports is the offset's own. */
    CHECK(seen.ends == (int)(size / MIB - seen.first_above_0 / MIB) + 1);
    CHECK(seen.last == size && seen.totals == 1);
    check_object(BUCKET, "kept/big", size, sha);
    qcos_string_free(session);
}

/* The bucket has the content already: nothing is sent. Only the JSON API knows this. */
static void instant_hit(qcos_client client, const char *sha) {
    uint64_t size = size_of("big");
    struct seen seen = watch(MIB, 0);
    DONE(qcos_upload_slice(client, local("big"), BUCKET, "instant/big", NULL, 3 * MIB, NULL,
                           on_progress, &seen));
    CHECK(seen.ends == 0 && seen.totals == 1 && seen.first_above_0 == size);
    check_object(BUCKET, "instant/big", size, sha);
}

/* A session that the service does not know is begun again. */
static void forgotten_session(qcos_client client, const char *sha) {
    uint64_t size = size_of("big");
    /* The bucket must be there, or nothing else is looked at. */
    DONE(qcos_upload(client, local("empty"), "forgotten", "empty", NULL, NULL, NULL));
    struct seen seen = watch(3 * MIB, 0);
    DONE(qcos_upload_slice(client, local("big"), "forgotten", "big", NULL, 3 * MIB, "forgotten",
                           on_progress, &seen));
    check_whole_way(&seen, size, (int)(size / (3 * MIB)));
    check_object("forgotten", "big", size, sha);
}

/* Slices in flight at once, as a client does it by default: the callback is still called on the
 * caller's thread, and what it sees still never falls. */
static void side_by_side(qcos_client client, const char *sha) {
    uint64_t size = size_of("big");
    struct seen seen = watch(slice_size, 0);
    DONE(qcos_upload(client, local("big"), "side", "big", NULL, on_progress, &seen));
    CHECK(seen.first == 0 && seen.last == size && seen.totals == 1);
    /* What comes in between depends on time: bytes of all slices are on their way at once. */
    CHECK(seen.calls >= 2);
    check_object("side", "big", size, sha);

    seen = watch(slice_size, 2 * MIB + 1);
    char *reply = qcos_upload_slice(client, local("big"), "side-again", "big", NULL, 0, NULL,
                                    on_progress, &seen);
    CHECK_REPLY(qcos_reply_code(reply) == QCOS_ERR_CANCELLED, reply);
    CHECK(seen.totals == 0);
    uint64_t offset = number_at(reply, "/data/offset");
    CHECK_REPLY(offset % slice_size == 0 && offset <= seen.last, reply);
    char *session = qcos_reply_get(reply, "/data/session");
    CHECK_REPLY(session != NULL, reply);
    qcos_string_free(reply);

    seen = watch(slice_size, 0);
    DONE(qcos_upload_slice(client, local("big"), "side-again", "big", NULL, 0, session, on_progress,
                           &seen));
    CHECK(seen.first_above_0 >= offset && seen.last == size && seen.totals == 1);
    check_object("side-again", "big", size, sha);
    qcos_string_free(session);
}

/* The whole folder there and back. */
static void trees(qcos_client client) {
    struct seen seen = watch(1, 0);
    char *reply = qcos_upload_tree(client, folder, BUCKET, "tree", NULL, on_progress, &seen);
#ifdef _WIN32
    const char *moved = "3";
    CHECK_REPLY(qcos_reply_code(reply) == QCOS_OK, reply);
#else
    /* A local name is bytes, an object's is text. */
    const char *moved = "2";
    CHECK_REPLY(qcos_reply_code(reply) == QCOS_ERR_PARAMS, reply);
    VALUE(reply, "/data/failed/0/path", "small \xef\xbf\xbd\n.bin");
    CHECK(seen.total == size_of("big") && seen.totals == 0);
#endif
    VALUE(reply, "/data/uploaded", moved);
    qcos_string_free(reply);
    reply = OK(qcos_download_tree(client, BUCKET, "tree", local("back"), NULL, NULL, NULL));
    VALUE(reply, "/data/downloaded", moved);
    qcos_string_free(reply);
    reply = OK(qcos_download_tree(client, BUCKET, "tree", local("back"), "{}", NULL, NULL));
    VALUE(reply, "/data/same", moved);
    qcos_string_free(reply);
}

int main(int argc, char **argv) {
    CHECK(argc == 6);
    int is_xml = strcmp(argv[1], "xml") == 0;
    if (is_xml) slice_size = MIB;
    snprintf(folder, sizeof folder, "%s", argv[3]);
    const char *small_sha = argv[4], *big_sha = argv[5];
    judge = open_client(argv[2], "");
    /* One slice after the other, so that the callback's calls can be counted. */
    qcos_client client = client_of(is_xml, argv[2], ",\"parallel\":1");
    whole_files(client, small_sha);
    cancel_too_early_and_too_late(client);
    one_slice(client, small_sha);
    slices_by_themselves(client, big_sha);
    cancel_and_resume(client, big_sha);
    if (!is_xml) instant_hit(client, big_sha);
    forgotten_session(client, big_sha);
    trees(client);
    qcos_client_close(client);

    client = client_of(is_xml, argv[2], "");
    side_by_side(client, big_sha);
    qcos_client_close(client);
    qcos_client_close(judge);
    return 0;
}
