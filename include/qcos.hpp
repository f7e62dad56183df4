/** @file
 * qcos.hpp - qcos.h for C++17: header only, and nothing but the standard library
 *
 *     qcos::client client;
 *     qcos::reply reply = client.open(appid, secret_id, secret_key,
 *                                     R"({"region":"ap-guangzhou"})");
 *     if (reply) reply = client.upload("a.jpg", "bucket", "photos/a.jpg", nullptr,
 *                                      [&](std::uint64_t done, std::uint64_t total) { return !stop; });
 *     if (!reply) std::cerr << reply.message() << '\n';
 *
 * or, where a failure shall be an exception:
 *
 *     qcos::client client(appid, secret_id, secret_key, options);
 *     auto url = client.download_url("bucket", "a.jpg", 60).or_throw().get("/data/url");
 *
 * Link with -lqcos. qcos.h is the manual: what is said there of a function holds for the method of
 * the same name. This is what differs:
 *
 * REPLIES are freed by themselves. A method never throws for a failure that a reply tells, only
 * std::bad_alloc and what a callback has thrown; reply::or_throw makes an exception of a failure, as does
 * going through a list, unless it has a reply to put it into.
 *
 * CALLBACKS are anything that can be called with (std::uint64_t done, std::uint64_t total), or for
 * list_all with (const char *page), and returns nothing, or bool: whether to go on. What they throw
 * cancels the call and is thrown again when it has returned; that of the last report, when it is too
 * late to cancel, comes after the transfer's success.
 *
 * TEXTS are literals, std::string or std::string_view; nullptr or std::nullopt is qcos.h's NULL.
 *
 * BYTES in memory are std::string_view, std::vector, std::array, std::span or what else has them in one
 * piece, or pointer and size as qcos::const_buffer and qcos::mutable_buffer; streams are std::istream,
 * std::ostream, or callables.
 *
 * LIMITS are std::chrono durations. A derived client has its own, and may be made for one call alone; where
 * the standard library has std::stop_token, that ends its calls in the same way:
 *
 *     client.with(5s).stat_file("bucket", "a.jpg");
 *     client.with(stop).upload("a.jpg", "bucket", "photos/a.jpg");
 *
 * LISTS are ranges, which fetch page by page:
 *
 *     for (const qcos::entry &entry : client.entries("bucket", "photos"))
 *         std::cout << entry.name() << '\n';
 *
 * With -fno-exceptions everything is there but qcos::error, or_throw, the constructor that opens, and
 * entries without a reply for its failure.
 */
#ifndef QCOS_HPP
#define QCOS_HPP

#if __cplusplus < 201703L
#error "qcos.hpp needs C++17 or newer"
#endif

#include <qcos.h>

#include <charconv>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <exception>
#include <filesystem>
#include <istream>
#include <iterator>
#include <map>
#include <memory>
#include <optional>
#include <ostream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#if __has_include(<version>)
#include <version>
#endif
#ifdef __cpp_lib_jthread
#include <stop_token>
#endif

static_assert(QCOS_VERSION_MAJOR == 0 && QCOS_VERSION_MINOR == 1,
              "qcos.hpp is for qcos.h 0.1: take both from one version");

namespace qcos {

/** A text parameter, borrowed for the call. */
class text {
  public:
    text(const char *value) noexcept : borrowed_(value) {}
    text(std::nullptr_t) noexcept {}
    text(std::nullopt_t) noexcept {}
    text(const std::string &value) noexcept : borrowed_(whole(value) ? value.c_str() : refused) {}
    text(std::string_view value) : copy_(whole(value) ? value : refused) {}
    text(const std::optional<std::string> &value) noexcept {
        if (value) borrowed_ = whole(*value) ? value->c_str() : refused;
    }
    text(const text &) = delete;
    text &operator=(const text &) = delete;

    const char *c_str() const noexcept { return copy_ ? copy_->c_str() : borrowed_; }

  private:
    /* Instead of a text with a NUL inside: the library would take the part before it for the text,
     * and refuses this as what it is, a control character. */
    static constexpr const char *refused = "\x01";
    static bool whole(std::string_view value) noexcept {
        return value.find('\0') == std::string_view::npos;
    }

    const char *borrowed_ = nullptr;
    std::optional<std::string> copy_;
};

/** A JSON string of a text, for options that are not known before the program runs. */
inline std::string json_string(std::string_view value) {
    constexpr const char *hex = "0123456789abcdef";
    std::string json = "\"";
    for (char c : value) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte < 0x20) {
            json += "\\u00";
            json += {hex[byte >> 4], hex[byte & 15]};
        } else {
            if (c == '"' || c == '\\') json += '\\';
            json += c;
        }
    }
    return json += '"';
}

namespace detail {

/** A container of bytes in one piece, as std::data and std::size see it; a text is none. */
template <class Bytes>
using byte_of = std::remove_pointer_t<decltype(std::data(std::declval<Bytes &>()))>;
template <class Bytes, class = void> struct is_bytes : std::false_type {};
template <class Bytes>
struct is_bytes<Bytes, std::void_t<byte_of<Bytes>>>
    : std::bool_constant<sizeof(byte_of<Bytes>) == 1 &&
                         std::is_trivially_copyable_v<byte_of<Bytes>>> {};

template <class Bytes>
constexpr bool is_text_array =
    std::is_array_v<Bytes> &&std::is_same_v<std::remove_cv_t<std::remove_extent_t<Bytes>>, char>;

/** Whether bytes can be appended to it. */
template <class Sink, class = void> struct appends : std::false_type {};
template <class Sink>
struct appends<Sink, std::void_t<decltype(std::declval<Sink &>().push_back(
                         std::declval<typename Sink::value_type>()))>> : is_bytes<Sink> {};

}  // namespace detail

/** Bytes that are read, borrowed for the call. */
class const_buffer {
  public:
    const_buffer(const void *data, std::size_t size) noexcept : data_(data), size_(size) {}
    /** A text up to its NUL, as of a literal. */
    const_buffer(const char *text) noexcept : const_buffer(text, std::strlen(text)) {}
    const_buffer(std::nullptr_t) = delete;
    const_buffer(std::string_view text) noexcept : const_buffer(text.data(), text.size()) {}
    template <class Bytes,
              std::enable_if_t<
                  detail::is_bytes<const Bytes>::value && !detail::is_text_array<Bytes>, int> = 0>
    const_buffer(const Bytes &bytes) noexcept : const_buffer(std::data(bytes), std::size(bytes)) {}

