/* Overwrites and deletes a file in a bucket that keeps versions, lists what there is of it, has both
 * contents back, and removes everything again.
 *
 *     versions BUCKET FOLDER
 *
 * Versioning stays enabled for the bucket; it can be suspended, but never switched off. Take a bucket
 * that is made for this. Of the XML API only.
 *
 * Whose account and which service: QCOS_APPID, QCOS_SECRET_ID, QCOS_SECRET_KEY and QCOS_OPTIONS in
 * the environment; the last is JSON, such as {"region":"ap-guangzhou"} (see qcos.h).
 */
#include <qcos.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static qcos_client client;
static const char *bucket, *folder;
static int failures;

/* Says how a call went; its version_id, to be freed, or NULL. */
static char *version_of(const char *call, char *reply) {
    char *version = qcos_reply_get(reply, "/data/version_id");
    int is_done = qcos_reply_code(reply) == QCOS_OK;
    printf("%-10s %s\n", call, !is_done ? reply : version != NULL ? version : "ok");
    if (!is_done) failures++;
    qcos_string_free(reply);
    return version;
}

static void done(const char *call, char *reply) { qcos_string_free(version_of(call, reply)); }

/* A version_id as an option; ids are of letters, digits and a few signs that JSON takes as they are. */
static const char *at(const char *version) {
    static char options[1200];
    snprintf(options, sizeof options, "{\"version_id\":\"%s\"}", version != NULL ? version : "");
    return options;
}

static void print(const char *path, const char *version) {
    char content[64] = "";
    char *reply = qcos_download_buffer(client, bucket, path, 0, content, sizeof content - 1,
                                       version != NULL ? at(version) : NULL);
    if (qcos_reply_code(reply) == QCOS_OK) printf("           \"%s\"\n", content);
    done("read", reply);
}

/* One entry of a list: a version or a delete marker. */
static int32_t print_entry(const char *entry, void *user_data) {
    (void)user_data;
    const char *const pointers[] = {"/version_id", "/is_latest", "/delete_marker", "/filesize"};
    char *values[4];
    for (int i = 0; i < 4; i++) values[i] = qcos_reply_get(entry, pointers[i]);
    if (values[0] != NULL) {
        const char *size = values[3] != NULL ? values[3] : "";
        printf("           %s %s%s\n", values[0], values[2] != NULL ? "delete marker" : size,
               values[1] != NULL && strcmp(values[1], "true") == 0 ? ", the newest" : "");
    }
    for (int i = 0; i < 4; i++) qcos_string_free(values[i]);
    return 0;
}

static int32_t print_page(const char *page, void *user_data) {
    return qcos_reply_each(page, "/infos", print_entry, user_data);
}

/* Deletes an entry for good. */
static int32_t purge_entry(const char *entry, void *user_data) {
    (void)user_data;
    char *name = qcos_reply_get(entry, "/name");
    char *version = qcos_reply_get(entry, "/version_id");
    char path[1024];
    int length = snprintf(path, sizeof path, "%s/%s", folder, name != NULL ? name : "");
    if (version != NULL && length > 0 && (size_t)length < sizeof path) {
        done("purge", qcos_delete_with(client, bucket, path, at(version)));
    }
    qcos_string_free(name);
    qcos_string_free(version);
    return failures;
}

static int32_t purge_page(const char *page, void *user_data) {
    return qcos_reply_each(page, "/infos", purge_entry, user_data);
}

static void tour(void) {
    char path[512];
    snprintf(path, sizeof path, "%s/note.txt", folder);

    done("enable", qcos_set_versioning(client, bucket, "Enabled"));
    char *first = version_of("upload", qcos_upload_buffer(client, "first", 5, bucket, path, NULL));
    done("upload", qcos_upload_buffer(client, "second", 6, bucket, path, NULL));
    char *marker = version_of("delete", qcos_delete_file(client, bucket, path));
    done("list", qcos_list_versions(client, bucket, folder, 1, print_page, NULL));

    /* Without the marker the file is there again. */
    done("undelete", qcos_delete_with(client, bucket, path, at(marker)));
    print(path, NULL);
    print(path, first);

    done("list", qcos_list_versions(client, bucket, folder, 1, purge_page, NULL));
    qcos_string_free(first);
    qcos_string_free(marker);
}

int main(int argc, char **argv) {
    if (argc != 3 || argv[2][0] == '\0') {
        fprintf(stderr, "usage: %s BUCKET FOLDER\n", argv[0]);
        return 2;
    }
    bucket = argv[1];
    folder = argv[2];
    done("open", qcos_client_open(getenv("QCOS_APPID"), getenv("QCOS_SECRET_ID"),
                                  getenv("QCOS_SECRET_KEY"), getenv("QCOS_OPTIONS"), &client));
    if (failures == 0) {
        /* The file is written twice, whatever the options say. */
        qcos_client opened = client;
        done("derive", qcos_client_with(opened, "{\"overwrite\":true}", &client));
        if (failures == 0) tour();
        qcos_client_close(client);
        qcos_client_close(opened);
    }
    return failures == 0 ? 0 : 1;
}
