/* What is of C++ alone: limits as durations, lists as ranges, memory of every kind, credentials from a
 * callable, and, in C++20, stop tokens.
 *
 *     idioms ENDPOINT FOLDER      requests for "stalled" are never answered there
 */
#include "check.hpp"

#include <array>
#include <thread>

#if __cplusplus >= 202002L
#include <ranges>
#include <span>
static_assert(std::ranges::input_range<qcos::entries>);
#endif

using namespace std::chrono_literals;
using std::chrono::system_clock;

static_assert(std::is_nothrow_move_constructible_v<qcos::client>);
static_assert(std::is_constructible_v<qcos::const_buffer, const std::vector<std::byte> &>);
static_assert(!std::is_constructible_v<qcos::const_buffer, const std::vector<int> &>);
static_assert(!std::is_constructible_v<qcos::const_buffer, std::nullptr_t>);
static_assert(std::is_constructible_v<qcos::mutable_buffer, std::array<char, 4> &>);
static_assert(!std::is_constructible_v<qcos::mutable_buffer, const std::string &>);

static void limits(const qcos::client &client) {
    CHECK(qcos::limits().json() == "{}");
    CHECK(qcos::limits(1500us).json() == R"({"timeout_ms":2})");
    /* Used up is not without end. */
    CHECK(qcos::limits(0s).json() == R"({"timeout_ms":1})");
    CHECK(qcos::limits(-1h).json() == R"({"timeout_ms":1})");
    qcos::limits some;
    some.io_timeout = 100ms;
    some.connect_timeout = 10s;
    some.sign_expires = 1min;
    some.retries = 0;
    some.parallel = 2;
    some.slice_size = 1 << 20;
    some.overwrite = true;
    CHECK(some.json() == R"({"io_timeout_ms":100,"connect_timeout_ms":10000,"sign_expires_s":60,)"
                         R"("retries":0,"parallel":2,"slice_size":1048576,"overwrite":true})");
    qcos::limits shared;
    shared.parallel = qcos::limits::automatic;
    CHECK(shared.json() == R"({"parallel":"auto"})");
    good(client.with(shared).upload_buffer("hello", bucket, "shared"));
    good(client.delete_file(bucket, "shared"));

    const auto late = fails(QCOS_ERR_NETWORK, client.with(200ms).stat_file(bucket, "stalled"));
    CHECK(late.kind() == "timeout");
    CHECK(fails(QCOS_ERR_NETWORK, client.with(some).stat_file(bucket, "stalled")).kind() ==
          "timeout");
    for (int i = 0; i < 2; i++) good(client.with(some).upload_buffer("hello", bucket, "twice"));
    good(client.with(R"({"timeout_ms":60000})").delete_file(bucket, "twice"));
}

/* All calls say what is wrong with the limits, also of what is derived further. */
static void wrong_limits(const qcos::client &client) {
    qcos::limits wrong;
    wrong.retries = -1;
    const qcos::client refused = client.with(wrong);
    CHECK(refused.handle() == 0);
    for (const qcos::client &one : {refused.with(1s), client.with(wrong)}) {
        const auto said = fails(QCOS_ERR_PARAMS, one.stat_file(bucket, "a"));
        CHECK(said.message().find("retries") != std::string::npos);
    }
    const auto long_one = client.with(std::chrono::hours::max()).stat_file(bucket, "a");
    CHECK(long_one.message().find("timeout_ms") != std::string::npos);
    qcos::client derived;
    fails(QCOS_ERR_PARAMS, derived.derive(client, wrong));
    fails(QCOS_ERR_HANDLE, derived.stat_file(bucket, "a"));
    good(derived.derive(client, 10s));
    derived = client.with(wrong);
    good(derived.open(appid, secret_id, secret_key));
    fails(QCOS_ERR_HANDLE, qcos::client().with(1s).stat_file(bucket, "a"));
    for (const auto &list : {qcos::client().with(1s), client.with(wrong)}) {
        qcos::reply outcome;
        for (const auto &entry : list.entries(bucket, "", outcome)) CHECK(entry.name().empty());
        CHECK(!outcome);
    }
}

static constexpr int files = 205; /* more than one page */