    const void *data() const noexcept { return data_; }
    std::size_t size() const noexcept { return size_; }

  private:
    const void *data_;
    std::size_t size_;
};

/** Memory that is filled, borrowed for the call. */
class mutable_buffer {
  public:
    mutable_buffer(void *data, std::size_t size) noexcept : data_(data), size_(size) {}
    template <class Bytes,
              std::enable_if_t<detail::is_bytes<std::remove_reference_t<Bytes>>::value &&
                                   !std::is_const_v<detail::byte_of<Bytes>>,
                               int> = 0>
    mutable_buffer(Bytes &&bytes) noexcept : mutable_buffer(std::data(bytes), std::size(bytes)) {}

    void *data() const noexcept { return data_; }
    std::size_t size() const noexcept { return size_; }

  private:
    void *data_;
    std::size_t size_;
};

/** Limits of the calls of a derived client; what is not set stays as it is. */
struct limits {
    limits() = default;
    /** The whole call with its retries, as `timeout`, rounded up to milliseconds. */
    template <class Rep, class Period>
    limits(std::chrono::duration<Rep, Period> whole) : timeout(rounded(whole)) {}

    /** Time limits of qcos_client_open. One that is used up, zero or less, ends the call at once. */
    std::optional<std::chrono::milliseconds> timeout, io_timeout, connect_timeout;
    std::optional<std::chrono::seconds> sign_expires;
    std::optional<int> retries;
    /** Of each transfer; or `automatic`, a number that finds itself and that transfers share. */
    std::optional<int> parallel;
    static constexpr int automatic = 0;
    std::optional<std::uint64_t> slice_size;
    std::optional<bool> overwrite;

    /** As options_json of qcos_client_with. */
    std::string json() const {
        std::string json;
        const auto add = [&json](const char *name, const std::string &value) {
            json += (json.empty() ? "{\"" : ",\"") + (name + ("\":" + value));
        };
        /* 0 would mean no limit. */
        const auto time = [&add](const char *name, const auto &limit) {
            if (limit) add(name, std::to_string(limit->count() < 1 ? 1 : limit->count()));
        };
        const auto number = [&add](const char *name, const auto &limit) {
            if (limit) add(name, std::to_string(*limit));
        };
        time("timeout_ms", timeout);
        time("io_timeout_ms", io_timeout);
        time("connect_timeout_ms", connect_timeout);
        time("sign_expires_s", sign_expires);
        number("retries", retries);
        if (parallel == automatic) {
            add("parallel", "\"auto\"");
        } else {
            number("parallel", parallel);
        }
        number("slice_size", slice_size);
        if (overwrite) add("overwrite", *overwrite ? "true" : "false");
        return json.empty() ? "{}" : json + "}";
    }

  private:
    /* What milliseconds cannot count is longer than the library takes, and refused there. */
    template <class Rep, class Period>
    static std::chrono::milliseconds rounded(std::chrono::duration<Rep, Period> whole) {
        constexpr double most = 1e15;
        const double ms = std::ceil(std::chrono::duration<double, std::milli>(whole).count());
        const double counted = ms >= 1 ? (ms < most ? ms : most) : 1;
        return std::chrono::milliseconds(static_cast<std::int64_t>(counted));
    }
};

/** What signs requests, as of qcos_client_set_credentials. */
struct credentials {
    std::string secret_id, secret_key;
    /** Of temporary credentials. */
    std::optional<std::string> security_token = std::nullopt;
    /** None: they never end. */
    std::optional<std::chrono::system_clock::time_point> expires_at = std::nullopt;
};

namespace detail {

/** Whole seconds; never 0, which means no end. */
inline std::int64_t unix_seconds(std::chrono::system_clock::time_point when) {
    const auto seconds = std::chrono::floor<std::chrono::seconds>(when.time_since_epoch()).count();
    return seconds == 0 ? -1 : static_cast<std::int64_t>(seconds);
}

/** Whether a library does for a program: before 1.0 of the same minor version, then no older one. */
constexpr bool serves(std::uint32_t library, std::uint32_t header) noexcept {
    const std::uint32_t ours = header / 256, theirs = library / 256;
    return ours / 256 == 0 ? ours == theirs : ours / 256 == theirs / 256 && ours <= theirs;
}

/** Of another version nothing else may be called. */
inline bool library_fits() noexcept { return serves(qcos_version_number(), QCOS_VERSION_NUMBER); }

inline std::string misfit() {
    const auto number = [](std::uint32_t version) {
        return std::to_string(version / 65536) + '.' + std::to_string(version / 256 % 256) + '.' +
               std::to_string(version % 256);
    };
    return "this program was compiled for libqcos " + number(QCOS_VERSION_NUMBER) +
           ", but the library that is loaded is " + number(qcos_version_number());
}

/** What the library gave out, freed with its last owner. */
inline std::shared_ptr<const char> owned(char *text) {
    return std::shared_ptr<const char>(
        text, [](const char *last) { qcos_string_free(const_cast<char *>(last)); });
}

/** A callable behind a C callback. */
template <class Call> struct callback {
    Call &call;
    std::exception_ptr thrown = nullptr;

    template <class... Values> std::int32_t cancels(Values... values) noexcept {
        using result = std::invoke_result_t<Call &, Values...>;
        static_assert(std::is_void_v<result> || std::is_same_v<result, bool>,
                      "a callback returns nothing, or bool: whether to go on");
#ifdef __cpp_exceptions
        try {
#endif
            if constexpr (std::is_void_v<result>) {
                call(values...);
                return 0;
            } else {
                return call(values...) ? 0 : 1;
            }
#ifdef __cpp_exceptions
        } catch (...) {
            thrown = std::current_exception();
            return 1;
        }
#endif
    }

    static std::int32_t progress(std::uint64_t done, std::uint64_t total, void *self) noexcept {
        return static_cast<callback *>(self)->cancels(done, total);
    }
    static std::int32_t page(const char *page, void *self) noexcept {
        return static_cast<callback *>(self)->cancels(page);
    }
};

inline std::optional<std::int64_t> integer(const std::optional<std::string> &value) {
    if (!value) return std::nullopt;
    std::int64_t integer = 0;
    const char *end = value->data() + value->size();
    const auto read = std::from_chars(value->data(), end, integer);
    return read.ec == std::errc() && read.ptr == end ? std::optional(integer) : std::nullopt;
}

}  // namespace detail

