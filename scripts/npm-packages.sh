#!/bin/bash
# Makes npm packages into target/npm: one for each platform with the library, which npm installs only where it runs
# (`os`, `cpu`, `libc`), and `qcos`, which asks for all of them. Each library must be there already:
#
#     scripts/npm-packages.sh linux-x64-gnu|linux-arm64-gnu|linux-x64-musl|win32-x64 ...
#
# after scripts/portable.sh x86_64 aarch64, scripts/platforms.sh musl, scripts/platforms.sh windows.
set -euo pipefail
cd "$(dirname "$0")/.."

out=$PWD/target/npm
version=$(sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml)
all=(linux-x64-gnu linux-arm64-gnu win32-x64)
rm -rf "$out"
mkdir -p "$out"

# FOLDER of a package: the archive that npm would publish.
pack() {
    cp LICENSE "$1"
    (cd "$out" && npm pack --silent "$1")
    rm -rf "$1"
}

[ $# -gt 0 ] || set -- "${all[@]}"
for platform; do
    name=libqcos.so
    case $platform in
    linux-x64-gnu) library=target/portable/x86_64/libqcos.so.0 libc=glibc ;;
    linux-arm64-gnu) library=target/portable/aarch64/libqcos.so.0 libc=glibc ;;
    linux-x64-musl) library=target/x86_64-unknown-linux-musl/release/libqcos.so libc=musl ;;
    win32-x64) library=target/x86_64-pc-windows-gnu/release/qcos.dll name=qcos.dll libc= ;;
    *) echo "unknown platform $platform" >&2 && exit 2 ;;
    esac
    package=$out/qcos-$platform
    mkdir "$package"
    cp "$library" "$package/$name"
    cpu=${platform#*-}
    {
        printf '{\n  "name": "qcos-%s",\n  "version": "%s",\n' "$platform" "$version"
        printf '  "description": "libqcos for %s, which the package qcos loads",\n  "license": "MIT",\n' "$platform"
        printf '  "os": ["%s"],\n  "cpu": ["%s"],\n' "${platform%%-*}" "${cpu%%-*}"
        [ -z "$libc" ] || printf '  "libc": ["%s"],\n' "$libc"
        printf '  "files": ["%s"]\n}\n' "$name"
    } >"$package/package.json"
    pack "$package"
done

mkdir "$out/qcos"
cp -r bindings/node/{README.md,index.js,index.d.ts,lib} "$out/qcos"
node - "$version" "${all[@]}" >"$out/qcos/package.json" <<'NODE'
const [version, ...platforms] = process.argv.slice(2);
const { private: _, devDependencies: __, ...published } = require("./bindings/node/package.json");
published.optionalDependencies = Object.fromEntries(platforms.map((name) => [`qcos-${name}`, version]));
console.log(JSON.stringify(published, null, 2));
NODE
pack "$out/qcos"

# In an empty project, away from this folder: this machine's package installs and runs, another's is refused.
work=$(mktemp -d)
emulator=
finish() {
    [ -z "$emulator" ] || kill "$emulator" 2>/dev/null || true
    rm -rf "$work"
}
trap finish EXIT
mkfifo "$work/ready"
target/release/qcos-emulator --data "$work/data" >"$work/ready" &
emulator=$!
read -r line <"$work/ready"
mkdir "$work/project"
cp bindings/node/quickstart.mjs "$work/project"
sed -i 's|"./index.js"|"qcos"|' "$work/project/quickstart.mjs"
cd "$work/project"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund --omit=optional "$out/qcos-$version.tgz"
for other in "$out"/qcos-win32-*.tgz "$out"/qcos-linux-x64-musl-*.tgz; do
    [ ! -e "$other" ] || ! npm install --silent --no-audit --no-fund "$other" >/dev/null 2>&1 || {
        echo "npm took $other" >&2
        exit 1
    }
done
npm install --silent --no-audit --no-fund "$out/qcos-linux-x64-gnu-$version.tgz"
head -c 9000000 /dev/urandom >file
QCOS_APPID=10000001 QCOS_SECRET_ID=TESTSECRETID0000000000000000000000000 \
    QCOS_SECRET_KEY=TESTSECRETKEYDONOTUSE0000000000 QCOS_OPTIONS="{\"endpoint\":\"${line##* }\"}" \
    node quickstart.mjs file testbucket
ls -l "$out"
