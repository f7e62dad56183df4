/* An image store: what an application keeps in a bucket without ever writing it to a file.
 *
 *     images put BUCKET NAME [replace] <a.png      only if there is none of that name, or over it
 *     images get BUCKET NAME >a.png                 whole, from memory
 *     images show BUCKET NAME >a.png                as it comes
 *     images size BUCKET NAME                       width and height, of its first bytes alone
 *     images list BUCKET
 *     images link BUCKET NAME                       a link for a day
 *     images remove BUCKET NAME
 *
 * QCOS_APPID, QCOS_SECRET_ID, QCOS_SECRET_KEY and QCOS_OPTIONS are as of quickstart.cpp. Where credentials
 * change, QCOS_CREDENTIALS names a file of the newest: secret id, key and, of temporary ones, token and end.
 */
#include <algorithm>
#include <array>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <iterator>
#include <qcos.hpp>

using namespace std::chrono_literals;
using image = std::vector<unsigned char>;

/* A PNG begins with 8 bytes of its own, the length and name of a header, then width and height. */
struct png_header {
    std::array<unsigned char, 24> bytes{};

    bool is_png() const { return std::string_view(text(), 8) == "\x89PNG\r\n\x1a\n"; }
    std::string size() const {
        return std::to_string(number(16)) + 'x' + std::to_string(number(20));
    }
    const char *text() const { return reinterpret_cast<const char *>(bytes.data()); }
    unsigned number(std::size_t at) const {
        return unsigned{bytes[at]} << 24 | unsigned{bytes[at + 1]} << 16 |
               unsigned{bytes[at + 2]} << 8 | bytes[at + 3];
    }
};

class image_store {
  public:
    image_store(const qcos::client &client, std::string bucket)
        : client_(client.with(1min)), bucket_(std::move(bucket)) {}

    /* Whether it was stored: an image that is there already stays, unless it is to be replaced. */
    bool put(const std::string &name, const image &content, bool replaces) const {
        png_header header;
        std::copy_n(content.begin(), std::min(content.size(), header.bytes.size()),
                    header.bytes.begin());
        if (!header.is_png()) throw std::invalid_argument(name + " is no PNG");
        const std::string options = R"({"headers":{"Content-Type":"image/png","x-cos-meta-size":)" +
                                    qcos::json_string(header.size()) +
                                    "},\"overwrite\":" + (replaces ? "true}" : "false}");
        const qcos::reply reply = client_.upload_buffer_with(content, bucket_, key(name), options);
        constexpr int other_is_there = -177, same_is_there = -4018;
        if (reply.code() == other_is_there || reply.code() == same_is_there) return false;
        return reply.or_throw().ok();
    }

    image get(const std::string &name) const {
        image content;
        client_.download_stream(bucket_, key(name), content).or_throw();
        return content;
    }

    void write(const std::string &name, std::ostream &to) const {
        client_.download_stream(bucket_, key(name), to).or_throw();
    }

    png_header header(const std::string &name) const {
        png_header header;
        client_.download_buffer(bucket_, key(name), 0, header.bytes).or_throw();
        return header;
    }

    qcos::entries list() const { return client_.entries(bucket_, "images"); }

    std::string link(const std::string &name, std::chrono::seconds life) const {
        return *client_.download_url(bucket_, key(name), life).or_throw().get("/data/url");
    }

    void remove(const std::string &name) const {
        client_.delete_file(bucket_, key(name)).or_throw();
    }

  private:
    static std::string key(const std::string &name) { return "images/" + name; }

    qcos::client client_; /* on the connections of the application's, with a limit of its own */
    std::string bucket_;
};

/* The credentials in a file that something else renews; none as long as it cannot be read. */
static std::optional<qcos::credentials> newest() {
    const char *path = std::getenv("QCOS_CREDENTIALS");
    std::ifstream file(path ? path : "");
    qcos::credentials found;
    if (!(file >> found.secret_id >> found.secret_key)) return std::nullopt;
    std::string token;
    std::int64_t end = 0;
    if (file >> token >> end) {
        found.security_token = token;
        found.expires_at = std::chrono::system_clock::time_point(std::chrono::seconds(end));
    }
    return found;
}

int main(int argc, char **argv) try {
    std::vector<std::string> words(argv + 1, argv + argc);
    words.resize(4);
    const std::string &call = words[0], &name = words[2];
    if (name.empty() != (call == "list")) throw std::invalid_argument("usage: see images.cpp");
    const qcos::client client(std::getenv("QCOS_APPID"), std::getenv("QCOS_SECRET_ID"),
                              std::getenv("QCOS_SECRET_KEY"), std::getenv("QCOS_OPTIONS"));
    client.on_expiry(newest).or_throw();
    const image_store store(client, words[1]);

    if (call == "put") {
        const image content(std::istreambuf_iterator<char>(std::cin), {});
        const bool stored = store.put(name, content, words[3] == "replace");
        std::cout << (stored ? "stored\n" : "there is one already\n");
        return stored ? 0 : 1;
    }
    if (call == "get") {
        const image content = store.get(name);
        std::cout.write(reinterpret_cast<const char *>(content.data()),
                        static_cast<std::streamsize>(content.size()));
    } else if (call == "show") {
        store.write(name, std::cout);
    } else if (call == "size") {
        std::cout << store.header(name).size() << '\n';
    } else if (call == "list") {
        for (const qcos::entry &entry : store.list())
            if (!entry.is_folder()) std::cout << entry.name() << ' ' << *entry.size() << '\n';
    } else if (call == "link") {
        std::cout << store.link(name, 24h) << '\n';
    } else if (call == "remove") {
        store.remove(name);
    } else {
        throw std::invalid_argument("no such call: " + call);
    }
    return std::cout.flush() ? 0 : 1;
} catch (const qcos::error &failure) {
    std::cerr << failure.name() << ' ' << failure.kind() << ": " << failure.what()
              << (failure.reply().retryable() ? " (may succeed later)\n" : "\n");
    return 1;
} catch (const std::invalid_argument &mistake) {
    std::cerr << mistake.what() << '\n';
    return 2;
}
