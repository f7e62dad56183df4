#!/bin/bash
# Fails where a shared library needs a newer glibc than it may, another library than the C library's own, or a symbol
# that nothing has: such a library loads nowhere, or not where it should.
#
#     check-portable.sh GLIBC_VERSION LIBRARY ...
set -euo pipefail

floor=$1
shift
wrong=0
for library; do
    symbols=$(readelf --wide --dyn-syms "$library" | awk '$7 == "UND" && $8 != ""')
    needed=$(readelf --wide --dynamic "$library" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p')
    if [ "$needed" = libc.so ]; then
        # musl's, whose symbols have no versions: what it lacks is seen where a program loads the library.
        echo "$library: musl; $(wc -c <"$library") bytes"
        continue
    fi
    others=$(grep -vE '^(libc|libm|libpthread|libdl|librt|libutil|ld-linux[-a-z0-9_]*)\.so\.[0-9]$' <<<"$needed" || true)
    versions=$(grep -oE '@GLIBC_[0-9.]+' <<<"$symbols" | sed 's/@GLIBC_//' | sort -Vu)
    newest=$(printf '%s\n' "$versions" "$floor" | sort -V | tail -1)
    # Weak ones may be missing; all others are of a version of some library.
    unresolved=$(awk '$5 != "WEAK" && $8 !~ /@/ { print $8 }' <<<"$symbols")
    if [ "$newest" != "$floor" ]; then
        echo "$library needs glibc $newest, not $floor:" >&2
        grep "@GLIBC_$newest" <<<"$symbols" | awk '{ print "    " $8 }' >&2
        wrong=1
    fi
    if [ -n "$others" ]; then
        printf '%s needs other libraries:\n%s\n' "$library" "$others" >&2
        wrong=1
    fi
    if [ -n "$unresolved" ]; then
        printf '%s has symbols that no library is named for:\n%s\n' "$library" "$unresolved" >&2
        wrong=1
    fi
    [ $wrong -ne 0 ] ||
        echo "$library: glibc $(tail -1 <<<"$versions") is enough; $(wc -c <"$library") bytes; needs ${needed//$'\n'/ }"
done
exit $wrong
