"""Conan 2: `conan create packaging/conan`. It needs make and cargo, which builds."""

import os
import re

from conan import ConanFile
from conan.errors import ConanInvalidConfiguration
from conan.tools.files import copy, load

# The tree, of which this is packaging/conan; where Conan has copied it, its own folder.
TREE = ("Cargo.*", "build.rs", "Makefile", "LICENSE", ".cargo/*", "src/*", "emulator/*", "include/*", "packaging/*")


class LibqcosConan(ConanFile):
    name = "libqcos"
    description = "Client of Tencent Cloud Object Storage (COS)"
    license = "MIT"
    homepage = "https://github.com/libqcos/libqcos"
    url = homepage
    topics = ("cos", "qcloud", "tencent", "object-storage")
    package_type = "library"
    settings = "os", "arch", "compiler", "build_type"
    options = {"shared": [True, False]}
    default_options = {"shared": True}

    def _tree(self):
        return os.path.join(self.recipe_folder, "..", "..")

    def set_version(self):
        manifest = load(self, os.path.join(self._tree(), "Cargo.toml"))
        self.version = re.search(r'^version = "(.*)"', manifest, re.MULTILINE).group(1)

    def export(self):
        # `set_version` is not asked again.
        self.output.info(f"libqcos {self.version}")

    def export_sources(self):
        for pattern in TREE:
            copy(self, pattern, self._tree(), self.export_sources_folder, excludes=("*/node_modules/*", "*/target/*"))

    def validate(self):
        if self.settings.os != "Linux":
            raise ConanInvalidConfiguration("packaging/conan knows Linux alone")

    def build(self):
        self.run("make build", cwd=self.source_folder)

    def package(self):
        self.run(f"make install PREFIX='{self.package_folder}'", cwd=self.source_folder)
        unwanted = "libqcos.a" if self.options.shared else "libqcos.so"
        folder = os.path.join(self.package_folder, "lib")
        for name in os.listdir(folder):
            if name.startswith(unwanted):
                os.remove(os.path.join(folder, name))
        documents = os.path.join(self.package_folder, "share", "doc", "libqcos")
        copy(self, "*", documents, os.path.join(self.package_folder, "licenses"))

    def package_id(self):
        # A C library: neither the compiler of its users nor their build type matters.
        del self.info.settings.compiler
        del self.info.settings.build_type

    def package_info(self):
        self.cpp_info.libs = ["qcos"]
        self.cpp_info.set_property("cmake_file_name", "qcos")
        self.cpp_info.set_property("cmake_target_name", "qcos::qcos")
        self.cpp_info.set_property("pkg_config_name", "qcos")
        if not self.options.shared:
            self.cpp_info.system_libs = ["gcc_s", "util", "rt", "pthread", "m", "dl"]
