#!/bin/sh
# Installs what the benchmarks need and is not here yet: what the tests need, and to compile a client of
# libcurl that signs its requests.
set -eu
"$(dirname "$0")/setup-tests.sh"

packages=""
pkg-config --exists libcurl || packages="$packages libcurl4-openssl-dev"
pkg-config --exists libcrypto || packages="$packages libssl-dev"
[ -n "$packages" ] || exit 0

if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null 2>&1; then
    echo "The benchmarks need what is not installed. On Debian or Ubuntu:" >&2
    echo "    sudo apt-get install$packages" >&2
    exit 1
fi
export DEBIAN_FRONTEND=noninteractive
apt-get update -q
# shellcheck disable=SC2086  # one word each
apt-get install -qy --no-install-recommends $packages
