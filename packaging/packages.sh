#!/bin/sh
# `make packages`: what is published, into target/packages/dist: release archives for this machine's platform and, on
# Debian, aarch64; a wheel and an npm package for each platform whose library is there; the npm package that picks one; the Go module as a
# proxy serves it; SHA256SUMS. The libraries are those of scripts/portable.sh, for old systems and musl, and what
# scripts/platforms.sh has built for Windows. None of the builder's folders are in what is built here.
#
#     packaging/packages.sh [wheel]    # "wheel": that of this processor alone
set -eu
cd "$(dirname "$0")/.."
out=$PWD/target/packages
version=$(sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml)
export out version
umask 022

# Files of the same commit have the same time, whoever packs them.
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || stat -c %Y Cargo.toml)}
CARGO_ENCODED_RUSTFLAGS=$(packaging/rustflags.sh)
CFLAGS=$(packaging/cflags.sh)
export SOURCE_DATE_EPOCH CARGO_ENCODED_RUSTFLAGS CFLAGS CC_SHELL_ESCAPED_FLAGS=1

if [ "${1:-}" = wheel ]; then
    processor=$(uname -m)
    scripts/portable.sh "$processor"
    [ ! -e "target/portable/$processor" ] || {
        rm -rf "$out/stage/wheel-$processor-unknown-linux-gnu" "$out"/dist/*.whl
        mkdir -p "$out/dist"
        packaging/package-wheel.sh "$processor-unknown-linux-gnu" "target/portable/$processor"
        ls "$out"/dist/*.whl
    }
    exit
fi

export CARGO_TARGET_DIR=$out/build
make --no-print-directory build
host=$(${RUSTC:-rustc} -vV | sed -n 's/^host: //p')
cross=aarch64-unknown-linux-gnu
if [ "$host" != $cross ] && command -v aarch64-linux-gnu-gcc >/dev/null 2>&1 && rustup target add $cross 2>/dev/null; then
    CC_aarch64_unknown_linux_gnu=aarch64-linux-gnu-gcc CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER=aarch64-linux-gnu-gcc \
        CARGO_BUILD_TARGET=$cross make --no-print-directory build
else
    cross=
fi
unset CARGO_TARGET_DIR
scripts/portable.sh x86_64 aarch64 musl

rm -rf "$out/stage" "$out/dist"
mkdir -p "$out/dist"
packaging/package-archive.sh "$host" "$out/build/release"
[ -z "$cross" ] || CC=aarch64-linux-gnu-gcc packaging/package-archive.sh $cross "$out/build/$cross/release"
while read -r platform folder; do
    [ -e "$folder" ] || continue
    packaging/package-wheel.sh "$platform" "$folder"
    packaging/package-npm.sh "$platform" "$folder"
done <<END
x86_64-unknown-linux-gnu target/portable/x86_64
aarch64-unknown-linux-gnu target/portable/aarch64
x86_64-unknown-linux-musl target/portable/musl
x86_64-pc-windows-gnu target/x86_64-pc-windows-gnu/release
END
packaging/package-npm.sh main
packaging/package-go.sh
(cd "$out/dist" && find . -type f ! -name SHA256SUMS | sed 's|^\./||' | LC_ALL=C sort | xargs sha256sum >SHA256SUMS)
cat "$out/dist/SHA256SUMS"
