/* Every method once, where it succeeds.
 *
 *     good ENDPOINT FOLDER
 */
#include "check.hpp"

#include <algorithm>
#include <sstream>

static void files(const qcos::client &client, const std::string &folder) {
    const std::string path = folder + "/a 中.bin";
    const auto sent = good(client.upload_buffer("hello", bucket, path, "text"));
    CHECK(sent.get("/data/access_url")->rfind("http://", 0) == 0);
    good(client.upload_buffer(std::string_view("a\0b", 3), bucket, folder + "/zero"));
    const auto stat = good(client.stat_file(bucket, std::string_view(path)));
    CHECK(stat.number("/data/filesize") == 5 && stat.httpcode() == 200);
    CHECK(stat.get("/data/biz_attr") == "text" && stat.message() == "SUCCESS");
    CHECK(stat.name().empty() && stat.kind().empty() && !stat.retryable());
    CHECK(!stat.get("/data/none") && !stat.number("/data/name") && !stat.number("/data"));
    CHECK(stat.number("/data/ctime") > 1400000000);

    good(client.update_file(bucket, path, ""));
    CHECK(good(client.stat_file(bucket, path)).get("/data/biz_attr") == "");
    good(client.update_with(bucket, path, R"({"biz_attr":"again"})"));
    CHECK(good(client.stat_file(bucket, path)).get("/data/biz_attr") == "again");
    good(client.set_acl(bucket, path, "private"));
    CHECK(good(client.get_acl(bucket, path)).get("/data/acl") == "private");
    good(client.move_file(bucket, path, folder + "/moved"));
    fails(-177, client.move_file(bucket, folder + "/moved", folder + "/zero"));
    good(client.move_file(bucket, folder + "/moved", folder + "/zero", true));
    CHECK(good(client.download_url(bucket, folder + "/zero", 60)).get("/data/url").has_value());
    CHECK(good(client.stat_with(bucket, folder + "/zero")).number("/data/filesize") == 5);
    good(client.delete_file(bucket, folder + "/zero"));
    good(client.upload_buffer("hello", bucket, path));
    good(client.delete_with(bucket, path));
    fails(QCOS_ERR_PARAMS, client.delete_with(bucket, path, R"({"if_match":"a"})"));
}

static void objects(const qcos::client &client, const std::string &folder) {
    const std::string path = folder + "/tagged", log = folder + "/log";
    good(client.upload_buffer_with("x", bucket, path, R"({"storage_class":"ARCHIVE"})"));
    good(client.set_tags(bucket, path, {{"a", "1"}, {"b c", "名"}}));
    CHECK(good(client.get_tags(bucket, path)).get("/data/tags/b c") == "名");
    good(client.set_tags(bucket, path, {}));
    CHECK(good(client.get_tags(bucket, path)).get("/data/tags") == "{}");
    fails(QCOS_ERR_PARAMS, client.set_tags(bucket, path, {{"a!", ""}}));
    CHECK(good(client.restore_file(bucket, path, 1)).get("/data/state") == "started");
    CHECK(good(client.restore_file(bucket, path, 1, "Bulk")).get("/data/state") == "in_progress");
    CHECK(good(client.append("hello", bucket, log, 0)).number("/data/position") == 5);
    const std::vector<char> more{'!', '?'};
    CHECK(good(client.append(more, bucket, log, 5)).number("/data/position") == 7);
    fails(-409, client.append(more, bucket, log, 5));
}

static void folders(const qcos::client &client, const std::string &folder) {
    good(client.create_folder(bucket, folder, "mine"));
    good(client.update_folder(bucket, folder, "ours"));
    CHECK(good(client.stat_folder(bucket, folder)).get("/data/biz_attr") == "ours");
    for (const char *name : {"x1", "x2", "y1"})
        good(client.upload_buffer(name, 2, bucket, folder + "/" + name));
    const auto page = good(client.list(bucket, folder, 2));
    CHECK(page.get("/data/has_more") == "true" && page.get("/data/infos/1/name") == "x2");
    const auto next =
        good(client.list(bucket, folder, 2, "eListBoth", 0, page.get("/data/context")));
    CHECK(next.get("/data/infos/0/name") == "y1" && !next.get("/data/infos/1"));
    const auto found = good(client.prefix_search(bucket, folder, "y"));
    good(client.prefix_search_all(bucket, folder, "y", true, [](const char *) {}));
    CHECK(found.get("/data/infos/0/name") == "y1");

    std::string names;
    good(client.list_all(bucket, folder, true, [&](const char *entries) {
        for (int i = 0; auto name = qcos::get(entries, "/infos/" + std::to_string(i) + "/name");
             i++)
            names += *name + ' ';
    }));
    CHECK(names == "x1 x2 y1 ");
    fails(QCOS_ERR_CANCELLED,
          client.list_all(bucket, folder, false, [](const char *) { return false; }));

    const auto gone = good(client.delete_files(bucket, {folder + "/x1", folder + "/none"}));
    CHECK(gone.number("/data/deleted") == 2);
    good(client.delete_tree(bucket, folder));
    good(client.create_folder(bucket, folder));
    good(client.delete_folder(bucket, folder));
}

