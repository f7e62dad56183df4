"""Says in a wheel's name for which platform it is: with libqcos.so in it, it is not for any."""

import pathlib

from setuptools import setup
from setuptools.command.bdist_wheel import bdist_wheel

LIBRARY = pathlib.Path(__file__).resolve().parent / "qcos" / "libqcos.so"


class Wheel(bdist_wheel):
    def finalize_options(self):
        super().finalize_options()
        self.root_is_pure = not LIBRARY.exists()

    def get_tag(self):
        _, _, platform = super().get_tag()
        # Any Python 3: the library is loaded by ctypes.
        return "py3", "none", platform


setup(cmdclass={"bdist_wheel": Wheel})
