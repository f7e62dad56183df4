"""Uploads and downloads without local files: streams and memory."""

import array
import gc
import hashlib
import io
import os
import signal
import threading
import weakref

import libqcos

from .support import BUCKET, MIB, XML, Case


class Trickle(io.RawIOBase):
    """A raw file that reads and writes less than it is asked for."""

    def __init__(self, data=b"", most=70_001):
        self.rest, self.most, self.written = memoryview(data), most, bytearray()

    def readinto(self, buffer):
        count = min(len(buffer), self.most, len(self.rest))
        buffer[:count] = self.rest[:count]
        self.rest = self.rest[count:]
        return count

    def write(self, data):
        self.written += data[: self.most]
        return min(len(data), self.most)


class OnlyRead:
    def __init__(self, answers):
        self.answers = iter(answers)

    def read(self, size):
        return next(self.answers, b"")


class Streams(Case):
    def setUp(self):
        super().setUp()
        self.there = self.client.stat_file, BUCKET, self.remote

    def upload(self, file, **keywords):
        return self.client.upload_stream(file, BUCKET, self.remote, **keywords)

    def download(self, **options):
        file = io.BytesIO()
        reply = self.client.download_stream(BUCKET, self.remote, file, **options)
        self.assertEqual(reply["len"], len(file.getvalue()))
        return file.getvalue()

    def test_files_of_any_kind(self):
        data = os.urandom(300_001)
        pieces = [data[:5], bytearray(data[5:9]), memoryview(data)[9:]]
        for file in (io.BytesIO(data), Trickle(data), OnlyRead(pieces)):
            reply = self.upload(file, overwrite=True, biz_attr="text")
            self.assertIn("access_url", reply)
            self.assertEqual(self.download(), data)
        self.assertEqual(self.client.stat_file(BUCKET, self.remote)["biz_attr"], "text")
        file = io.BytesIO(data)
        file.seek(300_000)
        self.upload(file, overwrite=True, length=1)
        self.assertEqual(self.download(), data[-1:])
        self.upload(io.BytesIO(), overwrite=True)
        self.assertEqual(self.download(), b"")

    def test_a_pipe_in_parts_with_progress(self):
        def feed():
            with open(end, "wb") as pipe:
                pipe.write(data)

        data, seen = os.urandom(19 * MIB + 5), []
        start, end = os.pipe()
        feeder = threading.Thread(target=feed)
        feeder.start()
        with open(start, "rb", buffering=0) as pipe:
            self.upload(pipe, progress=lambda *bytes: seen.append(bytes))
        feeder.join()
        self.assertEqual(seen[-1], (len(data), len(data)))
        self.assertIn(2**53 - 1, [total for _, total in seen])
        digest = hashlib.sha1()

        class Hash:
            def write(self, data):
                digest.update(data)

        reply = self.client.download_stream(BUCKET, self.remote, Hash())
        self.assertEqual((reply["len"], reply["filesize"]), (len(data), len(data)))
        self.assertEqual(digest.digest(), hashlib.sha1(data).digest())

    def test_an_exception_of_a_source_cancels_and_is_raised(self):
        def stopping():
            yield b"x" * 1000
            raise LookupError("of mine")

        with self.assertRaisesRegex(LookupError, "of mine") as caught:
            self.upload(OnlyRead(stopping()))
        self.assertEqual(caught.exception.__context__.name, "QCOS_ERR_CANCELLED")
        with self.assertRaisesRegex(LookupError, "of mine"):
            self.upload(io.BytesIO(bytes(9 * MIB)), progress=lambda *_: {}["of mine"])
        self.raises(
            "QCOS_ERR_CANCELLED", self.upload, Trickle(b"x"), progress=lambda *_: libqcos.CANCEL
        )
        self.assertIn(self.raises("SERVICE", *self.there).code, (-166, -197))

    def test_sources_that_are_none(self):
        class TooMany:
            def readinto(self, buffer):
                return len(buffer) + 1

        class Waits(io.RawIOBase):
            def readinto(self, buffer):
                return None

        for wrong, error in [
            (TooMany(), ValueError),
            (OnlyRead([bytes(MIB + 1)]), ValueError),
            (OnlyRead([5]), TypeError),
            (OnlyRead([None]), BlockingIOError),
            (Waits(), BlockingIOError),
            (io.StringIO("text"), TypeError),
            (b"bytes", TypeError),
            (None, TypeError),
        ]:
            self.assertRaises(error, self.upload, wrong)
        for length in (2, 4):
            error = self.raises("QCOS_ERR_PARAMS", self.upload, OnlyRead([b"abc"]), length=length)
            self.assertIn("length", error.message)
        error = self.raises("QCOS_ERR_PARAMS", self.upload, OnlyRead([]), no_option=1)
        self.assertIn("no_option", error.message)
        self.assertIn(self.raises("SERVICE", *self.there).code, (-166, -197))

    def test_what_becomes_of_a_failed_upload(self):
        def stopping():
            for _ in range(17):
                yield bytes(MIB)
            raise LookupError

        if not XML:
            long = [bytes(MIB)] * 20
            self.upload(OnlyRead(long))
            self.raises("QCOS_ERR_PARAMS", self.upload, OnlyRead([*long, b"x"]), overwrite=True)
            return
        for options, kept in [({}, 0), ({"on_failure": "abort"}, 0), ({"on_failure": "keep"}, 1)]:
            path, file = self.remote + "/x", OnlyRead(stopping())
            with self.assertRaises(LookupError) as caught:
                self.client.upload_stream(file, BUCKET, path, **options)
            self.assertEqual("session" in caught.exception.__context__.data, kept == 1)
            unfinished = self.client.list_uploads(BUCKET, self.remote)["infos"]
            self.assertEqual(len(unfinished), kept)

    def test_ctrl_c_while_a_file_waits(self):
        def interrupt():
            signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)

        class Waits(io.RawIOBase):
            def readinto(self, buffer):
                timer.start()
                return os.readv(start, [buffer])

            def write(self, data):
                return self.readinto(bytearray(data))

        self.client.upload_buffer(b"hello", BUCKET, self.remote)
        start, end = os.pipe()
        for call in (
            lambda: self.upload(Waits()),
            lambda: self.client.download_stream(BUCKET, self.remote, Waits()),
        ):
            timer = threading.Timer(0.2, interrupt)
            with self.assertRaises(KeyboardInterrupt) as caught:
                call()
            self.assertEqual(caught.exception.__context__.name, "QCOS_ERR_CANCELLED")
            self.assertIs(signal.getsignal(signal.SIGINT), signal.default_int_handler)
            timer.join()
        os.close(start)
        os.close(end)

    def test_ctrl_c_in_a_call_of_a_files(self):
        """It is lost in no callback, whichever call's that is, and no call goes on."""

        def interrupt(*_):
            signal.raise_signal(signal.SIGINT)

        class Calls(io.RawIOBase):
            def readinto(inner, buffer):
                self.client.list_all(BUCKET, self.remote, interrupt)
                reads.append(1)
                return 0

        reads = []
        self.client.upload_buffer(b"x", BUCKET, self.remote + "/there")
        with self.assertRaises(KeyboardInterrupt):
            self.client.upload_stream(Calls(), BUCKET, self.remote + "/x")
        self.assertEqual(len(reads), 1)
        self.assertEqual(self.client.list_all(BUCKET, self.remote)["count"], 1)

    def test_destinations_of_any_kind(self):
        data = os.urandom(9 * MIB + 1)
        self.client.upload_buffer(data, BUCKET, self.remote)
        raw = Trickle()
        self.client.download_stream(BUCKET, self.remote, raw)
        self.assertEqual(raw.written, data)
        kept = []

        class Keeps:
            def write(self, data):
                kept.append(data)

        self.client.download_stream(BUCKET, self.remote, Keeps())
        self.assertEqual(b"".join(kept), data)
        with open(self.folder / "got", "wb") as file:
            self.client.download_stream(BUCKET, self.remote, file)
        self.assertEqual((self.folder / "got").read_bytes(), data)
        self.assertEqual(self.download(offset=5, length=7), data[5:12])
        self.assertEqual(self.download(offset=9 * MIB), data[-1:])
        self.assertEqual(self.download(last=3), data[-3:])

    def test_destinations_that_are_none(self):
        class Answers:
            def __init__(self, answer):
                self.write = lambda data: answer

        class Waits(io.RawIOBase):
            def write(self, data):
                return None

        class Full:
            def write(self, data):
                raise OSError("full")

        self.client.upload_buffer(b"hello", BUCKET, self.remote)
        for wrong, error in [
            (Answers(0), OSError),
            (Answers(6), ValueError),
            (Answers(-1), ValueError),
            (Answers("x"), TypeError),
            (Waits(), BlockingIOError),
            (Full(), OSError),
            (io.StringIO(), TypeError),
            (None, TypeError),
        ]:
            with self.assertRaises(error):
                self.client.download_stream(BUCKET, self.remote, wrong)
        path = self.remote + "none"
        error = self.raises("SERVICE", self.client.download_stream, BUCKET, path, Full())
        self.assertIn(error.code, (-166, -197, -6101))

    def test_nothing_of_a_call_stays(self):
        class Kept(Trickle):
            pass

        source, target = Kept(b"hello"), Kept()
        self.upload(source)
        self.client.download_stream(BUCKET, self.remote, target)
        self.assertEqual(target.written, b"hello")
        gone = [weakref.ref(source), weakref.ref(target)]
        del source, target
        gc.collect()
        self.assertEqual([it() for it in gone], [None, None])


