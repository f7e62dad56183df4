"""Says in a wheel's name for which platform it is: with the library in it, it is not for any."""

import pathlib

from setuptools import setup
from setuptools.command.bdist_wheel import bdist_wheel

PACKAGE = pathlib.Path(__file__).resolve().parent / "qcos"
LIBRARIES = ("libqcos.so", "libqcos.dylib", "qcos.dll")


class Wheel(bdist_wheel):
    def finalize_options(self):
        super().finalize_options()
        self.root_is_pure = not any((PACKAGE / name).exists() for name in LIBRARIES)

    def get_tag(self):
        _, _, platform = super().get_tag()
        # Any Python 3: the library is loaded by ctypes.
        return "py3", "none", platform


setup(cmdclass={"bdist_wheel": Wheel})
