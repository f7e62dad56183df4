/* No library at all: what the machine gives. The ceilings that the others are held against.
 *
 *     raw hash bytes=N                                SHA-1 of N bytes out of the cache, by OpenSSL
 *     raw send host=IP port=PORT path=PATH file=FILE [connections=N] [part=BYTES]
 *                                                     parts of a multipart upload, side by side
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/evp.h>
#include <pthread.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "measure.h"

#define BLOCK (256 << 10)

static struct sockaddr_in service;
static const char *path;
static int file;
static uint64_t size, part_size;
static uint64_t next_part;
static char upload_id[128];

static void hash(uint64_t bytes) {
    static unsigned char block[BLOCK];
    unsigned char digest[20];
    const struct measured begun = measure();
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    EVP_DigestInit_ex(context, EVP_sha1(), NULL);
    for (uint64_t left = bytes; left > 0;) {
        const uint64_t amount = left < BLOCK ? left : BLOCK;
        EVP_DigestUpdate(context, block, amount);
        left -= amount;
    }
    EVP_DigestFinal_ex(context, digest, NULL);
    EVP_MD_CTX_free(context);
    report(begun, NULL, 0);
}

static int connected(void) {
    const int one = 1, stream = socket(AF_INET, SOCK_STREAM, 0);
    if (stream < 0 || connect(stream, (struct sockaddr *)&service, sizeof service) != 0) {
        fail("raw", "no connection");
    }
    setsockopt(stream, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    return stream;
}

static void send_all(int stream, const char *bytes, size_t length) {
    while (length > 0) {
        const ssize_t sent = send(stream, bytes, length, MSG_NOSIGNAL);
        if (sent <= 0) fail("raw", "the connection broke");
        bytes += sent;
        length -= (size_t)sent;
    }
}

/* An answer with its body, as text; these are short. */
static void receive(int stream, char *text, size_t room) {
    size_t length = 0;
    for (;;) {
        const ssize_t got = recv(stream, text + length, room - length - 1, 0);
        if (got <= 0) fail("raw", "no answer");
        length += (size_t)got;
        text[length] = 0;
        const char *end = strstr(text, "\r\n\r\n"), *told = strstr(text, "Content-Length: ");
        if (end == NULL || told == NULL) continue;
        if (length >= (size_t)(end + 4 - text) + strtoul(told + 16, NULL, 10)) break;
    }
    if (strncmp(text, "HTTP/1.1 200", 12) != 0) fail("raw", text);
}

static void post(const char *query) {
    char text[4096];
    const int stream = connected();
    const int length =
        snprintf(text, sizeof text, "POST %s?%s HTTP/1.1\r\nHost: raw\r\nContent-Length: 0\r\n\r\n",
                 path, query);
    send_all(stream, text, (size_t)length);
    receive(stream, text, sizeof text);
    const char *id = strstr(text, "<UploadId>");
    if (id != NULL) sscanf(id, "<UploadId>%127[^<]", upload_id);
    close(stream);
}

static void *send_parts(void *unused) {
    char text[4096];
    char *block = malloc(BLOCK);
    const int stream = connected();
    if (block == NULL) fail("raw", "no memory");
    for (;;) {
        const uint64_t number = __atomic_fetch_add(&next_part, 1, __ATOMIC_RELAXED),
                       start = number * part_size;
        if (start >= size) break;
        const uint64_t length = size - start < part_size ? size - start : part_size;
        const int head =
            snprintf(text, sizeof text,
                     "PUT %s?partNumber=%llu&uploadId=%s HTTP/1.1\r\nHost: raw\r\n"
                     "Content-Length: %llu\r\n\r\n",
                     path, (unsigned long long)number + 1, upload_id, (unsigned long long)length);
        send_all(stream, text, (size_t)head);
        for (uint64_t done = 0; done < length;) {
            const uint64_t left = length - done, most = left < BLOCK ? left : BLOCK;
            const ssize_t got = pread(file, block, most, (off_t)(start + done));
            if (got <= 0) fail("raw", "the file is shorter than it was");
            send_all(stream, block, (size_t)got);
            done += (uint64_t)got;
        }
        receive(stream, text, sizeof text);
    }
    close(stream);
    free(block);
    return unused;
}

static void send_file(char **argv) {
    pthread_t threads[32];
    const uint64_t connections = number(argv, "connections", "1");
    struct stat about;
    service.sin_family = AF_INET;
    service.sin_port = htons((uint16_t)number(argv, "port", NULL));
    inet_pton(AF_INET, option(argv, "host", "127.0.0.1"), &service.sin_addr);
    path = option(argv, "path", NULL);
    part_size = number(argv, "part", "8388608");
    file = open(option(argv, "file", NULL), O_RDONLY);
    if (file < 0 || fstat(file, &about) != 0) fail("raw", "the file cannot be read");
    if (connections < 1 || connections > 32 || part_size < 1)
        fail("raw", "such a number makes no sense");
    size = (uint64_t)about.st_size;
    const struct measured begun = measure();
    post("uploads");
    for (uint64_t i = 0; i < connections; i++) {
        if (pthread_create(&threads[i], NULL, send_parts, NULL) != 0) fail("raw", "no thread");
    }
    for (uint64_t i = 0; i < connections; i++) pthread_join(threads[i], NULL);
    char query[160];
    snprintf(query, sizeof query, "uploadId=%s", upload_id);
    post(query);
    report(begun, NULL, 0);
    close(file);
}

int main(int argc, char **argv) {
    if (argc < 2) fail("raw", "which operation?");
    if (strcmp(argv[1], "hash") == 0) {
        hash(number(argv, "bytes", NULL));
    } else if (strcmp(argv[1], "send") == 0) {
        send_file(argv);
    } else {
        fail("unknown operation", argv[1]);
    }
    return 0;
}