class Memory(Case):
    def setUp(self):
        super().setUp()
        self.data = os.urandom(MIB)
        self.client.upload_buffer(self.data, BUCKET, self.remote)

    def read(self, *arguments, **options):
        return self.client.download_buffer(BUCKET, self.remote, *arguments, **options)

    def test_bytes(self):
        self.assertEqual(self.read(0, MIB), self.data)
        self.assertEqual(self.read(5, 7), self.data[5:12])
        self.assertEqual(self.read(MIB - 1, 100), self.data[-1:])
        self.assertEqual(self.read(MIB, 100), b"")
        self.assertEqual(self.read(3, 0), b"")

    def test_buffers(self):
        buffer = bytearray(b"-" * 10)
        reply = self.read(0, memoryview(buffer)[2:6])
        self.assertEqual((reply["len"], reply["filesize"]), (4, MIB))
        self.assertEqual(bytes(buffer), b"--" + self.data[:4] + b"----")
        numbers = array.array("I", bytes(8))
        self.assertEqual(self.read(4, numbers)["len"], 8)
        self.assertEqual(numbers.tobytes(), self.data[4:12])
        reply = self.read(MIB - 2, buffer)
        self.assertEqual((reply["len"], bytes(buffer[:2])), (2, self.data[-2:]))
        self.assertEqual(self.read(0, bytearray())["len"], 0)

    def test_large_ones(self):
        data = bytearray(os.urandom(20 * MIB + 3))
        path, seen = self.remote + "large", []
        self.client.upload_buffer_with(
            data, BUCKET, path, biz_attr="b", progress=lambda *bytes: seen.append(bytes)
        )
        self.assertEqual(seen[-1], (len(data), len(data)))
        self.assertEqual(self.client.stat_file(BUCKET, path)["biz_attr"], "b")
        self.assertEqual(self.client.download_buffer(BUCKET, path, 0, len(data)), data)
        # It can be resized again.
        data += b"x"
        self.raises(
            "QCOS_ERR_CANCELLED",
            lambda: self.client.upload_buffer_with(
                data, BUCKET, path, overwrite=True, progress=lambda *_: libqcos.CANCEL
            ),
        )

    def test_all_that_is_bytes_is_uploaded(self):
        data = b"0123456789" * 5
        strided = memoryview(bytearray(data))[::2]
        for value in (data, bytearray(data), memoryview(data), array.array("H", data), strided):
            self.client.upload_buffer_with(value, BUCKET, self.remote, overwrite=True)
            self.assertEqual(self.read(0, 100), memoryview(value).tobytes())
        for value in (b"", bytearray(), memoryview(b"")):
            self.client.upload_buffer_with(value, BUCKET, self.remote, overwrite=True)
            self.assertEqual(self.read(0, 100), b"")
        error = self.raises(
            "SERVICE", self.client.upload_buffer_with, b"x", BUCKET, self.remote, overwrite=False
        )
        self.assertEqual(error.code, -177)

    def test_wrong_arguments(self):
        self.raises("QCOS_ERR_PARAMS", self.read, MIB + 1, 1)
        self.raises("QCOS_ERR_PARAMS", self.read, -1, 1)
        self.raises("QCOS_ERR_PARAMS", self.read, 0, 1, no_option=1)
        self.assertRaises(ValueError, self.read, 0, -1)
        self.assertRaises(ValueError, self.read, 2**63, 1)
        for wrong in (b"bytes", memoryview(bytearray(4))[::2], "text", 1.5, None):
            self.assertRaises(TypeError, self.read, 0, wrong)

    def test_conditions(self):
        got, seen = self.folder / "got", []
        download = lambda **options: self.client.download_with(BUCKET, self.remote, got, **options)
        download(progress=lambda *bytes: seen.append(bytes))
        self.assertEqual((seen[-1], got.read_bytes()), ((MIB, MIB), self.data))
        got.write_bytes(b"mine")
        error = self.raises("QCOS_ERR_LOCAL_FILE", download, overwrite=False)
        self.assertEqual((error.kind, got.read_bytes()), ("exists", b"mine"))
        if not XML:
            self.raises("QCOS_ERR_PARAMS", download, if_match='"x"')
            return
        etag = self.read(0, bytearray(1))["etag"]
        self.assertEqual(self.read(1, 2, if_match=etag), self.data[1:3])
        self.assertEqual(self.raises("SERVICE", self.read, 1, 2, if_match="other").code, -412)
        self.assertEqual(self.raises("SERVICE", download, if_none_match=etag).code, -304)
        download(if_match=etag, if_unmodified_since=2**32)
        self.assertEqual(got.read_bytes(), self.data)