static void lists(const qcos::client &client, bool is_json) {
    int seen = 0, folders = 0;
    for (const qcos::entry &entry : client.with(30s).entries(bucket, "many")) {
        folders += entry.is_folder();
        if (entry.is_folder()) continue;
        CHECK(entry.name().rfind("file", 0) == 0 && entry.size() == 5);
        CHECK(entry.modified() > system_clock::now() - 1h && !entry.get("/none"));
        seen++;
    }
    CHECK(seen == files && folders == 1);

    std::string names;
    for (const auto &entry : client.entries(bucket, "many", "file20")) names += entry.name() + ' ';
    CHECK(names == "file200 file201 file202 file203 file204 ");
    for (const auto &entry : client.entries(bucket, "many", nullptr, "eListDirOnly"))
        CHECK(entry.is_folder() && !entry.size() && entry.name() == "sub");
    const auto pair = client.entries(bucket, "many", "file00");
    auto at = pair.begin();
    CHECK(at != pair.end() && at->name() == "file000" && (*++at).name() == "file001");

    /* The second page is not asked for before the first is gone through. */
    const qcos::client watched = client.with(nullptr);
    qcos::reply outcome;
    seen = 0;
    for (const auto &entry : watched.entries(bucket, "many", outcome)) {
        CHECK(outcome.ok() && !entry.text().empty());
        if (seen++ == 0) watched.cancel();
    }
    CHECK(outcome.code() == QCOS_ERR_CANCELLED && seen > 100 && seen < files);
    bool thrown = false;
    try {
        for (const auto &entry : watched.entries(bucket, "many")) CHECK(entry.name().empty());
    } catch (const qcos::error &failure) {
        thrown = failure.code() == QCOS_ERR_CANCELLED;
    }
    CHECK(thrown);
    for (const auto &entry : client.entries(bucket, "none", outcome)) CHECK(entry.name().empty());
    CHECK(outcome.ok() != is_json);
}

static void elements(const qcos::client &client) {
    std::string all;
    const auto add = [&all](const qcos::entry &entry) { all += entry.name() + ' '; };
    good(client.list_all(bucket, "many/sub", true,
                         [&](const char *page) { CHECK(qcos::each(page, "/infos", add)); }));
    const auto list = good(client.list(bucket, "many", 2, "eListFileOnly"));
    CHECK(list.each("/data/infos", add) && !list.each("/data/none", add));
    CHECK(all == "one file000 file001 ");
    CHECK(!qcos::entry(R"({"name":"a","mtime":"9223372036854775807"})").modified());
    const auto first = [](const qcos::entry &) { return false; };
    CHECK(!list.each("/data/infos", first) && !qcos::reply().each("", add));
}

static void memory(const qcos::client &client) {
    const std::vector<std::byte> bytes(3, std::byte{7});
    const std::array<unsigned char, 3> array{7, 7, 7};
    const unsigned char plain[] = {7, 7, 7};
    char text[8] = "\7\7\7";
    const auto same = [&](const qcos::const_buffer &content) {
        good(client.upload_buffer(content, bucket, "memory"));
        std::vector<std::byte> got;
        good(client.download_stream(bucket, "memory", got));
        CHECK(got == bytes);
        good(client.delete_file(bucket, "memory"));
    };
    same(bytes);
    same(array);
    same(plain);
    same(text);
    same("\7\7\7");
    same(std::string(3, '\7'));
    same({bytes.data(), bytes.size()});
#if __cplusplus >= 202002L
    same(std::span(array));
    same(std::as_bytes(std::span(plain)));
#endif

    good(client.upload_buffer_with(std::vector<char>(9, 'x'), bucket, "memory"));
    std::vector<unsigned char> some(4);
    std::array<std::byte, 4> other;
    CHECK(good(client.download_buffer(bucket, "memory", 7, some)).number("/data/len") == 2);
    good(client.download_buffer(bucket, "memory", 0, other, "{}"));
    good(client.download_buffer(bucket, "memory", 0, qcos::mutable_buffer(text, 2)));
    CHECK(some[1] == 'x' && other[3] == std::byte{'x'} && text[1] == 'x' && text[2] == 7);
#if __cplusplus >= 202002L
    good(client.download_buffer(bucket, "memory", 0, std::span(some).last(1)));
    CHECK(some[3] == 'x');
#endif
    std::string appended = "a";
    good(client.download_stream(bucket, "memory", appended, R"({"length":2})"));
    CHECK(appended == "axx");
    good(client.delete_file(bucket, "memory"));
}

