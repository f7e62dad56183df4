"""Ctrl-C while a call with a callback is under way."""

from __future__ import annotations

import signal
import threading
from typing import Any


class Interrupts:
    """Notes Ctrl-C for as long as it is entered.

    Python raises KeyboardInterrupt where it next runs: that is the very beginning of the callback,
    before any `try` in it, and there ctypes prints the exception and forgets it.
    """

    def __init__(self) -> None:
        self.seen = False
        self._ours = False

    def __enter__(self) -> Interrupts:
        in_main = threading.current_thread() is threading.main_thread()
        # A handler that the program has set is left alone; so is one of a call that is further out.
        if in_main and signal.getsignal(signal.SIGINT) is signal.default_int_handler:
            self._ours = True
            signal.signal(signal.SIGINT, self._note)
        return self

    def __exit__(self, *_: Any) -> None:
        if self._ours:
            signal.signal(signal.SIGINT, signal.default_int_handler)

    def _note(self, number: int, frame: Any) -> None:
        self.seen = True
