#!/bin/sh
# A wheel of a platform, tagged with the oldest systems that its library runs on: auditwheel reads them in the
# library, and refuses one that needs what such systems lack.
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
*) library=libqcos.so tag= ;;
esac
cp "$release/$library" "$stage/libqcos"
find "$stage" -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +

"$python/python3" -m build --wheel --no-isolation --outdir "$stage/wheels" "$stage" >"$stage/build.log"
wheel=$(echo "$stage"/wheels/*.whl)
if [ -z "$tag" ]; then
    "$python/auditwheel" show "$wheel" >"$stage/auditwheel.log"
    tag=$(tr '\n' ' ' <"$stage/auditwheel.log" |
        sed -n 's/.*platform tag: *"\([a-z0-9_]*\)".*/\1/p')
    case $tag in
    manylinux* | musllinux*) ;;
    *) cat "$stage/auditwheel.log" >&2 && exit 1 ;;
    esac
fi
"$python/wheel" tags --remove --platform-tag "$tag" "$wheel" >/dev/null
cp "$stage"/wheels/*.whl "$out/dist"
