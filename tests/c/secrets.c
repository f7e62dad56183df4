/* Secrets appear in no reply, and when their client is closed they are nowhere in memory.
 *
 *     secrets ENDPOINT FOLDER
 *
 * The emulator at ENDPOINT has another key, so all calls fail, in all their ways; FOLDER has a
 * "file".
 */
#include "check.h"

#include <inttypes.h>

/* Kept under a mask, lest the search finds what it looks for. */
enum { LENGTH = 40, MASK = 0x55 };

struct secret {
    char masked[LENGTH];
};

static struct secret make_secret(uint64_t seed) {
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdef";
    struct secret secret;
    for (int i = 0; i < LENGTH; i++) {
        seed = seed * 6364136223846793005u + 1442695040888963407u;
        secret.masked[i] = (char)(letters[seed >> 59] ^ MASK);
    }
    return secret;
}

static void unmask(const struct secret *secret, char *text) {
    for (int i = 0; i < LENGTH; i++) text[i] = (char)(secret->masked[i] ^ MASK);
    text[LENGTH] = '\0';
}

static void wipe(void *bytes, size_t length) {
    volatile char *byte = bytes;
    while (length-- > 0) *byte++ = 0;
}

/* Half of it is too much already. */
static int is_at(const struct secret *secret, const char *text) {
    for (int i = 0; i < LENGTH / 2; i++) {
        if (text[i] != (char)(secret->masked[i] ^ MASK)) return 0;
    }
    return 1;
}

static int occurrences(const struct secret *secret, const char *bytes, size_t length) {
    int count = 0;
    for (size_t at = 0; at + LENGTH <= length; at++) count += is_at(secret, bytes + at);
    return count;
}

/* In everything that this process may write to. */
static int in_memory(const struct secret *secret) {
    static char block[1 << 16];
    FILE *maps = fopen("/proc/self/maps", "r"), *memory = fopen("/proc/self/mem", "rb");
    CHECK(maps != NULL && memory != NULL);
    setvbuf(memory, NULL, _IONBF, 0);
    char line[1024];
    int count = 0;
    while (fgets(line, sizeof line, maps) != NULL) {
        uint64_t start, end;
        char may[5];
        if (sscanf(line, "%" SCNx64 "-%" SCNx64 " %4s", &start, &end, may) != 3) continue;
        if (may[0] != 'r' || may[1] != 'w') continue;
        for (uint64_t at = start; at < end; at += sizeof block - LENGTH) {
            size_t wanted = end - at < sizeof block ? (size_t)(end - at) : sizeof block;
            if (fseek(memory, (long)at, SEEK_SET) != 0) break;
            size_t got = fread(block, 1, wanted, memory);
            /* What the search itself has read is no find. */
            int is_ours = at < (uint64_t)(uintptr_t)block + sizeof block &&
                          at + got > (uint64_t)(uintptr_t)block;
            if (!is_ours) count += occurrences(secret, block, got);
        }
    }
    fclose(maps);
    fclose(memory);
    wipe(block, sizeof block);
    return count;
}

static void tells_nothing(const struct secret *key, const struct secret *token, char *reply) {
    CHECK(reply != NULL);
    size_t length = strlen(reply) + 1;
    if (occurrences(key, reply, length) + occurrences(token, reply, length) != 0) {
        check_failed(__FILE__, __LINE__, "a secret in a reply", reply);
    }
    CHECK_REPLY(strstr(reply, "q-signature") == NULL, reply);
    qcos_string_free(reply);
}

static qcos_client open_secret(const char *options, const struct secret *key,
                               const struct secret *token) {
    char text[LENGTH + 1], token_text[LENGTH + 1], all[1024];
    unmask(key, text);
    unmask(token, token_text);
    snprintf(all, sizeof all, options, token_text);
    qcos_client client = 0;
    tells_nothing(key, token, qcos_client_open(APPID, SECRET_ID, text, all, &client));
    wipe(text, sizeof text);
    wipe(token_text, sizeof token_text);
    wipe(all, sizeof all);
    return client;
}

