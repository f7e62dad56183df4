#!/bin/bash
# Installs what `make packages` has made, each in a place of its own outside the tree, and runs there a program
# that uses it, against the archive's emulator.
set -euo pipefail
cd "$(dirname "$0")/.."
root=$PWD dist=$PWD/target/packages/dist
version=$(sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml)
platform=${1:-$(${RUSTC:-rustc} -vV | sed -n 's/^host: //p')}

work=$(mktemp -d)
emulator=
finish() {
    [ -z "$emulator" ] || kill "$emulator" 2>/dev/null || true
    # Go's module cache is read-only.
    chmod -R u+w "$work"
    rm -rf "$work"
}
trap finish EXIT
say() { printf '\n\033[1m%s\033[0m\n' "$*"; }
# What each program prints: the library's version, and the code of its last reply. The file must be new each time.
goes() {
    rm -rf "$work/data" "$work/ready"
    mkfifo "$work/ready"
    "$prefix/bin/qcos-emulator" --data "$work/data" >"$work/ready" &
    emulator=$!
    local line said
    read -r line <"$work/ready"
    said=$("$@" "{\"region\":\"ap-guangzhou\",\"endpoint\":\"${line##* }\"}")
    kill "$emulator"
    wait "$emulator" || true
    emulator=
    [ "$said" = "$version 0" ] || { echo "It said: $said" >&2; exit 1; }
    echo "$said"
}
# Nothing of this machine's is found instead.
unset QCOS_LIBRARY LD_LIBRARY_PATH PYTHONPATH NODE_PATH PKG_CONFIG_PATH CMAKE_PREFIX_PATH

say "SHA256SUMS"
(cd "$dist" && sha256sum --check --quiet SHA256SUMS && echo "all as listed")

say "The archive: its emulator, pkg-config and a C compiler"
tar -xzf "$dist/libqcos-$version-$platform.tar.gz" -C "$work"
prefix=$work/libqcos-$version-$platform
cat "$prefix/share/doc/libqcos/PROVENANCE"
mkdir "$work/c"
cp tests/consumer/app.c "$work/c"
(
    cd "$work/c"
    flags=$(PKG_CONFIG_PATH=$prefix/lib/pkgconfig pkg-config --cflags --libs qcos)
    # shellcheck disable=SC2086  # one word each
    cc -Wall -Werror app.c -o app $flags
    goes env LD_LIBRARY_PATH="$prefix/lib" ./app
)

say "The archive by CMake"
cp -R tests/consumer "$work/cmake"
(
    cd "$work/cmake"
    cmake -S . -B build "-DCMAKE_PREFIX_PATH=$prefix" >/dev/null
    cmake --build build >/dev/null
    for program in shared static cpp; do goes build/$program; done
)

say "The source by CMake's FetchContent"
mkdir "$work/fetched"
cp tests/consumer/app.c "$work/fetched"
git archive --prefix=libqcos/ HEAD | tar -x -C "$work"
cat >"$work/fetched/CMakeLists.txt" <<END
cmake_minimum_required(VERSION 3.16)
project(app C)
include(FetchContent)
FetchContent_Declare(libqcos SOURCE_DIR "$work/libqcos")
FetchContent_MakeAvailable(libqcos)
add_executable(app app.c)
target_link_libraries(app PRIVATE qcos::qcos)
add_executable(static app.c)
target_link_libraries(static PRIVATE qcos::qcos_static)
END
(
    cd "$work/fetched"
    cmake -S . -B build >/dev/null
    cmake --build build >/dev/null
    goes build/app
    goes build/static
)

say "The wheel, in a virtual environment with nothing else"
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check --no-index --find-links "$dist" libqcos
"$work/venv/bin/pip" list --disable-pip-version-check
(cd "$work" && goes venv/bin/python3 "$root/tests/consumer/app.py")

say "The npm packages, in an empty project"
mkdir "$work/npm"
cp tests/consumer/app.cjs "$work/npm"
(
    cd "$work/npm"
    npm init --yes >/dev/null
    # The one for this platform is named as well: no registry has it yet.
    ours=qcos-$(node -p "process.platform + \"-\" + process.arch")-gnu
    npm install --silent --no-fund --no-audit "$dist/qcos-$version.tgz" "$dist/$ours-$version.tgz"
    npm ls
    goes node app.cjs
)

say "The Go module, from a proxy of files"
mkdir "$work/go"
cp tests/consumer/app.go "$work/go"
(
    cd "$work/go"
    export GOPATH=$work/gopath GOFLAGS=-mod=mod GONOSUMDB=github.com/libqcos GOPROXY="file://$dist/go,$(go env GOPROXY)"
    go mod init app 2>/dev/null
    go mod tidy 2>/dev/null
    cat go.mod
    CGO_ENABLED=0 go build -o app .
    goes env QCOS_LIBRARY="$prefix/lib/libqcos.so" ./app
    flags="PKG_CONFIG_PATH=$prefix/lib/pkgconfig pkg-config"
    CGO_CFLAGS=$(eval "$flags --cflags qcos") CGO_LDFLAGS=$(eval "$flags --libs qcos") CGO_ENABLED=1 go build -o cgo .
    goes env LD_LIBRARY_PATH="$prefix/lib" ./cgo
)

say "All of them install, and go."
