"""Files of asyncio, and whatever reads or writes as they do, as files for a thread of a call."""

from __future__ import annotations

import inspect
from typing import Any, AsyncIterable, AsyncIterator, Awaitable, List, Protocol, Union

from ._aio_call import Bridge
from ._streams import Readable, Writes

BATCH_BYTES = 1 << 18


class AsyncReads(Protocol):
    def read(self, __size: int) -> Awaitable[bytes]: ...


class AsyncWrites(Protocol):
    def write(self, __data: bytes) -> Awaitable[object]: ...


class Drains(Protocol):
    """asyncio.StreamWriter"""

    def write(self, __data: bytes) -> object: ...

    def drain(self) -> Awaitable[object]: ...


AnyReadable = Union[Readable, AsyncReads, AsyncIterable[bytes]]
AnyWritable = Union[Writes, AsyncWrites, Drains]


class _Reads:
    def __init__(self, file: Any, bridge: Bridge) -> None:
        self._file, self._bridge = file, bridge

    def read(self, size: int) -> Any:
        return self._bridge.on_loop(self._file.read, size)


class _Iterates:
    """The pieces of an asynchronous iterator, some at a time: a way to the loop and back is long."""

    def __init__(self, pieces: AsyncIterator[bytes], bridge: Bridge) -> None:
        self._pieces, self._bridge = pieces, bridge

    def __iter__(self) -> Any:
        while True:
            pieces = self._bridge.on_loop(self._next)
            yield from pieces
            if not pieces:
                return

    async def _next(self) -> List[bytes]:
        pieces: List[bytes] = []
        size = 0
        while size < BATCH_BYTES:
            try:
                piece = await self._pieces.__anext__()
            except StopAsyncIteration:
                break
            pieces.append(piece)
            size += memoryview(piece).nbytes
        return pieces


class _Writes:
    def __init__(self, file: Any, bridge: Bridge) -> None:
        self._file, self._bridge = file, bridge

    def write(self, data: bytes) -> Any:
        return self._bridge.on_loop(self._write, data)

    async def _write(self, data: bytes) -> Any:
        written = self._file.write(data)
        if inspect.isawaitable(written):
            return await written
        await self._file.drain()
        return None


def is_iterated(file: object) -> bool:
    """A file of asyncio is also an iterable, of its lines."""
    return hasattr(file, "__aiter__") and not hasattr(file, "read")


def readable(file: Any, bridge: Bridge) -> Readable:
    if is_iterated(file):
        return _Iterates(file.__aiter__(), bridge)
    if inspect.iscoroutinefunction(getattr(file, "read", None)):
        return _Reads(file, bridge)
    blocking: Readable = file
    return blocking


def writable(file: Any, bridge: Bridge) -> Writes:
    if hasattr(file, "drain") or inspect.iscoroutinefunction(getattr(file, "write", None)):
        return _Writes(file, bridge)
    blocking: Writes = file
    return blocking
