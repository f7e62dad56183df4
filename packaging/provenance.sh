#!/bin/sh
# Prints what a library was made of, and how to make the same bytes again: the attestation of no third party.
set -eu
cd "$(dirname "$0")/.."
platform=$1 library=$2

commit=$(git rev-parse HEAD 2>/dev/null || echo unknown)
[ -z "$(git status --porcelain 2>/dev/null)" ] || commit="$commit, and changes that are not committed"
cat <<END
version:    $version
platform:   $platform
library:    sha256 $(sha256sum "$library" | cut -d ' ' -f 1)
commit:     $commit
Cargo.lock: sha256 $(sha256sum Cargo.lock | cut -d ' ' -f 1)
compiler:   $(${RUSTC:-rustc} --version)
C compiler: $(${CC:-cc} --version | head -n 1)
command:    make packages
END
