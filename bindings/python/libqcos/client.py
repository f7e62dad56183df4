"""A client of the service, with a method for each call of qcos.h."""

from __future__ import annotations

from ._calls import Calls
from ._transfers import Transfers


class Client(Calls, Transfers):
    """An account at a service; close it, or use it in a `with`.

    Methods are called what the functions of qcos.h are, without "qcos_"; the header is the manual
    of each. A method returns `data` of the reply, a dict of libqcos.types. It raises QcosError when
    the library or the service has failed, also after close(); TypeError or ValueError when an
    argument cannot be passed at all.

    Any thread may use a client, also several at once: the GIL is free while a call is under way.
    Sizes are in bytes. `progress(done, total)` is called on the calling thread with bytes, `page`
    with a list of entries; if one of them returns CANCEL or raises, the call is cancelled.

    It cannot be pickled or copied, nor handed to a process that multiprocessing spawns.
    """
