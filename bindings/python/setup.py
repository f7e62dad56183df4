"""A wheel with a library in it is for that library's platform, and its name says so."""

import pathlib

from setuptools import Distribution, setup
from setuptools.command.bdist_wheel import bdist_wheel

PACKAGE = pathlib.Path(__file__).resolve().parent / "libqcos"
LIBRARIES = ("libqcos.so", "libqcos.dylib", "qcos.dll")


class WithLibrary(Distribution):
    def has_ext_modules(self):
        return any((PACKAGE / name).exists() for name in LIBRARIES)


class Wheel(bdist_wheel):
    def get_tag(self):
        _, _, platform = super().get_tag()
        # Any Python 3: the library is loaded by ctypes.
        return "py3", "none", platform


setup(distclass=WithLibrary, cmdclass={"bdist_wheel": Wheel})
