#!/bin/sh
# `scripts/fuzz.sh TARGET SECONDS`: feeds a target of fuzz/ with inputs that libFuzzer makes from its
# corpus; new finds go to target/fuzz. A stable compiler is enough.
set -eu
cd "$(dirname "$0")/.."
name=$1 seconds=$2

found=$PWD/target/fuzz/found/$name
mkdir -p "$found"
RUSTFLAGS="-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters \
    -Cllvm-args=-sanitizer-coverage-pc-table -Cllvm-args=-sanitizer-coverage-trace-compares \
    -Cdebug-assertions -Ccodegen-units=1" \
    "${CARGO:-cargo}" build --quiet --locked --release --manifest-path fuzz/Cargo.toml \
    --target x86_64-unknown-linux-gnu --target-dir target/fuzz --bin "$name"
"target/fuzz/x86_64-unknown-linux-gnu/release/$name" -max_total_time="$seconds" -timeout=20 \
    -max_len=4096 -artifact_prefix="$found/crash-" "$found" "fuzz/corpus/$name"
