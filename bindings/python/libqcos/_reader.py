"""A file of the service as a file object that is read from: seekable, in ranges as they are
needed."""

from __future__ import annotations

import io
import os
from typing import Any, Callable, Optional

from .types import Received

BUFFER_SIZE = 8 << 20
"""What the XML API fetches in one request."""


class _Ranges(io.RawIOBase):
    def __init__(self, fetch: Callable[[int, memoryview], Received]) -> None:
        self._fetch = fetch
        self._size: Optional[int] = None
        self._position = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self._check_open()
        view = memoryview(buffer).cast("B")
        if not view or self._position >= self._known_size(self._position + 1):
            return 0
        received = self._fetch(self._position, view)
        self._size = received["filesize"]
        self._position += received["len"]
        return received["len"]

    def readall(self) -> bytes:
        """At once: the base class would ask for some KiB each time."""
        self._check_open()
        rest = bytearray(max(self._known_size(0) - self._position, 0))
        return bytes(memoryview(rest)[: self.readinto(rest)])

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        self._check_open()
        starts = {os.SEEK_SET: 0, os.SEEK_CUR: self._position, os.SEEK_END: self._known_size(0)}
        if whence not in starts:
            raise ValueError(f"whence is {whence}, must be 0, 1 or 2")
        if starts[whence] + offset < 0:
            raise ValueError(f"the position would be {starts[whence] + offset}")
        self._position = starts[whence] + offset
        return self._position

    def tell(self) -> int:
        self._check_open()
        return self._position

    def _known_size(self, unknown: int) -> int:
        return unknown if self._size is None else self._size

    def _check_open(self) -> None:
        if self.closed:
            raise ValueError("I/O operation on closed file")


class ObjectReader(io.BufferedReader):
    """What Client.open returns for reading."""

    def __init__(self, fetch: Callable[[int, memoryview], Received], buffer_size: int) -> None:
        super().__init__(_Ranges(fetch), buffer_size)
        # The first bytes come now: a file that is not there is told here, and its size is known.
        self.read(1)
        self.seek(0)

    def read1(self, size: int = -1, /) -> bytes:
        """Through the buffer, unlike the base class: io.TextIOWrapper asks for 8 KiB at a time."""
        first = self.read(1) if size != 0 else b""
        return (
            first + super().read1(size - 1 if size > 0 else size) if first and size != 1 else first
        )
