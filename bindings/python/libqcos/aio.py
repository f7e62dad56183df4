"""A client for asyncio. `async with libqcos.aio.Client(...) as client:`"""

from __future__ import annotations

from ._aio_calls import Calls
from ._aio_transfers import Transfers

__all__ = ["Client"]


class Client(Calls, Transfers):
    """A libqcos.Client whose methods are coroutines.

    Each call runs on one of the client's own `threads`; one that reads or writes a stream, or is
    iterated over, has a thread of its own. When its task is cancelled, the call ends within half a
    second, and its thread with it, before the task does: only a file that blocks in its own method
    keeps it longer.

    What it is given to call (`progress`, the methods of asynchronous files, the callbacks of
    on_expiry and on_trace) is called on the event loop while the thread waits, and may be a
    coroutine function. CANCEL and exceptions have the same effect as with libqcos.Client.

    A client belongs to no event loop. It cannot be pickled or copied.
    """
