/* Names in trees that not every system has: each object arrives under its own name or is told in "failed", and keys
 * have slashes wherever they come from.
 *
 *     tree_names API ENDPOINT FOLDER
 */
#include "check.h"

#ifdef _WIN32
enum { ODD_ARRIVE = 0 };
#else
enum { ODD_ARRIVE = 1 };
#endif

static const char *const plain[] = {"ok", "sub/\xe6\x96\x87\xe4\xbb\xb6",
                                    "sub/deeper/\xf0\x9f\x98\x80.bin"};
static const char *const odd[] = {"back\\slash", "blank ", "con.txt", "dot.", "sub/NUL", "what?"};

/* The first and the last are for the XML API alone. */
enum { PLAIN = sizeof plain / sizeof *plain, ODD = sizeof odd / sizeof *odd };

static void put(qcos_client client, const char *name) {
    char path[64];
    snprintf(path, sizeof path, "names/%s", name);
    DONE(qcos_upload_buffer(client, name, strlen(name), BUCKET, path, NULL));
}

static void check_number(const char *reply, const char *pointer, int expected) {
    char text[16];
    snprintf(text, sizeof text, "%d", expected);
    VALUE(reply, pointer, text);
}

int main(int argc, char **argv) {
    CHECK(argc == 4);
    int is_xml = strcmp(argv[1], "xml") == 0;
    qcos_client client = open_client(argv[2], is_xml ? ",\"region\":\"ap-x\"" : "");
    for (int i = 0; i < PLAIN; i++) put(client, plain[i]);
    const char *const *sent = is_xml ? odd : odd + 1;
    int count = is_xml ? ODD : ODD - 2, arrive = ODD_ARRIVE ? count : 0;
    for (int i = 0; i < count; i++) put(client, sent[i]);

    char folder[1024];
    snprintf(folder, sizeof folder, "%s/\xe7\x9b\xae\xe5\xbd\x95 %s", argv[3], argv[1]);
    char *reply = qcos_download_tree(client, BUCKET, "names", folder, NULL, NULL, NULL);
    CHECK_REPLY(qcos_reply_code(reply) == (ODD_ARRIVE ? QCOS_OK : QCOS_ERR_PARAMS), reply);
    check_number(reply, "/data/downloaded", PLAIN + arrive);
    for (int i = 0; i < count; i++) {
        char pointer[32];
        snprintf(pointer, sizeof pointer, "/data/failed/%d/path", i);
        VALUE(reply, pointer, ODD_ARRIVE ? NULL : sent[i]);
    }
    qcos_string_free(reply);

    reply = OK(qcos_upload_tree(client, folder, BUCKET, "back", NULL, NULL, NULL));
    check_number(reply, "/data/uploaded", PLAIN + arrive);
    qcos_string_free(reply);
    for (int i = 0; i < PLAIN; i++) {
        char path[64];
        snprintf(path, sizeof path, "back/%s", plain[i]);
        DONE(qcos_stat_file(client, BUCKET, path));
    }
    qcos_client_close(client);
    return 0;
}
