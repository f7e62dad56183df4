/* Bytes without files: streams in and out, memory with options and ranges, on the caller's thread.
 *
 *     bytes API ENDPOINT FOLDER
 */
#define _POSIX_C_SOURCE 200809L
#include "check.h"

#include <pthread.h>
#include <unistd.h>

enum { MIB = 1048576, LARGE = 9 * MIB + 7 };

static int is_xml;

/* What the callbacks work with. */
struct stream {
    pthread_t caller;
    const char *bytes;
    size_t size, at;
    int64_t odd_answer; /* of the callback once `odd_at` bytes have passed; 0: none */
    size_t odd_at;
    char *into;
    uint64_t done, total;
};

static struct stream stream_of(const char *bytes, size_t size) {
    struct stream stream = {0};
    stream.caller = pthread_self();
    stream.bytes = bytes;
    stream.size = size;
    return stream;
}

static int64_t on_read(void *buffer, size_t size, void *user_data) {
    struct stream *stream = user_data;
    CHECK(pthread_equal(stream->caller, pthread_self()));
    CHECK(size > 0);
    if (stream->odd_answer != 0 && stream->at >= stream->odd_at) return stream->odd_answer;
    size_t now = stream->size - stream->at;
    if (now > 70000) now = 70000;
    if (now > size) now = size;
    memcpy(buffer, stream->bytes + stream->at, now);
    stream->at += now;
    return (int64_t)now;
}

static int32_t on_write(const void *data, size_t len, void *user_data) {
    struct stream *stream = user_data;
    CHECK(pthread_equal(stream->caller, pthread_self()));
    CHECK(len > 0);
    if (stream->odd_answer != 0) return (int32_t)stream->odd_answer;
    memcpy(stream->into + stream->at, data, len);
    stream->at += len;
    return 0;
}

static int32_t on_progress(uint64_t done, uint64_t total, void *user_data) {
    struct stream *stream = user_data;
    CHECK(pthread_equal(stream->caller, pthread_self()));
    CHECK(done <= total && done >= stream->done);
    stream->done = done;
    stream->total = total;
    return 0;
}

static void uploads(qcos_client client, const char *bytes) {
    static const size_t sizes[] = {0, 5, LARGE};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        char path[32];
        snprintf(path, sizeof path, "stream%d", (int)i);
        struct stream stream = stream_of(bytes, sizes[i]);
        char *reply =
            OK(qcos_upload_stream(client, BUCKET, path, NULL, on_read, on_progress, &stream));
        VALUE(reply, "/data/verified", is_xml ? "crc64" : "sha1");
        CHECK(stream.at == sizes[i] && stream.done == sizes[i] && stream.total == sizes[i]);
        qcos_string_free(reply);

        stream = stream_of(bytes, sizes[i]);
        snprintf(path, sizeof path, "memory%d", (int)i);
        DONE(qcos_upload_buffer_with(client, bytes, sizes[i], BUCKET, path,
                                     "{\"biz_attr\":\"attribute\"}", on_progress, &stream));
        CHECK(stream.done == sizes[i]);
        reply = OK(qcos_stat_file(client, BUCKET, path));
        VALUE(reply, "/data/biz_attr", "attribute");
        qcos_string_free(reply);
        DONE(qcos_delete_file(client, BUCKET, path));
    }
    DONE(qcos_upload_buffer_with(client, NULL, 0, BUCKET, "nothing", NULL, NULL, NULL));
}

static void odd_callbacks(qcos_client client, const char *bytes) {
    struct stream stream = stream_of(bytes, LARGE);
    stream.odd_answer = -1;
    FAILS(QCOS_ERR_CANCELLED,
          qcos_upload_stream(client, BUCKET, "odd", NULL, on_read, NULL, &stream));
    stream.odd_answer = (int64_t)LARGE * 2;
    stream.odd_at = 8 * MIB + 1;
    FAILS(QCOS_ERR_PARAMS, qcos_upload_stream(client, BUCKET, "odd", NULL, on_read, NULL, &stream));
    stream = stream_of(bytes, 5);
    FAILS(QCOS_ERR_PARAMS,
          qcos_upload_stream(client, BUCKET, "odd", "{\"length\":6}", on_read, NULL, &stream));
    stream.odd_answer = 1;
    FAILS(QCOS_ERR_CANCELLED,
          qcos_download_stream(client, BUCKET, "stream1", NULL, on_write, &stream));
}

static void downloads(qcos_client client, const char *bytes, const char *folder) {
    char *memory = malloc(LARGE + 1);
    CHECK(memory != NULL);
    struct stream stream = stream_of(NULL, 0);
    stream.into = memory;
    char *reply = OK(qcos_download_stream(client, BUCKET, "stream2", NULL, on_write, &stream));
    CHECK(stream.at == LARGE && memcmp(memory, bytes, LARGE) == 0);
    VALUE(reply, "/data/verified", is_xml ? "crc64" : "sha1");
    qcos_string_free(reply);
    stream.at = 0;
    reply = OK(qcos_download_stream(client, BUCKET, "stream2", "{\"last\":10}", on_write, &stream));
    CHECK(stream.at == 10 && memcmp(memory, bytes + LARGE - 10, 10) == 0);
    VALUE(reply, "/data/len", "10");
    qcos_string_free(reply);

    memset(memory, 1, LARGE + 1);
    reply = OK(qcos_download_buffer(client, BUCKET, "stream2", 0, memory, LARGE + 1, NULL));
    CHECK(memcmp(memory, bytes, LARGE) == 0 && memory[LARGE] == 1);
    VALUE(reply, "/data/verified", is_xml ? "crc64" : "sha1");
    qcos_string_free(reply);
    reply = OK(qcos_download_buffer(client, BUCKET, "stream2", LARGE - 3, memory, 100, "{}"));
    CHECK(memcmp(memory, bytes + LARGE - 3, 3) == 0);
    VALUE(reply, "/data/len", "3");
    VALUE(reply, "/data/verified", "length");
    qcos_string_free(reply);
    reply = OK(qcos_download_buffer(client, BUCKET, "stream1", 5, NULL, 0, NULL));
    VALUE(reply, "/data/len", "0");
    VALUE(reply, "/data/filesize", "5");
    qcos_string_free(reply);
    free(memory);

    char path[2048];
    snprintf(path, sizeof path, "%s/with", folder);
    DONE(qcos_download_with(client, BUCKET, "stream1", path, NULL, NULL, NULL));
    reply =
        qcos_download_with(client, BUCKET, "stream1", path, "{\"overwrite\":false}", NULL, NULL);
    VALUE(reply, "/error/kind", "exists");
    qcos_string_free(reply);
    CHECK(unlink(path) == 0);
}

int main(int argc, char **argv) {
    CHECK(argc == 4);
    is_xml = strcmp(argv[1], "xml") == 0;
    char *bytes = malloc(LARGE);
    CHECK(bytes != NULL);
    for (int i = 0; i < LARGE; i++) bytes[i] = (char)(i * 31 + i / 251);
    qcos_client client =
        open_client(argv[2], is_xml ? ",\"api\":\"xml\",\"region\":\"ap-x\"" : ",\"parallel\":2");
    uploads(client, bytes);
    odd_callbacks(client, bytes);
    downloads(client, bytes, argv[3]);
    qcos_client_close(client);
    free(bytes);
    return 0;
}