/** The value at a JSON pointer in a reply, or in a page of list_all; none where there is none. */
inline std::optional<std::string> get(const char *json, const text &pointer) {
    const auto value = detail::owned(qcos_reply_get(json, pointer.c_str()));
    return value ? std::optional<std::string>(value.get()) : std::nullopt;
}

/** An entry of a list, or another element of an array in a reply. */
class entry {
  public:
    /** Of its JSON text. */
    explicit entry(std::string json) : json_(std::move(json)) {}

    std::string name() const { return get("/name").value_or(""); }
    bool is_folder() const { return !get("/filesize") && !is_delete_marker(); }
    /** Of list_versions: hides the versions before it. */
    bool is_delete_marker() const { return get("/delete_marker").has_value(); }
    /** Bytes; of a folder none. */
    std::optional<std::int64_t> size() const { return number("/filesize"); }
    /** When it was changed last, where the service tells. */
    std::optional<std::chrono::system_clock::time_point> modified() const {
        using clock = std::chrono::system_clock;
        constexpr auto most = std::chrono::floor<std::chrono::seconds>(clock::duration::max());
        const auto mtime = number("/mtime");
        if (!mtime || *mtime < 0 || *mtime > most.count()) return std::nullopt;
        return clock::time_point(std::chrono::seconds(*mtime));
    }

    /** As reply::get and reply::number. */
    std::optional<std::string> get(const qcos::text &pointer) const {
        return qcos::get(json_.c_str(), pointer);
    }
    std::optional<std::int64_t> number(const qcos::text &pointer) const {
        return detail::integer(get(pointer));
    }
    /** All of it, as JSON. */
    const std::string &text() const noexcept { return json_; }

  private:
    std::string json_;
};

/** Hands the elements of an array in a reply, or in a page of list_all, to a callable: each as a qcos::entry
 *  or as JSON text, `void (const char *item)`; or bool: whether to go on. Whether there is such an array and
 *  all of it was handed out. */
template <class Item> bool each(const char *json, const text &pointer, Item &&item) {
    using plain = std::remove_reference_t<Item>;
    if constexpr (std::is_invocable_v<plain &, const char *>) {
        detail::callback<plain> callback{item};
        const auto ended = qcos_reply_each(json, pointer.c_str(), &detail::callback<plain>::page,
                                           static_cast<void *>(&callback));
#ifdef __cpp_exceptions
        if (callback.thrown) std::rethrow_exception(callback.thrown);
#endif
        return ended == 0;
    } else {
        return each(json, pointer, [&item](const char *text) { return item(entry(text)); });
    }
}

#ifdef __cpp_exceptions
class error;
#endif

/** What a call answers. Copies share the text. */
class reply {
  public:
    /** No reply yet; its code is QCOS_ERR_PARAMS. */
    reply() noexcept = default;

    /** Takes a reply of a function of qcos.h. */
    explicit reply(char *text) : text_(detail::owned(text)), code_(qcos_reply_code(text)) {}

    /** The reply when the library that is loaded is of another version; its kind is "version". */
    static reply of_another_version() {
        reply answer;
        answer.code_ = QCOS_ERR_INTERNAL;
        const auto json = std::make_shared<const std::string>(
            R"({"code":-8,"message":)" + json_string(detail::misfit()) +
            R"(,"httpcode":0,"data":{},)" +
            R"("error":{"attempts":0,"kind":"version","name":"QCOS_ERR_INTERNAL","retryable":false}})");
        answer.text_ = std::shared_ptr<const char>(json, json->c_str());
        return answer;
    }

    bool ok() const noexcept { return code_ == QCOS_OK; }
    explicit operator bool() const noexcept { return ok(); }

    /** 0 for success, a qcos_code, or the service's own code. */
    std::int64_t code() const noexcept { return code_; }
    /** For people; do not compare it. */
    std::string message() const { return get("/message").value_or(""); }
    /** The qcos_code's name, or "SERVICE"; "" of a success. */
    std::string name() const { return get("/error/name").value_or(""); }
    /** What has failed, such as "connect"; "" of a success. */
    std::string kind() const { return get("/error/kind").value_or(""); }
    /** Whether the same call may succeed later. */
    bool retryable() const { return get("/error/retryable") == "true"; }
    /** The HTTP status; 0 when there was no HTTP reply. */
    int httpcode() const { return static_cast<int>(number("/httpcode").value_or(0)); }

    /** The whole reply, one JSON object; lives as long as this reply. */
    std::string_view text() const noexcept { return text_ ? text_.get() : ""; }

    /** The value at a JSON pointer such as "/data/session": a string without its quotes, everything
     *  else as JSON. */
    std::optional<std::string> get(const qcos::text &pointer) const {
        if (!detail::library_fits()) return of_misfit(pointer.c_str());
        return qcos::get(text_.get(), pointer);
    }

    /** The integer at a JSON pointer such as "/data/filesize", also when it is a string of digits. */
    std::optional<std::int64_t> number(const qcos::text &pointer) const {
        return detail::integer(get(pointer));
    }

    /** As qcos::each, of this reply. */
    template <class Item> bool each(const qcos::text &pointer, Item &&item) const {
        return detail::library_fits() && qcos::each(text_.get(), pointer, item);
    }

#ifdef __cpp_exceptions
    /** Throws a qcos::error of a failure. */
    const reply &or_throw() const &;
    reply or_throw() &&;
#endif

  private:
    static std::optional<std::string> of_misfit(std::string_view pointer) {
        if (pointer == "/message") return detail::misfit();
        if (pointer == "/error/name") return "QCOS_ERR_INTERNAL";
        if (pointer == "/error/kind") return "version";
        return std::nullopt;
    }

    std::shared_ptr<const char> text_;
    std::int64_t code_ = QCOS_ERR_PARAMS;
};