/* Cancelled alone, with what is derived from it. */
static void derived(const qcos::client &parent) {
    qcos::client client, below;
    good(client.derive(parent, "{\"retries\":0}"));
    good(below.derive(client));
    good(below.stat_folder(bucket, ""));
    client.cancel();
    for (const qcos::client *one : {&client, &below}) {
        const qcos::reply cancelled = one->stat_folder(bucket, "");
        CHECK(cancelled.code() == QCOS_ERR_CANCELLED);
    }
    good(parent.stat_folder(bucket, ""));
    below.close();
    good(below.derive(parent));
}

static void credentials(const qcos::client &parent) {
    qcos::client client;
    good(client.derive(parent));
    good(client.on_expiry(
        [](qcos_client handle, void *) -> std::int32_t {
            char *reply = qcos_client_set_credentials(handle, secret_id, secret_key, nullptr, 0);
            qcos_string_free(reply);
            return 0;
        },
        nullptr));
    good(client.set_credentials("unknown", "key"));
    good(client.stat_folder(bucket, ""));
    good(client.on_expiry(nullptr));
}

static void trace(const qcos::client &parent) {
    qcos::client client;
    std::string told;
    good(client.derive(parent));
    good(client.trace(
        [](const char *event, void *all) -> std::int32_t {
            *static_cast<std::string *>(all) += event;
            return 0;
        },
        &told));
    good(client.stat_folder(bucket, ""));
    CHECK(qcos::get(told.c_str(), "/attempt") == "1");
    good(client.trace(nullptr));
}

static void elements() {
    std::string all;
    CHECK(qcos::each(R"({"a":[1,"b"]})", "/a", [&](const char *item) { all += item; }));
    CHECK(all == R"(1"b")");
    CHECK(!qcos::each("[1,2]", "", [](const char *) { return false; }));
    CHECK(!qcos::each("{}", "/a", [](const char *) {}));
}

static void xml_only(const qcos::client &client) {
    good(client.request(
        bucket, nullptr, R"({"method":"PUT","query":{"tagging":""}})",
        "<Tagging><TagSet><Tag><Key>k</Key><Value>v</Value></Tag></TagSet></Tagging>"));
    const auto tags =
        good(client.request(bucket, "", R"({"method":"GET","query":{"tagging":""}})"));
    CHECK(tags.get("/data/xml/Tagging/TagSet/Tag/Key") == "k");
    using namespace std::chrono_literals;
    const auto put =
        good(client.presign("PUT", bucket, "a", 1min, R"({"headers":{"x-cos-acl":"private"}})"));
    CHECK(put.get("/data/headers/x-cos-acl") == "private");
    CHECK(good(client.presign("GET", bucket, "a", 60)).get("/data/url").has_value());
    const auto form = good(client.post_policy(bucket, R"({"key":"a","expires_s":60})"));
    CHECK(form.get("/data/fields/key") == "a");
    good(client.create_bucket("fresh"));
    good(client.diagnose(bucket));
    good(client.head_bucket("fresh"));
    CHECK(good(client.list_buckets()).text().find("fresh-10000001") != std::string_view::npos);
    CHECK(good(client.get_versioning("fresh")).get("/data/status") == "");
    good(client.set_versioning("fresh", "Enabled"));
    const auto version = good(client.upload_buffer("hello", "fresh", "d/v"));
    good(client.delete_file("fresh", "d/v"));
    std::string ids;
    good(client.list_versions("fresh", "d", false, [&](const char *versions) {
        CHECK(qcos::get(versions, "/infos/0/delete_marker") == "true");
        qcos::each(versions, "/infos", [&](const qcos::entry &entry) {
            ids = R"({"version_id":")" + *entry.get("/version_id") + R"("})";
            good(client.delete_with("fresh", "d/v", ids));
        });
    }));
    CHECK(ids.find(*version.get("/data/version_id")) != std::string::npos);
    good(client.set_versioning("fresh", "Suspended"));
    good(client.delete_bucket("fresh"));
    good(client.upload_buffer("hello", bucket, "one"));
    good(client.copy_file(bucket, "one", "two"));
    good(client.copy_with(bucket, "one", bucket, "three", R"({"move":false})",
                          [](std::uint64_t, std::uint64_t) {}));
    const auto moved =
        good(client.copy_tree(bucket, "", "other", "in", R"({"move":true,"include":["three"]})"));
    CHECK(moved.number("/data/moved") == 1);
    good(client.delete_tree("other", "in"));
    good(client.delete_files(bucket, {"one", "two"}));
}

