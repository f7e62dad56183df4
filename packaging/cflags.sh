#!/bin/sh
# Prints the CFLAGS that go with rustflags.sh: none of the builder's folders in what the C compiler writes, which
# libqcos.a has as ring's debugging information. With CC_SHELL_ESCAPED_FLAGS set, folders may have blanks in their names.
set -eu
cd "$(dirname "$0")/.."

# Of two that fit, compilers take the last: the source may lie below the other.
printf -- "'-ffile-prefix-map=%s=/cargo' '-ffile-prefix-map=%s=/libqcos'" "${CARGO_HOME:-$HOME/.cargo}" "$PWD"
