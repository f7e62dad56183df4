#!/bin/bash
# Makes libqcos.so for systems down to glibc 2.17 (2012: RHEL 7, Debian 8), or for musl, which needs the C library alone:
# into target/portable/ARCHITECTURE or target/portable/musl. The linker is zig's, from PyPI, which knows the symbols of
# each glibc; what it makes is checked symbol by symbol (check-portable.sh), as it links in silence what is missing.
#
#     scripts/portable.sh [x86_64|aarch64|musl ...]
set -euo pipefail
cd "$(dirname "$0")/.."

CARGO=${CARGO:-cargo}
FLOOR=2.17
out=target/portable

make_for() {
    local target=$1-unknown-linux-gnu glibc=.$FLOOR tools=$out/tools flags
    # None of the builder's folders: it is given to others.
    flags=$(packaging/rustflags.sh)
    if [ "$1" = musl ]; then
        # A shared library needs the C library that its program has.
        target=x86_64-unknown-linux-musl glibc='' flags+=$'\037-Ctarget-feature=-crt-static'
    fi
    if [ ! -x "$tools/bin/cargo-zigbuild" ]; then
        python3 -m venv "$tools"
        "$tools/bin/pip" install --quiet --disable-pip-version-check ziglang==0.17.1 cargo-zigbuild==0.24.1
    fi
    rustup target add "$target" 2>/dev/null || { echo "NOT RUN: no Rust for $target" >&2 && exit 0; }
    # What is built for one glibc must not be taken for another's.
    PATH=$PWD/$tools/bin:$PATH CARGO_TARGET_DIR=$out/build CARGO_ZIGBUILD_ZIG_PATH=$PWD/$tools/bin/python-zig \
        CARGO_ENCODED_RUSTFLAGS=$flags \
        cargo-zigbuild rustc --release --locked --package libqcos --lib --crate-type cdylib --target "$target$glibc"
    mkdir -p "$out/$1"
    cp "$out/build/$target/release/libqcos.so" "$out/$1/libqcos.so.0"
    ln -sf libqcos.so.0 "$out/$1/libqcos.so"
    scripts/check-portable.sh $FLOOR "$out/$1/libqcos.so.0"
}

[ $# -gt 0 ] || set -- x86_64 aarch64
for architecture; do
    make_for "$architecture"
done
