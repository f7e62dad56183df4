/* Whom the library trusts by itself: opens a client with OPTIONS and prints what a call replies.
 *
 *     trust OPTIONS
 */
#include "check.h"

int main(int argc, char **argv) {
    CHECK(argc == 2);
    qcos_client client;
    DONE(qcos_client_open(APPID, SECRET_ID, SECRET_KEY, argv[1], &client));
    char *reply = qcos_stat_file(client, BUCKET, "a");
    printf("%s\n", reply);
    qcos_string_free(reply);
    qcos_client_close(client);
    return 0;
}