static void json_only(const qcos::client &client) {
    CHECK(good(client.sign_more(bucket, 4000000000)).get("/data/sign").has_value());
    CHECK(good(client.sign_once(bucket, "/10000001/testbucket/a")).get("/data/sign").has_value());
}

static void trees(const qcos::client &client, const std::filesystem::path &folder) {
    std::filesystem::create_directories(folder / "tree/sub");
    std::ofstream(folder / "tree/sub/file") << "hello";
    const auto sent = good(client.upload_tree(folder / "tree", bucket, "tree"));
    CHECK(sent.number("/data/uploaded") == 1);
    std::uint64_t last = 0;
    const auto got = good(client.download_tree(bucket, "tree", folder / "back", nullptr,
                                               [&](auto done, auto) { last = done; }));
    CHECK(got.number("/data/downloaded") == 1 && last == 5);
    CHECK(content_of(folder / "back/sub/file") == "hello");
    good(client.upload_with(folder / "tree/sub/file", bucket, "with",
                            R"({"headers":{"Content-Type":"text/plain"}})"));
    good(client.delete_tree(bucket, "tree"));
    std::filesystem::remove_all(folder / "back");
}

static void bytes(const qcos::client &client, const std::filesystem::path &folder) {
    const std::string content(9 << 20, 'x');
    std::istringstream source(content);
    std::uint64_t last = 0;
    good(client.upload_stream(source, bucket, "streamed", nullptr,
                              [&](auto done, auto) { last = done; }));
    CHECK(last == content.size());
    std::size_t left = 10;
    good(client.upload_stream(
        [&](char *buffer, std::size_t size) {
            const std::size_t now = std::min(left, size);
            std::fill_n(buffer, now, 'y');
            left -= now;
            return now;
        },
        bucket, "filled", R"({"length":10})"));
    good(client.upload_buffer_with("hello", bucket, "memory", R"({"biz_attr":"mine"})"));
    CHECK(good(client.stat_file(bucket, "memory")).get("/data/biz_attr") == "mine");

    std::ostringstream sink;
    CHECK(good(client.download_stream(bucket, "streamed", sink)).number("/data/len") == 9 << 20);
    CHECK(sink.str() == content);
    std::string some;
    good(client.download_stream(
        bucket, "filled", [&](std::string_view more) { some += more; }, R"({"last":3})"));
    CHECK(some == "yyy");
    char buffer[16];
    const auto read = good(client.download_buffer(bucket, "memory", 1, buffer, sizeof buffer));
    CHECK(read.number("/data/len") == 4 && std::string_view(buffer, 4) == "ello");
    good(client.download_with(bucket, "memory", folder / "got", R"({"overwrite":false})"));
    CHECK(content_of(folder / "got") == "hello");
    std::filesystem::remove(folder / "got");

    /* A stream that fails is no shorter stream, and what is thrown comes out. */
    source.setstate(std::ios::badbit);
    fails(QCOS_ERR_CANCELLED, client.upload_stream(source, bucket, "never"));
    sink.setstate(std::ios::badbit);
    fails(QCOS_ERR_CANCELLED, client.download_stream(bucket, "memory", sink));
    int caught = 0;
    try {
        (void)client.upload_stream([](char *, std::size_t) -> std::size_t { throw 7; }, bucket,
                                   "x");
    } catch (int number) {
        caught += number;
    }
    try {
        (void)client.download_stream(bucket, "memory", [](std::string_view) { throw 8; });
    } catch (int number) {
        caught += number;
    }
    CHECK(caught == 15);
    good(client.delete_files(bucket, {"streamed", "filled", "memory"}));
}

int main(int, char **argv) {
    CHECK(std::string(qcos::version()).find('.') != std::string::npos);
    for (const std::string api : {"json", "xml"}) {
        qcos::client client;
        good(client.open(appid, secret_id, secret_key, options_of(api, argv[1])));
        files(client, api + "/files");
        folders(client, api + "/folders");
        trees(client, argv[2]);
        bytes(client, argv[2]);
        if (api == "xml") objects(client, "objects");
        if (api == "xml") xml_only(client);
        if (api == "json") json_only(client);
        good(client.delete_file(bucket, "with"));
        derived(client);
        credentials(client);
        trace(client);
        elements();
    }
}
