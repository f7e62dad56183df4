#!/bin/sh
# `make deb-install`: installs the packages of `make deb` in a Debian of their own, compiles a program with what they
# bring, and runs it there against the packaged emulator. With ARCH, such as arm64, all of that is another
# architecture's, run by qemu-user. As root; needs a mirror the first time, for target/deb/root-*.
set -eu
cd "$(dirname "$0")/.."
# shellcheck source=scripts/debian-root.sh
. scripts/debian-root.sh
here=$(dpkg --print-architecture)
architecture=${ARCH:-$here}
root=$PWD/target/deb/root-$architecture

work=$(mktemp -d)
emulator=
finish() {
    [ -z "$emulator" ] || kill "$emulator" 2>/dev/null || true
    chroot "$root" dpkg --purge qcos-emulator libqcos-dev libqcos0 >/dev/null 2>&1 || true
    rm -rf "$work" "$root/tmp/deb"
    debian_root_done
}
trap finish EXIT
debian_root "$root" "$architecture"

# dpkg refuses what needs a package that is not there.
rm -rf "$root/tmp/deb"
mkdir "$root/tmp/deb"
cp target/deb/*_"$architecture".deb "$root/tmp/deb"
chroot "$root" sh -c 'dpkg --install /tmp/deb/*.deb'

# Nothing of this machine's is found: the folders of pkg-config are those of the root.
triplet=$(dpkg-architecture -a "$architecture" -q DEB_HOST_MULTIARCH 2>/dev/null)
compiler=cc
[ "$architecture" = "$here" ] || compiler=$(dpkg-architecture -a "$architecture" -q DEB_HOST_GNU_TYPE 2>/dev/null)-gcc
export PKG_CONFIG_SYSROOT_DIR="$root"
export PKG_CONFIG_LIBDIR="$root/usr/lib/$triplet/pkgconfig:$root/usr/share/pkgconfig"
flags=$(pkg-config --cflags --libs qcos)
echo "$flags"
# shellcheck disable=SC2086  # one word each
$compiler -o "$root/tmp/deb/quickstart" "$root/usr/share/doc/libqcos-dev/examples/quickstart.c" $flags

mkfifo "$work/ready"
chroot "$root" qcos-emulator --data /tmp/deb/data >"$work/ready" &
emulator=$!
read -r line <"$work/ready"
echo "hello" >"$root/tmp/deb/file"
chroot "$root" env QCOS_APPID=10000001 QCOS_SECRET_ID=TESTSECRETID0000000000000000000000000 \
    QCOS_SECRET_KEY=TESTSECRETKEYDONOTUSE0000000000 QCOS_OPTIONS="{\"endpoint\":\"${line##* }\"}" \
    /tmp/deb/quickstart /tmp/deb/file bucket | tee "$work/said"
# Every call of the example: open, upload, stat, list, delete.
[ "$(grep -c '"code":0,' "$work/said")" -eq 5 ]

chroot "$root" dpkg --purge qcos-emulator libqcos-dev libqcos0
[ -z "$(find "$root/usr" -name '*qcos*')" ]
echo "The packages for $architecture install, serve and go."
