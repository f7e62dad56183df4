"""Finds the shared library, and refuses one that this package was not written for."""

from __future__ import annotations

import ctypes
import ctypes.util
import os
import sys
from typing import Tuple

from ._abi import FUNCTIONS, VERSION

# What it is called here: beside this package, and where the system looks for libraries.
_BESIDE, SONAME = {
    "win32": ("qcos.dll", "qcos.dll"),
    "darwin": ("libqcos.dylib", "libqcos.0.dylib"),
}.get(sys.platform, ("libqcos.so", "libqcos.so.0"))


def load() -> ctypes.CDLL:
    """The library, with its functions declared. ImportError when it is not there or does not fit."""
    beside = os.path.join(os.path.dirname(os.path.abspath(__file__)), _BESIDE)
    path = os.environ.get("QCOS_LIBRARY") or (beside if os.path.exists(beside) else SONAME)
    try:
        library = _open(path)
    except OSError as error:
        raise ImportError(
            f"libqcos cannot be loaded: {error}. Set QCOS_LIBRARY to its path, or put it at {beside}"
        ) from error
    _check(library, path)
    return library


def _open(path: str) -> ctypes.CDLL:
    # A CDLL lets go of the GIL during each call.
    try:
        return ctypes.CDLL(path)
    except OSError:
        found = ctypes.util.find_library("qcos") if path == SONAME else None
        if found is None:
            raise
        return ctypes.CDLL(found)


def _check(library: ctypes.CDLL, path: str) -> None:
    wanted = "qcos {}.{}.{} for Python".format(*VERSION)
    try:
        library.qcos_version_number.restype = ctypes.c_uint32
        number = library.qcos_version_number()
    except AttributeError:
        raise ImportError(f"{path} is not libqcos; {wanted} needs it") from None
    loaded = (number >> 16, number >> 8 & 255, number & 255)
    said = "libqcos {}.{}.{} ({})".format(*loaded, path)
    if _compatible(loaded) != _compatible(VERSION):
        raise ImportError(f"{said} is another version than {wanted} is made for")
    for name, (result, parameters) in FUNCTIONS.items():
        try:
            function = getattr(library, name)
        except AttributeError:
            raise ImportError(f"{said} is too old for {wanted}: it has no {name}") from None
        function.restype = result
        function.argtypes = [parameter.ctype for parameter in parameters]


def _compatible(version: Tuple[int, ...]) -> Tuple[int, ...]:
    """What two versions that fit each other have in common: the major one, before 1.0 the minor."""
    return version[:1] if version[0] > 0 else version[:2]


LIBRARY = load()
