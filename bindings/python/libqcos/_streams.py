"""Files, and whatever reads or writes as they do, as the callbacks of a call."""

from __future__ import annotations

import ctypes
import io
import operator
from typing import Any, Callable, Iterable, Iterator, Protocol, Union

PIECE_BYTES = 1 << 20


class ReadsInto(Protocol):
    def readinto(self, __buffer: Any) -> object: ...


class Reads(Protocol):
    def read(self, __size: int) -> object: ...


class Writes(Protocol):
    def write(self, __data: bytes) -> object: ...


Readable = Union[ReadsInto, Reads, Iterable[bytes]]


def reader(file: Any) -> Callable[[int, int], int]:
    """Fills C's memory with what the file has next; 0 at its end."""
    readinto = getattr(file, "readinto", None)
    if callable(readinto):
        return _reads_into(readinto)
    read = getattr(file, "read", None)
    if callable(read):
        return _reads(read)
    # Of these the elements are numbers and letters.
    if hasattr(file, "__iter__") and not isinstance(file, (bytes, bytearray, memoryview, str)):
        return _reads(_Pieces(iter(file)).read)
    raise TypeError("file must have a method readinto or read, or yield bytes")


class _Pieces:
    """What an iterable yields, in pieces of the size that is asked for."""

    def __init__(self, pieces: Iterator[Any]) -> None:
        self._pieces = pieces
        self._rest = memoryview(b"")

    def read(self, size: int) -> memoryview:
        while not self._rest:
            for piece in self._pieces:
                # A copy, as the other may change what it has yielded.
                self._rest = memoryview(bytes(memoryview(piece)))
                break
            else:
                break
        taken, self._rest = self._rest[:size], self._rest[size:]
        return taken


def _reads_into(readinto: Callable[[Any], Any]) -> Callable[[int, int], int]:
    # Not C's memory itself: a view of it that the file keeps would outlive it.
    piece = bytearray(PIECE_BYTES)
    begin = ctypes.c_char.from_buffer(piece)

    def fill(address: int, size: int) -> int:
        most = min(size, PIECE_BYTES)
        count = _count("readinto", readinto(memoryview(piece)[:most]), most)
        ctypes.memmove(address, ctypes.byref(begin), count)
        return count

    return fill


def _reads(read: Callable[[int], Any]) -> Callable[[int, int], int]:
    def fill(address: int, size: int) -> int:
        most = min(size, PIECE_BYTES)
        data = read(most)
        if isinstance(data, str):
            raise TypeError("read returned str: a file must be opened in binary mode")
        data = data if data is None else memoryview(data).tobytes()
        count = _count("read", data if data is None else len(data), most)
        ctypes.memmove(address, data, count)
        return count

    return fill


def writer(file: Any) -> Callable[[int, int], int]:
    """Gives C's memory to the file, all of it."""
    write = getattr(file, "write", None)
    if not callable(write):
        raise TypeError("file must have a method write")

    def take(address: int, size: int) -> int:
        # A copy, as the file may keep it.
        data = ctypes.string_at(address, size)
        while data:
            taken = write(data)
            if taken is None and not isinstance(file, io.RawIOBase):
                break
            count = _count("write", taken, len(data))
            if count == 0:
                raise OSError("write took none of the bytes")
            data = data[count:]
        return 0

    return take


def _count(name: str, count: Any, most: int) -> int:
    # None is how a raw file says so.
    if count is None:
        raise BlockingIOError(f"{name} would have to wait, and the file does not")
    number = operator.index(count)
    if not 0 <= number <= most:
        raise ValueError(f"{name} returned {number} for {most} bytes")
    return number
