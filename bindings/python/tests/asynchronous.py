"""What the tests of libqcos.aio share: a client, stalled requests, the end of tasks."""

import asyncio
import threading
import time
import unittest

import libqcos.aio

from .support import ACCOUNT, OPTIONS, Case, faults, requests


def busy_threads():
    """Those of calls that have one of their own."""
    names = [thread.name for thread in threading.enumerate()]
    return [name for name in names if name.startswith("qcos-")]


class AsyncCase(Case, unittest.IsolatedAsyncioTestCase):
    async def asyncSetUp(self):
        # The tests' own blocking calls are no mistake.
        asyncio.get_running_loop().slow_callback_duration = 10
        self.aio = libqcos.aio.Client(*ACCOUNT, **OPTIONS)
        self.addAsyncCleanup(self.aio.aclose)

    def stall(self, op, fault=None):
        """Until the test ends: these requests are answered by nobody."""
        faults(
            [
                {
                    "match": {"op": op, "path": f"/{self.remote}*"},
                    "fault": fault or {"stall": "request"},
                }
            ]
        )
        self.addCleanup(faults, [])

    async def stalled(self, count=1):
        """Once so many requests wait."""
        loop = asyncio.get_running_loop()
        while True:
            seen = await loop.run_in_executor(None, requests)
            mine = [it for it in seen if it["path"] and it["path"].startswith(f"/{self.remote}")]
            if len([it for it in mine if it["status"] is None]) >= count:
                return
            await asyncio.sleep(0.01)

    async def cancelled(self, *tasks):
        """The tasks end soon, and with them their threads."""
        begun = time.monotonic()
        for task in tasks:
            task.cancel()
        for ended in await asyncio.gather(*tasks, return_exceptions=True):
            self.assertIsInstance(ended, asyncio.CancelledError)
        self.assertLess(time.monotonic() - begun, 2 if len(tasks) == 1 else 5)
        self.assertEqual(busy_threads(), [])
