#!/bin/bash
# Makes libqcos.so for systems down to glibc 2.17 (2012: RHEL 7, Debian 8), which needs the C library alone: into
# target/portable/ARCHITECTURE. The linker is zig's, from PyPI, which knows the symbols of each glibc; what it makes
# is checked symbol by symbol (check-portable.sh), as it links in silence what is missing.
#
#     scripts/portable.sh [x86_64|aarch64 ...]
set -euo pipefail
cd "$(dirname "$0")/.."

CARGO=${CARGO:-cargo}
FLOOR=2.17
out=target/portable

make_for() {
    local target=$1-unknown-linux-gnu tools=$out/tools
    if [ ! -x "$tools/bin/cargo-zigbuild" ]; then
        python3 -m venv "$tools"
        "$tools/bin/pip" install --quiet --disable-pip-version-check ziglang==0.17.1 cargo-zigbuild==0.24.1
    fi
    rustup target add "$target" 2>/dev/null
    # What is built for one glibc must not be taken for another's.
    PATH=$PWD/$tools/bin:$PATH CARGO_TARGET_DIR=$out/build CARGO_ZIGBUILD_ZIG_PATH=$PWD/$tools/bin/python-zig \
        cargo-zigbuild rustc --release --locked --package libqcos --lib --crate-type cdylib --target "$target.$FLOOR"
    mkdir -p "$out/$1"
    cp "$out/build/$target/release/libqcos.so" "$out/$1/libqcos.so.0"
    ln -sf libqcos.so.0 "$out/$1/libqcos.so"
    scripts/check-portable.sh $FLOOR "$out/$1/libqcos.so.0"
}

[ $# -gt 0 ] || set -- x86_64 aarch64
for architecture; do
    make_for "$architecture"
done
