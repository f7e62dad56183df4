"""One call of the library: parameters in, a reply out, callbacks on the way."""

from __future__ import annotations

import ctypes
import json
from typing import Any, Callable, Dict, List, NamedTuple, Optional, Sequence

from ._abi import FUNCTIONS, PAGE_FN, PROGRESS_FN, READ_FN, WRITE_FN
from ._interrupt import Interrupts
from ._library import LIBRARY
from .errors import QcosError

Progress = Optional[Callable[[int, int], Any]]
Page = Callable[[List[Dict[str, Any]]], Any]


class _Cancel:
    def __repr__(self) -> str:
        return "qcos.CANCEL"


CANCEL = _Cancel()
"""A callback that returns this cancels its call; whatever else it returns does not matter."""


def call(name: str, *arguments: Any) -> Dict[str, Any]:
    """`data` of the reply. QcosError when the call failed, TypeError or ValueError when an argument
    cannot be passed."""
    values = []
    for number, (parameter, argument) in enumerate(zip(FUNCTIONS[name][1], arguments)):
        try:
            values.append(parameter.convert(argument))
        except TypeError as error:
            raise TypeError(f"{name}, parameter {number}: {error}") from None
        except ValueError as error:
            raise ValueError(f"{name}, parameter {number}: {error}") from None
    address = getattr(LIBRARY, name)(*values)
    try:
        reply = json.loads(ctypes.string_at(address))
    finally:
        LIBRARY.qcos_string_free(address)
    if reply["code"] != 0:
        raise QcosError(reply)
    data: Dict[str, Any] = reply["data"]
    return data


class _Callback(NamedTuple):
    """A callback of a call: what C calls, and what that answers to cancel."""

    prototype: Any
    function: Callable[..., int]
    cancels: int = 1
    waits: bool = False
    """For a file, which may take any time: Ctrl-C is raised in it."""


def call_with_progress(name: str, *arguments: Any, progress: Progress) -> Dict[str, Any]:
    """The same with a callback that is given bytes done and bytes in all."""
    if progress is None:
        return call(name, *arguments, PROGRESS_FN(), None)
    return _watched(name, arguments, [_Callback(PROGRESS_FN, _answer(progress))])


def call_with_pages(name: str, *arguments: Any, page: Page) -> Dict[str, Any]:
    """The same with a callback that is given the entries of each page."""

    def function(text: bytes) -> Any:
        return page(json.loads(text)["infos"])

    return _watched(name, arguments, [_Callback(PAGE_FN, _answer(function))])


def call_with_reader(
    name: str, *arguments: Any, read: Callable[[int, int], int], progress: Progress
) -> Dict[str, Any]:
    """The same with a callback that fills memory at an address and of a size, and one for progress."""
    reads = _Callback(READ_FN, read, cancels=-1, waits=True)
    # In any case: then Ctrl-C is seen while the service is waited for.
    reports = _Callback(PROGRESS_FN, _answer(progress or _ignore))
    return _watched(name, arguments, [reads, reports])


def call_with_writer(
    name: str, *arguments: Any, write: Callable[[int, int], int]
) -> Dict[str, Any]:
    """The same with a callback that takes memory at an address and of a size."""
    return _watched(name, arguments, [_Callback(WRITE_FN, write, waits=True)])


def _answer(function: Callable[..., Any]) -> Callable[..., int]:
    def answer(*values: Any) -> int:
        return 1 if function(*values) is CANCEL else 0

    return answer


def _ignore(*_: Any) -> None:
    pass


def _watched(name: str, arguments: Any, callbacks: Sequence[_Callback]) -> Dict[str, Any]:
    """An exception must not leave through C: it cancels the call, and goes on when that is back."""
    raised: List[BaseException] = []
    interrupts = Interrupts()

    def guard(callback: _Callback) -> Any:
        def guarded(*values: Any) -> int:
            if raised:
                return callback.cancels
            try:
                try:
                    interrupts.raises = callback.waits
                    _stop(interrupts)
                    # The last is user_data.
                    answer = callback.function(*values[:-1])
                finally:
                    interrupts.raises = False
                _stop(interrupts)
                return answer
            except BaseException as error:
                raised.append(error)
                return callback.cancels

        return callback.prototype(guarded)

    # Kept here, C's pointers to them are good for the whole call.
    pointers = [guard(callback) for callback in callbacks]
    try:
        with interrupts:
            data = call(name, *arguments, *pointers, None)
    except QcosError:
        # It stays the __context__ of what is raised, with the session to go on with.
        _raise(raised, interrupts)
        raise
    _raise(raised, interrupts)
    return data


def _raise(raised: List[BaseException], interrupts: Interrupts) -> None:
    if raised:
        raise raised.pop()
    _stop(interrupts)


def _stop(interrupts: Interrupts) -> None:
    if interrupts.seen:
        raise KeyboardInterrupt
