#!/bin/bash
# Type-checks the library and the emulator for systems that nothing here can link or run for. The C parts of
# crates are not compiled: a check needs none of their objects.
set -euo pipefail
cd "$(dirname "$0")/.."

targets="${*:-x86_64-pc-windows-gnu x86_64-pc-windows-msvc aarch64-apple-darwin x86_64-apple-darwin}"
stubs="$PWD/target/stubs"
mkdir -p "$stubs"

# Each makes the empty file that it is asked for.
cat >"$stubs/cc" <<'STUB'
#!/bin/sh
out=
while [ $# -gt 0 ]; do
    case "$1" in
    -o) out="$2" && shift ;;
    -o* | -Fo* | /Fo*) out="${1#-o}" && out="${out#?Fo}" ;;
    esac
    shift
done
[ -z "$out" ] || : >"$out"
STUB
cat >"$stubs/ar" <<'STUB'
#!/bin/sh
for argument; do
    case "$argument" in
    [-/]out:* | [-/]OUT:*) : >"${argument#?????}" ;;
    *.a | *.lib) : >"$argument" ;;
    esac
done
STUB
chmod +x "$stubs/cc" "$stubs/ar"

for target in $targets; do
    rustup target add "$target" 2>/dev/null
    name="${target//-/_}"
    env "CC_$name=$stubs/cc" "AR_$name=$stubs/ar" RUSTFLAGS="-D warnings" CARGO_TARGET_DIR=target/check-platforms \
        cargo check --locked --workspace --lib --bins --target "$target"
    echo "check-platforms: $target is clean"
done
