"""What a call that failed raises: QcosError, which is also Python's own exception where it has
one."""

from __future__ import annotations

from errno import EACCES, EEXIST, ENOENT, ENOSPC, ENOTDIR, ETIMEDOUT
from typing import Optional, Type

from .types import ErrorData, Reply


class QcosError(Exception):
    """The library or the service has refused or failed.

    code        int: a qcos_code below 0 when the library has failed; else the service's own
    name        str: the qcos_code, such as "QCOS_ERR_NETWORK", or "SERVICE"
    kind        str: "timeout", "parameter", "cancelled", "service" and others of qcos.h
    message     str: for people
    httpcode    int: HTTP status, 0 when there was no HTTP reply
    data        dict: what the call brought all the same, such as "session" and "offset"
    retryable   bool: the same call may succeed later
    attempts    int: requests that the failing step made
    request_id  str or None: the service's number for the request
    reply       dict: all of the reply
    """

    def __init__(self, reply: Reply) -> None:
        # The reply alone, so that an error can be pickled.
        super().__init__(reply)
        self.reply = reply
        self.code: int = reply["code"]
        self.message: str = reply["message"]
        self.httpcode: int = reply["httpcode"]
        self.data: ErrorData = reply["data"]
        self.name: str = "SERVICE"
        self.kind: str = "service"
        self.retryable: bool = False
        self.attempts: int = 0
        self.request_id: Optional[str] = reply.get("request_id")
        error = reply.get("error")
        if error is not None:
            self.name, self.kind = error["name"], error["kind"]
            self.retryable, self.attempts = error["retryable"], error["attempts"]
            self.request_id = self.request_id or error.get("request_id")

    def __str__(self) -> str:
        return f"{self.name} ({self.code}): {self.message}"


class NotFound(QcosError, FileNotFoundError):
    """The service has no such file or folder."""

    errno = ENOENT


class AlreadyExists(QcosError, FileExistsError):
    """The service has a file or folder there already."""

    errno = EEXIST


class AccessDenied(QcosError, PermissionError):
    """The credentials do not allow it."""

    errno = EACCES


class ConditionFailed(QcosError):
    """An if_... option did not hold (-412, or -304), or the file was changed meanwhile."""


class PartialFailure(QcosError):
    """A call on many files failed for some of them: `data["failed"]`. The code is that of the
    first."""


class Cancelled(QcosError):
    """The call was cancelled."""


class TimedOut(QcosError, TimeoutError):
    """A time limit has passed."""

    errno = ETIMEDOUT


class LocalFileError(QcosError, OSError):
    """A local file is missing, unreadable, changed meanwhile, or cannot be written."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(reply)
        self.errno = _ERRNO_OF_KIND.get(self.kind)


class LocalFileMissing(LocalFileError, FileNotFoundError):
    """There is no such local file or folder."""


class LocalFileExists(LocalFileError, FileExistsError):
    """The local file is there already, and overwrite=False."""


_ERRNO_OF_KIND = {
    "missing": ENOENT,
    "unreadable": EACCES,
    "unwritable": EACCES,
    "not_folder": ENOTDIR,
    "exists": EEXIST,
    "disk_full": ENOSPC,
}

_CLASS_OF_SERVICE_CODE = {
    -166: NotFound,
    -197: NotFound,
    -6101: NotFound,
    -177: AlreadyExists,
    -178: AlreadyExists,
    -4018: AlreadyExists,
    -289: AccessDenied,
    -304: ConditionFailed,
    -412: ConditionFailed,
}

_CLASS_OF_LOCAL_FILE = {"missing": LocalFileMissing, "exists": LocalFileExists}


def is_not_found(code: int) -> bool:
    """Whether the service says that nothing is there."""
    return _CLASS_OF_SERVICE_CODE.get(code) is NotFound


def class_of(reply: Reply) -> Type[QcosError]:
    """Which QcosError this reply is."""
    error = reply.get("error")
    name, kind = (error["name"], error["kind"]) if error else ("SERVICE", "service")
    # Of many files: that one of them is missing does not mean that the folder is.
    if reply["data"].get("failed"):
        return PartialFailure
    if name == "QCOS_ERR_LOCAL_FILE":
        return _CLASS_OF_LOCAL_FILE.get(kind, LocalFileError)
    if name == "QCOS_ERR_CANCELLED":
        return Cancelled
    if name == "SERVICE":
        return _CLASS_OF_SERVICE_CODE.get(reply["code"], QcosError)
    return TimedOut if kind == "timeout" else QcosError
