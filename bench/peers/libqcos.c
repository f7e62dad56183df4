/* libqcos as a peer: one operation through the C interface, measured.
 *
 *     libqcos upload|upload_slice|download|stat|threads options=JSON key=KEY [file=FILE]
 *             [calls=N] [warm=N] [threads=N]
 */
#include <pthread.h>
#include <qcos.h>

#include "measure.h"

#define BUCKET "testbucket"

static qcos_client client;
static const char *key;

static void check(char *reply) {
    if (qcos_reply_code(reply) != QCOS_OK) fail("libqcos", reply);
    qcos_string_free(reply);
}

static void stat_once(void) { check(qcos_stat_file(client, BUCKET, key)); }

static void small_calls(size_t warm, size_t count) {
    double *calls = calloc(count, sizeof *calls);
    if (calls == NULL) fail("calls", "no memory");
    for (size_t i = 0; i < warm; i++) stat_once();
    const struct measured begun = measure();
    for (size_t i = 0; i < count; i++) {
        const double before = now();
        stat_once();
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
    if (strcmp(operation, "stat") == 0) {
        small_calls(number(argv, "warm", "200"), number(argv, "calls", "20000"));
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
        } else {
            fail("unknown operation", operation);
        }
        report(begun, NULL, 0);
    }
    qcos_client_close(client);
    return 0;
}
