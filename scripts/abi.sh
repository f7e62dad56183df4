#!/bin/sh
# `make abi`: compares the functions of libqcos.so and the types that they name with the ABI that was
# promised, tests/abi/libqcos.abi; `scripts/abi.sh --write` writes that anew, for a release.
#
# abidiff reads debug information, so the library is that of the dev profile with all of it.
set -eu
cd "$(dirname "$0")/.."
promised=tests/abi/libqcos.abi

if ! command -v abidiff >/dev/null 2>&1; then
    echo "The ABI is compared by abidiff (Debian: apt install abigail-tools)." >&2
    exit 1
fi
if [ "$(uname -sm)" != "Linux x86_64" ]; then
    echo "What was promised is written down for Linux on x86_64 alone." >&2
    exit 1
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
target=${CARGO_TARGET_DIR:-target}/abi
CARGO_PROFILE_DEV_DEBUG=full ${CARGO:-cargo} build --quiet --locked --package libqcos --target-dir "$target"
abidw --no-corpus-path --no-show-locs "$target/debug/libqcos.so" |
    scripts/abi_surface.py >"$work/now"

# Without debug information there are no functions, and abidiff finds every ABI the same.
exported=$(wc -l <tests/exports.txt)
seen=$(grep -c '<function-decl ' "$work/now" || true)
if [ "$seen" -ne "$exported" ]; then
    echo "abidw sees $seen functions of $exported: is there debug information?" >&2
    exit 1
fi

if [ "${1:-}" = --write ]; then
    cp "$work/now" $promised
    exit
fi

# compare FILE: 0 for the promised ABI, 1 for another. Functions may be added.
compare() {
    status=0
    abidiff --no-added-syms $promised "$1" >"$work/said" 2>&1 || status=$?
    case $status in
    0) ;;
    4 | 12) return 1 ;;
    *)
        cat "$work/said" >&2
        exit 1
        ;;
    esac
}

# It must also see a break: an int32_t that becomes an int64_t, and a function that is gone.
wide=$(sed -n 's/.*<type-decl name="i64".* id="\([^"]*\)".*/\1/p' $promised)
declared='/<function-decl name="qcos_list"/,/<\/function-decl>/'
sed "$declared s/type-id=\"[^\"]*\" name=\"num\"/type-id=\"$wide\" name=\"num\"/" $promised >"$work/wider"
sed "/<elf-symbol name=\"qcos_list\"/d; $declared d" $promised >"$work/fewer"
for broken in wider fewer; do
    if compare "$work/$broken"; then
        echo "abidiff does not see that functions are $broken." >&2
        exit 1
    fi
done

if ! compare "$work/now"; then
    cat "$work/said"
    echo "The ABI is not what was promised: see docs/abi.md." >&2
    exit 1
fi
echo "The ABI is what was promised: $seen functions."
