#!/bin/bash
# Runs all tests, some of their programs side by side: most of them wait most of the time.
#
#     scripts/test.sh [SIDE_BY_SIDE]
set -euo pipefail
cd "$(dirname "$0")/.."
side_by_side=${1:-3}

logs=$(mktemp -d)
trap 'rm -rf "$logs"' EXIT
touch "$logs/failed"
export logs

# What a program says comes in one piece.
run() {
    local log
    log="$logs/$(basename "$2").log"
    (cd "$1" && "$2") >"$log" 2>&1 || echo "$2" >>"$logs/failed"
    flock "$logs" cat - "$log" <<<"
     Running ${2##*/}"
}
export -f run

# Those that take minutes come first, so that none of them is left for the end.
long='/(fault_matrix|waits|cuts|bindings_[a-z]*|sanitizer|tree_memory|docs)-[0-9a-f]*$'
scripts/test-programs.sh >"$logs/all"
{ grep -E "$long" "$logs/all" && grep -v -E "$long" "$logs/all"; } >"$logs/programs"
echo "$(wc -l <"$logs/programs") programs of tests, $side_by_side at once"
[ -s "$logs/programs" ]
xargs -P "$side_by_side" -L 1 bash -c 'run "$0" "$1"' <"$logs/programs"
if [ -s "$logs/failed" ]; then
    echo "failed:"
    cat "$logs/failed"
    exit 1
fi
