#!/bin/sh
# Prints the licences of the crates that a package is linked with, as their authors ship them:
#
#     packaging/notices.sh libqcos|qcos-emulator
set -eu
cd "$(dirname "$0")/.."

# Of this platform: cargo has fetched no others.
host=$(${RUSTC:-rustc} -vV | sed -n 's/^host: //p')
folders=$(${CARGO:-cargo} metadata --locked --filter-platform "$host" --format-version 1 |
    tr ',' '\n' |
    sed -n 's|^"manifest_path":"\(.*\)/Cargo.toml"$|\1|p')

${CARGO:-cargo} tree --locked --package "$1" --edges normal --prefix none --format '{p}|{l}' |
    sed 's/ (.*)//; s/ v/-/' | sort -u |
    while IFS='|' read -r crate licence; do
        case $crate in libqcos-* | qcos-emulator-*) continue ;; esac
        # A vendored crate's folder may have no version in its name.
        folder=$(printf '%s\n' "$folders" | grep -e "/$crate\$" -e "/${crate%-*}\$" | head -n 1)
        printf '\n======== %s: %s ========\n' "$crate" "$licence"
        # Where there is a choice, MIT: it is short, and libqcos' own.
        if [ -e "$folder/LICENSE-MIT" ]; then
            cat "$folder/LICENSE-MIT"
        else
            find "$folder" -maxdepth 1 -type f \( -iname '*LICEN[CS]E*' -o -iname 'COPYING*' \) |
                sort | tr '\n' '\0' | xargs -0 cat
        fi
    done
