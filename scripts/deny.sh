#!/bin/sh
# Checks the crates that Cargo.lock names: licences, bans and sources, by deny.toml. Installs
# cargo-deny where it is missing; the check itself needs no network.
set -eu
cd "$(dirname "$0")/.."

cargo=${CARGO:-cargo}
# Pinned: a later one may want a later compiler. Unoptimized: it compiles in half the time, and runs for a second.
$cargo deny --version >/dev/null 2>&1 || $cargo install --quiet --debug --locked --version 0.20.2 cargo-deny
$cargo fetch --quiet --locked
$cargo deny --offline --locked --workspace check bans licenses sources
