#!/bin/bash
# Installs what `make packages` has made, each in a place of its own outside the tree, and runs there a program
# that uses it, against the archive's emulator. "arm64": what is for that processor, in a Debian of it below
# target/packages, by qemu-user; as root. What takes long by qemu and is the same everywhere is done here: npm and Go's compiler.
#
#     scripts/test-packages.sh [arm64]
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=scripts/debian-root.sh
. scripts/debian-root.sh
# shellcheck source=scripts/packages-common.sh
. scripts/packages-common.sh
root=$PWD dist=$PWD/target/packages/dist
version=$(sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml)
foreign=${1:-}
case $foreign in
arm64) platform=aarch64-unknown-linux-gnu node=linux-arm64 ;;
"") platform=$(${RUSTC:-rustc} -vV | sed -n 's/^host: //p') node=$(node -p 'process.platform + "-" + process.arch') ;;
*) echo "What is there is for arm64, or for this machine" >&2 && exit 2 ;;
esac

go_to=() npm_to=()
if [ -n "$foreign" ]; then
    debian=$root/target/packages/root-$foreign
    debian_root "$debian" "$foreign" gcc libc6-dev nodejs pkg-config python3-venv
    go_to=(GOOS=linux "GOARCH=$foreign" CC=aarch64-linux-gnu-gcc)
    # By force: npm 11 looks at this machine's processor, too, whatever --cpu says.
    npm_to=(--os=linux "--cpu=$foreign" --libc=glibc --force)
fi

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
    flags=$(run env "PKG_CONFIG_PATH=$prefix/lib/pkgconfig" pkg-config --cflags --libs qcos)
    # shellcheck disable=SC2086  # one word each
    run cc -Wall -Werror app.c -o app $flags
    goes env LD_LIBRARY_PATH="$prefix/lib" ./app
)

# CMake does the same everywhere.
if [ -z "$foreign" ]; then
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
fi

say "The wheel, in a virtual environment with nothing else"
run python3 -m venv "$work/venv"
run "$work/venv/bin/pip" install --quiet --disable-pip-version-check --no-index --find-links "$dist" libqcos
run "$work/venv/bin/pip" list --disable-pip-version-check
cp tests/consumer/app.py "$work"
(cd "$work" && goes venv/bin/python3 app.py)

say "The npm packages, in an empty project"
mkdir "$work/npm"
cp tests/consumer/app.cjs "$work/npm"
(
    cd "$work/npm"
    npm init --yes >/dev/null
    # The one for this platform is named as well: no registry has it yet.
    ours=qcos-$node-gnu
    npm install "${npm_to[@]}" --silent --no-fund --no-audit "$dist/qcos-$version.tgz" "$dist/$ours-$version.tgz"
    npm ls
    goes node app.cjs
)

say "The Go module, from a proxy of files"
mkdir "$work/go"
cp tests/consumer/app.go "$work/go"
(
    cd "$work/go"
    GOPROXY=file://$dist/go,$(go env GOPROXY)
    export GOPROXY GOPATH=$work/gopath GOFLAGS=-mod=mod GONOSUMDB=github.com/libqcos
    go mod init app 2>/dev/null
    go mod tidy 2>/dev/null
    cat go.mod
    env "${go_to[@]}" CGO_ENABLED=0 go build -o app .
    goes env QCOS_LIBRARY="$prefix/lib/libqcos.so" ./app
    flags="PKG_CONFIG_PATH=$prefix/lib/pkgconfig pkg-config"
    CGO_CFLAGS=$(eval "$flags --cflags qcos") CGO_LDFLAGS=$(eval "$flags --libs qcos") CGO_ENABLED=1 env "${go_to[@]}" go build -o cgo .
    goes env LD_LIBRARY_PATH="$prefix/lib" ./cgo
)

say "All of them install, and go."
