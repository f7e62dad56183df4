#!/bin/sh
# `make install` and `make uninstall`: one list of files for both, so that what is put is what is
# taken away. The Makefile sets the folders and versions; DESTDIR is in front of every folder.
set -eu
umask 022
cd "$(dirname "$0")/.."
action=$1

case $PREFIX in
/*) ;;
*) echo "PREFIX must be an absolute path, not '$PREFIX'" >&2 && exit 1 ;;
esac

# put MODE FILE FOLDER [NAME]
put() {
    target=$DESTDIR$3/${4:-${2##*/}}
    if [ "$action" = install ]; then
        mkdir -p "$DESTDIR$3"
        install -m "$1" "$2" "$target"
    else
        rm -f "$target"
    fi
    echo "$action $target"
}

# link TEXT FOLDER NAME
link() {
    target=$DESTDIR$2/$3
    if [ "$action" = install ]; then
        ln -sf "$1" "$target"
    else
        rm -f "$target"
    fi
    echo "$action $target"
}

# below ROOT FOLDER: FOLDER when PREFIX is at ROOT; as it is if it lies outside.
below() {
    case $2 in
    "$PREFIX"/*) printf '%s' "$1/${2#"$PREFIX"/}" ;;
    *) printf '%s' "$2" ;;
    esac
}

# above HERE FOLDER: PREFIX as seen from FOLDER, which calls itself HERE.
above() {
    case $2 in
    "$PREFIX"/*) printf '%s' "$1/$(printf '%s' "${2#"$PREFIX"/}" | sed 's|[^/][^/]*|..|g')" ;;
    *) printf '%s' "$PREFIX" ;;
    esac
}

# In a .pc file a backslash keeps a space in its word; in ${pcfiledir} pkgconf puts it by itself.
escaped() {
    printf '%s' "$1" | sed 's/ /\\ /g'
}

# substitute NAME VALUE: the sed command that fills in @NAME@.
substitute() {
    printf 's|@%s@|%s|g\n' "$1" "$(printf '%s' "$2" | sed 's/[\\&|]/\\&/g')"
}

# A list of CMake's, in which a framework and its flag are one word.
listed() {
    printf '%s' "$1" | sed 's/ -/;-/g'
}

# What programs know the library by. On macOS that is a path, which build.rs begins with the folders that a program
# names itself: pkg-config gives it one, CMake does so by itself.
install_name=$SONAME pc_rpath=
if [ "$SYSTEM" = Darwin ]; then
    # shellcheck disable=SC2016  # pkg-config's
    install_name=@rpath/$SONAME pc_rpath=' -Wl,-rpath,${libdir}'
fi

# shellcheck disable=SC2016  # variables of pkg-config and CMake
fill_in() {
    sed -e "$(substitute VERSION "$VERSION")" \
        -e "$(substitute SHARED_FILE "$SHARED_FILE")" \
        -e "$(substitute INSTALL_NAME "$install_name")" \
        -e "$(substitute NATIVE_LIBS "$NATIVE_LIBS")" \
        -e "$(substitute NATIVE_LIBS_LIST "$(listed "$NATIVE_LIBS")")" \
        -e "$(substitute PC_RPATH "$pc_rpath")" \
        -e "$(substitute PC_PREFIX "$(escaped "$(above '${pcfiledir}' "$PKGCONFIGDIR")")")" \
        -e "$(substitute PC_INCLUDEDIR "$(escaped "$(below '${prefix}' "$INCLUDEDIR")")")" \
        -e "$(substitute PC_LIBDIR "$(escaped "$(below '${prefix}' "$LIBDIR")")")" \
        -e "$(substitute CMAKE_PREFIX "$(above '${_qcos_here}' "$CMAKEDIR")")" \
        -e "$(substitute CMAKE_INCLUDEDIR "$(below '${_qcos_prefix}' "$INCLUDEDIR")")" \
        -e "$(substitute CMAKE_LIBDIR "$(below '${_qcos_prefix}' "$LIBDIR")")" \
        "$1"
}

# put_filled TEMPLATE.in FOLDER
put_filled() {
    name=${1##*/}
    name=${name%.in}
    fill_in "$1" >"$filled/$name"
    put 644 "$filled/$name" "$2"
}

filled=$(mktemp -d)
trap 'rm -rf "$filled"' EXIT

put 644 "$RELEASE/$SHARED" "$LIBDIR" "$SHARED_FILE"
link "$SHARED_FILE" "$LIBDIR" "$SONAME"
link "$SONAME" "$LIBDIR" "$SHARED"
put 644 "$RELEASE/libqcos.a" "$LIBDIR"
put 755 "$RELEASE/qcos-emulator" "$BINDIR"
for header in include/*.h*; do
    put 644 "$header" "$INCLUDEDIR"
done
put_filled packaging/qcos.pc.in "$PKGCONFIGDIR"
put_filled packaging/qcos-config.cmake.in "$CMAKEDIR"
put_filled packaging/qcos-config-version.cmake.in "$CMAKEDIR"
put 644 packaging/man/qcos.3 "$MANDIR/man3"
put 644 packaging/man/qcos-emulator.1 "$MANDIR/man1"
put 644 LICENSE "$DOCDIR"
put 644 "$RELEASE/third-party-notices" "$DOCDIR"

# The folders that are libqcos' own.
if [ "$action" = uninstall ]; then
    for folder in "$CMAKEDIR" "$DOCDIR"; do
        # Others may have files there.
        rmdir "$DESTDIR$folder" 2>/dev/null || true
    done
fi
