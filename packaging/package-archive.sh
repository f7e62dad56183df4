#!/bin/sh
# A release archive of a platform: what `make install` puts, in one folder that works wherever it lies, and PROVENANCE.
set -eu
cd "$(dirname "$0")/.."
platform=$1 release=$2
name=libqcos-$version-$platform
stage=$out/stage/archive

# Folders below "/" are as good as any: what is installed there can be moved.
env -u MAKEFLAGS CARGO_BUILD_TARGET="$platform" make --no-print-directory install DESTDIR="$stage" PREFIX="/$name" RELEASE="$release" CARGO=false
packaging/notices.sh --target "$platform" libqcos qcos-emulator >"$stage/$name/share/doc/libqcos/third-party-notices"
cp README.md README.zh-CN.md CHANGELOG.md "$stage/$name/share/doc/libqcos"
packaging/provenance.sh "$platform" "$stage/$name/lib/libqcos."*"$version"* >"$stage/$name/share/doc/libqcos/PROVENANCE"

# The same bytes from the same files: sorted, of nobody, of one time.
tar --sort=name --mtime="@$SOURCE_DATE_EPOCH" --owner=0 --group=0 --numeric-owner -C "$stage" -c "$name" |
    gzip -n -9 >"$out/dist/$name.tar.gz"
