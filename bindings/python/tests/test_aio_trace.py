"""on_trace and log_requests of the client of asyncio."""

import asyncio
import io
import logging
import os
import threading
import time

import libqcos

from . import typed
from .asynchronous import AsyncCase
from .support import BUCKET, MIB


class OnTrace(AsyncCase):
    async def asyncSetUp(self):
        await super().asyncSetUp()
        self.told = []
        self.client.create_folder(BUCKET, self.remote)

    async def test_on_the_loop(self):
        async def tell(event):
            await asyncio.sleep(0)
            typed.holds(event, libqcos.types.TraceEvent, "on_trace")
            self.assertIs(asyncio.get_running_loop(), loop)
            self.told.append(event["status"])

        loop = asyncio.get_running_loop()
        self.aio.on_trace(tell)
        await asyncio.gather(*(self.aio.stat_folder(BUCKET, self.remote) for _ in range(5)))
        self.assertEqual(self.told, [200] * 5)
        self.aio.on_trace(lambda event: self.told.append(threading.current_thread()))
        async with self.aio.derive() as derived:
            await derived.stat_folder(BUCKET, self.remote)
        self.assertEqual(self.told[5:], [threading.current_thread()])
        self.aio.on_trace(None)
        await self.aio.stat_folder(BUCKET, self.remote)
        self.assertEqual(len(self.told), 6)
        self.assertRaises(TypeError, self.aio.on_trace, 5)

    async def test_calls_of_the_callback_are_not_told(self):
        async def tell(event):
            self.told.append(event)
            await self.aio.stat_folder(BUCKET, self.remote)
            later.append(asyncio.ensure_future(self.aio.stat_folder(BUCKET, self.remote)))

        later = []
        self.aio.on_trace(tell)
        for count in (1, 2):
            await self.aio.stat_folder(BUCKET, self.remote)
            await asyncio.gather(*later)
            self.assertEqual((len(self.told), len(later)), (count, count))

    async def test_it_ends_the_call(self):
        def fails(event):
            raise LookupError("of mine")

        def upload():
            data = io.BytesIO(os.urandom(20 * MIB))
            return self.aio.upload_stream(data, BUCKET, self.remote + "/stream")

        self.aio.on_trace(fails)
        for call in (upload(), self.aio.stat_folder(BUCKET, self.remote)):
            with self.assertRaisesRegex(LookupError, "of mine"):
                await call
        self.aio.on_trace(lambda event: libqcos.CANCEL)
        with self.assertRaises(libqcos.Cancelled):
            await upload()

    async def test_in_blocking_functions(self):
        def write(client):
            with client.open(BUCKET, self.remote, "wb") as file:
                file.write(os.urandom(9 * MIB))
            return client.stat_file(BUCKET, self.remote)["filesize"]

        self.aio.on_trace(self.told.append)
        self.assertEqual(await self.aio.run(write), 9 * MIB)
        self.assertGreater(len(self.told), 2)

    async def test_a_callback_that_never_returns(self):
        async def waits(event):
            asked.set()
            await asyncio.Event().wait()

        asked = asyncio.Event()
        self.aio.on_trace(waits)
        task = asyncio.ensure_future(self.aio.stat_folder(BUCKET, self.remote))
        await asyncio.wait_for(asked.wait(), 20)
        begun = time.monotonic()
        task.cancel()
        with self.assertRaises(asyncio.CancelledError):
            await task
        self.assertLess(time.monotonic() - begun, 2)

    async def test_logging(self):
        self.aio.log_requests(level=logging.INFO)
        with self.assertLogs("libqcos", logging.INFO) as logs:
            await self.aio.stat_folder(BUCKET, self.remote)
        (record,) = logs.records
        self.assertRegex(record.getMessage(), r"^(GET|HEAD) .*: 200 in [0-9.]+ ms$")
        self.assertEqual((record.levelno, record.qcos["status"]), (logging.INFO, 200))
        self.assertNotEqual(record.thread, threading.get_ident())
