"""The client of asyncio: calls at once, their cancelling, callbacks on the event loop."""

import asyncio
import contextvars
import gzip
import inspect
import json
import pickle
import socket
import threading
import time

import libqcos
import libqcos.aio

from .asynchronous import AsyncCase
from .support import ACCOUNT, BUCKET, MIB, OPTIONS, XML, Case, client, faults, python

STAT = "head_object" if XML else "stat"
FETCH = "get_object" if XML else "download"


class Calls(AsyncCase):
    async def test_they_are_the_blocking_clients(self):
        own = {"aclose", "chunks", "run"}
        ours = {name for name in dir(libqcos.aio.Client) if not name.startswith("_")}
        theirs = {name for name in dir(libqcos.Client) if not name.startswith("_")}
        # For what blocks there is run().
        self.assertEqual((ours - theirs, theirs - ours), (own, {"open"}))
        for name in ours - own - {"list_all", "prefix_search_all", "list_versions", "on_expiry"}:
            ours, theirs = (
                [
                    (it.name, it.kind, it.default)
                    for it in inspect.signature(function).parameters.values()
                ]
                for function in (getattr(libqcos.aio.Client, name), getattr(libqcos.Client, name))
            )
            self.assertEqual(ours, theirs, name)

    async def test_files_and_folders(self):
        path = self.remote + "/a"
        await self.aio.create_folder(BUCKET, self.remote)
        reply = await self.aio.upload_buffer(b"hello", BUCKET, path, "text")
        self.assertIn("access_url", reply)
        info = await self.aio.stat_file(BUCKET, path)
        self.assertEqual((info["filesize"], info["biz_attr"]), (5, "text"))
        self.assertEqual(await self.aio.download_buffer(BUCKET, path, 1, 3), b"ell")
        buffer = bytearray(5)
        self.assertEqual((await self.aio.download_buffer(BUCKET, path, 0, buffer))["len"], 5)
        self.assertEqual(buffer, b"hello")
        await self.aio.move_file(BUCKET, path, path + "2", overwrite=True)
        with self.assertRaises(FileNotFoundError):
            await self.aio.stat_file(BUCKET, path)
        with self.assertRaisesRegex(TypeError, "parameter 2"):
            await self.aio.stat_file(BUCKET, 5)
        infos = (await self.aio.list_all(BUCKET, self.remote))["infos"]
        self.assertEqual([info["name"] for info in infos], ["a2"])
        infos = (await self.aio.prefix_search_all(BUCKET, "", f"{self.remote}/a"))["infos"]
        self.assertEqual([info["name"] for info in infos], [f"{self.remote}/a2"])
        await self.aio.delete_files(BUCKET, [path + "2"])

    async def test_versions_of_files(self):
        if not XML:
            return
        bucket = "a" + self.remote[:18].strip("-")
        await self.aio.create_bucket(bucket)
        await self.aio.set_versioning(bucket, "Enabled")
        self.assertEqual(await self.aio.get_versioning(bucket), {"status": "Enabled"})
        ids = [(await self.aio.upload_buffer(b"x", bucket, "f"))["version_id"]]
        ids.insert(0, (await self.aio.delete_file(bucket, "f"))["version_id"])
        listed = [entry["version_id"] async for entry in self.aio.versions(bucket, "")]
        infos = (await self.aio.list_versions(bucket, "", recursive=True))["infos"]
        self.assertEqual((listed, [info["version_id"] for info in infos]), (ids, ids))

    async def test_fifty_calls_at_once(self):
        self.stall(STAT)
        calls = [
            asyncio.ensure_future(self.aio.stat_file(BUCKET, f"{self.remote}/{number}"))
            for number in range(50)
        ]
        await self.stalled(50)
        for call in calls:
            call.cancel()
        begun = time.monotonic()
        ended = await asyncio.gather(*calls, return_exceptions=True)
        self.assertLess(time.monotonic() - begun, 5)
        self.assertEqual({type(it) for it in ended}, {asyncio.CancelledError})
        # The client is none the worse.
        faults([])
        with self.assertRaises(libqcos.NotFound):
            await self.aio.stat_file(BUCKET, self.remote)

    async def test_no_more_threads_than_it_is_given(self):
        self.stall(STAT)
        async with libqcos.aio.Client(*ACCOUNT, threads=2, **OPTIONS) as few:
            calls = [
                asyncio.ensure_future(few.stat_file(BUCKET, f"{self.remote}/{number}"))
                for number in range(5)
            ]
            await self.stalled(2)
            # One that waits for a thread can be cancelled, too.
            calls[4].cancel()
            await asyncio.wait([calls[4]])
            self.assertTrue(calls[4].cancelled())
            few.cancel()
            for ended in await asyncio.gather(*calls[:4], return_exceptions=True):
                self.assertIsInstance(ended, libqcos.Cancelled)

    async def test_limits_of_a_derived_client(self):
        self.stall(STAT)
        hasty = self.aio.derive(timeout_ms=200, retries=0)
        with self.assertRaises(TimeoutError):
            await hasty.stat_file(BUCKET, self.remote)
        hasty.close()
        with self.assertRaises(libqcos.QcosError) as caught:
            await hasty.stat_file(BUCKET, self.remote)
        self.assertEqual(caught.exception.name, "QCOS_ERR_HANDLE")
        faults([])
        # It lives on without the one that it was derived from.
        derived = self.aio.derive()
        self.aio.close()
        await derived.create_folder(BUCKET, self.remote)
        derived.close()

    async def test_a_time_limit_of_asyncio(self):
        self.stall(STAT)
        begun = time.monotonic()
        with self.assertRaises(asyncio.TimeoutError):
            await asyncio.wait_for(self.aio.stat_file(BUCKET, self.remote), 0.2)
        self.assertLess(time.monotonic() - begun, 2)

    async def test_close_lets_calls_end(self):
        faults([{"match": {"op": STAT, "path": f"/{self.remote}"}, "fault": {"delay_ms": 300}}])
        self.addCleanup(faults, [])
        self.client.upload_buffer(b"x", BUCKET, self.remote)
        async with libqcos.aio.Client(*ACCOUNT, **OPTIONS) as closing:
            stat = asyncio.ensure_future(closing.stat_file(BUCKET, self.remote))
            await asyncio.sleep(0)
        self.assertTrue(stat.done())
        self.assertEqual((await stat)["filesize"], 1)
        for way in (closing.stat_file(BUCKET, "x"), closing.run(lambda client: 5)):
            with self.assertRaises(libqcos.QcosError) as caught:
                await way
            self.assertEqual(caught.exception.name, "QCOS_ERR_HANDLE")
        with self.assertRaises(TypeError):
            pickle.dumps(closing)

    async def test_blocking_functions(self):
        def first_line(client, path, *, encoding):
            with client.open(BUCKET, path) as raw, gzip.open(raw, "rt", encoding=encoding) as lines:
                return lines.readline(), threading.current_thread() is threading.main_thread()

        await self.aio.upload_buffer(gzip.compress("名\n2\n".encode()), BUCKET, self.remote)
        told = await self.aio.run(first_line, self.remote, encoding="utf-8")
        self.assertEqual(told, ("名\n", False))
        self.stall(FETCH)
        task = asyncio.ensure_future(self.aio.run(first_line, self.remote, encoding="utf-8"))
        await self.stalled()
        begun = time.monotonic()
        task.cancel()
        with self.assertRaises(asyncio.CancelledError):
            await task
        self.assertLess(time.monotonic() - begun, 2)


