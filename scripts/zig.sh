# Builds by zig's linker, from PyPI, which knows the symbols of other systems. It is sourced.
# shellcheck shell=bash

# CRATE_TYPE TARGET [ARGUMENT ...]
zigbuild() {
    local tools=target/portable/tools type=$1 target=$2
    shift 2
    if [ ! -x "$tools/bin/cargo-zigbuild" ]; then
        python3 -m venv "$tools"
        "$tools/bin/pip" install --quiet --disable-pip-version-check ziglang==0.17.1 cargo-zigbuild==0.24.1
    fi
    PATH=$PWD/$tools/bin:$PATH CARGO_ZIGBUILD_ZIG_PATH=$PWD/$tools/bin/python-zig \
        cargo-zigbuild rustc --release --locked --package libqcos --lib --crate-type "$type" --target "$target" "$@"
}
