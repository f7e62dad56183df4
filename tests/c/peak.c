/* Sends a file and fetches it again; prints the most memory that the process had, in KiB.
 *
 *     peak OPTIONS FILE TARGET
 */
#include "check.h"

int main(int argc, char **argv) {
    CHECK(argc == 4);
    qcos_client client = 0;
    DONE(qcos_client_open(APPID, SECRET_ID, SECRET_KEY, argv[1], &client));
    DONE(qcos_upload_slice(client, argv[2], BUCKET, "peak", NULL, 0, NULL, NULL, NULL));
    DONE(qcos_download(client, BUCKET, "peak", argv[3], NULL, NULL));
    qcos_client_close(client);

    char line[256];
    FILE *status = fopen("/proc/self/status", "r");
    CHECK(status != NULL);
    long peak = -1;
    while (fgets(line, sizeof line, status) != NULL) sscanf(line, "VmHWM: %ld", &peak);
    fclose(status);
    CHECK(peak > 0);
    printf("%ld\n", peak);
    return 0;
}
