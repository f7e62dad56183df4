/* A volume that is full, and one that cannot be written to: both are called so, with the path, and nothing half-made
 * stays on them.
 *
 *     disks API ENDPOINT FULL READ_ONLY FOLDER
 *
 * FULL is a folder on a volume of 2 MiB that has only the file "f" with the content "old", READ_ONLY one on a volume
 * that cannot be written to, with the same in it, FOLDER an empty one of the usual kind.
 */
#define _POSIX_C_SOURCE 200809L
#include "check.h"

#include <dirent.h>

enum { MIB = 1048576, LARGE = 9 * MIB };

static const char *full, *read_only, *folder;

static const char *in(const char *where, const char *name) {
    static char paths[4][1024];
    static int next;
    char *path = paths[next++ % 4];
    snprintf(path, sizeof paths[0], "%s/%s", where, name);
    return path;
}

/* What is there: as many names, and the file "f" as it was. */
static void check_untouched(const char *where, int names) {
    char content[8] = "";
    FILE *file = fopen(in(where, "f"), "rb");
    CHECK(file != NULL && fread(content, 1, sizeof content, file) == 3 && fclose(file) == 0);
    CHECK(memcmp(content, "old", 3) == 0);
    DIR *dir = opendir(where);
    CHECK(dir != NULL);
    int found = 0;
    for (struct dirent *entry; (entry = readdir(dir)) != NULL;) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) continue;
        if (++found > names) fprintf(stderr, "%s has %s\n", where, entry->d_name);
    }
    closedir(dir);
    CHECK(found == names);
}

/* The message begins with the parameter and the path, and the system's word for it follows. */
static void refused(char *reply, const char *kind, const char *parameter, const char *path) {
    char begin[1024];
    int length = snprintf(begin, sizeof begin, "%s: %s", parameter, path);
    char *message = qcos_reply_get(reply, "/message");
    CHECK_REPLY(qcos_reply_code(reply) == QCOS_ERR_LOCAL_FILE, reply);
    VALUE(reply, "/error/kind", kind);
    CHECK_REPLY(message != NULL && strncmp(message, begin, (size_t)length) == 0, reply);
    CHECK_REPLY(strstr(message, "(os error ") != NULL, reply);
    puts(message);
    qcos_string_free(message);
    qcos_string_free(reply);
}

/* A tree's first failure. */
static void not_arrived(char *reply, const char *kind) {
    CHECK_REPLY(qcos_reply_code(reply) == QCOS_ERR_LOCAL_FILE, reply);
    VALUE(reply, "/error/kind", kind);
    VALUE(reply, "/data/failed/0/path", "large");
    VALUE(reply, "/data/downloaded", "0");
    qcos_string_free(reply);
}

/* Checkpoints there, and the smallest slices that both APIs have. */
static const char *options_of(const char *api, const char *checkpoint_dir) {
    static char options[1024];
    snprintf(options, sizeof options, "%s,\"slice_size\":1048576,\"checkpoint_dir\":\"%s\"", api,
             checkpoint_dir);
    return options;
}

/* Takes all the space that is left. */
static void fill(const char *path) {
    static const char block[4096];
    FILE *file = fopen(path, "wb");
    CHECK(file != NULL && setvbuf(file, NULL, _IONBF, 0) == 0);
    while (fwrite(block, 1, sizeof block, file) == sizeof block) {
    }
    fclose(file);
}

int main(int argc, char **argv) {
    CHECK(argc == 6);
    const char *api = strcmp(argv[1], "xml") == 0 ? ",\"region\":\"ap-x\"" : "",
               *endpoint = argv[2];
    full = argv[3], read_only = argv[4], folder = argv[5];
    qcos_client client = open_client(endpoint, api);
    char *bytes = calloc(1, LARGE);
    CHECK(bytes != NULL);
    for (int i = 0; i < LARGE; i++) bytes[i] = (char)(i * 31 + i / 251);
    DONE(qcos_upload_buffer(client, bytes, LARGE, BUCKET, "disks/large", NULL));
    char local[1024];
    snprintf(local, sizeof local, "%s", in(folder, "large"));
    bytes[0]++; /* the JSON API takes no content twice */
    FILE *file = fopen(local, "wb");
    CHECK(file != NULL && fwrite(bytes, 1, LARGE, file) == LARGE && fclose(file) == 0);
    free(bytes);

    refused(qcos_download(client, BUCKET, "disks/large", in(full, "f"), NULL, NULL), "disk_full",
            "filepath", in(full, "f"));
    refused(qcos_download(client, BUCKET, "disks/large", in(full, "new"), NULL, NULL), "disk_full",
            "filepath", in(full, "new"));
    not_arrived(qcos_download_tree(client, BUCKET, "disks", full, NULL, NULL, NULL), "disk_full");
    check_untouched(full, 1);

    refused(qcos_download(client, BUCKET, "disks/large", in(read_only, "f"), NULL, NULL),
            "unwritable", "filepath", in(read_only, "f"));
    refused(qcos_download(client, BUCKET, "disks/large", in(read_only, "new"), NULL, NULL),
            "unwritable", "filepath", in(read_only, "new"));
    refused(qcos_download_tree(client, BUCKET, "disks", in(read_only, "sub"), NULL, NULL, NULL),
            "unwritable", "dirpath", in(read_only, "sub"));
    qcos_client_close(client);

    /* Checkpoints: of an upload, of a download. */
    client = open_client(endpoint, options_of(api, full));
    fill(in(full, "filler"));
    refused(qcos_upload_slice(client, local, BUCKET, "slices", NULL, 0, NULL, NULL, NULL),
            "disk_full", "checkpoint_dir", full);
    refused(qcos_download(client, BUCKET, "disks/large", in(folder, "back"), NULL, NULL),
            "disk_full", "checkpoint_dir", full);
    qcos_client_close(client);
    char options[1024];
    snprintf(options, sizeof options, "{\"endpoint\":\"%s\"%s}", endpoint,
             options_of(api, read_only));
    char *reply = qcos_client_open(APPID, SECRET_ID, SECRET_KEY, options, &client);
    char *message = qcos_reply_get(reply, "/message");
    CHECK_REPLY(qcos_reply_code(reply) == QCOS_ERR_PARAMS && message != NULL, reply);
    CHECK_REPLY(strstr(message, "checkpoint_dir: ") && strstr(message, read_only), reply);
    CHECK_REPLY(strstr(message, "(os error ") != NULL, reply);
    puts(message);
    qcos_string_free(message);
    qcos_string_free(reply);
    check_untouched(full, 2);
    check_untouched(read_only, 1);
    CHECK(remove(in(full, "filler")) == 0 && remove(local) == 0);
    return 0;
}
