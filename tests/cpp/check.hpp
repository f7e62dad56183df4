/* What the programs of tests/cpp share: checks that end the program. */
#pragma once

#include <qcos.hpp>

#include <cstdlib>
#include <fstream>
#include <iostream>
#include <iterator>

#define CHECK(so) check((so), #so, __FILE__, __LINE__)

inline void check(bool so, const char *what, const char *file, int line) {
    if (so) return;
    std::cerr << file << ':' << line << ": " << what << '\n';
    std::exit(1);
}

constexpr const char *bucket = "testbucket";

/* The emulator's test account. */
constexpr const char *appid = "10000001";
constexpr const char *secret_id = "TESTSECRETID0000000000000000000000000";
constexpr const char *secret_key = "TESTSECRETKEYDONOTUSE0000000000";

inline std::string options_of(const std::string &api, const std::string &endpoint) {
    const std::string more = api == "xml" ? R"("api":"xml","region":"ap-x",)" : "";
    return "{" + more + R"("endpoint":)" + qcos::json_string(endpoint) + "}";
}

/* A reply that must be a success. */
inline qcos::reply good(qcos::reply reply) {
    if (!reply) std::cerr << reply.text() << '\n';
    CHECK(reply.ok());
    return reply;
}

/* A reply that must have this code. */
inline qcos::reply fails(std::int64_t code, qcos::reply reply) {
    if (reply.code() != code) std::cerr << code << " was expected: " << reply.text() << '\n';
    CHECK(reply.code() == code && !reply);
    return reply;
}

inline std::string content_of(const std::filesystem::path &path) {
    std::ifstream file(path, std::ios::binary);
    CHECK(file.good());
    return {std::istreambuf_iterator<char>(file), {}};
}
