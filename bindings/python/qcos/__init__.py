"""Tencent Cloud Object Storage (COS) by libqcos: see README.md; qcos.h is the manual of each call."""

from ._abi import VERSION
from ._call import CANCEL
from ._library import LIBRARY
from .client import Client
from .errors import QcosError

__all__ = ["CANCEL", "Client", "QcosError", "__version__", "library_version"]

__version__ = ".".join(map(str, VERSION))


def library_version() -> str:
    """The version of the library that is loaded, such as "0.1.0"."""
    version: bytes = LIBRARY.qcos_version()
    return version.decode()
