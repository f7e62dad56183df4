# shellcheck shell=sh
# To be sourced: a Debian of its own below a folder, of this machine's release or $DEBIAN_RELEASE, and of any
# architecture that qemu-user knows. As root; needs a mirror the first time.

# debian_root FOLDER ARCHITECTURE [PACKAGE ...]: makes it, unless it is there. Programs run in it by `chroot`.
debian_root() {
    made=$1 architecture=$2
    shift 2
    [ "$(id -u)" -eq 0 ] || { echo "A Debian of its own needs root." >&2 && exit 1; }
    # As new as the machine that has built: programs need its libc.
    # shellcheck source=/dev/null
    release=${DEBIAN_RELEASE:-$(. /etc/os-release && echo "$VERSION_CODENAME")}
    missing=
    command -v debootstrap >/dev/null 2>&1 || missing=debootstrap
    if [ "$architecture" != "$(dpkg --print-architecture)" ]; then
        triplet=$(dpkg-architecture -a "$architecture" -q DEB_HOST_GNU_TYPE 2>/dev/null)
        processor=$(dpkg-architecture -a "$architecture" -q DEB_HOST_GNU_CPU 2>/dev/null)
        [ -e "/usr/bin/qemu-$processor-static" ] || missing="$missing qemu-user-static"
        command -v "$triplet-gcc" >/dev/null 2>&1 || missing="$missing gcc-$triplet libc6-dev-$architecture-cross"
    fi
    # shellcheck disable=SC2086  # one word each
    [ -z "$missing" ] || apt-get install -qy --no-install-recommends $missing >/dev/null
    [ "$architecture" = "$(dpkg --print-architecture)" ] || debian_root_runs "$processor"

    if [ ! -e "$made/complete" ]; then
        rm -rf "$made"
        mkdir -p "${made%/*}"
        debootstrap --variant=minbase --arch="$architecture" "$release" "$made" >"$made.log" 2>&1 ||
            { tail "$made.log" >&2 && exit 1; }
        touch "$made/complete"
    fi
    echo "127.0.0.1 localhost" >"$made/etc/hosts"
    chroot "$made" dpkg --status "$@" >/dev/null 2>&1 || [ $# -eq 0 ] ||
        chroot "$made" env DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends "$@" \
            >"$made.log" 2>&1 || { tail "$made.log" >&2 && exit 1; }
}

# in_root FOLDER PROGRAM ...: in the root as if it were here: it has this folder and $QCOS_WORK, a folder, too.
# The mounts are gone with the program, which has the process of the shell that calls this in the background.
# shellcheck disable=SC2016  # the inner shell's
in_root() {
    exec unshare --mount sh -euc '
        root=$1 && shift
        for folder in /proc /dev "$PWD" "$QCOS_WORK"; do
            mkdir -p "$root$folder"
            mount --rbind "$folder" "$root$folder"
        done
        exec chroot "$root" sh -c "cd \"$PWD\" && exec \"\$@\"" sh "$@"' sh "$@"
}

# Debian's package tells the kernel that qemu runs the programs of a processor, but where nothing starts services.
debian_root_told=
debian_root_runs() {
    kernel=/proc/sys/fs/binfmt_misc
    [ -e $kernel/register ] || mount -t binfmt_misc binfmt_misc $kernel
    [ ! -e "$kernel/qemu-$1" ] || return 0
    grep '^:' "/usr/lib/binfmt.d/qemu-$1.conf" | while read -r line; do
        printf '%s' "$line" >$kernel/register
    done
    debian_root_told=$kernel/qemu-$1
}

# What debian_root has told the kernel is forgotten.
debian_root_done() {
    [ -z "$debian_root_told" ] || echo -1 >"$debian_root_told" || true
}
