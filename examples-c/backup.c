/* Backs up a folder into a bucket, each day below a folder of its own, and brings it back.
 *
 *     backup [-t SECONDS] save BUCKET FOLDER            into backups/2026-11-26, the day in UTC
 *     backup [-t SECONDS] list BUCKET
 *     backup [-t SECONDS] verify BUCKET DAY             reads every file, and compares its digest
 *     backup [-t SECONDS] restore BUCKET FOLDER DAY
 *
 * What is there already with the same content is not moved again: after Ctrl-C, or another failure, the
 * same command goes on with the rest. -t limits each call. QCOS_APPID and others are as of upload.c.
 */
#define _POSIX_C_SOURCE 200809L
#include <pthread.h>
#include <qcos.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { OTHER_FILE_IS_THERE = -177, FAILURES_MAX = 1000, PATH_SIZE = 8192 };

static qcos_client client, timed; /* the second is derived from the first, with the limit of -t */
static const char *bucket, *folder;
static char backup[PATH_SIZE / 4]; /* backups/DAY */
static int replaced, verified, failed;

/* A signal handler must not call the library; a thread that waits for the signal may. */
static void *cancel_on_interrupt(void *signals) {
    int number;
    if (sigwait(signals, &number) == 0) qcos_client_cancel(client); /* `timed` with it */
    return NULL;
}

static int32_t progress(uint64_t done, uint64_t total, void *user_data) {
    (void)user_data;
    if (total < UINT64_C(9007199254740991)) /* else it is not known yet */
        fprintf(stderr, "\r%.1f of %.1f MiB%s", (double)done / 1048576.0, (double)total / 1048576.0,
                done == total ? "\n" : "");
    return 0;
}

static long long number(const char *reply, const char *pointer) {
    char *value = qcos_reply_get(reply, pointer);
    long long number = value == NULL ? 0 : strtoll(value, NULL, 10);
    qcos_string_free(value);
    return number;
}

/* Of a reply, or of one file of `data.failed`. Returns whether to stop. */
static int32_t fail(const char *what, const char *reply) {
    char *message = qcos_reply_get(reply, "/message"), *error = qcos_reply_get(reply, "/error");
    fprintf(stderr, "\r%s: %s %s\n", what, message, error == NULL ? "" : error);
    qcos_string_free(message);
    qcos_string_free(error);
    failed++;
    return number(reply, "/code") == QCOS_ERR_CANCELLED;
}

/* A file that was saved today and has changed since is sent again. */
static int32_t replace(const char *failure, void *options) {
    char local[PATH_SIZE], remote[PATH_SIZE], *reply = NULL;
    char *name = qcos_reply_get(failure, "/path");
    int32_t stops = 0;
    snprintf(local, sizeof local, "%s/%s", folder, name);
    snprintf(remote, sizeof remote, "%s/%s", backup, name);
    if (number(failure, "/code") == OTHER_FILE_IS_THERE)
        reply = qcos_upload_with(timed, local, bucket, remote, options, progress, NULL);
    if (qcos_reply_code(reply) == QCOS_OK) replaced++;
    else stops = fail(name, reply != NULL ? reply : failure);
    qcos_string_free(reply);
    qcos_string_free(name);
    return stops;
}

static void transfer(int saves) {
    int before = replaced;
    char *reply = saves ? qcos_upload_tree(timed, folder, bucket, backup, NULL, progress, NULL)
                        : qcos_download_tree(timed, bucket, backup, folder, NULL, progress, NULL);
    int64_t code = qcos_reply_code(reply);
    if (code != QCOS_OK && code != OTHER_FILE_IS_THERE) fail(backup, reply);
    qcos_reply_each(reply, "/data/failed", replace, "{\"overwrite\":true}");
    printf("%s: %lld moved, %d replaced, %lld unchanged\n", backup,
           number(reply, saves ? "/data/uploaded" : "/data/downloaded"), replaced,
           number(reply, "/data/same"));
    qcos_string_free(reply);
    if (failed == 0 && replaced - before == FAILURES_MAX) transfer(saves); /* that many end it */
}

/* The library compares the digest; nobody needs the bytes. */
static int32_t drop(const void *data, size_t len, void *user_data) {
    return (void)data, (void)len, (void)user_data, 0;
}

/* Prints the name of a backup, or verifies a file of one. */
static int32_t see(const char *entry, void *lists) {
    char path[PATH_SIZE], *name = qcos_reply_get(entry, "/name");
    char *size = qcos_reply_get(entry, "/filesize"); /* a folder has none */
    int32_t stops = 0;
    snprintf(path, sizeof path, "%s/%s", backup, name);
    if (lists != NULL) puts(name);
    else if (size != NULL) {
        char *reply = qcos_download_stream(timed, bucket, path, NULL, drop, NULL);
        if (qcos_reply_code(reply) == QCOS_OK) fprintf(stderr, "\r%d verified", ++verified);
        else stops = fail(path, reply);
        qcos_string_free(reply);
    }
    qcos_string_free(size);
    qcos_string_free(name);
    return stops;
}

static int32_t see_page(const char *page, void *lists) {
    return qcos_reply_each(page, "/infos", see, lists);
}

int main(int argc, char **argv) {
    char limit[64] = "{}", *reply;
    for (; argc > 2 && !strcmp(argv[1], "-t"); argc -= 2, argv += 2)
        snprintf(limit, sizeof limit, "{\"timeout_ms\":%s000}", argv[2]);
    int lists = argc == 3 && !strcmp(argv[1], "list");
    int saves = argc == 4 && !strcmp(argv[1], "save");
    int verifies = argc == 4 && !strcmp(argv[1], "verify");
    if (!saves && !lists && !verifies && (argc != 5 || strcmp(argv[1], "restore") != 0))
        return fputs("usage: [-t SECONDS] save|list|verify|restore BUCKET ...\n", stderr), 2;
    bucket = argv[2], folder = argv[3];
    snprintf(backup, sizeof backup, "backups/%s", saves || lists ? "" : argv[argc - 1]);
    if (saves) strftime(backup, sizeof backup, "backups/%Y-%m-%d", gmtime(&(time_t){time(NULL)}));

    reply = qcos_client_open(getenv("QCOS_APPID"), getenv("QCOS_SECRET_ID"),
                             getenv("QCOS_SECRET_KEY"), getenv("QCOS_OPTIONS"), &client);
    if (client != 0) qcos_string_free(reply), reply = qcos_client_with(client, limit, &timed);
    if (timed == 0) fail("open", reply);
    qcos_string_free(reply);
    sigset_t signals;
    pthread_t waiter;
    sigemptyset(&signals), sigaddset(&signals, SIGINT), pthread_sigmask(SIG_BLOCK, &signals, NULL);
    if (timed == 0 || pthread_create(&waiter, NULL, cancel_on_interrupt, &signals) != 0) return 1;
    if (lists || verifies) {
        /* A limit of the list would be that of verifying, too. */
        reply = qcos_list_all(lists ? timed : client, bucket, backup, verifies, see_page,
                              lists ? &lists : NULL);
        if (qcos_reply_code(reply) != QCOS_OK) fail(backup, reply);
        qcos_string_free(reply);
    } else transfer(saves);
    if (verifies) printf("%s: %d files verified\n", backup, verified);
    pthread_cancel(waiter), pthread_join(waiter, NULL);
    qcos_client_close(timed), qcos_client_close(client);
    return failed != 0 || (verifies && verified == 0);
}
