"""Tencent Cloud Object Storage (COS) by libqcos: see README.md; qcos.h is the manual of each call."""

from . import types
from ._abi import VERSION
from ._call import CANCEL
from ._expiry import Credentials
from ._library import LIBRARY
from ._reader import ObjectReader
from ._writer import ObjectWriter
from .client import Client
from .errors import (
    AccessDenied,
    AlreadyExists,
    Cancelled,
    ConditionFailed,
    LocalFileError,
    LocalFileExists,
    LocalFileMissing,
    NotFound,
    PartialFailure,
    QcosError,
    TimedOut,
)

__all__ = [
    "CANCEL",
    "AccessDenied",
    "AlreadyExists",
    "Cancelled",
    "Client",
    "ConditionFailed",
    "Credentials",
    "LocalFileError",
    "LocalFileExists",
    "LocalFileMissing",
    "NotFound",
    "ObjectReader",
    "ObjectWriter",
    "PartialFailure",
    "QcosError",
    "TimedOut",
    "__version__",
    "library_version",
    "types",
]

__version__ = ".".join(map(str, VERSION))


def library_version() -> str:
    """The version of the library that is loaded, such as "0.1.0"."""
    version: bytes = LIBRARY.qcos_version()
    return version.decode()
