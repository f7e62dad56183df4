/* What a host program does around the library: forks, signals, handles that were never given out,
 * loading and unloading.
 *
 *     host handles
 *     host fork ENDPOINT
 *     host closed ENDPOINT            the service closes every connection
 *     host signals ENDPOINT FOLDER    FOLDER holds "file"
 *     host handshakes ENDPOINT CA     the certificate that is trusted
 *     host loads LIBRARY
 *
 * Nothing may be printed, by anybody, unless a check fails.
 */
#define _GNU_SOURCE /* RTLD_*, setitimer */
#include "check.h"

#include <dirent.h>
#include <dlfcn.h>
#include <signal.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

/* Neither open nor closed ones: guesses. */
static void handles(void) {
    enum { GUESSES = 1000000 };
    qcos_client mine = open_client("http://127.0.0.1:1", "");
    uint64_t state = 88172645463325252u;
    for (int i = 0; i < GUESSES; i++) {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        uint64_t guess = i % 2 == 0 ? state : mine + 1 + (uint64_t)i;
        if (i % 16 == 0) FAILS(QCOS_ERR_HANDLE, qcos_stat_file(guess, BUCKET, "a"));
        else qcos_client_close(guess);
    }
    /* Ours is as it was. */
    DONE(qcos_sign_more(mine, BUCKET, INT64_MAX));
    qcos_client_close(mine);
    FAILS(QCOS_ERR_HANDLE, qcos_sign_more(mine, BUCKET, INT64_MAX));
}

/* Every answer must be the one to our own question. */
static void ask_often(qcos_client client, const char *who) {
    for (int i = 0; i < 200; i++) {
        char path[64];
        snprintf(path, sizeof path, "fork/%s/%d", who, i);
        DONE(qcos_upload_buffer(client, path, strlen(path), BUCKET, path, path));
        char *reply = OK(qcos_stat_file(client, BUCKET, path));
        VALUE(reply, "/data/biz_attr", path);
        qcos_string_free(reply);
    }
}

static void forks(const char *endpoint) {
    qcos_client client = open_client(endpoint, "");
    /* A connection is kept from this, and the children get it too. */
    DONE(qcos_upload_buffer(client, "1", 1, BUCKET, "fork/first", NULL));
    pid_t children[3];
    const char *names[] = {"one", "two", "three"};
    for (int i = 0; i < 3; i++) {
        children[i] = fork();
        CHECK(children[i] >= 0);
        if (children[i] == 0) {
            ask_often(client, names[i]);
            qcos_client_close(client);
            _exit(0);
        }
    }
    ask_often(client, "parent");
    for (int i = 0; i < 3; i++) {
        int status = 0;
        CHECK(waitpid(children[i], &status, 0) == children[i]);
        CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    }
    /* What the children closed was theirs. */
    ask_often(client, "after");
    qcos_client_close(client);
}

/* A broken connection is an error, not the end of the host. */
static void closed(const char *endpoint) {
    CHECK(signal(SIGPIPE, SIG_DFL) != SIG_ERR);
    qcos_client client = open_client(endpoint, ",\"retries\":0");
    enum { BYTES = 4000000 };
    char *data = calloc(1, BYTES);
    CHECK(data != NULL);
    for (int i = 0; i < 20; i++) {
        FAILS(QCOS_ERR_NETWORK, qcos_upload_buffer(client, data, BYTES, BUCKET, "a", NULL));
    }
    free(data);
    qcos_client_close(client);
    struct sigaction now;
    CHECK(sigaction(SIGPIPE, NULL, &now) == 0 && now.sa_handler == SIG_DFL);
}

static volatile sig_atomic_t signals_seen;

static void on_signal(int number) {
    (void)number;
    signals_seen++;
}

/* Interrupts every system call that lasts, until it is told 0. */
static void interrupt_every(long microseconds) {
    struct sigaction action = {0};
    action.sa_handler = on_signal; /* without SA_RESTART */
    CHECK(sigaction(SIGALRM, &action, NULL) == 0);
    struct itimerval every = {{0, microseconds}, {0, microseconds}};
    CHECK(setitimer(ITIMER_REAL, &every, NULL) == 0);
}

