/* One client used by many threads, closed under them; and progress callbacks that use the library.
 *
 *     threads ENDPOINT FILE
 *
 * FILE has more than 1 MiB, so that it takes several slices.
 */
#define _POSIX_C_SOURCE 200809L
#include "check.h"

#include <pthread.h>

enum { THREADS = 8, CLOSE_AFTER = 400, CALLS_MAX = 20000 };

static const char *endpoint, *file;

/* ---------------------------------------------------------------- a handle closed in the middle */

static struct {
    qcos_client client;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    int calls; /* of all threads, answered */
    int successes;
} shared = {0, PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, 0, 0};

/* The `step`th call of thread `self`. Some paths are its own, some are everybody's. */
static char *call(int self, int step) {
    qcos_client client = shared.client;
    char own[64], common[64];
    snprintf(own, sizeof own, "threads/%d/%d", self, step / 8);
    snprintf(common, sizeof common, "threads/common/%d", step % 3);
    switch (step % 8) {
    case 0: return qcos_upload_buffer(client, own, strlen(own), BUCKET, own, NULL);
    case 1: return qcos_upload_buffer(client, own, strlen(own), BUCKET, common, "common");
    case 2: return qcos_stat_file(client, BUCKET, own);
    case 3: return qcos_list(client, BUCKET, "threads/common", 0, NULL, step & 1, NULL);
    case 4: return qcos_update_file(client, BUCKET, own, "updated");
    case 5: return qcos_delete_file(client, BUCKET, common);
    case 6: return qcos_upload(client, file, BUCKET, common, NULL, NULL, NULL);
    default: return qcos_delete_file(client, BUCKET, own);
    }
}

static void count(int success) {
    pthread_mutex_lock(&shared.lock);
    shared.calls++;
    shared.successes += success;
    pthread_cond_signal(&shared.changed);
    pthread_mutex_unlock(&shared.lock);
}

static void *work(void *number) {
    int self = *(int *)number;
    for (int step = 0; step < CALLS_MAX; step++) {
        char *reply = call(self, step);
        CHECK(reply != NULL);
        int64_t code = qcos_reply_code(reply);
        char *name = qcos_reply_get(reply, "/error/name");
        if (code == QCOS_ERR_HANDLE) {
            qcos_string_free(name);
            qcos_string_free(reply);
            return NULL;
        }
        /* Threads get in each other's way on the common paths, which is the service's to say;
         * one that replaces a file before its upload was confirmed makes the content another. */
        CHECK_REPLY(code == QCOS_OK || code == QCOS_ERR_INTEGRITY || strcmp(name, "SERVICE") == 0,
                    reply);
        /* Nobody else touches these. */
        if (step % 8 == 0 || step % 8 == 2 || step % 8 == 4 || step % 8 == 7) {
            CHECK_REPLY(code == QCOS_OK, reply);
        }
        count(code == QCOS_OK);
        qcos_string_free(name);
        qcos_string_free(reply);
    }
    CHECK(!"the client was never closed");
    return NULL;
}

static void *close_in_the_middle(void *unused) {
    (void)unused;
    pthread_mutex_lock(&shared.lock);
    while (shared.calls < CLOSE_AFTER) pthread_cond_wait(&shared.changed, &shared.lock);
    pthread_mutex_unlock(&shared.lock);
    qcos_client_close(shared.client);
    return NULL;
}

static void closed_under_threads(void) {
    pthread_t workers[THREADS], closer;
    int numbers[THREADS];
    shared.client = open_client(endpoint, "");
    CHECK(pthread_create(&closer, NULL, close_in_the_middle, NULL) == 0);
    for (int i = 0; i < THREADS; i++) {
        numbers[i] = i;
        CHECK(pthread_create(&workers[i], NULL, work, &numbers[i]) == 0);
    }
    CHECK(pthread_join(closer, NULL) == 0);
    for (int i = 0; i < THREADS; i++) CHECK(pthread_join(workers[i], NULL) == 0);
    CHECK(shared.calls >= CLOSE_AFTER && shared.successes > shared.calls / 2);
    FAILS(QCOS_ERR_HANDLE, qcos_stat_folder(shared.client, BUCKET, ""));
}

/* ----------------------------------------------------------- callbacks that use the library */

struct visit {
    qcos_client client;
    int depth;
    int calls;
    uint64_t first; /* bytes done at the first call */
    int ends;       /* calls with all of them done */
};