class Callbacks(AsyncCase):
    async def test_progress_on_the_loop(self):
        seen, loop = [], asyncio.get_running_loop()
        variable = contextvars.ContextVar("variable")
        variable.set("of the caller")

        async def progress(done, total):
            await asyncio.sleep(0)
            self.assertIs(asyncio.get_running_loop(), loop)
            seen.append((done, total, variable.get()))
            # From a callback, whatever the threads do.
            with self.assertRaises(libqcos.NotFound):
                await few.stat_file(BUCKET, "none")

        file = self.file("file", 2 * MIB)
        async with libqcos.aio.Client(*ACCOUNT, threads=1, **OPTIONS) as few:
            await few.upload(file, BUCKET, self.remote, progress=progress)
        self.assertEqual(seen[-1], (2 * MIB, 2 * MIB, "of the caller"))
        await self.aio.download(
            BUCKET, self.remote, self.folder / "got", progress=lambda *bytes: seen.append(bytes)
        )
        self.assertEqual(seen[-1], (2 * MIB, 2 * MIB))

    async def test_progress_cancels(self):
        def raises(done, total):
            raise LookupError("of mine")

        file = self.file("file", 9 * MIB)
        with self.assertRaises(libqcos.Cancelled):
            await self.aio.upload(file, BUCKET, self.remote, progress=lambda *_: libqcos.CANCEL)
        with self.assertRaisesRegex(LookupError, "of mine"):
            await self.aio.upload(file, BUCKET, self.remote, progress=raises)

    async def test_new_credentials(self):
        async def fetch():
            await asyncio.sleep(0.01)
            threads.append(threading.current_thread())
            return libqcos.Credentials(*ACCOUNT[1:])

        async def fails():
            raise LookupError("of mine")

        threads = []
        async with libqcos.aio.Client(ACCOUNT[0], "unknown", "key", threads=2, **OPTIONS) as changed:
            changed.on_expiry(fails)
            with self.assertRaisesRegex(LookupError, "of mine"):
                await changed.stat_folder(BUCKET, self.remote)
            changed.on_expiry(fetch)
            changed.set_credentials("unknown2", "key")
            await asyncio.gather(
                *(changed.create_folder(BUCKET, f"{self.remote}/{n}") for n in range(6))
            )
            self.assertEqual(threads, [threading.current_thread()])
            changed.set_credentials("unknown3", "key")
            found = await changed.run(lambda client: list(client.entries(BUCKET, self.remote)))
            self.assertEqual((len(found), len(threads)), (6, 2))
            changed.on_expiry(None)
            self.assertRaises(TypeError, changed.on_expiry, 5)

    async def test_a_callback_that_never_returns(self):
        async def waits():
            asked.set()
            await asyncio.Event().wait()

        asked = asyncio.Event()
        async with libqcos.aio.Client(ACCOUNT[0], "unknown", "key", **OPTIONS) as changed:
            changed.on_expiry(waits)
            task = asyncio.ensure_future(changed.stat_folder(BUCKET, self.remote))
            await asked.wait()
            begun = time.monotonic()
            task.cancel()
            with self.assertRaises(asyncio.CancelledError):
                await task
            self.assertLess(time.monotonic() - begun, 2)


