/* What the C test programs share: checks that say where and on which reply they failed, and the
 * emulator's account. */
#ifndef CHECK_H
#define CHECK_H

#include <qcos.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The emulator's documented defaults. */
#define APPID "10000001"
#define SECRET_ID "TESTSECRETID0000000000000000000000000"
#define SECRET_KEY "TESTSECRETKEYDONOTUSE0000000000"
#define BUCKET "testbucket"

/* A condition; the second form shows the reply that it is about. */
#define CHECK(condition) CHECK_REPLY(condition, NULL)
#define CHECK_REPLY(condition, reply) \
    ((condition) ? (void)0 : check_failed(__FILE__, __LINE__, #condition, reply))

/* A call that must succeed: its reply, still to be freed; or freed at once. */
#define OK(call) check_code((call), QCOS_OK, __FILE__, __LINE__, #call)
#define DONE(call) qcos_string_free(OK(call))

/* A call that must fail with this code, freed at once. */
#define FAILS(code, call) qcos_string_free(check_code((call), (code), __FILE__, __LINE__, #call))

/* The value at a pointer of a reply; NULL: it must be absent. */
#define VALUE(reply, pointer, expected) \
    check_value((reply), (pointer), (expected), __FILE__, __LINE__)

static inline void check_failed(const char *file, int line, const char *what, const char *reply) {
    fprintf(stderr, "%s:%d: failed: %s\n", file, line, what);
    if (reply != NULL) fprintf(stderr, "    reply: %.2000s\n", reply);
    exit(1);
}

static inline char *check_code(char *reply, int64_t code, const char *file, int line,
                               const char *call) {
    if (reply == NULL || qcos_reply_code(reply) != code) {
        fprintf(stderr, "expected code %ld\n", (long)code);
        check_failed(file, line, call, reply);
    }
    return reply;
}

static inline void check_value(const char *reply, const char *pointer, const char *expected,
                               const char *file, int line) {
    char *value = qcos_reply_get(reply, pointer);
    int same = expected == NULL || value == NULL ? expected == value : strcmp(value, expected) == 0;
    if (!same) {
        fprintf(stderr, "%s is %s, expected %s\n", pointer, value == NULL ? "absent" : value,
                expected == NULL ? "absent" : expected);
        check_failed(file, line, "value", reply);
    }
    qcos_string_free(value);
}

/* A value that must be a whole number. */
static inline uint64_t number_at(const char *reply, const char *pointer) {
    char *value = qcos_reply_get(reply, pointer);
    char *end = value;
    CHECK_REPLY(value != NULL && *value >= '0' && *value <= '9', reply);
    uint64_t number = strtoull(value, &end, 10);
    CHECK_REPLY(*end == '\0', reply);
    qcos_string_free(value);
    return number;
}

/* `extra` is more options, each with its comma in front, or "". */
static inline qcos_client open_client(const char *endpoint, const char *extra) {
    char options[1024];
    snprintf(options, sizeof options, "{\"endpoint\":\"%s\"%s}", endpoint, extra);
    qcos_client client = 0;
    DONE(qcos_client_open(APPID, SECRET_ID, SECRET_KEY, options, &client));
    CHECK(client != 0 && client < (UINT64_C(1) << 53));
    return client;
}

#endif
