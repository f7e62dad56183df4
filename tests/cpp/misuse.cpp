/* Clients that are closed or moved away, parameters that are wrong, and failures as exceptions.
 *
 *     misuse ENDPOINT      nothing is sent there
 */
#include "check.hpp"

#include <thread>
#include <type_traits>

static_assert(!std::is_copy_constructible_v<qcos::client> &&
              !std::is_copy_assignable_v<qcos::client>);
static_assert(std::is_nothrow_move_constructible_v<qcos::client>);
static_assert(std::is_nothrow_move_assignable_v<qcos::client>);
static_assert(std::is_nothrow_copy_constructible_v<qcos::error>);
static_assert(!std::is_convertible_v<qcos::reply, bool>);

/* Major, minor, patch in a byte each: which library serves which header. */
using qcos::detail::serves;
static_assert(serves(0x000100, 0x000100) && serves(0x000105, 0x000100) &&
              serves(0x000100, 0x000105));
static_assert(!serves(0x000200, 0x000100) && !serves(0x000100, 0x000200) &&
              !serves(0x010100, 0x000100));
static_assert(serves(0x010203, 0x010203) && serves(0x010300, 0x010203));
static_assert(!serves(0x010100, 0x010203) && !serves(0x020203, 0x010203));

static qcos::reply ask(const qcos::client &client) { return client.sign_more(bucket, 4000000000); }

static void closed(const std::string &options) {
    qcos::client client;
    CHECK(fails(QCOS_ERR_HANDLE, ask(client)).kind() == "handle");
    client.close();
    good(client.open(appid, secret_id, secret_key, options));
    good(ask(client));
    client.close();
    client.close();
    CHECK(fails(QCOS_ERR_HANDLE, ask(client)).message().find("client") != std::string::npos);
    bool called = false;
    fails(QCOS_ERR_HANDLE, client.upload("/dev/null", bucket, "a", nullptr,
                                         [&](std::uint64_t, std::uint64_t) { called = true; }));
    CHECK(!called);
    /* Opened again it is another client. */
    good(client.open(appid, secret_id, secret_key, options));
    const qcos_client handle = client.handle();
    good(client.open(appid, secret_id, secret_key, options));
    CHECK(client.handle() > handle);
    const qcos::reply late(qcos_sign_more(handle, bucket, 4000000000));
    fails(QCOS_ERR_HANDLE, late);
    fails(QCOS_ERR_PARAMS, client.open(nullptr, secret_id, secret_key));
    fails(QCOS_ERR_HANDLE, ask(client));
}

static void moved(const std::string &options) {
    qcos::client first(appid, secret_id, secret_key, options);
    const qcos_client handle = first.handle();
    qcos::client second = std::move(first);
    fails(QCOS_ERR_HANDLE, ask(first));
    good(ask(second));
    qcos::client &itself = second;
    second = std::move(itself);
    CHECK(second.handle() == handle);
    good(ask(second));
    {
        qcos::client third(appid, secret_id, secret_key, options);
        const qcos_client replaced = third.handle();
        third = std::move(second);
        fails(QCOS_ERR_HANDLE, qcos::reply(qcos_sign_more(replaced, bucket, 4000000000)));
        CHECK(third.handle() == handle && second.handle() == 0);
        fails(QCOS_ERR_HANDLE, ask(second));
        fails(QCOS_ERR_HANDLE, second.delete_file(bucket, "a"));
        second.close();
        good(ask(third));
        /* One that was moved away can be given another, or be opened again. */
        second = qcos::client(appid, secret_id, secret_key, options);
        std::swap(second, third);
        CHECK(second.handle() == handle);
        good(ask(third));
        std::swap(second, third);
        good(second.open(appid, secret_id, secret_key, options));
        good(ask(second));
        second = qcos::client();
        fails(QCOS_ERR_HANDLE, ask(second));
    }
    fails(QCOS_ERR_HANDLE, qcos::reply(qcos_sign_more(handle, bucket, 4000000000)));
}

static void closed_by_another_thread(const std::string &options) {
    qcos::client client(appid, secret_id, secret_key, options);
    std::thread other([&] { client.close(); });
    while (ask(client)) continue;
    other.join();
    fails(QCOS_ERR_HANDLE, ask(client));
}

static void parameters(const std::string &options) {
    const qcos::client client(appid, secret_id, secret_key, options);
    const auto refused = [](const char *parameter, const qcos::reply &reply) {
        fails(QCOS_ERR_PARAMS, reply);
        CHECK(reply.message().rfind(std::string(parameter) + ": ", 0) == 0);
    };
    const std::string cut("a\0b", 3);
    refused("bucket", client.stat_file(nullptr, "a"));
    refused("bucket", client.stat_file(cut, "a"));
    refused("bucket", client.stat_file(std::string_view(cut), "a"));
    refused("path", client.stat_file(bucket, std::optional<std::string>(cut)));
    refused("path", client.stat_file(bucket, std::nullopt));
    refused("filepath", client.upload(cut, bucket, "a"));
    refused("filepath", client.download(bucket, "a", ""));
    refused("paths_json", client.delete_files(bucket, {}));
    refused("paths_json", client.delete_files(bucket, {cut}));
    qcos::client none;
    const auto unknown =
        fails(QCOS_ERR_PARAMS, none.open(appid, secret_id, secret_key, R"({"x":1})"));
    CHECK(unknown.message().find("x") != std::string::npos);
    CHECK(qcos::json_string("a\"\\\n\x1f中") == R"("a\"\\\u000a\u001f中")");
}

static void exceptions() {
    bool thrown = false;
    try {
        qcos::client client(appid, secret_id, secret_key, R"({"retries":-1})");
    } catch (const std::runtime_error &failure) {
        thrown = std::string(failure.what()).find("retries") != std::string::npos;
    }
    CHECK(thrown);

    /* Nothing listens there. */
    qcos::client client(appid, secret_id, secret_key,
                        R"({"endpoint":"http://127.0.0.1:1","retries":0})");
    std::optional<qcos::error> kept;
    try {
        client.stat_file(bucket, "a").or_throw();
    } catch (const qcos::error &failure) {
        kept = failure;
    }
    CHECK(kept && kept->code() == QCOS_ERR_NETWORK && kept->name() == "QCOS_ERR_NETWORK");
    CHECK(kept->kind() == "connect" && kept->what() == kept->reply().message());
    CHECK(kept->reply().retryable() && kept->reply().httpcode() == 0);

    const auto success = ask(client);
    CHECK(&success.or_throw() == &success);
    CHECK(ask(client).or_throw().get("/data/sign").has_value());
}

static void replies(const std::string &options) {
    qcos::reply none;
    CHECK(!none && none.code() == QCOS_ERR_PARAMS && none.text().empty() && !none.get("/code"));
    CHECK(qcos::reply(nullptr).code() == QCOS_ERR_PARAMS);
    qcos::client client(appid, secret_id, secret_key, options);
    qcos::reply first = ask(client), copy = first, moved = std::move(first);
    CHECK(copy.text() == moved.text() && first.text().empty() && !first.get("/code"));
    CHECK(copy.get("/code") == "0" && !copy.get(nullptr) && !copy.get("code"));
    CHECK(!qcos::get(nullptr, "/code") && !qcos::get("no JSON", "/code"));
}

int main(int, char **argv) {
    const std::string options = options_of("json", argv[1]);
    closed(options);
    moved(options);
    closed_by_another_thread(options);
    parameters(options);
    exceptions();
    replies(options);
}