/* What comes in between depends on time; the beginning and the end are told once each. */
static void note(struct visit *visit, uint64_t done, uint64_t total) {
    CHECK(visit->ends == 0);
    if (visit->calls++ == 0) visit->first = done;
    visit->ends += done == total;
}

static int was_told_all(const struct visit *visit) {
    return visit->calls >= 2 && visit->first == 0 && visit->ends == 1;
}

/* Uses everything, its own client too, down to an upload inside an upload. */
static int32_t reenter(uint64_t done, uint64_t total, void *user_data) {
    struct visit *visit = user_data;
    note(visit, done, total);
    if (visit->calls > 1) return 0;

    char path[64];
    snprintf(path, sizeof path, "inside/%d", visit->depth);
    DONE(qcos_upload_buffer(visit->client, "x", 1, "reenter", path, NULL));
    DONE(qcos_stat_file(visit->client, "reenter", path));
    DONE(qcos_list(visit->client, "reenter", "inside", 0, NULL, 0, NULL));
    DONE(qcos_delete_file(visit->client, "reenter", path));
    FAILS(QCOS_ERR_PARAMS, qcos_stat_file(visit->client, "reenter", ".."));
    qcos_client other = open_client(endpoint, "");
    DONE(qcos_stat_folder(other, "reenter", ""));
    qcos_client_close(other);

    if (visit->depth < 3) {
        struct visit inner = {visit->client, visit->depth + 1, 0, 0, 0};
        char bucket[32];
        snprintf(bucket, sizeof bucket, "reenter-%d", inner.depth);
        DONE(
            qcos_upload_slice(visit->client, file, bucket, "file", NULL, 0, NULL, reenter, &inner));
        CHECK(was_told_all(&inner));
    }
    return 0;
}

static void callbacks_reenter(void) {
    struct visit visit = {open_client(endpoint, ""), 0, 0, 0, 0};
    DONE(qcos_upload_slice(visit.client, file, "reenter", "file", NULL, 0, NULL, reenter, &visit));
    CHECK(was_told_all(&visit));
    qcos_client_close(visit.client);
}

/* The call goes on to its end; the handle is of no use from then on. */
static int32_t close_own(uint64_t done, uint64_t total, void *user_data) {
    struct visit *visit = user_data;
    note(visit, done, total);
    qcos_client_close(visit->client);
    FAILS(QCOS_ERR_HANDLE, qcos_stat_folder(visit->client, "closing", ""));
    return 0;
}

static void callback_closes_its_client(void) {
    struct visit visit = {open_client(endpoint, ""), 0, 0, 0, 0};
    DONE(
        qcos_upload_slice(visit.client, file, "closing", "file", NULL, 0, NULL, close_own, &visit));
    CHECK(was_told_all(&visit));

    qcos_client other = open_client(endpoint, "");
    char *reply = OK(qcos_stat_file(other, "closing", "file"));
    CHECK_REPLY(number_at(reply, "/data/filelen") == number_at(reply, "/data/filesize"), reply);
    qcos_string_free(reply);
    qcos_client_close(other);
}

/* Each thread opens and closes clients of its own; no handle is given out twice. */
static void *open_and_close(void *out) {
    qcos_client *opened = out;
    for (int i = 0; i < 100; i++) {
        opened[i] = open_client(endpoint, "");
        qcos_client_close(opened[i]);
    }
    return NULL;
}

static int by_value(const void *a, const void *b) {
    qcos_client x = *(const qcos_client *)a, y = *(const qcos_client *)b;
    return (x > y) - (x < y);
}

static void handles_are_unique(void) {
    static qcos_client opened[THREADS * 100];
    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; i++) {
        CHECK(pthread_create(&threads[i], NULL, open_and_close, &opened[i * 100]) == 0);
    }
    for (int i = 0; i < THREADS; i++) CHECK(pthread_join(threads[i], NULL) == 0);
    qsort(opened, THREADS * 100, sizeof *opened, by_value);
    for (int i = 1; i < THREADS * 100; i++) CHECK(opened[i] != opened[i - 1]);
}

int main(int argc, char **argv) {
    CHECK(argc == 3);
    endpoint = argv[1];
    file = argv[2];
    closed_under_threads();
    callbacks_reenter();
    callback_closes_its_client();
    handles_are_unique();
    return 0;
}
