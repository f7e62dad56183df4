#!/bin/sh
# `make deb`: builds the Debian packages into target/deb, in a copy of the source so that the tree
# stays as it is. What cargo has built there is kept for the next time. With "built" behind it the packages
# take what `make build` has built in the tree, which spares minutes: a look at the packaging, no release.
set -eu
cd "$(dirname "$0")/.."

for tool in dpkg-buildpackage:dpkg-dev dh:debhelper lintian:lintian; do
    command -v "${tool%%:*}" >/dev/null 2>&1 || missing="${missing:-} ${tool##*:}"
done
if [ -n "${missing:-}" ]; then
    echo "Building packages needs:$missing (Debian: apt install$missing)" >&2
    exit 1
fi

copy=target/deb/source
mkdir -p $copy
find $copy -mindepth 1 -maxdepth 1 ! -name target -exec rm -rf {} +
rm -f target/deb/*.deb
tar -c --exclude=./target --exclude=./.git --exclude=node_modules . | tar -x -C $copy
cp -R packaging/debian $copy/debian
if [ "${1:-}" = built ]; then
    export QCOS_BUILT="$PWD/target/release"
fi

# -d: cargo may be rustup's, of which dpkg knows nothing.
(cd $copy && dpkg-buildpackage -d --build=binary --no-pre-clean --no-sign)
lintian --fail-on error target/deb/*.changes
ls -l target/deb/*.deb
