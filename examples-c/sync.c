/* Uploads a folder with everything below it, several files at a time.
 *
 *     sync FOLDER BUCKET DSTFOLDER [THREADS]
 *
 * A file that is there already with the same content is not sent again; one with other content is
 * replaced.
 *
 * Whose account and which service: QCOS_APPID, QCOS_SECRET_ID, QCOS_SECRET_KEY and QCOS_OPTIONS in
 * the environment; the last is JSON, such as {"region":"ap-guangzhou"} (see qcos.h).
 * With "checkpoint_dir" in it, the same command goes on with what was unfinished when the program
 * was killed, even by kill -9.
 */
#define _POSIX_C_SOURCE 200809L
#include <dirent.h>
#include <pthread.h>
#include <qcos.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#ifdef _WIN32
#define lstat stat /* there it shows what a link leads to */
#endif

enum { THREADS_MAX = 16, SAME_FILE_IS_THERE = -4018, OTHER_FILE_IS_THERE = -177 };

static volatile sig_atomic_t interrupted;

/* Everything the threads share; `lock` guards what changes. */
static struct {
    qcos_client client;
    const char *folder, *bucket, *dstfolder;
    char **files; /* paths below the folder */
    size_t count, capacity, next, failures;
    pthread_mutex_t lock;
    int threads, terminal;
    char lines[THREADS_MAX][256]; /* what each thread is at */
} sync_state;

static void on_interrupt(int number) {
    (void)number;
    interrupted = 1;
}

static void *checked(void *memory) {
    if (memory == NULL) {
        perror("sync");
        exit(1);
    }
    return memory;
}

/* "a/b" of "a" and "b"; just "b" of "" and "b". To be freed. */
static char *joined(const char *a, const char *b) {
    char *path = checked(malloc(strlen(a) + strlen(b) + 2));
    sprintf(path, "%s%s%s", a, *a ? "/" : "", b);
    return path;
}

/* Collects the regular files below a folder. */
static void collect(const char *below) {
    char *path = joined(sync_state.folder, below);
    DIR *dir = opendir(path);
    if (dir == NULL) {
        perror(path);
        sync_state.failures++;
        free(path);
        return;
    }
    for (struct dirent *entry; (entry = readdir(dir)) != NULL;) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) continue;
        char *name = joined(below, entry->d_name);
        char *full = joined(sync_state.folder, name);
        struct stat about;
        int known = lstat(full, &about) == 0;
        free(full);
        if (known && S_ISDIR(about.st_mode)) collect(name);
        if (!known || !S_ISREG(about.st_mode)) {
            free(name);
            continue;
        }
        if (sync_state.count == sync_state.capacity) {
            sync_state.capacity = sync_state.capacity * 2 + 64;
            size_t size = sync_state.capacity * sizeof *sync_state.files;
            sync_state.files = checked(realloc(sync_state.files, size));
        }
        sync_state.files[sync_state.count++] = name;
    }
    closedir(dir);
    free(path);
}

/* Draws the threads' lines anew, under a line that stays if there is one to say. */
static void draw(const char *finished) {
    if (!sync_state.terminal) {
        if (finished != NULL) printf("%s\n", finished);
        return;
    }
    printf("\033[%dA", sync_state.threads);
    if (finished != NULL) printf("\033[K%s\n", finished);
    for (int i = 0; i < sync_state.threads; i++) printf("\033[K%s\n", sync_state.lines[i]);
    fflush(stdout);
}

struct position {
    int thread;
    const char *name;
};

/* Called on the thread that uploads. */
static int32_t progress(uint64_t done, uint64_t total, void *user_data) {
    const struct position *at = user_data;
    double share = total == 0 ? 100.0 : 100.0 * (double)done / (double)total;
    pthread_mutex_lock(&sync_state.lock);
    char *line = sync_state.lines[at->thread];
    snprintf(line, sizeof sync_state.lines[0], "%5.1f %%  %.200s", share, at->name);
    draw(NULL);
    pthread_mutex_unlock(&sync_state.lock);
    return interrupted;
}

