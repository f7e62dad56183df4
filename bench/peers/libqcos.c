/* libqcos as a peer: one operation through the C interface, measured.
 *
 *     libqcos upload|upload_slice|download|upload_stream|download_stream|upload_tree|download_tree|list|delete_tree|
 *             stat|range|derive|threads|puts|gets options=JSON key=KEY [file=FILE] [calls=N] [warm=N] [threads=N] [size=BYTES]
 *
 * Streams read and write the file with read and write; range gets `size` bytes into memory, each time
 * from another place; puts and gets bring the same small file again and again; derive opens and closes a derived client.
 */
#include <fcntl.h>
#include <pthread.h>
#include <qcos.h>
#include <unistd.h>

#include "measure.h"

#define BUCKET "testbucket"

static qcos_client client;
static const char *key;

static void check(char *reply) {
    if (qcos_reply_code(reply) != QCOS_OK) fail("libqcos", reply);
    qcos_string_free(reply);
}

static void stat_once(void) { check(qcos_stat_file(client, BUCKET, key)); }

static const char *small_file;

static void put_once(void) {
    check(qcos_upload(client, small_file, BUCKET, key, NULL, NULL, NULL));
}

static void get_once(void) { check(qcos_download(client, BUCKET, key, small_file, NULL, NULL)); }

static char *range;
static size_t range_size;

static void range_once(void) {
    static int64_t at = 0;
    at = (at + 4096) % (1 << 20);
    check(qcos_download_buffer(client, BUCKET, key, at, range, range_size, NULL));
}

static void derive_once(void) {
    qcos_client derived = 0;
    check(qcos_client_with(client, NULL, &derived));
    qcos_client_close(derived);
}

static int64_t read_file(void *buffer, size_t size, void *file) {
    return read(*(int *)file, buffer, size);
}

static int32_t write_file(const void *data, size_t len, void *file) {
    const char *left = data;
    while (len > 0) {
        const ssize_t written = write(*(int *)file, left, len);
        if (written < 0) return 1;
        left += written;
        len -= (size_t)written;
    }
    return 0;
}

static int open_file(const char *path, int flags) {
    const int file = open(path, flags, 0666);
    if (file < 0) fail(path, "cannot be opened");
    return file;
}

static int32_t page(const char *infos, void *count) {
    (void)infos;
    ++*(int *)count;
    return 0;
}

static void list(void) {
    int pages = 0;
    check(qcos_list_all(client, BUCKET, key, 1, page, &pages));
    if (pages == 0) fail("list", "no pages");
}

static void upload_stream(const char *path) {
    int file = open_file(path, O_RDONLY);
    check(qcos_upload_stream(client, BUCKET, key, NULL, read_file, NULL, &file));
    close(file);
}

static void download_stream(const char *path) {
    int file = open_file(path, O_WRONLY | O_CREAT | O_TRUNC);
    check(qcos_download_stream(client, BUCKET, key, NULL, write_file, &file));
    if (close(file) != 0) fail(path, "cannot be written");
}

static void small_calls(void (*once)(void), size_t warm, size_t count) {
    double *calls = calloc(count, sizeof *calls);
    if (calls == NULL) fail("calls", "no memory");
    for (size_t i = 0; i < warm; i++) once();
    const struct measured begun = measure();
    for (size_t i = 0; i < count; i++) {
        const double before = now();
        once();
        calls[i] = now() - before;
    }
    report(begun, calls, count);
    free(calls);
}

static pthread_barrier_t start;

static void *many(void *count) {
    pthread_barrier_wait(&start);
    for (size_t i = 0; i < *(const size_t *)count; i++) stat_once();
    return NULL;
}

/* Threads of small stacks: it is the library's memory that counts. */
static void threads(size_t number, size_t count) {
    pthread_t *all = calloc(number, sizeof *all);
    pthread_attr_t attributes;
    if (all == NULL) fail("threads", "no memory");
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, 256 << 10);
    pthread_barrier_init(&start, NULL, (unsigned)number + 1);
    for (size_t i = 0; i < number; i++) {
        if (pthread_create(&all[i], &attributes, many, &count) != 0) fail("threads", "no more");
    }
    const struct measured begun = measure();
    pthread_barrier_wait(&start);
    for (size_t i = 0; i < number; i++) pthread_join(all[i], NULL);
    report(begun, NULL, 0);
    free(all);
}

int main(int argc, char **argv) {
    if (argc < 2) fail("libqcos", "which operation?");
    const char *operation = argv[1];
    key = option(argv, "key", NULL);
    check(qcos_client_open("10000001", "TESTSECRETID0000000000000000000000000",
                           "TESTSECRETKEYDONOTUSE0000000000", option(argv, "options", NULL),
                           &client));
    const size_t warm = number(argv, "warm", "200"), calls = number(argv, "calls", "20000");
    if (strcmp(operation, "stat") == 0) {
        small_calls(stat_once, warm, calls);
    } else if (strcmp(operation, "range") == 0) {
        range_size = number(argv, "size", "65536");
        range = malloc(range_size);
        if (range == NULL) fail("range", "no memory");
        small_calls(range_once, warm, calls);
        free(range);
    } else if (strcmp(operation, "puts") == 0 || strcmp(operation, "gets") == 0) {
        small_file = option(argv, "file", NULL);
        small_calls(strcmp(operation, "puts") == 0 ? put_once : get_once, warm, calls);
    } else if (strcmp(operation, "derive") == 0) {
        small_calls(derive_once, warm, calls);
    } else if (strcmp(operation, "list") == 0 || strcmp(operation, "delete_tree") == 0) {
        const struct measured begun = measure();
        if (strcmp(operation, "list") == 0) {
            list();
        } else {
            check(qcos_delete_tree(client, BUCKET, key));
        }
        report(begun, NULL, 0);
    } else if (strcmp(operation, "threads") == 0) {
        threads(number(argv, "threads", "1000"), number(argv, "calls", "5"));
    } else {
        const char *file = option(argv, "file", NULL);
        const struct measured begun = measure();
        if (strcmp(operation, "upload") == 0) {
            check(qcos_upload(client, file, BUCKET, key, NULL, NULL, NULL));
        } else if (strcmp(operation, "upload_slice") == 0) {
            check(qcos_upload_slice(client, file, BUCKET, key, NULL, 0, NULL, NULL, NULL));
        } else if (strcmp(operation, "download") == 0) {
            check(qcos_download(client, BUCKET, key, file, NULL, NULL));
        } else if (strcmp(operation, "upload_tree") == 0) {
            check(qcos_upload_tree(client, file, BUCKET, key, NULL, NULL, NULL));
        } else if (strcmp(operation, "download_tree") == 0) {
            check(qcos_download_tree(client, BUCKET, key, file, NULL, NULL, NULL));
        } else if (strcmp(operation, "upload_stream") == 0) {
            upload_stream(file);
        } else if (strcmp(operation, "download_stream") == 0) {
            download_stream(file);
        } else {
            fail("unknown operation", operation);
        }
        report(begun, NULL, 0);
    }
    qcos_client_close(client);
    return 0;
}
