"""Lists page by page, as they are asked for."""

from __future__ import annotations

import contextvars
import queue
import threading
from typing import Callable, Generator, List, Optional, Union

from ._call import CANCEL, Page
from .types import Entry, ListedPages

_Listed = Union[List[Entry], BaseException, None]


class _Pages:
    """A list on a thread of its own, which waits after each page until the next one is wanted."""

    def __init__(self, list_all: Callable[[Page], ListedPages]) -> None:
        self._list_all = list_all
        self._listed: queue.SimpleQueue[_Listed] = queue.SimpleQueue()
        self._wanted = threading.Semaphore(0)
        self._is_closed = False
        # What is never closed must not keep the program from ending.
        self._thread = threading.Thread(
            target=contextvars.copy_context().run, args=[self._run], name="qcos-list", daemon=True
        )
        self._thread.start()

    def next(self) -> Optional[List[Entry]]:
        """None after the last."""
        self._wanted.release()
        listed = self._listed.get()
        if isinstance(listed, BaseException):
            raise listed
        return listed

    def close(self) -> None:
        self._is_closed = True
        self._wanted.release()
        self._thread.join()

    def _run(self) -> None:
        end = None
        try:
            self._wanted.acquire()
            self._list_all(self._page)
        except BaseException as error:
            end = error
        self._listed.put(end)

    def _page(self, entries: List[Entry]) -> object:
        self._listed.put(entries)
        self._wanted.acquire()
        return CANCEL if self._is_closed else None


def iterate(
    list_all: Callable[[Page], ListedPages], cancel: Callable[[], None]
) -> Generator[Entry, None, None]:
    """The entries of a list that is fetched as they are asked for."""
    pages = _Pages(list_all)
    try:
        while True:
            entries = pages.next()
            if entries is None:
                return
            yield from entries
    finally:
        cancel()
        pages.close()
