/* Uploads a file (in slices above 8 MiB), looks at it, lists its folder, and deletes it again.
 *
 *     QCOS_APPID=... QCOS_SECRET_ID=... QCOS_SECRET_KEY=... QCOS_OPTIONS=... quickstart FILE BUCKET
 *
 * QCOS_OPTIONS is JSON, such as {"region":"ap-guangzhou"}; qcos.h lists them.
 */
#include <qcos.h>
#include <stdio.h>
#include <stdlib.h>

/* Prints a reply and frees it; its code tells whether the call has succeeded. */
static int64_t show(const char *call, char *reply) {
    int64_t code = qcos_reply_code(reply);
    printf("%-7s %s\n", call, reply);
    qcos_string_free(reply);
    return code;
}

/* Called while the upload goes on; another value than 0 would cancel it. */
static int32_t progress(uint64_t done, uint64_t total, void *user_data) {
    (void)user_data;
    fprintf(stderr, "\r%3.0f %%%s", total ? 100.0 * done / total : 100.0,
            done == total ? "\n" : "");
    return 0;
}

int main(int argc, char **argv) {
    if (argc < 3) {
        fprintf(stderr, "usage: %s FILE BUCKET\n", argv[0]);
        return 2;
    }
    qcos_client client;
    char *reply = qcos_client_open(getenv("QCOS_APPID"), getenv("QCOS_SECRET_ID"),
                                   getenv("QCOS_SECRET_KEY"), getenv("QCOS_OPTIONS"), &client);
    if (show("open", reply) != QCOS_OK) return 1;

    const char *bucket = argv[2];
    int64_t code = show("upload", qcos_upload(client, argv[1], bucket, "quickstart/file",
                                              "from quickstart.c", progress, NULL));
    if (code == QCOS_OK) {
        show("stat", qcos_stat_file(client, bucket, "quickstart/file"));
        show("list", qcos_list(client, bucket, "quickstart", 0, NULL, 0, NULL));
        code = show("delete", qcos_delete_file(client, bucket, "quickstart/file"));
    }
    qcos_client_close(client);
    return code == QCOS_OK ? 0 : 1;
}
