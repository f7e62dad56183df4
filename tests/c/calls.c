/* Some small calls, for others to count what they cost.
 *
 *     calls OPTIONS COUNT
 */
#include "check.h"

int main(int argc, char **argv) {
    CHECK(argc == 3);
    qcos_client client = 0;
    DONE(qcos_client_open(APPID, SECRET_ID, SECRET_KEY, argv[1], &client));
    qcos_string_free(qcos_upload_buffer(client, "1", 1, BUCKET, "small", NULL));
    for (long left = strtol(argv[2], NULL, 10); left > 0; left--) {
        DONE(qcos_stat_file(client, BUCKET, "small"));
    }
    qcos_client_close(client);
    return 0;
}