static void signals(const char *endpoint, const char *folder) {
    char up[1024], down[1024];
    snprintf(up, sizeof up, "%s/file", folder);
    snprintf(down, sizeof down, "%s/back", folder);
    qcos_client client = open_client(endpoint, "");
    interrupt_every(500);
    for (int i = 0; i < 5; i++) {
        DONE(qcos_upload_slice(client, up, BUCKET, "signals", NULL, 0, NULL, NULL, NULL));
        DONE(qcos_stat_file(client, BUCKET, "signals"));
        DONE(qcos_list(client, BUCKET, "", 0, NULL, 0, NULL));
        DONE(qcos_download(client, BUCKET, "signals", down, NULL, NULL));
        DONE(qcos_delete_file(client, BUCKET, "signals"));
    }
    interrupt_every(0);
    CHECK(signals_seen > 50);
    qcos_client_close(client);
}

static void handshakes(const char *endpoint, const char *ca) {
    char extra[512];
    snprintf(extra, sizeof extra, ",\"retries\":0,\"tls_ca\":\"%s\"", ca);
    interrupt_every(100);
    for (int i = 0; i < 100; i++) {
        qcos_client client = open_client(endpoint, extra);
        DONE(qcos_stat_file(client, BUCKET, "a"));
        qcos_client_close(client);
    }
    interrupt_every(0);
    CHECK(signals_seen > 50);
}

static int open_files(void) {
    DIR *folder = opendir("/proc/self/fd");
    CHECK(folder != NULL);
    int count = 0;
    while (readdir(folder) != NULL) count++;
    closedir(folder);
    return count;
}

static long mapped_pages(void) {
    FILE *file = fopen("/proc/self/statm", "r");
    long pages = 0;
    CHECK(file != NULL && fscanf(file, "%ld", &pages) == 1);
    fclose(file);
    return pages;
}

static void load(const char *path) {
    void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    CHECK(library != NULL);
    char *(*open)(const char *, const char *, const char *, const char *, qcos_client *);
    char *(*stat)(qcos_client, const char *, const char *);
    void (*close)(qcos_client);
    void (*free_string)(char *);
    /* A function's address by way of an object's: what POSIX says to do. */
    *(void **)&open = dlsym(library, "qcos_client_open");
    *(void **)&stat = dlsym(library, "qcos_stat_file");
    *(void **)&close = dlsym(library, "qcos_client_close");
    *(void **)&free_string = dlsym(library, "qcos_string_free");
    CHECK(open != NULL && stat != NULL && close != NULL && free_string != NULL);
    qcos_client client = 0;
    free_string(
        open(APPID, SECRET_ID, SECRET_KEY, "{\"endpoint\":\"http://127.0.0.1:1\"}", &client));
    CHECK(client != 0);
    free_string(stat(client, BUCKET, ".."));
    close(client);
    CHECK(dlclose(library) == 0);
}

static void loads(const char *path) {
    for (int i = 0; i < 50; i++) load(path);
    int files = open_files();
    long pages = mapped_pages();
    for (int i = 0; i < 1000; i++) load(path);
    CHECK(open_files() == files);
    /* Less than a page in ten loads. */
    CHECK(mapped_pages() - pages < 100);
}

int main(int argc, char **argv) {
    CHECK(argc >= 2);
    const char *what = argv[1];
    if (strcmp(what, "handles") == 0) handles();
    else if (strcmp(what, "fork") == 0 && argc == 3) forks(argv[2]);
    else if (strcmp(what, "closed") == 0 && argc == 3) closed(argv[2]);
    else if (strcmp(what, "signals") == 0 && argc == 4) signals(argv[2], argv[3]);
    else if (strcmp(what, "handshakes") == 0 && argc == 4) handshakes(argv[2], argv[3]);
    else if (strcmp(what, "loads") == 0 && argc == 3) loads(argv[2]);
    else CHECK(0);
    return 0;
}
