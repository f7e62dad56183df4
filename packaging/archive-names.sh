#!/bin/sh
# Takes out of the names in a static library what the crate cc puts before those of C: a digest of the folder that the
# file was compiled in. They stay as long as they are, so that nothing else in it moves. Of GNU's archives alone.
set -eu
LC_ALL=C sed -i 's|^[0-9a-f]\{16\}-\([A-Za-z0-9_.-]*\.o/\)$|0000000000000000-\1|' "$1"