#ifdef __cpp_exceptions
/** A failure that reply::or_throw has thrown; what() is its message. */
class error : public std::runtime_error {
  public:
    explicit error(qcos::reply failure)
        : std::runtime_error(failure.message()), reply_(std::move(failure)) {}

    std::int64_t code() const noexcept { return reply_.code(); }
    std::string name() const { return reply_.name(); }
    std::string kind() const { return reply_.kind(); }
    const qcos::reply &reply() const noexcept { return reply_; }

  private:
    qcos::reply reply_;
};

inline const reply &reply::or_throw() const & {
    if (!ok()) throw error(*this);
    return *this;
}
inline reply reply::or_throw() && {
    if (!ok()) throw error(*this);
    return std::move(*this);
}
#endif

namespace detail {

/** Callables behind the two C callbacks of an upload from a stream: nullptr is no progress. */
template <class Source, class Progress> struct source_callbacks {
    Source &source;
    callback<Progress> progress;
    std::exception_ptr thrown = nullptr;

    static std::int64_t read(void *buffer, std::size_t size, void *self) noexcept {
        auto &callbacks = *static_cast<source_callbacks *>(self);
#ifdef __cpp_exceptions
        try {
#endif
            return bytes_of(callbacks.source, static_cast<char *>(buffer), size);
#ifdef __cpp_exceptions
        } catch (...) {
            callbacks.thrown = std::current_exception();
            return -1;
        }
#endif
    }
    static std::int32_t report(std::uint64_t done, std::uint64_t total, void *self) noexcept {
        return static_cast<source_callbacks *>(self)->progress.cancels(done, total);
    }

  private:
    /* A stream that has failed is not at its end. */
    static std::int64_t bytes_of(Source &source, char *buffer, std::size_t size) {
        if constexpr (std::is_base_of_v<std::istream, Source>) {
            source.read(buffer, static_cast<std::streamsize>(size));
            return source.bad() ? -1 : static_cast<std::int64_t>(source.gcount());
        } else {
            return static_cast<std::int64_t>(source(buffer, size));
        }
    }
};

/** A stream, a container or a callable behind the C callback of a download. */
template <class Sink> struct sink_callback {
    Sink &sink;
    std::exception_ptr thrown = nullptr;

    static std::int32_t write(const void *data, std::size_t len, void *self) noexcept {
        auto &callback = *static_cast<sink_callback *>(self);
#ifdef __cpp_exceptions
        try {
#endif
            const std::string_view bytes(static_cast<const char *>(data), len);
            if constexpr (std::is_base_of_v<std::ostream, Sink>) {
                return callback.sink.write(bytes.data(), static_cast<std::streamsize>(len)) ? 0 : 1;
            } else if constexpr (appends<Sink>::value) {
                const auto *first = static_cast<const typename Sink::value_type *>(data);
                callback.sink.insert(callback.sink.end(), first, first + len);
                return 0;
            } else {
                detail::callback<Sink> call{callback.sink};
                const auto cancels = call.cancels(bytes);
                callback.thrown = call.thrown;
                return cancels;
            }
#ifdef __cpp_exceptions
        } catch (...) {
            callback.thrown = std::current_exception();
            return 1;
        }
#endif
    }
};

/** What a callable that renews credentials has thrown, until the call that needed them has returned. */
inline std::exception_ptr &thrown_by_renewal() noexcept {
    thread_local std::exception_ptr thrown;
    return thrown;
}

/** A callable behind the C callback for new credentials. */
template <class Renew> std::int32_t renews(qcos_client client, void *renew) noexcept {
#ifdef __cpp_exceptions
    try {
#endif
        const std::optional<credentials> fresh = (*reinterpret_cast<Renew *>(renew))();
        if (!fresh) return 0;
        const auto &token = fresh->security_token;
        qcos_string_free(qcos_client_set_credentials(
            client, text(fresh->secret_id).c_str(), text(fresh->secret_key).c_str(),
            text(token).c_str(), fresh->expires_at ? unix_seconds(*fresh->expires_at) : 0));
        return 0;
#ifdef __cpp_exceptions
    } catch (...) {
        thrown_by_renewal() = std::current_exception();
        return 1;
    }
#endif
}

#ifdef __cpp_lib_jthread
/** Cancels a client when a stop is requested, and closes it with the last that is derived from it. */
class stop_guard {
    struct cancels {
        qcos_client handle;
        void operator()() const noexcept { qcos_client_cancel(handle); }
    };

  public:
    stop_guard(qcos_client handle, std::shared_ptr<void> above, std::stop_token stop)
        : handle_(handle), above_(std::move(above)), callback_(std::move(stop), cancels{handle}) {}
    ~stop_guard() { qcos_client_close(handle_); }
    stop_guard(const stop_guard &) = delete;
    stop_guard &operator=(const stop_guard &) = delete;

  private:
    qcos_client handle_;
    std::shared_ptr<void> above_;
    std::stop_callback<cancels> callback_;
};
#endif

inline const char *argument(const text &value) noexcept { return value.c_str(); }
/* "" is refused; the part before a NUL may be another file. */
#ifdef _WIN32
/** Names are UTF-16 here, and UTF-8 in C. */
class utf8_path {
  public:
    explicit utf8_path(const std::filesystem::path &value) {
        if (value.native().find(L'\0') != std::wstring::npos) return;
        const auto utf8 = value.u8string();
        text_.assign(utf8.begin(), utf8.end());
    }
    operator const char *() const noexcept { return text_.c_str(); }

  private:
    std::string text_;
};
inline utf8_path argument(const std::filesystem::path &value) { return utf8_path(value); }
#else
inline const char *argument(const std::filesystem::path &value) noexcept {
    return value.native().find('\0') == std::string::npos ? value.c_str() : "";
}
#endif
template <class Value> Value argument(Value value) noexcept { return value; }

}  // namespace detail

class entries;

/** An account at a service. Any thread may call any method at any time, also close; but none while
 *  the client is opened, moved or destroyed. */
class client {
    using in = const text &;
    using local = const std::filesystem::path &;
    using none = std::nullptr_t;

  public:
    /** A closed client: every call answers QCOS_ERR_HANDLE. */
    client() noexcept = default;

#ifdef __cpp_exceptions
    /** Opens it, or throws a qcos::error. */
    client(in appid, in secret_id, in secret_key, in options_json = nullptr) {
        open(appid, secret_id, secret_key, options_json).or_throw();
    }
#endif

