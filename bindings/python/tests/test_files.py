"""Files of the service as file objects."""

import csv
import gc
import gzip
import io
import os
import shutil
import signal
import threading
import zipfile

import libqcos

from .support import (
    BUCKET,
    MIB,
    XML,
    Case,
    client,
    faults,
    forget_requests,
    requests,
)


def downloads():
    """How many requests have fetched bytes."""
    return len([it for it in requests() if it["op"] in ("download", "get_object")])


class Reading(Case):
    def setUp(self):
        super().setUp()
        self.data = os.urandom(300_001)
        self.client.upload_buffer(self.data, BUCKET, self.remote)

    def open(self, **options):
        return self.client.open(BUCKET, self.remote, **options)

    def test_reads_and_seeks(self):
        with self.open(buffer_size=1000) as file:
            self.assertTrue(file.readable() and file.seekable() and not file.writable())
            self.assertEqual((file.tell(), file.read(5)), (0, self.data[:5]))
            self.assertEqual(file.seek(-7, os.SEEK_END), 300_001 - 7)
            self.assertEqual(file.read(100), self.data[-7:])
            self.assertEqual(file.read(100), b"")
            file.seek(2000)
            self.assertEqual(file.seek(-500, os.SEEK_CUR), 1500)
            self.assertEqual(file.read(3000), self.data[1500:4500])
            self.assertEqual(file.read(), self.data[4500:])
            file.seek(10**9)
            self.assertEqual((file.read(1), file.read()), (b"", b""))
            self.assertRaises(ValueError, file.seek, -1)
            self.assertRaises(ValueError, file.seek, 0, 7)
            file.seek(0)
            buffer = bytearray(4)
            self.assertEqual((file.readinto(buffer), bytes(buffer)), (4, self.data[:4]))
            self.assertRaises(io.UnsupportedOperation, file.write, b"x")
        self.assertRaises(ValueError, file.read, 1)

    def test_how_often_it_asks(self):
        forget_requests()
        with self.open() as file:
            self.assertEqual(file.read(), self.data)
        self.assertEqual(downloads(), 1)
        forget_requests()
        with self.open(buffer_size=100_000) as file:
            # In small pieces, whichever way.
            taken = [file.read(10) for _ in range(7000)]
            while taken[-1]:
                taken.append(file.read1(8192))
        self.assertEqual(b"".join(taken), self.data)
        self.assertLessEqual(downloads(), 5)
        forget_requests()
        with self.open(buffer_size=1000) as file:
            file.seek(-1000, os.SEEK_END)
            self.assertEqual(
                file.readall() if hasattr(file, "readall") else file.read(), self.data[-1000:]
            )
        self.assertEqual(downloads(), 2)

    def test_what_pythons_own_modules_make_of_it(self):
        text = "n,name\n" + "".join(f"{n},名{n}\n" for n in range(50_000))
        path = self.remote + "/table.csv.gz"
        self.client.upload_buffer(gzip.compress(text.encode()), BUCKET, path)
        with self.client.open(BUCKET, path, buffer_size=50_000) as raw:
            with gzip.open(raw, "rt", encoding="utf-8", newline="") as lines:
                rows = list(csv.DictReader(lines))
        self.assertEqual((len(rows), rows[-1]["name"]), (50_000, "名49999"))
        plain = self.remote + "/table.csv"
        self.client.upload_buffer(text.encode(), BUCKET, plain)
        forget_requests()
        with io.TextIOWrapper(self.client.open(BUCKET, plain), "utf-8", newline="") as lines:
            self.assertEqual(lines.read(), text)
        self.assertLessEqual(downloads(), 2)
        with zipfile.ZipFile(self.folder / "a.zip", "w") as archive:
            archive.writestr("one", b"1")
            archive.writestr("two", b"22")
        self.client.upload(self.folder / "a.zip", BUCKET, self.remote + "/a.zip")
        with self.client.open(BUCKET, self.remote + "/a.zip", buffer_size=4096) as file:
            with zipfile.ZipFile(file) as archive:
                self.assertEqual(archive.read("two"), b"22")
        with self.open() as file, open(self.folder / "copy", "wb") as copy:
            shutil.copyfileobj(file, copy)
        self.assertEqual((self.folder / "copy").read_bytes(), self.data)

    def test_empty_ones_and_none(self):
        self.client.upload_buffer(b"", BUCKET, self.remote + "/empty")
        with self.client.open(BUCKET, self.remote + "/empty") as file:
            self.assertEqual((file.read(), file.read1(), file.read(5)), (b"", b"", b""))
        with self.assertRaises(libqcos.NotFound):
            self.client.open(BUCKET, self.remote + "/none")
        for mode in ("r", "w", "ab", "rb+"):
            self.assertRaises(ValueError, self.client.open, BUCKET, self.remote, mode)

    def test_all_of_it_is_one_version(self):
        if not XML:
            self.raises("QCOS_ERR_PARAMS", self.open, if_match="x")
            return
        with self.assertRaises(libqcos.ConditionFailed):
            self.open(if_match="other")
        with self.open(buffer_size=1000) as file:
            self.assertEqual(file.read(1000), self.data[:1000])
            self.client.upload_buffer_with(bytes(300_001), BUCKET, self.remote, overwrite=True)
            with self.assertRaises(libqcos.ConditionFailed):
                file.read(1000)


