#!/bin/sh
# Compiles everything with the oldest Rust that Cargo.toml promises, and runs there the tests of what
# the library shows to the linker. That Rust is rustup's, which fetches it when it is missing; else that of a
# Debian 13 below target/msrv, which debootstrap makes the first time (as root).
set -eu
cd "$(dirname "$0")/.."

oldest=$(sed -n 's/^rust-version = "\(.*\)"/\1/p' Cargo.toml)
work=$PWD/target/msrv
root=$work/debian
mkdir -p "$work"

not_run() {
    echo "NOT RUN: no Rust $oldest, $1" >&2
    exit 0
}

# Fails where there is none of this version.
is_oldest() {
    version=$("$@" rustc --version 2>/dev/null) || return 1
    case $version in "rustc $oldest."*) echo "$version" ;; *) return 1 ;; esac
}

with_debian() {
    # The mounts are gone with the program.
    # shellcheck disable=SC2016  # the inner shell's
    unshare --mount sh -euc '
        root=$1 cargo_home=$2 && shift 2
        mount --rbind /proc "$root/proc"
        mount --rbind /dev "$root/dev"
        for folder in "$PWD" "$cargo_home"; do
            mkdir -p "$root$folder"
            mount --bind "$folder" "$root$folder"
        done
        exec chroot "$root" env -i HOME=/root PATH=/usr/bin:/bin CARGO_HOME="$cargo_home" \
            CARGO_NET_OFFLINE=true RUSTC_WRAPPER= CARGO_TARGET_DIR="$CARGO_TARGET_DIR" sh -c "cd \"$PWD\" && exec \"\$@\"" sh "$@"
    ' sh "$root" "${CARGO_HOME:-$HOME/.cargo}" "$@"
}

with_rustup() {
    rustup run "$oldest" "$@"
}

debian() {
    [ "$(id -u)" -eq 0 ] || return 1
    [ ! -e "$root/complete" ] || return 0
    command -v debootstrap >/dev/null 2>&1 || apt-get install -qy --no-install-recommends debootstrap || return 1
    rm -rf "$root"
    debootstrap --variant=minbase --include=cargo,rustc,gcc,libc6-dev trixie "$root" >"$work/debootstrap.log" &&
        touch "$root/complete"
}

export CARGO_TARGET_DIR="$work/build"
if command -v rustup >/dev/null 2>&1; then
    is_oldest with_rustup >/dev/null || rustup toolchain install --profile minimal "$oldest" || true
fi
if is_oldest with_rustup; then
    with=with_rustup
elif debian && is_oldest with_debian; then
    ${CARGO:-cargo} fetch --quiet --locked
    ${CARGO:-cargo} fetch --quiet --locked --manifest-path bench/sink/Cargo.toml
    with=with_debian
    CARGO_TARGET_DIR=$work/build-debian
else
    not_run "neither from rustup nor, as root, from Debian 13 by debootstrap"
fi

$with cargo check --quiet --locked --workspace --all-targets
$with cargo check --quiet --locked --manifest-path bench/sink/Cargo.toml
$with cargo test --quiet --locked --test exports