    client(client &&other) noexcept { take(other); }
    client &operator=(client &&other) noexcept {
        if (this != &other) {
            close();
            take(other);
        }
        return *this;
    }
    ~client() { close(); }

    /** Opens it; a client that it was before is closed. */
    [[nodiscard]] reply open(in appid, in secret_id, in secret_key, in options_json = nullptr) {
        *this = client();
        if (!detail::library_fits()) return reply::of_another_version();
        return reply(qcos_client_open(appid.c_str(), secret_id.c_str(), secret_key.c_str(),
                                      options_json.c_str(), &handle_));
    }

    /** Changes the credentials of this client and of all that share them. */
    [[nodiscard]] reply set_credentials(in secret_id, in secret_key, in security_token = nullptr,
                                        std::int64_t expires_at = 0) const {
        return ask(qcos_client_set_credentials, secret_id, secret_key, security_token, expires_at);
    }
    [[nodiscard]] reply set_credentials(const credentials &fresh) const {
        return set_credentials(fresh.secret_id, fresh.secret_key, fresh.security_token,
                               fresh.expires_at ? detail::unix_seconds(*fresh.expires_at) : 0);
    }
    /** The C callback for new credentials. */
    [[nodiscard]] reply on_expiry(qcos_credentials_fn callback, void *user_data = nullptr) const {
        return ask(qcos_client_on_expiry, callback, user_data);
    }
    /** A callable that brings new credentials, or none yet: `std::optional<qcos::credentials> ()`. It is not
     *  copied: it must live as long as calls of this client, and of all that share with it, are made. What
     *  it throws cancels the call that needs them, and is thrown again by that; what set_credentials refuses
     *  counts as none. */
    template <class Renew, std::enable_if_t<std::is_invocable_v<Renew &>, int> = 0>
    [[nodiscard]] reply on_expiry(Renew &renew) const {
        void *kept = nullptr;
        if constexpr (std::is_function_v<Renew>) kept = reinterpret_cast<void *>(&renew);
        else kept = const_cast<std::remove_const_t<Renew> *>(std::addressof(renew));
        return on_expiry(&detail::renews<Renew>, kept);
    }

    /**
     * Calls `told` with each attempt at a request, as JSON text; see qcos_client_trace. As for on_expiry, no
     * callable is kept.
     */
    [[nodiscard]] reply trace(qcos_trace_fn told, void *user_data = nullptr) const {
        return ask(qcos_client_trace, told, user_data);
    }

    /** Opens it as one that is derived from `from`; a client that it was before is closed. */
    [[nodiscard]] reply derive(const client &from, in options_json = nullptr) {
        client derived;
        reply made = derived.begin(from.handle_, from.refused_, options_json);
        derived.stop_ = from.stop_;
        *this = std::move(derived);
        return made;
    }
    [[nodiscard]] reply derive(const client &from, const limits &own) {
        return derive(from, text(own.json()));
    }

    /** A derived client, of which one may be made for each call. What is wrong with the options, all its
     *  calls answer. */
    [[nodiscard]] client with(in options_json) const {
        client made;
        reply answer = made.derive(*this, options_json);
        if (!answer) made.refused_ = std::move(answer);
        return made;
    }
    /** One with limits of its own: with(5s), or some of qcos::limits. */
    [[nodiscard]] client with(const limits &own) const { return with(text(own.json())); }
#ifdef __cpp_lib_jthread
    /** One that is cancelled when a stop is requested, with all that are derived from it. */
    [[nodiscard]] client with(std::stop_token stop) const {
        client cancelled = with(nullptr), made;
        if (cancelled.handle_ == 0) return cancelled;
        auto guard =
            std::make_shared<detail::stop_guard>(cancelled.handle_, stop_, std::move(stop));
        const qcos_client guarded = std::exchange(cancelled.handle_, 0);
        made.stop_ = std::move(guard);
        reply answer = made.begin(guarded, reply(), nullptr);
        if (!answer) made.refused_ = std::move(answer);
        return made;
    }
#endif

    /** Ends all its calls, and those of clients that are derived from it, with QCOS_ERR_CANCELLED. */
    void cancel() const noexcept { qcos_client_cancel(handle_); }

    /** Calls that other threads have begun go on to their end. */
    void close() const noexcept {
        if (handle_ != 0) qcos_client_close(handle_);
    }

    /** For the functions of qcos.h; it stays this client's. */
    qcos_client handle() const noexcept { return handle_; }

    /* Signatures */
    [[nodiscard]] reply sign_more(in bucket, std::int64_t expired) const {
        return ask(qcos_sign_more, bucket, expired);
    }
    [[nodiscard]] reply sign_more(in bucket, std::chrono::system_clock::time_point expired) const {
        return sign_more(bucket, detail::unix_seconds(expired));
    }
    [[nodiscard]] reply sign_once(in bucket, in fileid) const {
        return ask(qcos_sign_once, bucket, fileid);
    }
    [[nodiscard]] reply presign(in method, in bucket, in path, std::int64_t expires_s,
                                in options_json = nullptr) const {
        return ask(qcos_presign, method, bucket, path, expires_s, options_json);
    }
    [[nodiscard]] reply presign(in method, in bucket, in path, std::chrono::seconds life,
                                in options_json = nullptr) const {
        return presign(method, bucket, path, static_cast<std::int64_t>(life.count()), options_json);
    }
    [[nodiscard]] reply post_policy(in bucket, in options_json) const {
        return ask(qcos_post_policy, bucket, options_json);
    }
    [[nodiscard]] reply download_url(in bucket, in path, std::int64_t expires_s) const {
        return ask(qcos_download_url, bucket, path, expires_s);
    }
    [[nodiscard]] reply download_url(in bucket, in path, std::chrono::seconds life) const {
        return download_url(bucket, path, static_cast<std::int64_t>(life.count()));
    }

