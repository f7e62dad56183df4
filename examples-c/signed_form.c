/* Writes a web page with a form that uploads a picture straight to a bucket, from any browser and with
 * no key in it: what the form may upload is limited by a policy, which is signed. Sends nothing.
 *
 *     signed_form BUCKET PREFIX > form.html
 *
 * Open the page in a browser within ten minutes. Every picture gets a path below PREFIX, such as
 * uploads/17/, and the name that it has on the sender's machine.
 *
 * The page is a right to write below PREFIX for as long: give it only to those who may.
 *
 * Whose account and which service: QCOS_APPID, QCOS_SECRET_ID, QCOS_SECRET_KEY and QCOS_OPTIONS in
 * the environment; the last is JSON, such as {"region":"ap-guangzhou"} (see qcos.h).
 */
#include <qcos.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The form's fields, in the order in which they are written; the file comes last. */
static const char *const FIELDS[] = {
    "key",          "acl",
    "Content-Type", "success_action_status",
    "policy",       "q-ak",
    "q-key-time",   "q-sign-algorithm",
    "q-signature",  "x-cos-security-token", /* of temporary credentials only */
};

/* As the value of an attribute of HTML. */
static void write_escaped(const char *text) {
    for (; *text != '\0'; text++) {
        switch (*text) {
        case '&': fputs("&amp;", stdout); break;
        case '<': fputs("&lt;", stdout); break;
        case '"': fputs("&quot;", stdout); break;
        default: putchar(*text);
        }
    }
}

static void write_field(const char *reply, const char *name) {
    char pointer[64];
    snprintf(pointer, sizeof pointer, "/data/fields/%s", name);
    char *value = qcos_reply_get(reply, pointer);
    if (value == NULL) return;
    printf("  <input type=\"hidden\" name=\"%s\" value=\"", name);
    write_escaped(value);
    puts("\">");
    qcos_string_free(value);
}

static void write_page(const char *reply) {
    char *url = qcos_reply_get(reply, "/data/url");
    printf("<!DOCTYPE html>\n<meta charset=\"utf-8\">\n<title>Upload a picture</title>\n");
    printf("<form method=\"post\" enctype=\"multipart/form-data\" action=\"");
    write_escaped(url);
    puts("\">");
    for (size_t i = 0; i < sizeof FIELDS / sizeof *FIELDS; i++) write_field(reply, FIELDS[i]);
    puts("  <input type=\"file\" name=\"file\" accept=\"image/png\">");
    puts("  <button>Upload</button>\n</form>");
    qcos_string_free(url);
}

/* JSON takes a text with few characters in it as it is. */
static int is_plain(const char *text) {
    return text[0] != '\0' && strpbrk(text, "\"\\\n\r\t") == NULL;
}

int main(int argc, char **argv) {
    char options[1024];
    int length = argc != 3 || !is_plain(argv[2])
                     ? -1
                     : snprintf(options, sizeof options,
                                "{\"key_prefix\":\"%s\",\"max\":5242880,\"expires_s\":600,"
                                "\"content_type\":\"image/png\",\"success_status\":200}",
                                argv[2]);
    if (length < 0 || (size_t)length >= sizeof options) {
        fprintf(stderr, "usage: %s BUCKET PREFIX > form.html\n", argv[0]);
        return 2;
    }
    qcos_client client;
    char *reply = qcos_client_open(getenv("QCOS_APPID"), getenv("QCOS_SECRET_ID"),
                                   getenv("QCOS_SECRET_KEY"), getenv("QCOS_OPTIONS"), &client);
    if (qcos_reply_code(reply) == QCOS_OK) {
        qcos_string_free(reply);
        reply = qcos_post_policy(client, argv[1], options);
        qcos_client_close(client);
    }
    int status = qcos_reply_code(reply) == QCOS_OK ? 0 : 1;
    if (status == 0) {
        write_page(reply);
    } else {
        fprintf(stderr, "%s\n", reply);
    }
    qcos_string_free(reply);
    return status;
}
