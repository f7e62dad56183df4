"""What a call that failed raises."""

from __future__ import annotations

from typing import Any, Dict, Optional


class QcosError(Exception):
    """The library or the service has refused or failed.

    code        int: a qcos_code below 0 when the library has failed; else the service's own
    name        str: the qcos_code, such as "QCOS_ERR_NETWORK", or "SERVICE"
    kind        str: "timeout", "parameter", "cancelled", "service" and others of qcos.h
    message     str: for people
    httpcode    int: HTTP status, 0 when there was no HTTP reply
    data        dict: what the call brought all the same, such as "session" and "offset"
    retryable   bool: the same call may succeed later
    attempts    int: requests that the failing step made
    request_id  str or None: the service's number for the request
    reply       dict: all of the reply
    """

    def __init__(self, reply: Dict[str, Any]) -> None:
        # The reply alone, so that an error can be pickled.
        super().__init__(reply)
        error = reply.get("error", {})
        self.reply = reply
        self.code: int = reply["code"]
        self.message: str = reply["message"]
        self.httpcode: int = reply["httpcode"]
        self.data: Dict[str, Any] = reply["data"]
        self.name: str = error.get("name", "SERVICE")
        self.kind: str = error.get("kind", "service")
        self.retryable: bool = error.get("retryable", False)
        self.attempts: int = error.get("attempts", 0)
        self.request_id: Optional[str] = reply.get("request_id", error.get("request_id"))

    def __str__(self) -> str:
        return f"{self.name} ({self.code}): {self.message}"