    /* Folders */
    [[nodiscard]] reply create_folder(in bucket, in path, in biz_attr = nullptr) const {
        return ask(qcos_create_folder, bucket, path, biz_attr);
    }
    [[nodiscard]] reply update_folder(in bucket, in path, in biz_attr) const {
        return ask(qcos_update_folder, bucket, path, biz_attr);
    }
    [[nodiscard]] reply stat_folder(in bucket, in path) const {
        return ask(qcos_stat_folder, bucket, path);
    }
    [[nodiscard]] reply delete_folder(in bucket, in path) const {
        return ask(qcos_delete_folder, bucket, path);
    }
    [[nodiscard]] reply list(in bucket, in path, std::int32_t num = 0, in pattern = nullptr,
                             std::int32_t order = 0, in context = nullptr) const {
        return ask(qcos_list, bucket, path, num, pattern, order, context);
    }
    [[nodiscard]] reply prefix_search(in bucket, in path, in prefix, std::int32_t num = 0,
                                      in pattern = nullptr, std::int32_t order = 0,
                                      in context = nullptr) const {
        return ask(qcos_prefix_search, bucket, path, prefix, num, pattern, order, context);
    }
    /** What is directly in a folder, fetched page by page while it is gone through; of those whose names
     *  begin with a prefix. The loop ends where a page fails; what `outcome` is then says why. */
    [[nodiscard]] qcos::entries entries(in bucket, in path, reply &outcome, in prefix = nullptr,
                                        in pattern = nullptr) const;
#ifdef __cpp_exceptions
    /** The same; where a page fails, it throws a qcos::error. */
    [[nodiscard]] qcos::entries entries(in bucket, in path, in prefix = nullptr,
                                        in pattern = nullptr) const;
#endif
    /** qcos::each reads a page: each(page, "/infos", [](const qcos::entry &entry) { ... }). */
    template <class Page>
    [[nodiscard]] reply list_all(in bucket, in path, bool recursive, Page &&page) const {
        return ask_with(&detail::callback<std::remove_reference_t<Page>>::page, page, qcos_list_all,
                        bucket, path, recursive);
    }

    /** The same of what begins with a prefix; with `recursive` also what is below the found folders. */
    template <class Page>
    [[nodiscard]] reply prefix_search_all(in bucket, in path, in prefix, bool recursive,
                                          Page &&page) const {
        return ask_with(&detail::callback<std::remove_reference_t<Page>>::page, page,
                        qcos_prefix_search_all, bucket, path, prefix, recursive);
    }

    /** All versions and delete markers of what list_all lists, from the newest to the oldest. */
    template <class Page>
    [[nodiscard]] reply list_versions(in bucket, in path, bool recursive, Page &&page) const {
        return ask_with(&detail::callback<std::remove_reference_t<Page>>::page, page,
                        qcos_list_versions, bucket, path, recursive);
    }

    /** One request in the service's own words: what has no method here. */
    [[nodiscard]] reply request(in bucket, in path, in request_json,
                                const const_buffer &body = std::string_view()) const {
        return ask(qcos_request, bucket, path, request_json, body.data(), body.size());
    }

    /** What is wrong between this program and the service, step by step. */
    [[nodiscard]] reply diagnose(in bucket) const { return ask(qcos_diagnose, bucket); }

    /* Uploads and downloads; `progress` may be nullptr */
    template <class Progress = none>
    [[nodiscard]] reply upload(local file, in bucket, in dstpath, in biz_attr = nullptr,
                               Progress &&progress = nullptr) const {
        return transfer(progress, qcos_upload, file, bucket, dstpath, biz_attr);
    }
    [[nodiscard]] reply upload_buffer(const void *data, std::size_t len, in bucket, in dstpath,
                                      in biz_attr = nullptr) const {
        return ask(qcos_upload_buffer, data, len, bucket, dstpath, biz_attr);
    }
    [[nodiscard]] reply upload_buffer(const const_buffer &content, in bucket, in dstpath,
                                      in biz_attr = nullptr) const {
        return upload_buffer(content.data(), content.size(), bucket, dstpath, biz_attr);
    }
    template <class Progress = none>
    [[nodiscard]] reply upload_buffer_with(const const_buffer &content, in bucket, in dstpath,
                                           in options_json = nullptr,
                                           Progress &&progress = nullptr) const {
        return transfer(progress, qcos_upload_buffer_with, content.data(), content.size(), bucket,
                        dstpath, options_json);
    }
    /** Uploads a std::istream to its end, or what a callable fills: `std::size_t (char *buffer,
     *  std::size_t size)`, 0 at the end. */
    template <class Source, class Progress = none>
    [[nodiscard]] reply upload_stream(Source &&source, in bucket, in dstpath,
                                      in options_json = nullptr,
                                      Progress &&progress = nullptr) const {
        using plain = std::remove_reference_t<Source>;
        using watch = std::remove_reference_t<Progress>;
        if constexpr (std::is_same_v<std::remove_const_t<watch>, none>) {
            auto unseen = [](std::uint64_t, std::uint64_t) {};
            return upload_stream(source, bucket, dstpath, options_json, unseen);
        } else {
            using callbacks = detail::source_callbacks<plain, watch>;
            callbacks both{source, {progress}};
            const reply answer =
                ask(qcos_upload_stream, bucket, dstpath, options_json, &callbacks::read,
                    &callbacks::report, static_cast<void *>(&both));
#ifdef __cpp_exceptions
            if (both.thrown) std::rethrow_exception(both.thrown);
            if (both.progress.thrown) std::rethrow_exception(both.progress.thrown);
#endif
            return answer;
        }
    }
    template <class Progress = none>
    [[nodiscard]] reply upload_slice(local file, in bucket, in dstpath, in biz_attr = nullptr,
                                     std::uint64_t slice_size = 0, in session = nullptr,
                                     Progress &&progress = nullptr) const {
        return transfer(progress, qcos_upload_slice, file, bucket, dstpath, biz_attr, slice_size,
                        session);
    }
    template <class Progress = none>
    [[nodiscard]] reply upload_with(local file, in bucket, in dstpath, in options_json,
                                    Progress &&progress = nullptr) const {
        return transfer(progress, qcos_upload_with, file, bucket, dstpath, options_json);
    }
    template <class Progress = none>
    [[nodiscard]] reply upload_tree(local folder, in bucket, in dstpath, in options_json = nullptr,
                                    Progress &&progress = nullptr) const {
        return transfer(progress, qcos_upload_tree, folder, bucket, dstpath, options_json);
    }
    template <class Progress = none>
    [[nodiscard]] reply download(in bucket, in path, local file,
                                 Progress &&progress = nullptr) const {
        return transfer(progress, qcos_download, bucket, path, file);
    }
    template <class Progress = none>
    [[nodiscard]] reply download_with(in bucket, in path, local file, in options_json,
                                      Progress &&progress = nullptr) const {
        return transfer(progress, qcos_download_with, bucket, path, file, options_json);
    }
    /** Some bytes into memory; number("/data/len") of the reply is how many. */
    [[nodiscard]] reply download_buffer(in bucket, in path, std::int64_t offset, void *buffer,
                                        std::size_t size, in options_json = nullptr) const {
        return ask(qcos_download_buffer, bucket, path, offset, buffer, size, options_json);
    }
    [[nodiscard]] reply download_buffer(in bucket, in path, std::int64_t offset,
                                        const mutable_buffer &buffer,
                                        in options_json = nullptr) const {
        return download_buffer(bucket, path, offset, buffer.data(), buffer.size(), options_json);
    }
    /** Writes an object to a std::ostream, appends it to a std::string or a std::vector of bytes, or hands it
     *  to a callable that takes a std::string_view and returns nothing, or whether to go on. */
    template <class Sink>
    [[nodiscard]] reply download_stream(in bucket, in path, Sink &&sink,
                                        in options_json = nullptr) const {
        using plain = std::remove_reference_t<Sink>;
        detail::sink_callback<plain> callback{sink};
        const reply answer =
            ask(qcos_download_stream, bucket, path, options_json,
                &detail::sink_callback<plain>::write, static_cast<void *>(&callback));
#ifdef __cpp_exceptions
        if (callback.thrown) std::rethrow_exception(callback.thrown);
#endif
        return answer;
    }
    template <class Progress = none>
    [[nodiscard]] reply download_tree(in bucket, in path, local folder, in options_json = nullptr,
                                      Progress &&progress = nullptr) const {
        return transfer(progress, qcos_download_tree, bucket, path, folder, options_json);
    }

