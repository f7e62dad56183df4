#!/bin/sh
# A wheel of a platform, tagged with the oldest systems that its library runs on: with glibc, auditwheel reads them in
# the library, and refuses one that needs what such systems lack.
set -eu
cd "$(dirname "$0")/.."
platform=$1 release=$2
stage=$out/stage/wheel-$platform
python=$out/python/bin

if [ ! -e "$python/auditwheel" ] || ! cmp -s packaging/requirements.txt "$out/python/requirements.txt"; then
    python3 -m venv --clear "$out/python"
    "$python/pip" install --quiet --disable-pip-version-check -r packaging/requirements.txt
    cp packaging/requirements.txt "$out/python"
fi

mkdir -p "$stage"
cp -R bindings/python/libqcos bindings/python/pyproject.toml bindings/python/setup.py bindings/python/README.md "$stage"
find "$stage" -name __pycache__ -prune -exec rm -rf {} +
cp LICENSE "$stage"
packaging/notices.sh --target "$platform" libqcos >"$stage/third-party-notices"
case $platform in
*-windows-*) library=qcos.dll tag=win_amd64 ;;
# The oldest that Rust makes programs for.
aarch64-apple-darwin) library=libqcos.dylib tag=macosx_11_0_arm64 ;;
x86_64-apple-darwin) library=libqcos.dylib tag=macosx_10_12_x86_64 ;;
# auditwheel wants musl's libc here; check-portable.sh has seen that nothing else is needed.
*-musl) library=libqcos.so tag=musllinux_1_2_${platform%%-*} ;;
armv7-*) library=libqcos.so tag=linux_armv7l ;;
*) library=libqcos.so tag=linux_${platform%%-*} ;;
esac
cp "$release/$library" "$stage/libqcos"
find "$stage" -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +

"$python/python3" -m build --wheel --no-isolation --outdir "$stage/wheels" "$stage" >"$stage/build.log"
retag() {
    "$python/wheel" tags --remove --platform-tag "$1" "$stage"/wheels/*.whl >/dev/null
}
retag "$tag"
case $tag in
linux_*)
    "$python/auditwheel" show "$stage"/wheels/*.whl >"$stage/auditwheel.log"
    tag=$(tr '\n' ' ' <"$stage/auditwheel.log" | sed -n 's/.*platform tag: *"\([a-z0-9_]*\)".*/\1/p')
    case $tag in
    # Older pips know this one by its first name alone.
    manylinux_2_17_*) retag "manylinux2014_${tag#manylinux_2_17_}.$tag" ;;
    manylinux*) retag "$tag" ;;
    *) cat "$stage/auditwheel.log" >&2 && exit 1 ;;
    esac
    ;;
esac
cp "$stage"/wheels/*.whl "$out/dist"
