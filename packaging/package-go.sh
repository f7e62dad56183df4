#!/bin/sh
# The Go module as a proxy serves it, below dist/go: GOPROXY=file://.../dist/go finds it there.
set -eu
cd "$(dirname "$0")/.."
module=$(sed -n 's/^module //p' bindings/go/go.mod)
root=$module@v$version
stage=$out/stage/go served=$out/dist/go/$module/@v

mkdir -p "$stage/$root" "$served"
(cd bindings/go && find . -type f ! -name 'libqcos*' ! -name qcos.h | tar -c -T -) |
    tar -x -C "$stage/$root"
cp LICENSE "$stage/$root"
find "$stage" -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +
(cd "$stage" && find . -type f | sed 's|^\./||' | LC_ALL=C sort | TZ=UTC zip -q -X -@ "$served/v$version.zip")
cp bindings/go/go.mod "$served/v$version.mod"
printf '{"Version":"v%s","Time":"%s"}\n' "$version" "$(date -u -d "@$SOURCE_DATE_EPOCH" +%Y-%m-%dT%H:%M:%SZ)" \
    >"$served/v$version.info"
echo "v$version" >"$served/list"