    /* Files */
    [[nodiscard]] reply update_file(in bucket, in path, in biz_attr) const {
        return ask(qcos_update_file, bucket, path, biz_attr);
    }
    [[nodiscard]] reply update_with(in bucket, in path, in options_json) const {
        return ask(qcos_update_with, bucket, path, options_json);
    }
    [[nodiscard]] reply stat_file(in bucket, in path) const {
        return ask(qcos_stat_file, bucket, path);
    }
    [[nodiscard]] reply stat_with(in bucket, in path, in options_json = nullptr) const {
        return ask(qcos_stat_with, bucket, path, options_json);
    }
    [[nodiscard]] reply delete_file(in bucket, in path) const {
        return ask(qcos_delete_file, bucket, path);
    }
    [[nodiscard]] reply delete_with(in bucket, in path, in options_json = nullptr) const {
        return ask(qcos_delete_with, bucket, path, options_json);
    }
    [[nodiscard]] reply move_file(in bucket, in path, in dst_path, bool overwrite = false) const {
        return ask(qcos_move_file, bucket, path, dst_path, overwrite);
    }
    [[nodiscard]] reply copy_file(in bucket, in path, in dst_path, bool overwrite = false) const {
        return ask(qcos_copy_file, bucket, path, dst_path, overwrite);
    }
    template <class Progress = none>
    [[nodiscard]] reply copy_with(in bucket, in path, in dst_bucket, in dst_path,
                                  in options_json = nullptr, Progress &&progress = nullptr) const {
        return transfer(progress, qcos_copy_with, bucket, path, dst_bucket, dst_path, options_json);
    }
    template <class Progress = none>
    [[nodiscard]] reply copy_tree(in bucket, in path, in dst_bucket, in dst_path,
                                  in options_json = nullptr, Progress &&progress = nullptr) const {
        return transfer(progress, qcos_copy_tree, bucket, path, dst_bucket, dst_path, options_json);
    }
    [[nodiscard]] reply delete_files(in bucket, const std::vector<std::string> &paths) const {
        std::string json;
        for (const auto &path : paths) json += (json.empty() ? "[" : ",") + json_string(path);
        return ask(qcos_delete_files, bucket, text(json.empty() ? "[]" : json + "]"));
    }
    [[nodiscard]] reply delete_tree(in bucket, in path) const {
        return ask(qcos_delete_tree, bucket, path);
    }
    [[nodiscard]] reply set_acl(in bucket, in path, in acl) const {
        return ask(qcos_set_acl, bucket, path, acl);
    }
    [[nodiscard]] reply get_acl(in bucket, in path) const {
        return ask(qcos_get_acl, bucket, path);
    }
    [[nodiscard]] reply set_tags(in bucket, in path,
                                 const std::map<std::string, std::string> &tags) const {
        std::string json;
        for (const auto &[key, value] : tags)
            json += (json.empty() ? "{" : ",") + json_string(key) + ":" + json_string(value);
        return ask(qcos_set_tags, bucket, path, text(json.empty() ? "{}" : json + "}"));
    }
    [[nodiscard]] reply get_tags(in bucket, in path) const {
        return ask(qcos_get_tags, bucket, path);
    }
    [[nodiscard]] reply restore_file(in bucket, in path, std::int32_t days,
                                     in tier = nullptr) const {
        return ask(qcos_restore_file, bucket, path, days, tier);
    }
    [[nodiscard]] reply append(const const_buffer &content, in bucket, in path,
                               std::int64_t position, in options_json = nullptr) const {
        return ask(qcos_append, content.data(), content.size(), bucket, path, position,
                   options_json);
    }

    /* Buckets, and uploads that are unfinished */
    [[nodiscard]] reply create_bucket(in bucket, in acl = nullptr) const {
        return ask(qcos_create_bucket, bucket, acl);
    }
    [[nodiscard]] reply head_bucket(in bucket) const { return ask(qcos_head_bucket, bucket); }
    [[nodiscard]] reply delete_bucket(in bucket) const { return ask(qcos_delete_bucket, bucket); }
    [[nodiscard]] reply set_versioning(in bucket, in status) const {
        return ask(qcos_set_versioning, bucket, status);
    }
    [[nodiscard]] reply get_versioning(in bucket) const { return ask(qcos_get_versioning, bucket); }
    [[nodiscard]] reply list_buckets() const { return ask(qcos_list_buckets); }
    [[nodiscard]] reply list_uploads(in bucket, in path) const {
        return ask(qcos_list_uploads, bucket, path);
    }
    [[nodiscard]] reply abort_upload(in bucket, in path, in session) const {
        return ask(qcos_abort_upload, bucket, path, session);
    }

