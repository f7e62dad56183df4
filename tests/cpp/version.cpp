/* Tries to work with a library whose version is another; what it says goes to the output. */
#include "check.hpp"

int main() {
    qcos::client client;
    const auto refused = fails(QCOS_ERR_INTERNAL, client.open(appid, secret_id, secret_key));
    CHECK(refused.name() == "QCOS_ERR_INTERNAL" && refused.kind() == "version");
    CHECK(refused.text().find("\"kind\":\"version\"") != std::string_view::npos);
    CHECK(client.stat_file(bucket, "a").kind() == "version");
    bool called = false;
    const auto progress = [&](std::uint64_t, std::uint64_t) { called = true; };
    CHECK(client.upload("/dev/null", bucket, "a", nullptr, progress).kind() == "version");
    client.close();
    try {
        qcos::client other(appid, secret_id, secret_key);
    } catch (const qcos::error &failure) {
        CHECK(!called);
        std::cout << failure.what() << '\n';
    }
}
