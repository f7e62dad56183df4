#!/bin/sh
# `make packages`: what is published, into target/packages: for each platform a release archive, a wheel and an npm
# package with its library; the npm package that picks one; the Go module as a proxy serves it; SHA256SUMS.
#
#     packaging/packages.sh [PLATFORM=FOLDER ...]
#
# PLATFORM is one of packaging/platforms.txt, FOLDER that of its built files. Without any, it is this machine's,
# built below target/packages with none of the builder's folders in it.
set -eu
cd "$(dirname "$0")/.."
out=$PWD/target/packages
version=$(sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml)
export out version
umask 022

# Files of the same commit have the same time, whoever packs them.
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || stat -c %Y Cargo.toml)}
export SOURCE_DATE_EPOCH

if [ $# -eq 0 ]; then
    host=$(${RUSTC:-rustc} -vV | sed -n 's/^host: //p')
    CARGO_ENCODED_RUSTFLAGS=$(packaging/rustflags.sh) CARGO_TARGET_DIR=$out/build \
        make --no-print-directory build
    set -- "$host=$out/build/release"
fi

rm -rf "$out/stage" "$out/dist"
mkdir -p "$out/dist"
for pair in "$@"; do
    platform=${pair%%=*} release=${pair#*=}
    packaging/package-archive.sh "$platform" "$release"
    packaging/package-wheel.sh "$platform" "$release"
    packaging/package-npm.sh "$platform" "$release"
done
packaging/package-npm.sh main
packaging/package-go.sh
(cd "$out/dist" && find . -type f ! -name SHA256SUMS | sed 's|^\./||' | LC_ALL=C sort | xargs sha256sum >SHA256SUMS)
cat "$out/dist/SHA256SUMS"
