"""Lists and streams of the client of asyncio."""

import asyncio
import gc
import io
import os

import libqcos
import libqcos.aio

from .asynchronous import AsyncCase, busy_threads
from .support import ACCOUNT, BUCKET, MIB, OPTIONS, XML, faults
from .test_lists import FewEntries

STORE = "upload_part" if XML else "upload"


class Lists(AsyncCase):
    async def test_all_of_them(self):
        for name in ("a", "b", "sub/c"):
            await self.aio.upload_buffer(b"x", BUCKET, f"{self.remote}/{name}")
        entries = self.aio.entries(BUCKET, self.remote)
        self.assertEqual(sorted([it["name"] async for it in entries]), ["a", "b", "sub"])
        deep = [it["name"] async for it in self.aio.entries(BUCKET, self.remote, recursive=True)]
        self.assertIn("sub/c", deep)
        entries = self.aio.entries(BUCKET, "", prefix=f"{self.remote}/s")
        self.assertEqual([it["name"] async for it in entries], [f"{self.remote}/sub"])
        entries = self.aio.entries(BUCKET, self.remote, prefix="s", recursive=True)
        self.assertIn("sub/c", [it["name"] async for it in entries])
        with self.assertRaisesRegex(libqcos.QcosError, "prefix: "):
            async for _ in self.aio.entries(BUCKET, self.remote, prefix=""):
                self.fail("one was listed")
        with self.assertRaises(libqcos.QcosError):
            async for _ in self.aio.entries(BUCKET, ".."):
                self.fail("one was listed")

    async def test_no_more_is_fetched_than_is_asked_for(self):
        with FewEntries() as service:
            async with libqcos.aio.Client(*ACCOUNT, **{**OPTIONS, "endpoint": service.url}) as asking:
                async for entry in asking.entries(BUCKET, "x"):
                    if entry["name"] == "2":
                        break
                gc.collect()
                while busy_threads():
                    await asyncio.sleep(0.01)
                self.assertEqual(service.asked(), 2)
                entries = asking.entries(BUCKET, "x")
                self.assertEqual((await entries.__anext__())["name"], "0")
                await entries.aclose()
                self.assertEqual((service.asked(), busy_threads()), (3, []))

    async def test_more_of_them_than_threads(self):
        """Each is in the midst of its list while it waits for another call."""

        async def walk():
            names = []
            async for entry in few.entries(BUCKET, self.remote):
                info = await few.stat_file(BUCKET, f"{self.remote}/{entry['name']}")
                names.append(info["name"])
            return names

        for name in ("a", "b"):
            await self.aio.upload_buffer(b"x", BUCKET, f"{self.remote}/{name}")
        async with libqcos.aio.Client(*ACCOUNT, threads=1, **OPTIONS) as few:
            self.assertEqual(await asyncio.gather(*(walk() for _ in range(4))), [["a", "b"]] * 4)

    async def test_cancel(self):
        async def walk():
            async for _ in self.aio.entries(BUCKET, self.remote):
                pass

        self.stall("list_objects" if XML else "list")
        if XML:
            # Its path is that of the bucket.
            faults([{"match": {"op": "list_objects"}, "fault": {"stall": "request"}}])
        task = asyncio.ensure_future(walk())
        while not busy_threads():
            await asyncio.sleep(0.01)
        await self.cancelled(task)


