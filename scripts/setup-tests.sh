#!/bin/sh
# Installs the programs that the tests run and that are not here yet; with "bench" behind it also what
# compiles the benchmarks' client of libcurl, with "deb" what makes Debian packages, with "browser" a browser and what
# drives it, with "packages" what packs.
set -eu

# command:package that brings it
needed="abidiff:abigail-tools cc:gcc c++:g++ cmake:cmake curl:curl doxygen:doxygen go:golang-go
        make:make nm:binutils node:nodejs npm:npm openssl:openssl pkg-config:pkg-config
        python3:python3 strace:strace valgrind:valgrind"

[ "${1:-}" != browser ] || needed="$needed chromium:chromium chromedriver:chromium-driver"
[ "${1:-}" != deb ] || needed="$needed dpkg-buildpackage:dpkg-dev dh:debhelper lintian:lintian"
[ "${1:-}" != packages ] || needed="$needed zip:zip aarch64-linux-gnu-gcc:gcc-aarch64-linux-gnu"

packages=""
for pair in $needed; do
    command -v "${pair%%:*}" >/dev/null 2>&1 || packages="$packages ${pair##*:}"
done
# Debian's Python comes without what a virtual environment is made with.
python3 -c "import ensurepip, venv" >/dev/null 2>&1 || packages="$packages python3-venv"
if [ "${1:-}" = bench ]; then
    pkg-config --exists libcurl 2>/dev/null || packages="$packages libcurl4-openssl-dev"
    pkg-config --exists libcrypto 2>/dev/null || packages="$packages libssl-dev"
fi
# Debian's cross compiler comes without its C library.
[ "${1:-}" != packages ] || [ -e /usr/aarch64-linux-gnu/include/stdio.h ] || packages="$packages libc6-dev-arm64-cross"
[ -n "$packages" ] || exit 0

if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null 2>&1; then
    echo "Something that is needed is not installed. On Debian or Ubuntu:" >&2
    echo "    sudo apt-get install$packages" >&2
    exit 1
fi
export DEBIAN_FRONTEND=noninteractive
apt-get update -q
# shellcheck disable=SC2086  # one word each
apt-get install -qy --no-install-recommends $packages
