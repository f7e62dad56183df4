"""A call on a thread, from the event loop; and what the thread wants done on the loop meanwhile."""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextvars
import inspect
import threading
from typing import Any, Awaitable, Callable, Optional, Set, TypeVar

from ._call import Progress

T = TypeVar("T")

LOOP_CHECK_S = 0.5

_in_callback = contextvars.ContextVar("qcos_in_callback", default=False)


class Bridge:
    """Of one call: its thread hands functions to the event loop and waits for what they return."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._lock = threading.Lock()
        # A file that is written has a thread of its own, which may wait besides the call's.
        self._waited: Set[concurrent.futures.Future[Any]] = set()
        self._is_cancelled = False

    def on_loop(self, function: Callable[..., Any], *arguments: Any) -> Any:
        """Calls it there, and awaits what it returns if that is to be awaited."""
        waited = asyncio.run_coroutine_threadsafe(_awaited(function, arguments), self._loop)
        with self._lock:
            self._waited.add(waited)
            if self._is_cancelled:
                waited.cancel()
        try:
            while not concurrent.futures.wait([waited], LOOP_CHECK_S).done:
                if self._loop.is_closed():
                    raise RuntimeError("the event loop was closed while it was waited for")
            return waited.result()
        finally:
            with self._lock:
                self._waited.discard(waited)

    def cancel(self) -> None:
        """Nothing is waited for any more."""
        with self._lock:
            self._is_cancelled = True
            waited = list(self._waited)
        for one in waited:
            one.cancel()

    def progress(self, progress: Progress) -> Progress:
        if progress is None:
            return None
        function = progress
        return lambda done, total: self.on_loop(function, done, total)


bridge_of_call: contextvars.ContextVar[Bridge] = contextvars.ContextVar("qcos_bridge_of_call")


async def _awaited(function: Callable[..., Any], arguments: Any) -> Any:
    _in_callback.set(True)
    result = function(*arguments)
    return await result if inspect.isawaitable(result) else result


async def on_thread(
    pool: Optional[concurrent.futures.Executor],
    work: Callable[[Bridge], T],
    cancel: Callable[[], None],
) -> T:
    """What `work` returns, which runs on a thread of the pool or, without one, of its own. When the
    task is cancelled, `cancel` must end it; in any case it has ended when this returns."""
    loop = asyncio.get_running_loop()
    bridge = Bridge(loop)
    context = contextvars.copy_context()
    context.run(bridge_of_call.set, bridge)
    # A callback must not wait for a thread that waits for it.
    own = None
    try:
        if pool is None or _in_callback.get():
            raise RuntimeError
        running = pool.submit(context.run, work, bridge)
    except RuntimeError:
        # Nor has it any to give when the client is closed that this one was derived from.
        own = _OwnThread()
        running = own.submit(context.run, work, bridge)
    future = asyncio.wrap_future(running)
    try:
        return await asyncio.shield(future)
    except asyncio.CancelledError:
        running.cancel()
        cancel()
        bridge.cancel()
        await ended(future)
        raise
    finally:
        if own is not None:
            # It has done all that it had to do.
            own.join()


async def ended(future: Awaitable[object]) -> None:
    """Waits for its end, whatever that is, also when the task that waits is cancelled again."""
    waited = asyncio.ensure_future(future)
    while not waited.done():
        try:
            await asyncio.wait([waited])
        except asyncio.CancelledError:
            pass
    if not waited.cancelled():
        # Else asyncio complains that nobody has looked at it.
        waited.exception()


class _OwnThread:
    """A thread for one call."""

    def submit(self, function: Callable[..., T], *arguments: Any) -> concurrent.futures.Future[T]:
        running: concurrent.futures.Future[T] = concurrent.futures.Future()

        def run() -> None:
            if not running.set_running_or_notify_cancel():
                return
            try:
                result = function(*arguments)
            except BaseException as error:
                running.set_exception(error)
            else:
                running.set_result(result)

        self._thread = threading.Thread(target=run, name="qcos-stream", daemon=True)
        self._thread.start()
        return running

    def join(self) -> None:
        self._thread.join()
