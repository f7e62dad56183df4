#!/bin/sh
# npm packages: one of a platform with its library, which npm installs on that platform alone; and "main", which is
# the binding and picks one of those that were made.
set -eu
cd "$(dirname "$0")/.."

# NAME DIRECTORY: packed into dist, where its name has no slash.
pack() {
    (cd "$1" && npm pack --silent --pack-destination "$out/dist" >/dev/null)
}

if [ "$1" = main ]; then
    stage=$out/stage/npm/main
    mkdir -p "$stage"
    (cd bindings/node && cp -R index.js index.d.ts lib README.md "$stage")
    cp LICENSE "$stage"
    # shellcheck disable=SC2016  # the other program's
    node -e '
        const [from, to, version, ...platforms] = process.argv.slice(1);
        const { private: _, devDependencies: __, ...package } = JSON.parse(require("fs").readFileSync(from));
        package.optionalDependencies = Object.fromEntries(platforms.map((name) => [`@qcos/${name}`, version]));
        package.files = ["index.js", "index.d.ts", "lib"];
        require("fs").writeFileSync(to, JSON.stringify(package, null, 2) + "\n");
    ' bindings/node/package.json "$stage/package.json" "$version" $(cd "$out/stage/npm" && ls -d -- *-*)
    pack "$stage"
    exit
fi

platform=$1 release=$2
case $platform in
x86_64-*) cpu=x64 ;;
aarch64-*) cpu=arm64 ;;
armv7-*) cpu=arm ;;
i686-*) cpu=ia32 ;;
s390x-*) cpu=s390x ;;
*) echo "npm has no name for $platform" >&2 && exit 1 ;;
esac
case $platform in
*-linux-gnu*) os=linux libc=glibc name=linux-$cpu-gnu library=libqcos.so ;;
*-linux-musl*) os=linux libc=musl name=linux-$cpu-musl library=libqcos.so ;;
*-windows-*) os=win32 libc='' name=win32-$cpu library=qcos.dll ;;
*-apple-darwin) os=darwin libc='' name=darwin-$cpu library=libqcos.dylib ;;
*) echo "npm has no name for $platform" >&2 && exit 1 ;;
esac
stage=$out/stage/npm/$name
mkdir -p "$stage"
cp "$release/$library" LICENSE "$stage"
packaging/notices.sh --target "$platform" libqcos >"$stage/third-party-notices"
cat >"$stage/package.json" <<END
{
  "name": "@qcos/$name",
  "version": "$version",
  "description": "The library of the package qcos, for $os on $cpu${libc:+ with $libc}",
  "license": "MIT",
  "os": ["$os"],
  "cpu": ["$cpu"],
${libc:+  \"libc\": [\"$libc\"],
}  "files": ["$library", "third-party-notices"]
}
END
echo "The library of the package [qcos](https://www.npmjs.com/package/qcos) for $platform." >"$stage/README.md"
pack "$stage"
