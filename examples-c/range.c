/* Prints some bytes of an object in hex, read in one request, as of a file that is here.
 *
 *     range BUCKET PATH OFFSET LENGTH
 *
 * Whose account and which service: QCOS_APPID, QCOS_SECRET_ID, QCOS_SECRET_KEY and QCOS_OPTIONS in
 * the environment; the last is JSON, such as {"region":"ap-guangzhou"} (see qcos.h).
 */
#include <inttypes.h>
#include <qcos.h>
#include <stdio.h>
#include <stdlib.h>

enum { LENGTH_MAX = 65536, COLUMNS = 16 };

static void print(const unsigned char *bytes, int64_t offset, int64_t length) {
    for (int64_t at = 0; at < length; at++) {
        if (at % COLUMNS == 0) printf("%s%08" PRIx64 " ", at > 0 ? "\n" : "", offset + at);
        printf(" %02x", bytes[at]);
    }
    if (length > 0) putchar('\n');
}

int main(int argc, char **argv) {
    static unsigned char bytes[LENGTH_MAX];
    int64_t offset = argc == 5 ? strtoll(argv[3], NULL, 0) : -1;
    int64_t length = argc == 5 ? strtoll(argv[4], NULL, 0) : -1;
    if (offset < 0 || length < 0 || length > LENGTH_MAX) {
        fprintf(stderr, "usage: %s BUCKET PATH OFFSET LENGTH (up to %d)\n", argv[0], LENGTH_MAX);
        return 2;
    }
    qcos_client client;
    char *reply = qcos_client_open(getenv("QCOS_APPID"), getenv("QCOS_SECRET_ID"),
                                   getenv("QCOS_SECRET_KEY"), getenv("QCOS_OPTIONS"), &client);
    int64_t code = qcos_reply_code(reply);
    if (code == QCOS_OK) {
        qcos_string_free(reply);
        reply = qcos_download_buffer(client, argv[1], argv[2], offset, bytes, (size_t)length, NULL);
        code = qcos_reply_code(reply);
        qcos_client_close(client);
    }
    if (code == QCOS_OK) {
        /* At the object's end there may be fewer. */
        char *len = qcos_reply_get(reply, "/data/len");
        print(bytes, offset, strtoll(len, NULL, 10));
        qcos_string_free(len);
    } else {
        fprintf(stderr, "%s\n", reply);
    }
    qcos_string_free(reply);
    return code == QCOS_OK ? 0 : 1;
}
