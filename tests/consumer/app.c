/* What a program of somebody else's looks like; C++ too. Its argument: the client's options. */
#include <qcos.h>
#include <stdio.h>

int main(int argc, char **argv) {
    qcos_client client;
    char *reply =
        qcos_client_open("10000001", "TESTSECRETID0000000000000000000000000",
                         "TESTSECRETKEYDONOTUSE0000000000", argc == 2 ? argv[1] : NULL, &client);
    qcos_string_free(reply);
    reply = qcos_upload_buffer(client, "hello", 5, "bucket", "greeting", NULL);
    printf("%s %d\n", qcos_version(), (int)qcos_reply_code(reply));
    qcos_string_free(reply);
    qcos_client_close(client);
    return 0;
}
