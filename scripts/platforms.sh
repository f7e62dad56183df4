#!/bin/bash
# Builds the library for other processors and C libraries, and runs there the programs of tests/c and examples-c
# against this machine's emulator: processors by qemu-user, musl as it is, the library for old systems in a root of
# the oldest Debian that there is a mirror for, Windows' by the wine of Debian 13.
#
#     scripts/platforms.sh aarch64|armv7|i686|s390x|musl|portable|portable-aarch64|windows ...
#
# What is missing is installed by apt (as root) and rustup.
set -euo pipefail
cd "$(dirname "$0")/.."

. scripts/windows.sh

CARGO=${CARGO:-cargo}
emulator_built=
emulator_command=("${CARGO_TARGET_DIR:-target}/release/qcos-emulator")

install() {
    local missing=()
    for package; do
        dpkg -s "$package" >/dev/null 2>&1 || missing+=("$package")
    done
    [ ${#missing[@]} -eq 0 ] || apt-get install -qy --no-install-recommends "${missing[@]}" >/dev/null
}

not_run() {
    echo "NOT RUN: $platform: $1" >&2
    exit 0
}

# Builds what a name stands for. Sets its compiler, how its programs start, where the library is, its bits.
prepare() {
    bits=64 start=() link=(-lqcos) suffix=
    case $1 in
    aarch64) processor aarch64-unknown-linux-gnu aarch64-linux-gnu aarch64 arm64 ;;
    armv7) bits=32 && processor armv7-unknown-linux-gnueabihf arm-linux-gnueabihf arm armhf ;;
    i686) bits=32 && processor i686-unknown-linux-gnu i686-linux-gnu i386 i386 ;;
    s390x) processor s390x-unknown-linux-gnu s390x-linux-gnu s390x s390x ;;
    musl)
        install musl-tools
        scripts/portable.sh musl
        compiler=(musl-gcc) library=target/portable/musl
        ;;
    portable)
        portable x86_64
        old_root
        ;;
    portable-aarch64)
        install libc6-dev-arm64-cross qemu-user-static
        portable aarch64
        start=(qemu-aarch64-static -L /usr/aarch64-linux-gnu)
        ;;
    windows)
        install gcc-mingw-w64-x86-64-posix g++-mingw-w64-x86-64-posix
        compiler=(x86_64-w64-mingw32-gcc-posix -D__USE_MINGW_ANSI_STDIO=1)
        build x86_64-pc-windows-gnu "" cdylib,staticlib
        build_emulator x86_64-pc-windows-gnu
        # Of the compiler's own libraries nothing is needed beside the program.
        link=(-l:libqcos.dll.a -static) suffix=.exe
        wine_root
        ;;
    *) echo "unknown platform $1" >&2 && exit 2 ;;
    esac
    ls -l "$library"/*qcos*.{so.0,dll} 2>/dev/null || true
}

# TARGET TOOLS QEMU DEBIAN: another processor, by Debian's compiler and C library for it.
processor() {
    install "gcc-${2/x86_64/x86-64}" "libc6-dev-$4-cross" qemu-user-static
    compiler=("$2-gcc")
    start=("qemu-$3-static" -L "/usr/$2")
    build "$1" ""
}

# TARGET and the rest of a command for cargo.
cargo_for() {
    local name=${1//-/_}
    env "CC_$name=${compiler[0]}" "CARGO_TARGET_${name^^}_LINKER=${compiler[0]}" "CARGO_TARGET_${name^^}_RUSTFLAGS=$flags" \
        "$CARGO" "${@:2}" --release --locked --target "$1"
}

# TARGET FLAGS [TYPES]
build() {
    local flags=$2
    rustup target add "$1" 2>/dev/null || not_run "no Rust for $1"
    cargo_for "$1" rustc --package libqcos --lib --crate-type "${3:-cdylib}"
    library=${CARGO_TARGET_DIR:-target}/$1/release
    ln -sf libqcos.so "$library/libqcos.so.0"
}

build_emulator() {
    local flags=
    cargo_for "$1" build --package qcos-emulator
}

portable() {
    scripts/portable.sh "$1"
    library=target/portable/$1
    compiler=(target/portable/tools/bin/python-zig cc -target "$1-linux-gnu.2.17")
}

# Programs run in it as if they were here: it has this folder and that of the files.
old_root() {
    local release root=$PWD/target/portable/debian
    [ "$(id -u)" -eq 0 ] || { echo "portable: a root of an old Debian needs root" >&2 && exit 1; }
    install debootstrap
    for release in stretch buster bullseye bookworm; do
        [ ! -e "$root/complete" ] || break
        rm -rf "$root"
        debootstrap --variant=minbase "$release" "$root" >/dev/null 2>&1 || continue
        touch "$root/complete"
    done
    echo "portable: Debian $(cat "$root/etc/debian_version"), $(chroot "$root" ldd --version | head -1)"
    start_in "$root"
}

# Programs run below another root as if they were here: it has this folder and that of the files.
start_in() {
    echo "127.0.0.1 localhost" >"$1/etc/hosts"
    # The mounts are gone with the program.
    # shellcheck disable=SC2016  # the inner shell's
    start=(unshare --mount sh -euc '
        root=$1 && shift
        for folder in /proc /dev "$PWD" "$QCOS_WORK"; do
            mkdir -p "$root$folder"
            mount --rbind "$folder" "$root$folder"
        done
        exec chroot "$root" sh -c "cd \"$PWD\" && exec \"\$@\"" sh "$@"' sh "$1")
}

emulator() {
    [ -n "$emulator_built" ] || "$CARGO" build --release --locked --package qcos-emulator
    emulator_built=yes
}

work=
running=
stop() {
    [ -z "$running" ] || kill "$running" 2>/dev/null || true
    wait 2>/dev/null || true
    running=
}

finish() {
    stop
    for volume in full read-only; do
        ! mountpoint -q "$work/$volume" || umount "$work/$volume"
    done
    rm -rf "$work"
}
trap finish EXIT

# A service with nothing in it.
serve() {
    stop
    rm -rf "$work/data" "$work/ready"
    mkfifo "$work/ready"
    "${emulator_command[@]}" --data "$work/data" --tls-certificate "$work/certificate.pem" \
        --tls-key "$work/key.pem" >"$work/ready" &
    running=$!
    local line
    read -r line <"$work/ready"
    endpoint=${line##* }
}

compile() {
    local name
    name=$(basename "$1" .c)
    "${compiler[@]}" -std=c99 -D_FILE_OFFSET_BITS=64 -Wall -Wextra -Wpedantic -Werror -Iinclude \
        "$1" -o "$work/$name$suffix" -L"$library" "${link[@]}" -pthread
}

limited() {
    QCOS_WORK=$work LD_LIBRARY_PATH=$PWD/$library timeout --kill-after=5 "${LIMIT:-600}" "$@"
}

# A program of the platform, with the time that it took.
run() {
    local begun=$SECONDS name=$1 about=
    shift
    case $1 in json | xml) about=" $1" ;; esac
    limited "${start[@]}" "$work/$name$suffix" "$@" >"$work/said" 2>&1 || {
        tail -20 "$work/said" >&2
        echo "$platform: $name $* failed" >&2
        exit 1
    }
    echo "$platform: $name$about: passed in $((SECONDS - begun)) s"
}

# Every call of this example answers 0.
quickstart() {
    QCOS_OPTIONS=$1 run quickstart "$work/files/big" testbucket
    [ "$(grep -c '"code":0,' "$work/said")" -eq 5 ] || { cat "$work/said" >&2 && exit 1; }
}

# Over both APIs, over http and TLS.
quickstarts() {
    local secure="https://localhost:${endpoint##*:}"
    local trusted="\"endpoint\":\"$secure\",\"tls_ca\":\"$work/certificate.pem\""
    quickstart "{\"endpoint\":\"$endpoint\"}"
    quickstart "{\"endpoint\":\"$endpoint\",\"region\":\"ap-x\"}"
    quickstart "{$trusted}"
    quickstart "{$trusted,\"region\":\"ap-x\"}"
}

# Two volumes in memory, $work/full and $work/read-only, as tests/c/disks.c wants them.
make_volumes() {
    local volume
    for volume in full read-only; do
        mkdir "$work/$volume"
        mount -t tmpfs -o size=2m tmpfs "$work/$volume"
        printf old >"$work/$volume/f"
    done
    mount -o remount,ro "$work/read-only"
}

battery() {
    local sha_small sha_big small full=$work/full read_only=$work/read-only
    for program in tests/c/{good,uploads,bytes,threads,tree_names,resume,large,misuse,disks}.c examples-c/{quickstart,sync}.c; do
        compile "$program"
    done
    [ "$platform" != windows ] || cp "$library/qcos.dll" "$work"
    mkdir "$work/files" "$work/misused" "$work/empty"
    head -c 9088609 /dev/urandom >"$work/files/big"
    small=$work/files/$'small \xff\n.bin'
    [ "$platform" != windows ] || small=$work/files/small.bin
    head -c 70001 /dev/urandom >"$small"
    : >"$work/files/empty"
    head -c 1600000 /dev/urandom >"$work/file"
    sha_small=$(sha1sum <"$small" | cut -c -40)
    sha_big=$(sha1sum <"$work/files/big" | cut -c -40)
    # Before the first program: wine's server sees what is mounted when it starts.
    [ "$(id -u)" -ne 0 ] || make_volumes

    serve
    run good "$endpoint"
    [ "$platform" != windows ] || { wine_drives && full=Q:/. read_only=R:/.; }
    for api in json xml; do
        serve
        mkdir "$work/$api"
        cp -r "$work/files" "$work/$api"
        run uploads $api "$endpoint" "$work/$api/files" "$sha_small" "$sha_big"
        run bytes $api "$endpoint" "$work/$api"
        run tree_names $api "$endpoint" "$work"
        run resume $api "$endpoint" "$work"
        if [ "$(id -u)" -eq 0 ]; then
            run disks $api "$endpoint" "$full" "$read_only" "$work/empty"
        else
            echo "NOT RUN: $platform: disks, as only root mounts volumes" >&2
        fi
    done
    run threads "$endpoint" "$work/file"
    # Nothing is sent: nobody listens at this port.
    run misuse http://127.0.0.1:9 "$work/misused"

    export QCOS_APPID=10000001 QCOS_SECRET_ID=TESTSECRETID0000000000000000000000000
    export QCOS_SECRET_KEY=TESTSECRETKEYDONOTUSE0000000000
    quickstarts
    QCOS_OPTIONS="{\"endpoint\":\"$endpoint\",\"region\":\"ap-x\"}" run sync examples-c testbucket sources
    [ "$platform" != windows ] || windows_battery
}

# Offsets beyond 32 bits, on a processor that has no more.
sparse() {
    truncate -s 4297064465 "$work/sparse"
    for at in 0 4294967290 4297064460; do
        printf 'mark' | dd of="$work/sparse" bs=1 seek=$at conv=notrunc status=none
    done
    for api in json xml; do
        serve
        LIMIT=3000 run large $api "$endpoint" "$work/sparse" "$work/copy"
        cmp "$work/sparse" "$work/copy"
        rm "$work/copy"
    done
}

for platform; do
    begun=$SECONDS
    prepare "$platform"
    emulator
    work=$(mktemp -d)
    openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -addext subjectAltName=DNS:localhost \
        -addext basicConstraints=critical,CA:FALSE -keyout "$work/key.pem" -out "$work/certificate.pem" 2>/dev/null
    battery
    [ $bits -eq 64 ] || sparse
    finish
    echo "$platform: the battery has passed, $((SECONDS - begun)) s with the build"
done