static void use(qcos_client client, const char *folder, const struct secret *key,
                const struct secret *token) {
    char file[1024], page[] = "x";
    snprintf(file, sizeof file, "%s/file", folder);
#define TELLS_NOTHING(call) tells_nothing(key, token, call)
    TELLS_NOTHING(qcos_stat_file(client, BUCKET, "a"));
    TELLS_NOTHING(qcos_list(client, BUCKET, "", 0, NULL, 0, NULL));
    TELLS_NOTHING(qcos_upload(client, file, BUCKET, "a", NULL, NULL, NULL));
    TELLS_NOTHING(qcos_upload_slice(client, file, BUCKET, "a", NULL, 0, NULL, NULL, NULL));
    TELLS_NOTHING(qcos_upload_buffer(client, page, 1, BUCKET, "a", NULL));
    TELLS_NOTHING(qcos_download(client, BUCKET, "a", "/tmp/none/none", NULL, NULL));
    TELLS_NOTHING(qcos_delete_file(client, BUCKET, "a"));
    TELLS_NOTHING(qcos_copy_file(client, BUCKET, "a", "b", 1));
    TELLS_NOTHING(qcos_delete_files(client, BUCKET, "[\"a\",\"b\"]"));
    TELLS_NOTHING(qcos_set_acl(client, BUCKET, "a", "private"));
    TELLS_NOTHING(qcos_set_tags(client, BUCKET, "a", "{\"k\":\"v\"}"));
    TELLS_NOTHING(qcos_get_tags(client, BUCKET, "a"));
    TELLS_NOTHING(qcos_restore_file(client, BUCKET, "a", 1, NULL));
    TELLS_NOTHING(qcos_append(client, page, 1, BUCKET, "log", 0, NULL));
    TELLS_NOTHING(qcos_list_buckets(client));
    TELLS_NOTHING(qcos_stat_file(client, BUCKET, ".."));
    /* This one tells a signature and the token: that is what it is for. */
    qcos_string_free(qcos_download_url(client, BUCKET, "a", 60));
}

int main(int argc, char **argv) {
    CHECK(argc == 3);
    struct secret key = make_secret(1), token = make_secret(2), shown = make_secret(3);
    char options[512];

    /* The search finds what is there. */
    char *copy = malloc(LENGTH + 1);
    CHECK(copy != NULL);
    unmask(&shown, copy);
    CHECK(in_memory(&shown) > 0);
    wipe(copy, LENGTH);
    free(copy);
    CHECK(in_memory(&shown) == 0);

    snprintf(options, sizeof options,
             "{\"endpoint\":\"%s\",\"retries\":0,\"api\":\"xml\",\"region\":\"ap-x\","
             "\"security_token\":\"%%s\"}",
             argv[1]);
    qcos_client client = open_secret(options, &key, &token);
    CHECK(client != 0);
    use(client, argv[2], &key, &token);
    CHECK(in_memory(&key) > 0);
    qcos_client_close(client);
    CHECK(in_memory(&key) == 0);
    CHECK(in_memory(&token) == 0);

    snprintf(options, sizeof options, "{\"endpoint\":\"%s\",\"retries\":0}", argv[1]);
    client = open_secret(options, &key, &token);
    use(client, argv[2], &key, &token);
    CHECK(in_memory(&key) > 0);
    qcos_client_close(client);
    CHECK(in_memory(&key) == 0);

    /* A client that does not come about leaves nothing either. */
    snprintf(options, sizeof options,
             "{\"api\":\"xml\",\"region\":\"ap-x\",\"security_token\":\"%%s\",\"retries\":-1}");
    CHECK(open_secret(options, &key, &token) == 0);
    CHECK(in_memory(&key) == 0);
    CHECK(in_memory(&token) == 0);
    return 0;
}
