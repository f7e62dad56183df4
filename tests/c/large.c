/* A file of any size up and down again: offsets beyond 32 bits on processors of 32 bits.
 *
 *     large API ENDPOINT FILE COPY
 */
#include "check.h"

int main(int argc, char **argv) {
    CHECK(argc == 5);
    int is_xml = strcmp(argv[1], "xml") == 0;
    qcos_client client = open_client(argv[2], is_xml ? ",\"region\":\"ap-x\"" : "");
    DONE(qcos_upload(client, argv[3], BUCKET, "large", NULL, NULL, NULL));
    DONE(qcos_download(client, BUCKET, "large", argv[4], NULL, NULL));
    DONE(qcos_delete_file(client, BUCKET, "large"));
    qcos_client_close(client);
    return 0;
}