static void upload(const char *name, int thread) {
    struct position at = {thread, name};
    char *local = joined(sync_state.folder, name);
    char *remote = joined(sync_state.dstfolder, name);
    const char *outcome = "uploaded";

    /* In slices the service is told the digest first, and takes the content only if it needs it. */
    char *reply = qcos_upload_slice(sync_state.client, local, sync_state.bucket, remote, NULL, 0,
                                    NULL, progress, &at);
    int64_t code = qcos_reply_code(reply);
    if (code == OTHER_FILE_IS_THERE) {
        outcome = "replaced";
        qcos_string_free(reply);
        reply = qcos_upload_with(sync_state.client, local, sync_state.bucket, remote,
                                 "{\"overwrite\":true}", progress, &at);
        code = qcos_reply_code(reply);
    }
    if (code == SAME_FILE_IS_THERE) {
        outcome = "unchanged";
    } else if (code != QCOS_OK) {
        outcome = "FAILED";
    }

    size_t size = strlen(name) + strlen(reply) + 32;
    char *finished = checked(malloc(size));
    int failed = strcmp(outcome, "FAILED") == 0;
    snprintf(finished, size, "%-9s  %s%s%s", outcome, name, failed ? "  " : "",
             failed ? reply : "");
    pthread_mutex_lock(&sync_state.lock);
    if (failed) sync_state.failures++;
    sync_state.lines[thread][0] = '\0';
    draw(finished);
    pthread_mutex_unlock(&sync_state.lock);
    free(finished);
    qcos_string_free(reply);
    free(remote);
    free(local);
}

static void *work(void *number) {
    int thread = *(int *)number;
    while (!interrupted) {
        pthread_mutex_lock(&sync_state.lock);
        size_t next = sync_state.next < sync_state.count ? sync_state.next++ : sync_state.count;
        pthread_mutex_unlock(&sync_state.lock);
        if (next == sync_state.count) break;
        upload(sync_state.files[next], thread);
    }
    return NULL;
}

int main(int argc, char **argv) {
    if (argc < 4 || argc > 5) {
        fprintf(stderr, "usage: %s FOLDER BUCKET DSTFOLDER [THREADS]\n", argv[0]);
        return 2;
    }
    sync_state.folder = argv[1];
    sync_state.bucket = argv[2];
    sync_state.dstfolder = argv[3];
    sync_state.threads = argc == 5 ? atoi(argv[4]) : 4;
    if (sync_state.threads < 1) sync_state.threads = 1;
    if (sync_state.threads > THREADS_MAX) sync_state.threads = THREADS_MAX;
    sync_state.terminal = isatty(STDOUT_FILENO);
    pthread_mutex_init(&sync_state.lock, NULL);
    char *reply =
        qcos_client_open(getenv("QCOS_APPID"), getenv("QCOS_SECRET_ID"), getenv("QCOS_SECRET_KEY"),
                         getenv("QCOS_OPTIONS"), &sync_state.client);
    if (qcos_reply_code(reply) != QCOS_OK) fprintf(stderr, "%s\n", reply);
    qcos_string_free(reply);
    if (sync_state.client == 0) return 1;

    signal(SIGINT, on_interrupt);
    collect("");
    for (int i = 0; sync_state.terminal && i < sync_state.threads; i++) printf("\n");
    pthread_t threads[THREADS_MAX];
    int numbers[THREADS_MAX];
    int started = 0;
    for (; started < sync_state.threads; started++) {
        numbers[started] = started;
        if (pthread_create(&threads[started], NULL, work, &numbers[started]) != 0) break;
    }
    if (started == 0) fprintf(stderr, "no thread could be started\n");
    for (int i = 0; i < started; i++) pthread_join(threads[i], NULL);

    qcos_client_close(sync_state.client);
    for (size_t i = 0; i < sync_state.count; i++) free(sync_state.files[i]);
    free(sync_state.files);
    return started > 0 && sync_state.failures == 0 && !interrupted ? 0 : 1;
}
