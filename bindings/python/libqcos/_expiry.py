"""Credentials, and the callback that is asked for new ones."""

from __future__ import annotations

import dataclasses
from typing import Any, Callable, Optional

from ._abi import CREDENTIALS_FN


@dataclasses.dataclass(frozen=True)
class Credentials:
    """`security_token`: of temporary credentials; `expires_at`: Unix seconds, 0 for never."""

    secret_id: str
    secret_key: str = dataclasses.field(repr=False)
    security_token: Optional[str] = dataclasses.field(default=None, repr=False)
    expires_at: int = 0


OnExpiry = Callable[[], Optional[Credentials]]


class _Asked:
    callback: Optional[OnExpiry] = None


class Expiry:
    """What C calls for the credentials of a client and of all that share with it.

    One function for as long as any of these clients lives, whatever callback it leads to: a thread
    may be about to call it while another one sets the next callback."""

    def __init__(self, ask: Callable[[OnExpiry, int], int]) -> None:
        # It must not hold `self`: what holds itself lives until the next garbage collection.
        asked = self.asked = _Asked()

        def expired(handle: int, _: Any) -> int:
            callback = asked.callback
            return 0 if callback is None else ask(callback, handle)

        self.pointer = CREDENTIALS_FN(expired)
