#!/bin/bash
# Builds the programs of tests, and lists each behind its package's folder, where cargo runs it. What the
# tests need built is listed by cargo, too: its profile is none of tests.
set -euo pipefail
cd "$(dirname "$0")/.."
cargo test --locked --workspace --no-run --message-format=json-render-diagnostics |
    sed -n '/"test":true},"features"/s/.*"manifest_path":"\([^"]*\)\/Cargo.toml".*"executable":"\([^"]*\)".*/\1 \2/p'
