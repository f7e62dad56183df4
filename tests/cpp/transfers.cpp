/* A file of several slices: progress, cancel, resume, download, and callbacks that throw.
 *
 *     transfers ENDPOINT FOLDER
 *
 * FOLDER holds "big", of several slices and no whole number of them.
 */
#include "check.hpp"

#include <functional>
#include <thread>

constexpr std::uint64_t slice = 1 << 20;

struct files {
    std::filesystem::path big, got;
    std::uint64_t size;
};

static void cancel_and_resume(const qcos::client &client, const files &files) {
    const auto broken_off = fails(
        QCOS_ERR_CANCELLED,
        client.upload_slice(files.big, bucket, "resumed", nullptr, slice, nullptr,
                            [](std::uint64_t done, std::uint64_t) { return done < 2 * slice; }));
    CHECK(broken_off.name() == "QCOS_ERR_CANCELLED" && broken_off.kind() == "cancelled");
    const auto session = broken_off.get("/data/session");
    CHECK(session && broken_off.number("/data/offset") >= 0);
    std::uint64_t first = UINT64_MAX, last = 0, totals = 0;
    const std::thread::id caller = std::this_thread::get_id();
    std::function<void(std::uint64_t, std::uint64_t)> watch = [&](std::uint64_t done,
                                                                  std::uint64_t total) {
        CHECK(std::this_thread::get_id() == caller && done >= last);
        /* Until the size is known, which takes a busy machine a moment. */
        if (total == (std::uint64_t(1) << 53) - 1 && done == 0) return;
        CHECK(total == files.size);
        if (first == UINT64_MAX) first = done;
        last = done;
        totals += done == total;
    };
    good(client.upload_slice(files.big, bucket, "resumed", "text", slice, session, watch));
    CHECK(last == files.size && totals == 1);
    good(client.download(bucket, "resumed", files.got));
    CHECK(content_of(files.got) == content_of(files.big));
}

struct stopped {
    int number;
};

/* Each upload method and both downloads hand on what is thrown, and have cancelled. */
static void callbacks_throw(const qcos::client &client, const files &files) {
    const auto throwing = [](std::uint64_t, std::uint64_t) -> bool { throw stopped{7}; };
    const auto folder = files.big.parent_path();
    const std::function<qcos::reply()> calls[] = {
        [&] { return client.upload(files.big, bucket, "thrown", nullptr, throwing); },
        [&] { return client.upload_slice(files.big, bucket, "thrown", nullptr, 0, "", throwing); },
        [&] { return client.upload_with(files.big, bucket, "thrown", nullptr, throwing); },
        [&] { return client.upload_tree(folder, bucket, "thrown", nullptr, throwing); },
        [&] { return client.download(bucket, "resumed", folder / "thrown", throwing); },
        [&] { return client.download_tree(bucket, "/", folder / "thrown", nullptr, throwing); },
        [&] { return client.list_all(bucket, "/", true, [](const char *) { throw stopped{7}; }); },
    };
    for (const auto &call : calls) {
        int caught = 0;
        try {
            (void)call();
        } catch (const stopped &thrown) {
            caught = thrown.number;
        }
        CHECK(caught == 7);
    }
    fails(-166, client.stat_file(bucket, "thrown"));
    CHECK(!std::filesystem::is_regular_file(folder / "thrown"));

    /* Too late to cancel: the file is there. */
    bool caught = false;
    try {
        (void)client.upload(files.big, bucket, "late", nullptr, [](auto done, auto total) {
            if (done == total) throw std::runtime_error("late");
        });
    } catch (const std::runtime_error &late) {
        caught = late.what() == std::string("late");
    }
    CHECK(caught);
    good(client.stat_file(bucket, "late"));
}

static void unfinished(const qcos::client &client, const files &files) {
    const auto broken_off =
        fails(QCOS_ERR_CANCELLED,
              client.upload_slice(files.big, bucket, "un/finished", nullptr, slice, nullptr,
                                  [](auto done, auto) { return done < slice; }));
    const auto session = broken_off.get("/data/session");
    const auto list = good(client.list_uploads(bucket, "un"));
    CHECK(list.get("/data/infos/0/session") == session);
    good(client.abort_upload(bucket, "un/finished", session));
    CHECK(!good(client.list_uploads(bucket, "un")).get("/data/infos/0"));
}

/* With the same client, and closing it: the call goes on to its end. */
static void callbacks_call(qcos::client &client, const files &files) {
    bool looked = false;
    good(client.upload(files.big, bucket, "called", nullptr, [&](std::uint64_t, std::uint64_t) {
        if (looked) return;
        looked = true;
        good(client.stat_file(bucket, "resumed"));
        client.close();
    }));
    CHECK(looked);
    fails(QCOS_ERR_HANDLE, client.stat_file(bucket, "called"));
}

int main(int, char **argv) {
    const std::filesystem::path folder = argv[2];
    const files files{folder / "big", folder / "got", std::filesystem::file_size(folder / "big")};
    qcos::client client(appid, secret_id, secret_key, options_of("xml", argv[1]));
    cancel_and_resume(client, files);
    callbacks_throw(client, files);
    unfinished(client, files);
    callbacks_call(client, files);
}
