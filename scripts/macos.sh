#!/bin/bash
# `make macos`: links libqcos.dylib and libqcos.a for macOS, of both processors, into target/macos, and reads them:
# what the library is called, what it exports, what it needs. Nothing here runs it. The linker is zig's, from PyPI,
# which knows the symbols of macOS' libSystem. Of its frameworks, Security and CoreFoundation, there are those here that
# the library wants: that macOS has them is what the crates say that declare them.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=scripts/zig.sh
. scripts/zig.sh

CARGO=${CARGO:-cargo}
out=target/macos
major=$(sed -n 's/^version = "\([0-9]*\).*"/\1/p' Cargo.toml)

command -v llvm-nm-14 >/dev/null || apt-get install -qy --no-install-recommends llvm-14 >/dev/null

# ARCHITECTURE CRATE_TYPE [FLAG ...]
build() {
    local target=$1-apple-darwin type=$2 flags flag
    shift 2
    flags=$(packaging/rustflags.sh)
    for flag; do flags+=$'\037'$flag; done
    CARGO_TARGET_DIR=$out/build CARGO_ENCODED_RUSTFLAGS=$flags zigbuild "$type" "$target" -- --print native-static-libs
}

# FRAMEWORK PREFIX LIBRARY: a stub to link with, of the symbols that a library wants of it.
stub() {
    local folder=$out/frameworks/$1.framework
    mkdir -p "$folder"
    cat >"$folder/$1.tbd" <<END
--- !tapi-tbd
tbd-version: 4
targets: [ x86_64-macos, arm64-macos ]
install-name: '/System/Library/Frameworks/$1.framework/Versions/A/$1'
exports:
  - targets: [ x86_64-macos, arm64-macos ]
    symbols: [ $(llvm-nm-14 --undefined-only --just-symbol-name "$3" 2>/dev/null | grep -E "^_k?$2" | sort -u | paste -sd ,) ]
...
END
}

for architecture in aarch64 x86_64; do
    rustup target add "$architecture-apple-darwin" 2>/dev/null ||
        { echo "NOT RUN: no Rust for $architecture-apple-darwin" >&2 && exit 0; }
    build "$architecture" staticlib
    release=$out/build/$architecture-apple-darwin/release
    stub Security Sec "$release/libqcos.a"
    stub CoreFoundation CF "$release/libqcos.a"
    build "$architecture" cdylib "-Clink-arg=-F$PWD/$out/frameworks"
    mkdir -p "$out/$architecture"
    cp "$release/libqcos.dylib" "$release/libqcos.a" "$out/$architecture"

    library=$out/$architecture/libqcos.dylib
    name=$(llvm-otool-14 -D "$library" | tail -n 1)
    [ "$name" = "@rpath/libqcos.$major.dylib" ] || { echo "$library calls itself $name" >&2 && exit 1; }
    # Apple's linker exports those alone; zig's takes no list, and adds four of Rust's and its own.
    missing=$(llvm-nm-14 --extern-only --defined-only --just-symbol-name "$library" | sed 's/^_//' | LC_ALL=C sort |
        LC_ALL=C comm -23 tests/exports.txt -)
    [ -z "$missing" ] || { echo "$library does not export $missing" >&2 && exit 1; }
    needs=$(llvm-otool-14 -L "$library" | sed -n '3,$s/^[[:space:]]*\([^ ]*\).*/\1/p' | paste -sd ' ')
    echo "$library: $name, $(wc -c <"$library") bytes; exports all that are listed; needs $needs"
done
