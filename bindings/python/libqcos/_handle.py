"""A client's handle: opening, deriving, cancelling and closing it, its credentials and
its trace."""

from __future__ import annotations

import ctypes
import json
import logging
import weakref
from types import TracebackType
from typing import TYPE_CHECKING, Any, Mapping, Optional, Type, TypeVar

from ._abi import TRACE_FN
from ._call import call, guarded_in_call, note_interrupts
from ._expiry import Credentials, Expiry, OnExpiry
from ._library import LIBRARY
from ._trace import OnTrace, Trace, log_to
from .types import ClientOptions, DerivedOptions, Empty

if TYPE_CHECKING:
    from typing_extensions import Unpack

Self = TypeVar("Self", bound="Handle")


def options_json(options: Mapping[str, object]) -> Optional[str]:
    return json.dumps(options) if options else None


class Handle:
    _handle: int
    _expiry: Expiry
    _trace: Trace
    _is_xml: bool

    def __init__(
        self,
        appid: str,
        secret_id: Optional[str] = None,
        secret_key: Optional[str] = None,
        **options: Unpack[ClientOptions],
    ) -> None:
        """Nothing is sent. Options are those of qcos_client_open, such as region="...". With
        credentials="env" or "cvm" there is no secret_id and no secret_key."""
        handle = ctypes.c_uint64()
        arguments = (appid, secret_id, secret_key, options_json(options), ctypes.byref(handle))
        call(Empty, "qcos_client_open", *arguments)
        self._is_xml = options.get("api", "xml" if "region" in options else "json") == "xml"
        self._expiry, self._trace = Expiry(_ask), Trace()
        self._keep(handle.value)

    def _keep(self, handle: int) -> None:
        self._handle = handle
        # Once, at close() or when nobody holds the client any more.
        self._close = weakref.finalize(self, LIBRARY.qcos_client_close, self._handle)
        self._close.atexit = False

    def derive(self: Self, **options: Unpack[DerivedOptions]) -> Self:
        """A client on the same account and connections, with limits of its own, such as
        timeout_ms=5000. Options are those of qcos_client_with."""
        handle = ctypes.c_uint64()
        call(Empty, "qcos_client_with", self._handle, options_json(options), ctypes.byref(handle))
        derived = type(self).__new__(type(self))
        derived._is_xml, derived._expiry = self._is_xml, self._expiry
        derived._trace = Trace(outer=self._trace)
        derived._keep(handle.value)
        return derived

    def cancel(self) -> None:
        """Ends every call of this client and of those derived from it, and each later one: within
        half a second they raise Cancelled. Any thread may call it."""
        LIBRARY.qcos_client_cancel(self._handle)

    def set_credentials(
        self,
        secret_id: str,
        secret_key: str,
        security_token: Optional[str] = None,
        expires_at: int = 0,
    ) -> None:
        """For this client and all that share with it, from the next signature on. `expires_at`:
        Unix seconds, 0 for never."""
        given = (secret_id, secret_key, security_token, expires_at)
        call(Empty, "qcos_client_set_credentials", self._handle, *given)

    def on_expiry(self, callback: Optional[OnExpiry]) -> None:
        """Before the credentials of this client and of all that share with it end, and when the
        service says that they have, a call of one of these clients calls `callback()`, on its own
        thread. It returns new Credentials; or None, if it has called set_credentials, or there are
        none. An exception ends the call, which raises it. None: no callback any more."""
        if callback is not None and not callable(callback):
            raise TypeError("qcos_client_on_expiry: callback must be callable or None")
        asked = self._expiry.asked
        before, asked.callback = asked.callback, callback
        if callback is not None:
            note_interrupts()
        pointer = type(self._expiry.pointer)() if callback is None else self._expiry.pointer
        try:
            call(Empty, "qcos_client_on_expiry", self._handle, pointer, None)
        except BaseException:
            asked.callback = before
            raise

    def on_trace(self, callback: Optional[OnTrace]) -> None:
        """`callback(event)` is called after every attempt at a request of this client, and of those
        derived from it that have no callback of their own, on the thread that made the call and
        before that returns. CANCEL and exceptions end the call, which raises them. Calls that were
        made without a callback are not told of; the others go on with the new one. None: no
        callback any more."""
        if callback is not None and not callable(callback):
            raise TypeError("qcos_client_trace: callback must be callable or None")
        told = self._trace.told
        before, told.callback = told.callback, callback
        if callback is not None:
            note_interrupts()
        pointer = TRACE_FN() if callback is None else self._trace.pointer()
        try:
            call(Empty, "qcos_client_trace", self._handle, pointer, None)
        except BaseException:
            told.callback = before
            raise

    def log_requests(
        self, logger: Optional[logging.Logger] = None, level: int = logging.DEBUG
    ) -> None:
        """Sets an on_trace callback that logs a line for each attempt, with the event as `qcos` of
        the record. Failed attempts are logged at WARNING, unless `level` is above; that nothing is
        there is an answer, no failure. `logger`: None for the one named "libqcos"."""
        self.on_trace(log_to(logger or logging.getLogger("libqcos"), level))

    def close(self) -> None:
        """Calls in other threads go on to their end; later ones raise QCOS_ERR_HANDLE."""
        self._close()

    def __reduce__(self) -> Any:
        """Neither pickled nor copied: in another process the handle could be somebody else's
        client, and two objects with one handle would close it under each other."""
        raise TypeError("a libqcos.Client cannot be pickled or copied: open another")

    def __getstate__(self) -> Any:
        return self.__reduce__()

    def __enter__(self: Self) -> Self:
        return self

    def __exit__(
        self,
        kind: Optional[Type[BaseException]],
        error: Optional[BaseException],
        traceback: Optional[TracebackType],
    ) -> None:
        self.close()


def _ask(callback: OnExpiry, handle: int) -> int:
    """On the thread of a call of the client `handle`."""

    def give() -> None:
        credentials = callback()
        if credentials is None:
            return
        if not isinstance(credentials, Credentials):
            kind = type(credentials).__name__
            raise TypeError(f"the callback of on_expiry must return libqcos.Credentials, not {kind}")
        given = (credentials.secret_id, credentials.secret_key, credentials.security_token)
        call(Empty, "qcos_client_set_credentials", handle, *given, credentials.expires_at)

    return guarded_in_call(give)