class Writing(Case):
    def open(self, name="", **options):
        return self.client.open(BUCKET, self.remote + name, "wb", **options)

    def content(self, name=""):
        return self.client.open(BUCKET, self.remote + name).read()

    def nothing_stays(self, name=""):
        with self.assertRaises(libqcos.NotFound):
            self.client.stat_file(BUCKET, self.remote + name)
        if XML:
            self.assertEqual(self.client.list_uploads(BUCKET, self.remote)["infos"], [])
        for thread in threading.enumerate():
            self.assertNotEqual(thread.name, "qcos-write")

    def test_what_is_written_becomes_an_object(self):
        data = os.urandom(11 * MIB + 5)
        with self.open(biz_attr="b") as file:
            self.assertTrue(file.writable() and not file.readable() and not file.seekable())
            self.assertEqual(file.write(data[:5]), 5)
            self.assertEqual(file.write(memoryview(data)[5:]), len(data) - 5)
            self.assertEqual(file.tell(), len(data))
            file.flush()
            with self.assertRaises(libqcos.NotFound):
                self.client.stat_file(BUCKET, self.remote)
        self.assertIn("access_url", file.reply)
        self.assertEqual(self.content(), data)
        self.assertEqual(self.client.stat_file(BUCKET, self.remote)["biz_attr"], "b")
        file.close()
        self.assertRaises(ValueError, file.write, b"x")
        with self.open("empty"):
            pass
        self.assertEqual(self.content("empty"), b"")

    def test_pythons_own_modules_write_to_it(self):
        with self.open(".gz") as raw, gzip.open(raw, "wt", encoding="utf-8") as lines:
            print("名", file=lines)
        self.assertEqual(gzip.decompress(self.content(".gz")), "名\n".encode())
        with self.open(".csv") as raw, io.TextIOWrapper(raw, "utf-8", newline="") as lines:
            csv.writer(lines).writerow(["a", 1])
        self.assertEqual(self.content(".csv"), b"a,1\r\n")
        with self.open(".zip") as raw, zipfile.ZipFile(raw, "w") as archive:
            archive.writestr("one", b"1")
        with self.client.open(BUCKET, self.remote + ".zip") as file:
            self.assertEqual(zipfile.ZipFile(file).read("one"), b"1")

    def test_an_exception_leaves_no_object(self):
        for size in (10, 9 * MIB if XML else 3 * MIB):
            with self.assertRaises(LookupError):
                with self.open() as file:
                    file.write(bytes(size))
                    raise LookupError
            self.nothing_stays()
            self.assertTrue(file.closed)
            self.assertIsNone(file.reply)

    def test_one_that_is_lost_or_aborted_leaves_none(self):
        file = self.open()
        file.write(b"x")
        file.abort()
        file.close()
        self.nothing_stays()
        file = self.open()
        file.write(b"x")
        del file
        gc.collect()
        self.nothing_stays()

    def test_a_failure_is_raised_where_it_is_noticed(self):
        self.client.upload_buffer(b"mine", BUCKET, self.remote)
        file = self.open()
        file.write(b"x")
        self.assertRaises(libqcos.AlreadyExists, file.close)
        file.close()
        with self.assertRaises(libqcos.QcosError):
            with self.open(no_option=1) as file:
                for _ in range(20):
                    file.write(bytes(MIB))
        self.assertEqual(self.content(), b"mine")

    def test_ctrl_c_while_it_waits(self):
        if not XML:
            return
        faults([{"match": {"op": "upload_part"}, "fault": {"stall": "request"}}])
        self.addCleanup(faults, [])
        timer = threading.Timer(
            0.5, signal.pthread_kill, (threading.main_thread().ident, signal.SIGINT)
        )
        timer.start()
        with self.assertRaises(KeyboardInterrupt):
            with client(parallel=1).open(BUCKET, self.remote, "wb") as file:
                while True:
                    file.write(bytes(MIB))
        timer.join()
        faults([])
        self.nothing_stays()

    def test_iterables_are_uploaded_too(self):
        def pieces():
            yield b"abc"
            yield b""
            yield bytearray(3 * MIB)
            yield memoryview(b"xyz")

        upload = lambda pieces: self.client.upload_stream(
            pieces, BUCKET, self.remote, overwrite=True
        )
        upload(pieces())
        self.assertEqual(self.content(), b"abc" + bytes(3 * MIB) + b"xyz")
        upload([])
        self.assertEqual(self.content(), b"")
        upload(iter([b"1", b"2"]))
        self.assertEqual(self.content(), b"12")
        for wrong in (["text"], [5], [None], "text", b"bytes", bytearray(2)):
            self.assertRaises(TypeError, upload, wrong)
        self.assertEqual(self.content(), b"12")
