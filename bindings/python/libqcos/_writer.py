"""A file of the service as a file object that is written to: an upload of unknown length."""

from __future__ import annotations

import collections
import contextvars
import io
import threading
import weakref
from types import TracebackType
from typing import Any, Callable, Deque, Optional, Type

from .types import Uploaded

PIECE_BYTES = 1 << 20
PIECES_MAX = 4


class _Abandoned(Exception):
    pass


class _Pipe:
    """Bytes from the thread that writes to the thread that uploads; it holds some MiB at most."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._pieces: Deque[memoryview] = collections.deque()
        self._is_complete = self._is_abandoned = self._is_unread = False

    def put(self, piece: bytes) -> bool:
        """False when nobody reads any more."""
        with self._changed:
            self._changed.wait_for(lambda: len(self._pieces) < PIECES_MAX or self._is_unread)
            self._pieces.append(memoryview(piece))
            self._changed.notify_all()
            return not self._is_unread

    def complete(self) -> None:
        with self._changed:
            self._is_complete = True
            self._changed.notify_all()

    def abandon(self) -> None:
        with self._changed:
            self._is_abandoned = True
            self._changed.notify_all()

    def read(self, size: int) -> bytes:
        with self._changed:
            self._changed.wait_for(lambda: self._pieces or self._is_complete or self._is_abandoned)
            if self._is_abandoned:
                raise _Abandoned
            if not self._pieces:
                return b""
            piece = self._pieces.popleft()
            if len(piece) > size:
                self._pieces.appendleft(piece[size:])
            self._changed.notify_all()
            return bytes(piece[:size])

    def end_reading(self) -> None:
        with self._changed:
            self._is_unread = True
            self._changed.notify_all()


class _Upload:
    """On a thread of its own."""

    def __init__(self, upload: Callable[[_Pipe], Uploaded], cancel: Callable[[], None]) -> None:
        self.pipe = _Pipe()
        self.reply: Optional[Uploaded] = None
        self.error: Optional[BaseException] = None
        self._upload, self._cancel = upload, cancel
        self._thread = threading.Thread(
            target=contextvars.copy_context().run, args=[self._run], name="qcos-write", daemon=True
        )
        self._thread.start()

    def _run(self) -> None:
        try:
            self.reply = self._upload(self.pipe)
        except BaseException as error:
            self.error = error
        finally:
            self.pipe.end_reading()

    def wait(self) -> None:
        self._thread.join()

    def abandon(self) -> None:
        self.pipe.abandon()
        self._cancel()
        self.wait()


class ObjectWriter(io.BufferedIOBase):
    """What Client.open returns for writing. There is an object once close() has returned, or the
    `with` has ended without an exception; never one of a part of the bytes."""

    def __init__(self, upload: Callable[[Any], Uploaded], cancel: Callable[[], None]) -> None:
        self._piece = bytearray()
        self._position = 0
        self._upload = _Upload(upload, cancel)
        # Also when the program ends, so that no unfinished upload stays.
        self._abandon = weakref.finalize(self, self._upload.abandon)

    @property
    def reply(self) -> Optional[Uploaded]:
        """As of upload_stream, once it is closed."""
        return self._upload.reply

    def writable(self) -> bool:
        return True

    def write(self, data: Any, /) -> int:
        self._check_open()
        view = memoryview(data).cast("B")
        self._piece += view
        self._position += len(view)
        if len(self._piece) >= PIECE_BYTES:
            self._put()
        return len(view)

    def tell(self) -> int:
        self._check_open()
        return self._position

    def abort(self) -> None:
        """Ends it without an object."""
        self._abandon()
        super().close()

    def close(self) -> None:
        if self.closed:
            return
        try:
            self._put()
            self._upload.pipe.complete()
            self._upload.wait()
            self._raise()
        finally:
            self.abort()

    def _put(self) -> None:
        piece, self._piece = bytes(self._piece), bytearray()
        if piece and not self._upload.pipe.put(piece):
            self._upload.wait()
            self._raise()

    def _raise(self) -> None:
        if self._upload.error is not None:
            raise self._upload.error

    def _check_open(self) -> None:
        if self.closed:
            raise ValueError("I/O operation on closed file")

    def __exit__(
        self,
        kind: Optional[Type[BaseException]],
        error: Optional[BaseException],
        traceback: Optional[TracebackType],
    ) -> None:
        if kind is None:
            self.close()
        else:
            self.abort()

    def __del__(self) -> None:
        # The base class would close it, and so make an object of what has been written.
        pass
