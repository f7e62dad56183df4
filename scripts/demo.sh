#!/bin/bash
# Runs the compiled examples against an emulator of its own, so that everything can be seen without
# an account or a network. `make demo` builds what it needs.
set -euo pipefail
cd "$(dirname "$0")/.."

work=$(mktemp -d)
emulator=
finish() {
    [ -z "$emulator" ] || kill "$emulator" 2>/dev/null || true
    wait 2>/dev/null || true
    rm -rf "$work"
}
trap finish EXIT

say() { printf '\n\033[1m%s\033[0m\n' "$*"; }
run() { printf '\033[2m$ %s\033[0m\n' "$*"; "$@"; }

# Fetches http://HOST:PORT/PATH: a fresh machine may have neither curl nor wget.
fetch() {
    local rest=${1#http://}
    local host=${rest%%/*}
    exec 3<>"/dev/tcp/${host%:*}/${host##*:}"
    printf 'GET /%s HTTP/1.0\r\nHost: %s\r\n\r\n' "${rest#*/}" "$host" >&3
    # The file is what follows the empty line.
    LC_ALL=C sed '1,/^\r$/d' <&3
    exec 3>&-
}

sha1() { sha1sum | cut -d ' ' -f 1; }

say "1. A local service"
mkfifo "$work/ready"
target/release/qcos-emulator --data "$work/data" >"$work/ready" &
emulator=$!
read -r line <"$work/ready"
echo "$line"

# The emulator's documented test account; obviously not a real one.
endpoint=${line##* }
export QCOS_OPTIONS="{\"endpoint\":\"$endpoint\"}"
export QCOS_APPID=10000001
export QCOS_SECRET_ID=TESTSECRETID0000000000000000000000000
export QCOS_SECRET_KEY=TESTSECRETKEYDONOTUSE0000000000

cd target/examples-c
say "2. Folders, paging in both orders, prefix search (examples-c/folders.c)"
run ./folders demo fruit

file="$work/示例 文件.bin"
head -c 64M /dev/urandom >"$file"
say "3. A 64 MiB file: upload in slices, stat, list, delete (examples-c/quickstart.c)"
run ./quickstart "$file" demo

say "4. The same file with a progress bar (examples-c/upload.c)"
run ./upload "$file" demo "目录/示例 文件.bin" | tee "$work/uploaded"

say "5. Download by its access_url, and compare"
url=$(sed -n 's/^access_url: //p' "$work/uploaded")
sent=$(sha1 <"$file")
held=$(fetch "$url" | sha1)
echo "sent     $sent"
echo "fetched  $held   $url"
[ "$sent" = "$held" ] || { echo "The hashes differ." >&2; exit 1; }

say "6. A signature for other programs (examples-c/sign.c)"
run ./sign demo

say "7. A folder tree on several threads, twice (examples-c/sync.c)"
run ./sync ../../examples-c demo sources
run ./sync ../../examples-c demo sources

say "8. Today's service: the same programs over the XML API, on the same data"
export QCOS_OPTIONS="{\"region\":\"ap-guangzhou\",\"endpoint\":\"$endpoint\"}"
echo "QCOS_OPTIONS=$QCOS_OPTIONS"
run ./folders demo vegetables
run ./quickstart "$file" demo
run ./upload "$file" demo "目录/再一次.bin" | tee "$work/uploaded"
held=$(fetch "$(sed -n 's/^access_url: //p' "$work/uploaded")" | sha1)
echo "sent     $sent"
echo "fetched  $held"
[ "$sent" = "$held" ] || { echo "The hashes differ." >&2; exit 1; }

say "9. A web page that uploads without a key, limited by a signed policy (examples-c/signed_form.c)"
run ./signed_form demo pictures/

say "10. Versions: overwritten and deleted, and both contents back (examples-c/versions.c)"
run ./versions versioned notes

say "Done: everything above went through libqcos.so, and the hashes agree."
cat <<'END'
Where to look next:
  include/qcos.h         the manual: every function, its parameters, replies and errors
  examples-c/            the programs that just ran
  README.md              how to link, and how to use a real account
  target/release/        libqcos.so, libqcos.a, and qcos-emulator (try --help)
END
