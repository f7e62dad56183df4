/* A download that is broken off goes on where it was, by what is in its checkpoint_dir, and its file replaces another.
 *
 *     resume API ENDPOINT FOLDER
 */
#include "check.h"

enum { MIB = 1048576, SIZE = 20 * MIB + 7 };

struct seen {
    uint64_t cancel_at; /* 0: never */
    uint64_t first_above_0;
};

static int32_t on_progress(uint64_t done, uint64_t total, void *user_data) {
    struct seen *seen = user_data;
    (void)total;
    if (seen->first_above_0 == 0) seen->first_above_0 = done;
    return seen->cancel_at != 0 && done >= seen->cancel_at;
}

static void check_content(const char *path, const char *expected) {
    char *content = malloc(SIZE + 1);
    FILE *file = fopen(path, "rb");
    CHECK(content != NULL && file != NULL);
    CHECK(fread(content, 1, SIZE + 1, file) == SIZE);
    CHECK(memcmp(content, expected, SIZE) == 0);
    fclose(file);
    free(content);
}

int main(int argc, char **argv) {
    CHECK(argc == 4);
    int is_xml = strcmp(argv[1], "xml") == 0;
    char *bytes = malloc(SIZE), target[1024], extra[900];
    CHECK(bytes != NULL);
    for (int i = 0; i < SIZE; i++) bytes[i] = (char)(i * 31 + i / 251);
    snprintf(target, sizeof target, "%s/resumed %s", argv[3], argv[1]);
    snprintf(extra, sizeof extra, "%s,\"parallel\":1,\"checkpoint_dir\":\"%s\"",
             is_xml ? ",\"region\":\"ap-x\"" : "", argv[3]);
    qcos_client client = open_client(argv[2], extra);
    DONE(qcos_upload_buffer(client, bytes, SIZE, BUCKET, "resumed", NULL));
    FILE *old = fopen(target, "wb");
    CHECK(old != NULL && fputs("old", old) >= 0 && fclose(old) == 0);

    struct seen seen = {10 * MIB, 0};
    FAILS(QCOS_ERR_CANCELLED, qcos_download(client, BUCKET, "resumed", target, on_progress, &seen));
    old = fopen(target, "rb");
    CHECK(old != NULL && fgetc(old) == 'o' && fclose(old) == 0);

    seen = (struct seen){0, 0};
    DONE(qcos_download(client, BUCKET, "resumed", target, on_progress, &seen));
    /* What had arrived is told at once. */
    CHECK(seen.first_above_0 >= MIB);
    check_content(target, bytes);
    qcos_client_close(client);
    free(bytes);
    return 0;
}
