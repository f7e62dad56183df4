#!/bin/bash
# `make reproducible`: builds libqcos and the emulator from what is committed twice, each time with the source and
# cargo's crates in other folders, and compares the bytes.
set -euo pipefail
cd "$(dirname "$0")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

built() {
    local folder=$work/$1 source=$work/$1/$2 crates=$work/$1/$3
    mkdir -p "$source" "$crates"
    git archive HEAD | tar -x -C "$source"
    # The crates are fetched once, but unpacked by each.
    [ ! -e "$work/registry" ] || cp -R "$work/registry" "$crates/registry"
    (
        cd "$source"
        export CARGO_HOME=$crates CARGO_TARGET_DIR=$folder/target
        # How crates are found is this machine's.
        for name in config.toml config; do
            [ ! -e "$HOME/.cargo/$name" ] || cp "$HOME/.cargo/$name" "$crates/"
        done
        CC_SHELL_ESCAPED_FLAGS=1 CFLAGS=$(packaging/cflags.sh) CARGO_ENCODED_RUSTFLAGS=$(packaging/rustflags.sh) \
            make --no-print-directory build
    ) >"$folder/log" 2>&1 || { tail "$folder/log" >&2; return 1; }
    if [ ! -e "$work/registry" ]; then
        mkdir "$work/registry"
        cp -R "$crates/registry/index" "$crates/registry/cache" "$work/registry"
    fi
}

built one source crates
built another "a longer place/for the source" "and/for/the crates"
for file in libqcos.so libqcos.a qcos-emulator third-party-notices; do
    one=$work/one/target/release/$file
    cmp "$one" "$work/another/target/release/$file"
    echo "$file: the same"
    ! grep -q "$work" "$one" || { echo "$file names a folder of its builder" >&2; exit 1; }
done
