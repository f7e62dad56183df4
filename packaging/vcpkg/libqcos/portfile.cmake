# An overlay port of the tree that it lies in: `vcpkg install libqcos --overlay-ports=packaging/vcpkg`, with a triplet
# whose VCPKG_LIBRARY_LINKAGE is dynamic. Cargo builds, and must be in PATH.
get_filename_component(SOURCE_PATH "${CMAKE_CURRENT_LIST_DIR}/../../.." ABSOLUTE)

vcpkg_execute_required_process(
    COMMAND make build "CARGO_TARGET_DIR=${CURRENT_BUILDTREES_DIR}/cargo"
    WORKING_DIRECTORY "${SOURCE_PATH}"
    LOGNAME build)
vcpkg_execute_required_process(
    COMMAND make install "PREFIX=${CURRENT_PACKAGES_DIR}" "RELEASE=${CURRENT_BUILDTREES_DIR}/cargo/release"
        "CMAKEDIR=${CURRENT_PACKAGES_DIR}/share/qcos" "BINDIR=${CURRENT_PACKAGES_DIR}/tools/libqcos"
    WORKING_DIRECTORY "${SOURCE_PATH}"
    LOGNAME install)
file(REMOVE "${CURRENT_PACKAGES_DIR}/lib/libqcos.a")
# What is built for debugging is the same.
file(COPY "${CURRENT_PACKAGES_DIR}/lib" DESTINATION "${CURRENT_PACKAGES_DIR}/debug")
file(REMOVE_RECURSE "${CURRENT_PACKAGES_DIR}/share/man" "${CURRENT_PACKAGES_DIR}/share/doc")

vcpkg_fixup_pkgconfig()
vcpkg_install_copyright(FILE_LIST
    "${SOURCE_PATH}/LICENSE"
    "${CURRENT_BUILDTREES_DIR}/cargo/release/third-party-notices")
