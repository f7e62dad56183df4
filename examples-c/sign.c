/* Prints a signature for other programs to use, such as curl. Sends nothing.
 *
 *     sign BUCKET                  one that may be used again and again for an hour
 *     sign BUCKET /APPID/BUCKET/PATH   one for a single update or delete of that file
 *
 *     curl -H "Authorization: $(sign bucket)" \
 *          "https://web.file.myqcloud.com/files/v1/$QCOS_APPID/bucket/?op=stat"
 *
 * Whose account: QCOS_APPID, QCOS_SECRET_ID and QCOS_SECRET_KEY in the environment.
 */
#include <qcos.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

int main(int argc, char **argv) {
    if (argc < 2 || argc > 3) {
        fprintf(stderr, "usage: %s BUCKET [/APPID/BUCKET/PATH]\n", argv[0]);
        return 2;
    }
    qcos_client client;
    char *reply = qcos_client_open(getenv("QCOS_APPID"), getenv("QCOS_SECRET_ID"),
                                   getenv("QCOS_SECRET_KEY"), NULL, &client);
    if (qcos_reply_code(reply) == QCOS_OK) {
        qcos_string_free(reply);
        reply = argc == 3 ? qcos_sign_once(client, argv[1], argv[2])
                          : qcos_sign_more(client, argv[1], (int64_t)time(NULL) + 3600);
    }

    char *sign = qcos_reply_get(reply, "/data/sign");
    if (sign != NULL) {
        printf("%s\n", sign);
    } else {
        fprintf(stderr, "%s\n", reply);
    }
    int status = sign != NULL ? 0 : 1;
    qcos_string_free(sign);
    qcos_string_free(reply);
    qcos_client_close(client);
    return status;
}