class Loops(Case):
    def test_one_client_in_several(self):
        with client() as blocking:
            blocking.create_folder(BUCKET, self.remote)
        shared = libqcos.aio.Client(*ACCOUNT, **OPTIONS)
        for _ in range(2):
            asyncio.run(shared.stat_folder(BUCKET, self.remote))
        asyncio.run(shared.aclose())

    def test_ctrl_c_ends_a_program(self):
        code = f"""
import asyncio, json, os, libqcos.aio, signal, threading
async def main():
    async with libqcos.aio.Client(*{ACCOUNT!r}, **json.loads(os.environ["OPTIONS"])) as client:
        threading.Timer(1, os.kill, (os.getpid(), signal.SIGINT)).start()
        await client.stat_file("bucket", "x")
try:
    asyncio.run(main())
except KeyboardInterrupt:
    print("ended", [it.name for it in threading.enumerate() if it.name.startswith("qcos")])
"""
        with socket.create_server(("127.0.0.1", 0)) as silent:
            options = {**OPTIONS, "endpoint": f"http://127.0.0.1:{silent.getsockname()[1]}"}
            begun = time.monotonic()
            printed, complaint = python(code, OPTIONS=json.dumps(options))
        self.assertEqual((printed, complaint), ("ended []\n", ""))
        self.assertLess(time.monotonic() - begun, 20)