  private:
    void take(client &other) noexcept {
        handle_ = std::exchange(other.handle_, 0);
        refused_ = std::exchange(other.refused_, reply());
        stop_ = std::exchange(other.stop_, nullptr);
    }

    /* Of one that is closed. */
    reply begin(qcos_client from, const reply &refused, in options_json) {
        if (!detail::library_fits()) return reply::of_another_version();
        if (!refused.text().empty()) return refused;
        return reply(qcos_client_with(from, options_json.c_str(), &handle_));
    }

    template <class Function, class... Values>
    reply ask(Function function, const Values &...values) const {
        if (!detail::library_fits()) return reply::of_another_version();
        if (!refused_.text().empty()) return refused_;
#ifdef __cpp_exceptions
        const std::exception_ptr outer = std::exchange(detail::thrown_by_renewal(), nullptr);
        reply answer(function(handle_, detail::argument(values)...));
        const std::exception_ptr thrown = std::exchange(detail::thrown_by_renewal(), outer);
        if (thrown) std::rethrow_exception(thrown);
        return answer;
#else
        return reply(function(handle_, detail::argument(values)...));
#endif
    }

    template <class Trampoline, class Call, class Function, class... Values>
    reply ask_with(Trampoline trampoline, Call &call, Function function,
                   const Values &...values) const {
        detail::callback<Call> callback{call};
        const reply answer = ask(function, values..., trampoline, static_cast<void *>(&callback));
#ifdef __cpp_exceptions
        if (callback.thrown) std::rethrow_exception(callback.thrown);
#endif
        return answer;
    }

    template <class Progress, class Function, class... Values>
    reply transfer(Progress &progress, Function function, const Values &...values) const {
        if constexpr (std::is_same_v<std::remove_const_t<Progress>, none>) {
            return ask(function, values..., qcos_progress_fn(nullptr),
                       static_cast<void *>(nullptr));
        } else {
            return ask_with(&detail::callback<Progress>::progress, progress, function, values...);
        }
    }

    qcos_client handle_ = 0;
    /** Why there is no handle, if with() found that. */
    reply refused_;
    /** What cancels it when a stop is requested; the type is the same whatever standard it is. */
    std::shared_ptr<void> stop_;
};

/** The entries of a folder, for one pass. It may outlive the client: it has a derived one. */
class entries {
    using kept = std::optional<std::string>;
    static kept keep(const text &value) {
        return value.c_str() ? kept(value.c_str()) : std::nullopt;
    }

    struct asked {
        reply *outcome;
        const text &bucket, &path, &prefix, &pattern;
    };
    struct walk {
        walk(const client &from, const asked &list)
            : source(from.with(nullptr)), outcome(list.outcome), bucket(keep(list.bucket)),
              path(keep(list.path)), prefix(keep(list.prefix)), pattern(keep(list.pattern)) {}

        client source;
        reply *outcome;
        kept bucket, path, prefix, pattern, context;
        std::vector<entry> page;
        std::size_t at = 0;
        bool is_last = false;
    };

  public:
    /** An input iterator. */
    class iterator {
      public:
        using iterator_category = std::input_iterator_tag;
        using value_type = entry;
        using difference_type = std::ptrdiff_t;
        using pointer = const entry *;
        using reference = const entry &;

        iterator() noexcept = default;
        reference operator*() const { return walk_->page[walk_->at]; }
        pointer operator->() const { return &**this; }
        iterator &operator++() {
            walk_->at++;
            return settle();
        }
        void operator++(int) { ++*this; }
        friend bool operator==(const iterator &one, const iterator &other) noexcept {
            return one.walk_ == other.walk_;
        }
        friend bool operator!=(const iterator &one, const iterator &other) noexcept {
            return !(one == other);
        }

      private:
        friend class entries;
        explicit iterator(std::shared_ptr<walk> walk) : walk_(std::move(walk)) { settle(); }

        /* On an entry, or at the end. */
        iterator &settle() {
            while (walk_ && walk_->at == walk_->page.size())
                if (walk_->is_last || !fetch(*walk_)) walk_ = nullptr;
            return *this;
        }

        std::shared_ptr<walk> walk_;
    };

    iterator begin() const { return iterator(walk_); }
    iterator end() const noexcept { return iterator(); }

  private:
    friend class client;
    /* As many as both APIs give at once. */
    static constexpr std::int32_t page_max = 199;

    entries(const client &from, const asked &list) : walk_(std::make_shared<walk>(from, list)) {}

    static bool fetch(walk &walk) {
        const reply answer =
            walk.prefix
                ? walk.source.prefix_search(walk.bucket, walk.path, walk.prefix, page_max,
                                            walk.pattern, 0, walk.context)
                : walk.source.list(walk.bucket, walk.path, page_max, walk.pattern, 0, walk.context);
        if (walk.outcome) *walk.outcome = answer;
#ifdef __cpp_exceptions
        if (!walk.outcome) answer.or_throw();
#endif
        walk.page.clear();
        walk.at = 0;
        answer.each("/data/infos", [&walk](const entry &entry) { walk.page.push_back(entry); });
        walk.is_last = answer.get("/data/has_more") != "true";
        walk.context = answer.get("/data/context");
        return answer.ok();
    }

    std::shared_ptr<walk> walk_;
};

inline entries client::entries(in bucket, in path, reply &outcome, in prefix, in pattern) const {
    return qcos::entries(*this, {&outcome, bucket, path, prefix, pattern});
}
#ifdef __cpp_exceptions
inline entries client::entries(in bucket, in path, in prefix, in pattern) const {
    return qcos::entries(*this, {nullptr, bucket, path, prefix, pattern});
}
#endif

/** The version of the library that is loaded, such as "0.1.0". */
inline const char *version() noexcept { return qcos_version(); }

}  // namespace qcos

#endif /* QCOS_HPP */
