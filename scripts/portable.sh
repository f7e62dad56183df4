#!/bin/bash
# Makes libqcos.so for systems down to glibc 2.17 (2012: RHEL 7, Debian 8), or for musl, which needs the C library alone:
# into target/portable/ARCHITECTURE or target/portable/musl. The linker is zig's, from PyPI, which knows the symbols of
# each glibc; what it makes is checked symbol by symbol (check-portable.sh), as it links in silence what is missing.
#
#     scripts/portable.sh [x86_64|aarch64|musl ...]
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=scripts/zig.sh
. scripts/zig.sh

CARGO=${CARGO:-cargo}
FLOOR=2.17
out=target/portable

make_for() {
    local target=$1-unknown-linux-gnu glibc=.$FLOOR flags
    # None of the builder's folders: it is given to others.
    flags=$(packaging/rustflags.sh)
    if [ "$1" = musl ]; then
        # A shared library needs the C library that its program has.
        target=x86_64-unknown-linux-musl glibc='' flags+=$'\037-Ctarget-feature=-crt-static'
    fi
    rustup target add "$target" 2>/dev/null || { echo "NOT RUN: no Rust for $target" >&2 && exit 0; }
    # What is built for one glibc must not be taken for another's.
    CARGO_TARGET_DIR=$out/build CARGO_ENCODED_RUSTFLAGS=$flags zigbuild cdylib "$target$glibc"
    mkdir -p "$out/$1"
    cp "$out/build/$target/release/libqcos.so" "$out/$1/libqcos.so.0"
    ln -sf libqcos.so.0 "$out/$1/libqcos.so"
    scripts/check-portable.sh $FLOOR "$out/$1/libqcos.so.0"
}

[ $# -gt 0 ] || set -- x86_64 aarch64
for architecture; do
    make_for "$architecture"
done
