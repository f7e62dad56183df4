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

mapfile -t tests < <(
    cargo test --locked --workspace --no-run 2>&1 |
        sed -n 's/^ *Executable .*(\(.*\))$/\1/p' |
        grep -v -e bench -e bindings -e docs -e fuzz -e header -e install -e large -e manuals -e packaging \
            -e programs -e sanitizer
)
export tests_in_a_line="${tests[*]}"
logs=$(mktemp -d)
trap 'rm -rf "$logs"' EXIT

round() {
    for test in $tests_in_a_line; do
        log="$2/$1-$(basename "$test")"
        if ! "$test" >"$log" 2>&1; then
            echo "round $1: $test"
            grep -A 8 panicked "$log"
            exit 1
        fi
    done
    echo "round $1 passed"
}
export -f round
seq "$rounds" | xargs -P "$side_by_side" -I '{}' bash -c "round {} $logs"
