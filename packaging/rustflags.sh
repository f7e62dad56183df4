#!/bin/sh
# Prints the CARGO_ENCODED_RUSTFLAGS of what is given to others: that of .cargo/config.toml, for which they stand in,
# and none of the builder's folders in the binaries, so that every builder gets the same bytes.
set -eu
cd "$(dirname "$0")/.."

# Of two that fit, rustc takes the last: the source may lie below the other.
printf -- '-Cforce-frame-pointers=yes\037--remap-path-prefix=%s=/cargo\037--remap-path-prefix=%s=/libqcos' \
    "${CARGO_HOME:-$HOME/.cargo}" "$PWD"
