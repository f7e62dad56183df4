/* Uploads a file in slices with a progress bar. Ctrl-C stops it and prints the session; the same
 * command with that session goes on where it stopped.
 *
 *     upload FILE BUCKET DSTPATH [SESSION]
 *
 * Whose account and which service: QCOS_APPID, QCOS_SECRET_ID, QCOS_SECRET_KEY and QCOS_OPTIONS in
 * the environment; the last is JSON, such as {"region":"ap-guangzhou"} (see qcos.h).
 */
#include <inttypes.h>
#include <qcos.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static volatile sig_atomic_t interrupted;

static void on_interrupt(int number) {
    (void)number;
    interrupted = 1;
}

struct bar {
    const char *name;
    int width;
};

/* Returns 0 to go on; anything else cancels the upload. */
static int32_t draw(uint64_t done, uint64_t total, void *user_data) {
    const struct bar *bar = user_data;
    double share = total == 0 ? 1.0 : (double)done / (double)total;
    int filled = (int)(share * bar->width);

    fprintf(stderr, "\r%s [", bar->name);
    for (int i = 0; i < bar->width; i++) fputc(i < filled ? '#' : '.', stderr);
    fprintf(stderr, "] %3.0f %%  %.1f of %.1f MiB", share * 100.0, (double)done / 1048576.0,
            (double)total / 1048576.0);
    fflush(stderr);
    return interrupted;
}

/* One value of a reply on a line of its own, if it is there. */
static void print_value(const char *label, const char *reply, const char *pointer) {
    char *value = qcos_reply_get(reply, pointer);
    if (value != NULL) printf("%s%s\n", label, value);
    qcos_string_free(value);
}

static int upload(qcos_client client, char **argv, const char *session) {
    const char *slash = strrchr(argv[1], '/');
    struct bar bar = {slash != NULL ? slash + 1 : argv[1], 30};
    char *reply =
        qcos_upload_slice(client, argv[1], argv[2], argv[3], NULL, 0, session, draw, &bar);
    int64_t code = qcos_reply_code(reply);
    fputc('\n', stderr);

    if (code == QCOS_OK) {
        print_value("access_url: ", reply, "/data/access_url");
    } else {
        printf("failed: %s\n", reply);
        print_value("to go on, add this session: ", reply, "/data/session");
    }
    qcos_string_free(reply);
    return code == QCOS_OK ? 0 : 1;
}

int main(int argc, char **argv) {
    if (argc < 4 || argc > 5) {
        fprintf(stderr, "usage: %s FILE BUCKET DSTPATH [SESSION]\n", argv[0]);
        return 2;
    }
    qcos_client client;
    char *reply = qcos_client_open(getenv("QCOS_APPID"), getenv("QCOS_SECRET_ID"),
                                   getenv("QCOS_SECRET_KEY"), getenv("QCOS_OPTIONS"), &client);
    if (qcos_reply_code(reply) != QCOS_OK) {
        fprintf(stderr, "%s\n", reply);
        qcos_string_free(reply);
        return 1;
    }
    qcos_string_free(reply);

    signal(SIGINT, on_interrupt);
    int status = upload(client, argv, argc == 5 ? argv[4] : NULL);
    qcos_client_close(client);
    return status;
}
