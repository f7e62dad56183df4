"""Says in a wheel's name for which platform it is: with the library in it, it is not for any."""

import pathlib

from setuptools import Distribution, setup
from setuptools.command.bdist_wheel import bdist_wheel

PACKAGE = pathlib.Path(__file__).resolve().parent / "qcos"
LIBRARIES = ("libqcos.so", "libqcos.dylib", "qcos.dll")


class Binary(Distribution):
    def has_ext_modules(self):
        return any((PACKAGE / name).exists() for name in LIBRARIES)


class Wheel(bdist_wheel):
    def get_tag(self):
        _, _, platform = super().get_tag()
        # Any Python 3: the library is loaded by ctypes.
        return "py3", "none", platform


setup(distclass=Binary, cmdclass={"bdist_wheel": Wheel})
