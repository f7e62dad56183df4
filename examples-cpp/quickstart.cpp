/* Uploads a file (in slices above 8 MiB), looks at it, lists its folder, and deletes it again.
 *
 *     QCOS_APPID=... QCOS_SECRET_ID=... QCOS_SECRET_KEY=... QCOS_OPTIONS=... quickstart FILE BUCKET
 *
 * QCOS_OPTIONS is JSON, such as {"region":"ap-guangzhou"}; qcos.h lists them.
 */
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <qcos.hpp>

/* Prints a reply, and hands it on. */
static qcos::reply show(const char *call, qcos::reply reply) {
    std::cout << std::string(call).append(8 - std::string_view(call).size(), ' ') << reply.text()
              << '\n';
    return reply;
}

int main(int argc, char **argv) {
    if (argc < 3) {
        std::cerr << "usage: " << argv[0] << " FILE BUCKET\n";
        return 2;
    }
    qcos::client client; /* closes itself */
    if (!show("open", client.open(std::getenv("QCOS_APPID"), std::getenv("QCOS_SECRET_ID"),
                                  std::getenv("QCOS_SECRET_KEY"), std::getenv("QCOS_OPTIONS"))))
        return 1;

    /* Called while the upload goes on; one that returns false would cancel it. */
    const auto progress = [](std::uint64_t done, std::uint64_t total) {
        const double share = total ? static_cast<double>(done) / static_cast<double>(total) : 1.0;
        std::fprintf(stderr, "\r%3.0f %%%s", 100.0 * share, done == total ? "\n" : "");
    };
    const char *bucket = argv[2], *path = "quickstart/file";
    if (!show("upload", client.upload(argv[1], bucket, path, "from quickstart.cpp", progress)))
        return 1;
    show("stat", client.stat_file(bucket, path));
    show("list", client.list(bucket, "quickstart"));
    return show("delete", client.delete_file(bucket, path)) ? 0 : 1;
}
