#!/bin/sh
# `make deb`: builds the Debian packages into target/deb, in a copy of the source so that the tree
# stays as it is. What cargo has built there is kept for the next time. With "built" behind it the packages
# take what `make build` has built in the tree, which spares minutes: a look at the packaging, no release.
# With ARCH, such as arm64, they are for another architecture, by Debian's compiler for it.
set -eu
cd "$(dirname "$0")/.."

for tool in dpkg-buildpackage:dpkg-dev dh:debhelper lintian:lintian; do
    command -v "${tool%%:*}" >/dev/null 2>&1 || missing="${missing:-} ${tool##*:}"
done
here=$(dpkg --print-architecture 2>/dev/null || true)
architecture=${ARCH:-$here}
if [ "$architecture" != "$here" ]; then
    triplet=$(dpkg-architecture -a "$architecture" -q DEB_HOST_GNU_TYPE 2>/dev/null)
    command -v "$triplet-gcc" >/dev/null 2>&1 || missing="${missing:-} gcc-$triplet libc6-dev-$architecture-cross"
fi
if [ -n "${missing:-}" ]; then
    echo "Building packages needs:$missing (Debian: apt install$missing)" >&2
    exit 1
fi

copy=target/deb/source
mkdir -p $copy
find $copy -mindepth 1 -maxdepth 1 ! -name target -exec rm -rf {} +
rm -f target/deb/*_"$architecture".*
tar -c --exclude=./target --exclude=./.git --exclude=node_modules . | tar -x -C $copy
cp -R packaging/debian $copy/debian
if [ "${1:-}" = built ]; then
    [ "$architecture" = "$here" ] || { echo "What is built is for $here, not $architecture" >&2 && exit 1; }
    export QCOS_BUILT="$PWD/target/release"
fi

# No test of a package's build runs programs of another processor.
[ "$architecture" = "$here" ] || export DEB_BUILD_OPTIONS="${DEB_BUILD_OPTIONS:-} nocheck"
# -d: cargo may be rustup's, of which dpkg knows nothing.
(cd $copy && dpkg-buildpackage -d --host-arch "$architecture" --build=binary --no-pre-clean --no-sign)
lintian --fail-on error target/deb/*_"$architecture".changes
ls -l target/deb/*_"$architecture".deb
