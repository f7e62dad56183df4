#!/bin/bash
# Runs the tests again and again, several runs side by side, to find those that fail
# now and then:
#
#     scripts/repeat.sh [ROUNDS] [SIDE_BY_SIDE]
#
# Leaves out what depends on compilers and packages alone, and on size (the file beyond 4 GiB): these
# take long, and nothing of them goes otherwise the next time.
set -euo pipefail
cd "$(dirname "$0")/.."
rounds=${1:-50}
side_by_side=${2:-2}

logs=$(mktemp -d)
trap 'rm -rf "$logs"' EXIT
export logs
left_out='bench|bindings|docs|fuzz|header|install|large|manuals|packaging|programs|sanitizer'
scripts/test-programs.sh | grep -v -E "/[^/]*($left_out)[^/]*$" >"$logs/list"

round() {
    while read -r folder test; do
        log="$logs/$1-$(basename "$test")"
        if ! (cd "$folder" && "$test") >"$log" 2>&1 </dev/null; then
            echo "round $1: $test"
            grep -A 8 panicked "$log"
            exit 1
        fi
    done <"$logs/list"
    echo "round $1 passed"
}
export -f round
seq "$rounds" | xargs -P "$side_by_side" -I '{}' bash -c 'round {}'
