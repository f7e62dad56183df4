"""One call of the library: parameters in, a reply out, callbacks on the way."""

from __future__ import annotations

import ctypes
import json
from typing import Any, Callable, Dict, List, Optional

from ._abi import FUNCTIONS, PAGE_FN, PROGRESS_FN
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


def call_with_progress(name: str, *arguments: Any, progress: Progress) -> Dict[str, Any]:
    """The same with a callback that is given bytes done and bytes in all."""
    if progress is None:
        return call(name, *arguments, PROGRESS_FN(), None)
    seen = progress

    def function(done: int, total: int) -> Any:
        return seen(done, total)

    return _watched(name, arguments, PROGRESS_FN, function)


def call_with_pages(name: str, *arguments: Any, page: Page) -> Dict[str, Any]:
    """The same with a callback that is given the entries of each page."""

    def function(text: bytes) -> Any:
        return page(json.loads(text)["infos"])

    return _watched(name, arguments, PAGE_FN, function)


def _watched(
    name: str, arguments: Any, prototype: Any, function: Callable[..., Any]
) -> Dict[str, Any]:
    """An exception must not leave through C: it cancels the call, and goes on when that is back."""
    raised: List[BaseException] = []

    def guarded(*values: Any) -> int:
        if raised:
            return 1
        try:
            # The last is user_data.
            cancels = function(*values[:-1]) is CANCEL
            if interrupts.seen:
                raise KeyboardInterrupt
            return 1 if cancels else 0
        except BaseException as error:
            raised.append(error)
            return 1

    # Kept here, C's pointer to it is good for the whole call.
    pointer = prototype(guarded)
    try:
        with Interrupts() as interrupts:
            data = call(name, *arguments, pointer, None)
    except QcosError:
        # It stays the __context__ of what is raised, with the session to go on with.
        _raise(raised, interrupts)
        raise
    _raise(raised, interrupts)
    return data


def _raise(raised: List[BaseException], interrupts: Interrupts) -> None:
    if raised:
        raise raised.pop()
    if interrupts.seen:
        raise KeyboardInterrupt