class Streams(AsyncCase):
    async def content(self):
        return b"".join([chunk async for chunk in self.aio.chunks(BUCKET, self.remote)])

    async def upload(self, source, **options):
        return await self.aio.upload_stream(source, BUCKET, self.remote, overwrite=True, **options)

    async def test_sources_of_every_kind(self):
        async def generated():
            for piece in (b"ab", b"", bytearray(3 * MIB), memoryview(b"xyz")):
                await asyncio.sleep(0)
                yield piece

        class Reads:
            def __init__(self):
                self.rest = b"hello"

            async def read(self, size):
                await asyncio.sleep(0)
                data, self.rest = self.rest[:2], self.rest[2:]
                return data

        stream = asyncio.StreamReader()
        stream.feed_data(b"line\n" * 1000)
        stream.feed_eof()
        for source, expected in [
            (generated(), b"ab" + bytes(3 * MIB) + b"xyz"),
            (Reads(), b"hello"),
            (stream, b"line\n" * 1000),
            (io.BytesIO(b"file"), b"file"),
            ([b"1", b"2"], b"12"),
        ]:
            seen = []
            await self.upload(source, progress=lambda *bytes: seen.append(bytes))
            self.assertEqual(await self.content(), expected)
            self.assertEqual(seen[-1], (len(expected), len(expected)))
        for wrong in (b"bytes", io.StringIO("x"), None, 5):
            with self.assertRaises(TypeError):
                await self.upload(wrong)
        self.assertEqual(await self.content(), b"12")

    async def test_a_source_that_fails(self):
        async def generated():
            try:
                yield b"x"
                raise LookupError("of mine")
            finally:
                ends.append("closed")

        async def text():
            try:
                yield "text"
            finally:
                ends.append("closed")

        ends = []
        with self.assertRaisesRegex(LookupError, "of mine"):
            await self.upload(generated())
        with self.assertRaises(TypeError):
            await self.upload(text())
        self.assertEqual(ends, ["closed"] * 2)
        with self.assertRaises(libqcos.NotFound):
            await self.aio.stat_file(BUCKET, self.remote)

    async def test_destinations_of_every_kind(self):
        class Writes:
            def __init__(self):
                self.written = bytearray()

            async def write(self, data):
                await asyncio.sleep(0)
                self.written += data[:70_000]
                return min(len(data), 70_000)

        data = os.urandom(9 * MIB + 1)
        await self.aio.upload_buffer(data, BUCKET, self.remote)
        file, blocking = Writes(), io.BytesIO()
        await self.aio.download_stream(BUCKET, self.remote, file)
        await self.aio.download_stream(BUCKET, self.remote, blocking)
        self.assertEqual((file.written == data, blocking.getvalue() == data), (True, True))
        got = asyncio.get_running_loop().create_future()

        async def connected(reader, writer):
            got.set_result(await reader.read())
            writer.close()

        server = await asyncio.start_server(connected, "127.0.0.1", 0)
        _, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
        await self.aio.download_stream(BUCKET, self.remote, writer, last=8 * MIB)
        writer.close()
        self.assertTrue(await got == data[-8 * MIB :])
        server.close()
        with self.assertRaises(TypeError):
            await self.aio.download_stream(BUCKET, self.remote, None)

    async def test_chunks(self):
        data = os.urandom(9 * MIB + 1)
        await self.aio.upload_buffer(data, BUCKET, self.remote)
        self.assertTrue(await self.content() == data)
        chunks = self.aio.chunks(BUCKET, self.remote, offset=5, length=7)
        self.assertEqual([chunk async for chunk in chunks], [data[5:12]])
        async for _ in self.aio.chunks(BUCKET, self.remote):
            break
        gc.collect()
        while busy_threads():
            await asyncio.sleep(0.01)
        with self.assertRaises(libqcos.NotFound):
            async for _ in self.aio.chunks(BUCKET, self.remote + "none"):
                self.fail("some came")

    async def test_from_one_object_to_another(self):
        """With one thread: neither waits for the other's."""
        await self.aio.upload_buffer(b"abc" * MIB, BUCKET, self.remote)
        async with libqcos.aio.Client(*ACCOUNT, threads=1, **OPTIONS) as few:
            upper = (chunk.upper() async for chunk in few.chunks(BUCKET, self.remote))
            await few.upload_stream(upper, BUCKET, self.remote + "/upper")
        got = await self.aio.download_buffer(BUCKET, self.remote + "/upper", 0, 4 * MIB)
        self.assertTrue(got == b"ABC" * MIB)

    async def test_cancel(self):
        async def endless():
            try:
                while True:
                    yield bytes(MIB)
                    await asyncio.sleep(0)
            finally:
                ends.append("closed")

        async def waits():
            try:
                asked.set()
                await asyncio.Event().wait()
                yield b""
            finally:
                ends.append("closed")

        class Waits:
            async def write(self, data):
                asked.set()
                await asyncio.Event().wait()

        ends, asked = [], asyncio.Event()
        task = asyncio.ensure_future(self.upload(waits()))
        await asked.wait()
        await self.cancelled(task)
        self.assertEqual(ends, ["closed"])
        if XML:
            self.stall(STORE)
            task = asyncio.ensure_future(self.upload(endless()))
            await self.stalled()
            await self.cancelled(task)
            self.assertEqual(ends, ["closed"] * 2)
            faults([])
            uploads = await self.aio.list_uploads(BUCKET, self.remote)
            self.assertEqual(uploads["infos"], [])
        asked.clear()
        await self.aio.upload_buffer(b"x", BUCKET, self.remote)
        task = asyncio.ensure_future(self.aio.download_stream(BUCKET, self.remote, Waits()))
        await asked.wait()
        await self.cancelled(task)
