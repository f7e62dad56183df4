#!/bin/bash
# `make recipes-check`: builds packages by the recipes of packaging/ with the package managers that this machine has,
# from what is committed, and runs a program with each. As root on Debian it installs them. The others (Arch, Homebrew,
# Nix, vcpkg) are read by a parser at most.
set -euo pipefail
cd "$(dirname "$0")/.."
work=$PWD/target/recipes
version=$(sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml)
mkdir -p "$work"
say() { printf '\n\033[1m%s\033[0m\n' "$*"; }

if [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null; then
    missing=
    for pair in rpmbuild:rpm rpmlint:rpmlint nix-instantiate:nix-bin ruby:ruby cpio:cpio; do
        command -v "${pair%%:*}" >/dev/null || missing="$missing ${pair##*:}"
    done
    # shellcheck disable=SC2086  # one word each
    [ -z "$missing" ] || apt-get install -qy --no-install-recommends $missing >/dev/null
fi

say "rpm: built, unpacked, and a program linked with it"
# Of the packages it knows Debian's default alone, which is the policy of openSUSE.
rpmlint packaging/rpm/libqcos.spec | tail -n 1
rpm=$work/rpm
rm -rf "$rpm/RPMS" "$rpm/root"
mkdir -p "$rpm/SOURCES" "$rpm/root"
git archive --prefix="libqcos-$version/" HEAD | gzip -n >"$rpm/SOURCES/libqcos-$version.tar.gz"
# Debian's rpm knows nothing of the cargo that is here.
rpmbuild -bb --nodeps --define "_topdir $rpm" packaging/rpm/libqcos.spec >"$rpm/log" 2>&1 || { tail "$rpm/log"; exit 1; }
for package in "$rpm"/RPMS/*/*.rpm; do
    echo "${package##*/}"
    rpm2cpio "$package" | cpio --quiet -idm -D "$rpm/root"
done
libdir=$(rpm --eval '%{_libdir}')
export PKG_CONFIG_SYSROOT_DIR="$rpm/root" PKG_CONFIG_LIBDIR="$rpm/root$libdir/pkgconfig"
# shellcheck disable=SC2046  # one word each
cc packaging/conan/test_package/version.c -o "$rpm/version" $(pkg-config --cflags --libs qcos)
unset PKG_CONFIG_SYSROOT_DIR PKG_CONFIG_LIBDIR
LD_LIBRARY_PATH=$rpm/root$libdir "$rpm/version"

say "Conan: created, both ways, with its test package"
[ -e "$work/python/bin/conan" ] || {
    python3 -m venv "$work/python"
    "$work/python/bin/pip" install --quiet --disable-pip-version-check conan==2.34.0
}
export CONAN_HOME=$work/conan
# It is built where it lies.
rm -rf "$work/test_package"
cp -R packaging/conan/test_package "$work"
[ -e "$CONAN_HOME/profiles/default" ] || "$work/python/bin/conan" profile detect >/dev/null
for shared in True False; do
    "$work/python/bin/conan" create packaging/conan --test-folder "$work/test_package" -o "libqcos/*:shared=$shared" >"$work/conan.log" 2>&1 ||
        { tail -n 30 "$work/conan.log"; exit 1; }
    grep '^libqcos [0-9]' "$work/conan.log"
done

say "Read by their parsers alone"
bash -n packaging/arch/PKGBUILD && echo "PKGBUILD parses"
ruby -c packaging/homebrew/libqcos.rb
nix-instantiate --parse flake.nix >/dev/null 2>&1 && echo "flake.nix parses"
python3 -m json.tool packaging/vcpkg/libqcos/vcpkg.json >/dev/null && echo "vcpkg.json parses"
