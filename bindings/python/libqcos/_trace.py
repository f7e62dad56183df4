"""The callback that is told of every attempt at a request, and log lines of what it is told."""

from __future__ import annotations

import logging
import threading
from typing import Any, Callable, Optional

from ._abi import TRACE_FN
from ._call import event_in_call
from .errors import is_not_found
from .types import TraceEvent

OnTrace = Callable[[TraceEvent], object]

_making = threading.Lock()


class _Told:
    callback: Optional[OnTrace] = None


class Trace:
    """What C calls for a client. It serves the clients derived from it, too, which therefore hold it
    as their `outer`.

    One function for as long as any of these clients lives, whatever callback it leads to: a thread
    may be about to call it while another one sets the next callback."""

    def __init__(self, outer: Optional[Trace] = None) -> None:
        self.told = _Told()
        self._outer = outer
        self._pointer: Any = None

    def pointer(self) -> Any:
        """Made when it is first asked for: few clients need it, and each asyncio call derives one."""
        with _making:
            if self._pointer is None:
                self._pointer = TRACE_FN(_teller(self.told))
            return self._pointer


def _teller(told: _Told) -> Callable[[bytes, Any], int]:
    # It must not hold the Trace: what holds itself lives until the next garbage collection.
    def tell(event: bytes, _: Any) -> int:
        callback = told.callback
        return 0 if callback is None else event_in_call(callback, event)

    return tell


def log_to(logger: logging.Logger, level: int) -> OnTrace:
    """A callback that logs a line for each event, with the event as the record's `qcos`."""
    of_failures = max(level, logging.WARNING)

    def log(event: TraceEvent) -> None:
        # Most uploads first ask whether the file is there, and it rarely is.
        is_failure = event["code"] != 0 and not is_not_found(event["code"])
        event_level = of_failures if is_failure else level
        if logger.isEnabledFor(event_level):
            # Under one key: event keys that are added later cannot collide with a record's own.
            logger.log(event_level, "%s", _line(event), extra={"qcos": event})

    return log


def _line(event: TraceEvent) -> str:
    query = "?" + event["query"] if event["query"] else ""
    again = f", attempt {event['attempt']}" if event["attempt"] > 1 else ""
    line = (
        f"{event['method']} {event['host']}{event['path']}{query}: "
        f"{event['status'] or 'no answer'} in {event['whole_ms']:.1f} ms{again}"
    )
    if "error" in event:
        line += f": {event['error']} ({event['code']})"
    if "retry_in_ms" in event:
        line += f"; the next attempt in {event['retry_in_ms']:.0f} ms"
    # The service's words could look like further lines.
    return "".join(character if character.isprintable() else " " for character in line)
