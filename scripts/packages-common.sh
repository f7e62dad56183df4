# shellcheck shell=bash
# To be sourced: what the tests of packages share. They set $dist, $version, $prefix (an archive unpacked, for its
# emulator) and, where programs are another processor's, $debian, a root of it (debian-root.sh).

debian=
work=$(mktemp -d)
emulator=
finish() {
    [ -z "$emulator" ] || kill "$emulator" 2>/dev/null || true
    # Go's module cache is read-only.
    chmod -R u+w "$work"
    rm -rf "$work"
    # What was mounted there is gone; the empty folders are left.
    [ -z "$debian" ] || find "$debian$work" -depth -type d -exec rmdir {} + || true
    debian_root_done
}
trap finish EXIT

say() { printf '\n\033[1m%s\033[0m\n' "$*"; }

# A program of the platform takes the place of this shell.
become() {
    [ -z "$debian" ] || QCOS_WORK=$work in_root "$debian" "$@"
    exec "$@"
}

run() (become "$@")

# What each program prints: the library's version, and the code of its last reply. The file must be new each time.
goes() {
    rm -rf "$work/data" "$work/ready"
    mkfifo "$work/ready"
    become "$prefix/bin/qcos-emulator" --data "$work/data" >"$work/ready" &
    emulator=$!
    local line said
    read -r line <"$work/ready"
    said=$(run "$@" "{\"region\":\"ap-guangzhou\",\"endpoint\":\"${line##* }\"}")
    kill "$emulator"
    wait "$emulator" || true
    emulator=
    [ "$said" = "$version 0" ] || { echo "It said: $said" >&2; exit 1; }
    echo "$said"
}

# Nothing of this machine's is found instead.
unset QCOS_LIBRARY LD_LIBRARY_PATH PYTHONPATH NODE_PATH PKG_CONFIG_PATH CMAKE_PREFIX_PATH
