"""One call of the library: parameters in, a reply out, callbacks on the way."""

from __future__ import annotations

import ctypes
import json
import threading
from typing import Any, Callable, List, NamedTuple, Optional, Sequence, Type, TypeVar, cast

from ._abi import FUNCTIONS, PAGE_FN, PROGRESS_FN, READ_FN, WRITE_FN
from ._interrupt import Interrupts
from ._library import LIBRARY
from .errors import QcosError, class_of
from .types import Entry, TraceEvent

Progress = Optional[Callable[[int, int], object]]
Page = Callable[[List[Entry]], object]
T = TypeVar("T")


class _Cancel:
    def __repr__(self) -> str:
        return "libqcos.CANCEL"


CANCEL = _Cancel()
"""A callback that returns this cancels its call; whatever else it returns does not matter."""


class _Callback(NamedTuple):
    """A callback of a call: what C calls, and what that answers to cancel."""

    prototype: Any
    function: Callable[..., int]
    cancels: int = 1
    waits: bool = False
    """For a file, which may take any time: Ctrl-C is raised in it."""


def call(reply: Type[T], name: str, *arguments: Any) -> T:
    """`data` of the reply, a `reply`. QcosError when the call failed, TypeError or ValueError when
    an argument cannot be passed."""
    return cast(T, _Running().run(name, arguments, []))


def call_with_progress(reply: Type[T], name: str, *arguments: Any, progress: Progress) -> T:
    """The same with a callback that is given bytes done and bytes in all."""
    if progress is None:
        return call(reply, name, *arguments, PROGRESS_FN(), None)
    reports = _Callback(PROGRESS_FN, _answer(progress))
    return cast(T, _Running().run(name, arguments, [reports]))


def call_with_pages(reply: Type[T], name: str, *arguments: Any, page: Page) -> T:
    """The same with a callback that is given the entries of each page."""

    def function(text: bytes) -> object:
        return page(json.loads(text)["infos"])

    return cast(T, _Running().run(name, arguments, [_Callback(PAGE_FN, _answer(function))]))


def call_with_reader(
    reply: Type[T], name: str, *arguments: Any, read: Callable[[int, int], int], progress: Progress
) -> T:
    """The same with a callback that fills memory at an address and of a size, and one for
    progress."""
    reads = _Callback(READ_FN, read, cancels=-1, waits=True)
    # In any case: then Ctrl-C is seen while the service is waited for.
    reports = _Callback(PROGRESS_FN, _answer(progress or _ignore))
    return cast(T, _Running().run(name, arguments, [reads, reports]))


def call_with_writer(
    reply: Type[T], name: str, *arguments: Any, write: Callable[[int, int], int]
) -> T:
    """The same with a callback that takes memory at an address and of a size."""
    return cast(T, _Running().run(name, arguments, [_Callback(WRITE_FN, write, waits=True)]))


def guarded_in_call(function: Callable[[], object]) -> int:
    """For a callback that belongs to no call: what it raises ends the one that is under way on this
    thread, and is raised there."""
    running = _calls.running[-1]
    return running.guarded(_Callback(None, _answer(function), waits=True))


def event_in_call(callback: Callable[[TraceEvent], object], event: bytes) -> int:
    """The same for a callback that is told of an event; CANCEL cancels, too."""
    return guarded_in_call(lambda: callback(json.loads(event)))


def _answer(function: Callable[..., object]) -> Callable[..., int]:
    def answer(*values: Any) -> int:
        return 1 if function(*values) is CANCEL else 0

    return answer


def _ignore(*_: Any) -> None:
    pass


class _Calls(threading.local):
    """Of a thread: those under way, the innermost last."""

    def __init__(self) -> None:
        self.running: List[_Running] = []


_calls = _Calls()


class _Running:
    """A call under way. An exception must not leave through C: it cancels the call, and goes on
    when that is back."""

    always_notes_interrupts = False
    """Any call may be called back once there is a callback for credentials or events."""

    def __init__(self) -> None:
        self._raised: List[BaseException] = []
        self._interrupts = Interrupts()

    def run(self, name: str, arguments: Sequence[Any], callbacks: Sequence[_Callback]) -> Any:
        # Kept here, C's pointers to them are good for the whole call.
        pointers = [self._pointer(callback) for callback in callbacks]
        values = _converted(name, [*arguments, *pointers, None] if pointers else arguments)
        _calls.running.append(self)
        try:
            if not pointers and not _Running.always_notes_interrupts:
                data = _data(name, values)
            else:
                with self._interrupts:
                    data = _data(name, values)
        except QcosError:
            # It stays the __context__ of what is raised, with the session to go on with.
            self._raise()
            raise
        finally:
            _calls.running.pop()
        self._raise()
        return data

    def _pointer(self, callback: _Callback) -> Any:
        def guarded(*values: Any) -> int:
            # The last is user_data.
            return self.guarded(callback, *values[:-1])

        return callback.prototype(guarded)

    def guarded(self, callback: _Callback, *values: Any) -> int:
        if self._raised:
            return callback.cancels
        try:
            try:
                self._interrupts.raises = callback.waits
                self._stop()
                answer = callback.function(*values)
            finally:
                self._interrupts.raises = False
            self._stop()
            return answer
        except BaseException as error:
            self._raised.append(error)
            return callback.cancels

    def _raise(self) -> None:
        if self._raised:
            raise self._raised.pop()
        self._stop()

    def _stop(self) -> None:
        if self._interrupts.seen:
            raise KeyboardInterrupt


def note_interrupts() -> None:
    """From now on, in every call."""
    _Running.always_notes_interrupts = True


def _converted(name: str, arguments: Sequence[Any]) -> List[Any]:
    values = []
    for number, (parameter, argument) in enumerate(zip(FUNCTIONS[name][1], arguments)):
        try:
            values.append(parameter.convert(argument))
        except TypeError as error:
            raise TypeError(f"{name}, parameter {number}: {error}") from None
        except ValueError as error:
            raise ValueError(f"{name}, parameter {number}: {error}") from None
    return values


def _data(name: str, values: Sequence[Any]) -> Any:
    address = getattr(LIBRARY, name)(*values)
    try:
        reply = json.loads(ctypes.string_at(address))
    finally:
        LIBRARY.qcos_string_free(address)
    if reply["code"] != 0:
        raise class_of(reply)(reply)
    return reply["data"]
