/* Uploads what comes from stdin, of any length, or writes an object to stdout; with a progress line.
 *
 *     tar c DIR | stream put BUCKET DSTPATH
 *     stream get BUCKET PATH | tar x
 *
 * Whose account and which service: QCOS_APPID, QCOS_SECRET_ID, QCOS_SECRET_KEY and QCOS_OPTIONS in
 * the environment; the last is JSON, such as {"region":"ap-guangzhou"} (see qcos.h).
 */
#include <inttypes.h>
#include <qcos.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Returns how many bytes there are; 0 is the end, below 0 cancels. */
static int64_t from_stdin(void *buffer, size_t size, void *user_data) {
    (void)user_data;
    size_t bytes = fread(buffer, 1, size, stdin);
    return ferror(stdin) ? -1 : (int64_t)bytes;
}

/* Returns 0 to go on; anything else cancels. */
static int32_t to_stdout(const void *data, size_t len, void *user_data) {
    uint64_t *done = user_data;
    if (fwrite(data, 1, len, stdout) != len) return 1;
    *done += len;
    fprintf(stderr, "\r%.1f MiB", (double)*done / 1048576.0);
    return 0;
}

/* The total is known only at the end of the stream. */
static int32_t on_progress(uint64_t done, uint64_t total, void *user_data) {
    (void)total;
    (void)user_data;
    fprintf(stderr, "\r%.1f MiB", (double)done / 1048576.0);
    return 0;
}

int main(int argc, char **argv) {
    int puts = argc == 4 && strcmp(argv[1], "put") == 0;
    if (!puts && !(argc == 4 && strcmp(argv[1], "get") == 0)) {
        fprintf(stderr, "usage: %s put|get BUCKET PATH\n", argv[0]);
        return 2;
    }
    qcos_client client;
    char *reply = qcos_client_open(getenv("QCOS_APPID"), getenv("QCOS_SECRET_ID"),
                                   getenv("QCOS_SECRET_KEY"), getenv("QCOS_OPTIONS"), &client);
    int64_t code = qcos_reply_code(reply);
    if (code == QCOS_OK) {
        uint64_t done = 0;
        qcos_string_free(reply);
        reply =
            puts ? qcos_upload_stream(client, argv[2], argv[3], NULL, from_stdin, on_progress, NULL)
                 : qcos_download_stream(client, argv[2], argv[3], NULL, to_stdout, &done);
        code = qcos_reply_code(reply);
        qcos_client_close(client);
    }
    /* What is in the pipe must not be lost without a word. */
    if (fflush(stdout) != 0) code = QCOS_ERR_LOCAL_FILE;
    fprintf(stderr, "\n%s\n", reply);
    qcos_string_free(reply);
    return code == QCOS_OK ? 0 : 1;
}
