/* Makes a folder with five files in it, lists it page by page in both orders, searches it by
 * prefix, and removes everything again.
 *
 *     folders BUCKET FOLDER
 *
 * Whose account and which service: QCOS_APPID, QCOS_SECRET_ID, QCOS_SECRET_KEY and QCOS_OPTIONS in
 * the environment; the last is JSON, such as {"region":"ap-guangzhou"} (see qcos.h).
 */
#include <qcos.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const names[] = {"apple", "apricot", "banana", "cherry", "date"};
enum { NAMES = sizeof names / sizeof *names, PAGE = 2 };

static qcos_client client;
static int failures;

/* Says how a call went, and frees its reply. */
static void done(const char *call, char *reply) {
    printf("%-14s %s\n", call, qcos_reply_code(reply) == QCOS_OK ? "ok" : reply);
    if (qcos_reply_code(reply) != QCOS_OK) failures++;
    qcos_string_free(reply);
}

/* Prints the names of a page. */
static void print_page(const char *label, const char *reply) {
    printf("%-14s", label);
    for (int i = 0;; i++) {
        char pointer[32];
        snprintf(pointer, sizeof pointer, "/data/infos/%d/name", i);
        char *name = qcos_reply_get(reply, pointer);
        if (name == NULL) break;
        printf(" %s", name);
        qcos_string_free(name);
    }
    printf("\n");
}

/* Every page of a folder; the context of a page leads to the next one. */
static void list_all(const char *bucket, const char *folder, int32_t order) {
    char *context = NULL;
    int more = 1;
    while (more) {
        char *reply = qcos_list(client, bucket, folder, PAGE, "eListBoth", order, context);
        if (qcos_reply_code(reply) != QCOS_OK) {
            done("list", reply);
            break;
        }
        print_page(order == 0 ? "forward" : "backward", reply);

        char *has_more = qcos_reply_get(reply, "/data/has_more");
        more = has_more != NULL && strcmp(has_more, "true") == 0;
        qcos_string_free(has_more);
        qcos_string_free(context);
        context = qcos_reply_get(reply, "/data/context");
        qcos_string_free(reply);
    }
    qcos_string_free(context);
}

static void tour(const char *bucket, const char *folder) {
    char path[512];

    done("create", qcos_create_folder(client, bucket, folder, "fruit"));
    done("update", qcos_update_folder(client, bucket, folder, "fresh fruit"));
    for (int i = 0; i < NAMES; i++) {
        snprintf(path, sizeof path, "%s/%s", folder, names[i]);
        done("upload", qcos_upload_buffer(client, names[i], strlen(names[i]), bucket, path, NULL));
    }
    list_all(bucket, folder, 0);
    list_all(bucket, folder, 1);

    char *reply = qcos_prefix_search(client, bucket, folder, "ap", 0, NULL, 0, NULL);
    print_page("prefix ap", reply);
    done("prefix search", reply);

    for (int i = 0; i < NAMES; i++) {
        snprintf(path, sizeof path, "%s/%s", folder, names[i]);
        done("delete", qcos_delete_file(client, bucket, path));
    }
    done("delete folder", qcos_delete_folder(client, bucket, folder));
}

int main(int argc, char **argv) {
    if (argc != 3) {
        fprintf(stderr, "usage: %s BUCKET FOLDER\n", argv[0]);
        return 2;
    }
    done("open", qcos_client_open(getenv("QCOS_APPID"), getenv("QCOS_SECRET_ID"),
                                  getenv("QCOS_SECRET_KEY"), getenv("QCOS_OPTIONS"), &client));
    if (failures == 0) tour(argv[1], argv[2]);
    qcos_client_close(client);
    return failures == 0 ? 0 : 1;
}
