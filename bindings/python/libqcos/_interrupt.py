"""Ctrl-C while a call with a callback is under way."""

from __future__ import annotations

import signal
import threading
from typing import Any, Optional


class Interrupts:
    """Notes Ctrl-C for as long as it is entered.

    Python raises KeyboardInterrupt where it next runs: that is the very beginning of the callback,
    before any `try` in it, and there ctypes prints the exception and forgets it.
    """

    def __init__(self) -> None:
        self.seen = False
        self.raises = False
        """Raise it as well: in a `try`, and while a file is waited for, which else would wait on."""
        self._ours = False
        self._outer: Optional[Interrupts] = None

    def __enter__(self) -> Interrupts:
        if threading.current_thread() is not threading.main_thread():
            return self
        handler = signal.getsignal(signal.SIGINT)
        # A handler that the program has set is left alone; so is one of a call that is further out.
        if handler is signal.default_int_handler:
            self._ours = True
            signal.signal(signal.SIGINT, self._note)
            return self
        outer = getattr(handler, "__self__", None)
        if isinstance(outer, Interrupts) and outer.raises:
            # Our callbacks are below its `try`, but not all of them in one.
            outer.raises = False
            self._outer = outer
        return self

    def __exit__(self, *_: Any) -> None:
        if self._ours:
            signal.signal(signal.SIGINT, signal.default_int_handler)
        if self._outer is not None:
            self._outer.raises = True

    def _note(self, number: int, frame: Any) -> None:
        self.seen = True
        if self.raises:
            raise KeyboardInterrupt
