"""A client of asyncio: its threads, its blocking client, and how a call of that becomes a
coroutine."""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextvars
import logging
from types import TracebackType
from typing import (
    TYPE_CHECKING,
    Any,
    AsyncGenerator,
    Awaitable,
    Callable,
    Dict,
    List,
    Optional,
    Tuple,
    Type,
    TypeVar,
    Union,
)

from . import client as blocking
from ._aio_call import Bridge, bridge_of_call, ended, on_thread
from ._expiry import Credentials
from ._trace import OnTrace
from .types import ClientOptions, DerivedOptions, TraceEvent

if TYPE_CHECKING:
    from typing_extensions import Concatenate, ParamSpec, Unpack

    P = ParamSpec("P")

Self = TypeVar("Self", bound="Handle")
T = TypeVar("T")

_in_trace = contextvars.ContextVar("qcos_in_trace", default=False)

OnExpiry = Callable[[], Union[Optional[Credentials], Awaitable[Optional[Credentials]]]]


class Handle:
    _client: blocking.Client
    _pool: concurrent.futures.ThreadPoolExecutor
    _running: Dict[asyncio.Future[Any], Handle]
    _is_derived = False

    def __init__(
        self,
        appid: str,
        secret_id: Optional[str] = None,
        secret_key: Optional[str] = None,
        *,
        threads: int = 64,
        **options: Unpack[ClientOptions],
    ) -> None:
        """Nothing is sent. `threads`: how many calls go on at once; further ones wait. The options
        are those of libqcos.Client."""
        self._client = blocking.Client(appid, secret_id, secret_key, **options)
        self._pool = concurrent.futures.ThreadPoolExecutor(threads, "qcos")
        self._running = {}

    def derive(self: Self, **options: Unpack[DerivedOptions]) -> Self:
        """A client on the same account, connections and threads, with limits of its own."""
        derived = type(self).__new__(type(self))
        derived._client = self._client.derive(**options)
        derived._pool, derived._running = self._pool, self._running
        derived._is_derived = True
        return derived

    def cancel(self) -> None:
        """Ends every call of this client and of those derived from it, and each later one: within
        half a second they raise Cancelled."""
        self._client.cancel()

    def set_credentials(
        self,
        secret_id: str,
        secret_key: str,
        security_token: Optional[str] = None,
        expires_at: int = 0,
    ) -> None:
        """As that of libqcos.Client."""
        self._client.set_credentials(secret_id, secret_key, security_token, expires_at)

    def on_expiry(self, callback: Optional[OnExpiry]) -> None:
        """As that of libqcos.Client; the callback is called on the event loop, and may be a coroutine
        function."""
        if callback is None:
            self._client.on_expiry(None)
            return
        if not callable(callback):
            raise TypeError("qcos_client_on_expiry: callback must be callable or None")
        function = callback

        def ask() -> Optional[Credentials]:
            credentials: Optional[Credentials] = _bridge().on_loop(function)
            return credentials

        self._client.on_expiry(ask)

    def on_trace(self, callback: Optional[OnTrace]) -> None:
        """As that of libqcos.Client; the callback is called on the event loop, and may be a coroutine
        function. The requests of calls that it makes are not told of."""
        if callback is None or not callable(callback):
            self._client.on_trace(callback)
            return
        function = callback

        def call_it(event: TraceEvent) -> object:
            _in_trace.set(True)
            return function(event)

        def tell(event: TraceEvent) -> object:
            # The library knows only those calls as the callback's that are made on this thread.
            return None if _in_trace.get() else _bridge().on_loop(call_it, event)

        self._client.on_trace(tell)

    def log_requests(
        self, logger: Optional[logging.Logger] = None, level: int = logging.DEBUG
    ) -> None:
        """As that of libqcos.Client, on the threads of the calls: the event loop need not wait."""
        self._client.log_requests(logger, level)

    async def run(
        self,
        function: Callable[Concatenate[blocking.Client, P], T],
        *arguments: P.args,
        **keywords: P.kwargs,
    ) -> T:
        """What `function(client, *arguments)` returns, with a libqcos.Client of this account. It runs
        on one of the threads, and may block: for files as Client.open returns them, and what else
        is read and written in steps. When the task is cancelled, the calls of that client are."""
        return await self._call(lambda client, _: function(client, *arguments, **keywords))

    def close(self) -> None:
        """Calls that have begun go on to their end; later ones raise QCOS_ERR_HANDLE."""
        self._client.close()
        if not self._is_derived:
            self._pool.shutdown(wait=False)

    async def aclose(self) -> None:
        """The same, and waits for that end; also of calls of clients that were derived from one
        that was opened."""
        self.close()
        while self._own_running():
            await asyncio.wait(self._own_running())
        if not self._is_derived and not self._running:
            # They have nothing to do any more.
            self._pool.shutdown()

    def _own_running(self) -> List[asyncio.Future[Any]]:
        loop = asyncio.get_running_loop()
        return [
            call
            for call, client in self._running.items()
            if call.get_loop() is loop and (client is self or not self._is_derived)
        ]

    async def __aenter__(self: Self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: Optional[Type[BaseException]],
        error: Optional[BaseException],
        traceback: Optional[TracebackType],
    ) -> None:
        await self.aclose()

    def __reduce__(self) -> Any:
        return self._client.__reduce__()

    def __getstate__(self) -> Any:
        return self.__reduce__()

    async def _call(
        self,
        work: Callable[[blocking.Client, Bridge], T],
        *,
        is_stream: bool = False,
        **limits: Unpack[DerivedOptions],
    ) -> T:
        """On a thread of the pool. A stream has one of its own: it may wait for other calls."""
        # Of its own, so that it can be cancelled alone.
        with self._client.derive(**limits) as client:
            pool = None if is_stream else self._pool
            running = on_thread(pool, lambda bridge: work(client, bridge), client.cancel)
            return await self._noted(running)

    async def _noted(self, running: Awaitable[T]) -> T:
        """So that aclose() can wait for it."""
        ends: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._running[ends] = self
        try:
            return await running
        finally:
            del self._running[ends]
            ends.set_result(None)

    async def _handed(
        self,
        work: Callable[[blocking.Client, Callable[[T], object]], object],
        **limits: Unpack[DerivedOptions],
    ) -> AsyncGenerator[T, None]:
        """What a call hands out, which waits each time until the next is asked for."""
        handed: asyncio.Queue[Optional[Tuple[T]]] = asyncio.Queue()
        wanted = asyncio.Semaphore(0)

        async def hand(item: T) -> None:
            handed.put_nowait((item,))
            await wanted.acquire()

        def stream(client: blocking.Client, bridge: Bridge) -> object:
            return work(client, lambda item: bridge.on_loop(hand, item))

        async def call() -> None:
            try:
                await self._call(stream, is_stream=True, **limits)
            finally:
                handed.put_nowait(None)

        calling = asyncio.ensure_future(call())
        try:
            while True:
                item = await handed.get()
                if item is None:
                    await calling
                    return
                yield item[0]
                wanted.release()
        finally:
            calling.cancel()
            await ended(calling)


def _bridge() -> Bridge:
    """Of the call that this thread is in."""
    bridge = bridge_of_call.get(None)
    if bridge is None:
        raise RuntimeError("a call outside of the event loop cannot call back there")
    return bridge