static void renewed(const std::string &options) {
    int calls = 0, thrown = 0;
    const auto renew = [&]() -> std::optional<qcos::credentials> {
        if (calls++ == 0) throw calls;
        if (calls == 2) return std::nullopt;
        return qcos::credentials{secret_id, secret_key, std::nullopt, system_clock::now() + 1h};
    };
    for (int call = 1; call <= 3; call++) {
        /* Another each time: one whose callable has brought nothing does not ask again for a while. */
        const qcos::client client(appid, "unknown", "key", options);
        good(client.on_expiry(renew));
        try {
            CHECK(client.stat_folder(bucket, "").ok() == (call == 3));
        } catch (int number) {
            thrown += number;
        }
        CHECK(calls == call);
    }
    CHECK(thrown == 1);

    const qcos::client client(appid, "unknown", "key", options);
    qcos::credentials mine{secret_id, secret_key};
    for (const auto past : {system_clock::time_point(), system_clock::now() - 1h}) {
        mine.expires_at = past;
        const auto said = fails(QCOS_ERR_PARAMS, client.set_credentials(mine));
        CHECK(said.message().rfind("expires_at: ", 0) == 0);
    }
    mine.expires_at.reset();
    good(client.set_credentials(mine));
    good(client.stat_folder(bucket, ""));
}

static void signatures(const qcos::client &client, bool is_json) {
    good(client.download_url(bucket, "a", 1min));
    fails(QCOS_ERR_PARAMS, client.download_url(bucket, "a", 0s));
    fails(QCOS_ERR_PARAMS, client.presign("GET", bucket, "a", 0s));
    fails(QCOS_ERR_PARAMS, client.post_policy(bucket, "{}"));
    if (is_json) good(client.sign_more(bucket, system_clock::now() + 1h));
    fails(QCOS_ERR_PARAMS, client.sign_more(bucket, system_clock::time_point()));
}

#ifdef __cpp_lib_jthread
static void stops(const qcos::client &client) {
    std::stop_source source;
    const auto cancelled = [](const qcos::client &one) {
        const auto begun = std::chrono::steady_clock::now();
        fails(QCOS_ERR_CANCELLED, one.stat_file(bucket, "stalled"));
        return std::chrono::steady_clock::now() - begun;
    };
    /* Each way to one that the token ends: derived further, moved, and what a list holds on to. */
    qcos::client moved, derived;
    {
        qcos::client first = client.with(source.get_token());
        good(derived.derive(first.with(1min), 2min));
        moved = std::move(first);
    }
    const qcos::client twice = client.with(source.get_token()).with(std::stop_source().get_token());
    qcos::reply outcome;
    auto list = client.with(source.get_token()).entries(bucket, "many", outcome);
    auto at = list.begin();
    const qcos::client other = client.with(std::stop_source().get_token());
    /* While it waits for an answer that never comes. */
    std::jthread stopper;
    const auto stop = [&](std::uint64_t, std::uint64_t) {
        if (stopper.joinable()) return;
        stopper = std::jthread([&source] { source.request_stop(); });
    };
    fails(QCOS_ERR_CANCELLED, moved.upload_buffer_with("hello", bucket, "stalled", nullptr, stop));
    CHECK(cancelled(moved) < 500ms && cancelled(derived) < 500ms && cancelled(twice) < 500ms);
    CHECK(cancelled(client.with(source.get_token())) < 500ms);
    while (at != list.end()) ++at;
    CHECK(outcome.code() == QCOS_ERR_CANCELLED);
    good(client.stat_folder(bucket, ""));
    good(other.stat_folder(bucket, ""));
    fails(QCOS_ERR_HANDLE, qcos::client().with(source.get_token()).stat_folder(bucket, ""));
}
#else
static void stops(const qcos::client &) {}
#endif

static void upload_many(const qcos::client &client, const std::filesystem::path &folder) {
    std::filesystem::create_directories(folder / "many/sub");
    const auto write = [&](const std::string &name) {
        std::ofstream(folder / "many" / name) << "hello";
    };
    write("sub/one");
    for (int i = 0; i < files; i++) write("file" + std::to_string(1000 + i).substr(1));
    good(client.upload_tree(folder / "many", bucket, "many"));
}

int main(int, char **argv) {
    for (const std::string api : {"json", "xml"}) {
        const std::string options = options_of(api, argv[1]);
        const qcos::client client(appid, secret_id, secret_key, options);
        if (api == "json") upload_many(client, argv[2]);
        limits(client);
        wrong_limits(client);
        lists(client, api == "json");
        elements(client);
        memory(client);
        renewed(options);
        signatures(client, api == "json");
        stops(client);
    }
}
