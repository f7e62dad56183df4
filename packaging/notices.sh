#!/bin/sh
# Prints the licences of the crates that packages are linked with, as their authors ship them:
#
#     packaging/notices.sh [--target PLATFORM] libqcos|qcos-emulator ...
#
# PLATFORM is a name that rustc has, and this machine's by default.
set -eu
cd "$(dirname "$0")/.."

platform=
if [ "$1" = --target ]; then
    platform=$2
    shift 2
fi
platform=${platform:-$(${RUSTC:-rustc} -vV | sed -n 's/^host: //p')}
# Of this platform alone: cargo may have fetched no others.
folders=$(${CARGO:-cargo} metadata --locked --filter-platform "$platform" --format-version 1 |
    tr ',' '\n' |
    sed -n 's|^"manifest_path":"\(.*\)/Cargo.toml"$|\1|p')

for package in "$@"; do
    # What runs in the compiler alone is linked with nothing.
    ${CARGO:-cargo} tree --locked --package "$package" --target "$platform" --edges normal,no-proc-macro \
        --prefix none --format '{p}|{l}'
done | sed 's/ (.*)//; s/ v/-/' | LC_ALL=C sort -u | while IFS='|' read -r crate licence; do
    case $crate in libqcos-* | qcos-emulator-*) continue ;; esac
    # A vendored crate's folder may have no version in its name.
    folder=$(printf '%s\n' "$folders" | grep -e "/$crate\$" -e "/${crate%-*}\$" | head -n 1)
    printf '\n======== %s: %s ========\n' "$crate" "$licence"
    # Where there is a choice, MIT: it is short, and libqcos' own.
    if [ -e "$folder/LICENSE-MIT" ]; then
        cat "$folder/LICENSE-MIT"
    elif [ -e "$folder/LICENSES/MIT.txt" ]; then
        cat "$folder/LICENSES/MIT.txt"
    else
        files=$(find "$folder" -maxdepth 1 -type f \( -iname '*LICEN[CS]E*' -o -iname 'COPYING*' \) | LC_ALL=C sort)
        [ -n "$files" ] || { echo "$crate: no text of its licence" >&2 && exit 1; }
        printf '%s\n' "$files" | tr '\n' '\0' | xargs -0 cat
    fi
done
