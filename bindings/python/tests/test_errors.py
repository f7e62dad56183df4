"""Which exception a failure is."""

import copy
import errno
import os
import pickle
import socket

import libqcos

from .support import BUCKET, OPTIONS, XML, Case, client


class Errors(Case):
    def caught(self, *kinds):
        """The error, which each of these kinds of exceptions catches."""

        class Caught:
            def __enter__(inner):
                return inner

            def __exit__(inner, _, error, traceback):
                inner.error = error
                for kind in (libqcos.QcosError, *kinds):
                    self.assertIsInstance(error, kind)
                return True

        return Caught()

    def test_what_is_not_there(self):
        with self.caught(libqcos.NotFound, FileNotFoundError, OSError) as caught:
            self.client.stat_file(BUCKET, self.remote)
        self.assertEqual((caught.error.errno, caught.error.httpcode > 0), (errno.ENOENT, True))
        self.assertIn(str(caught.error.code), str(caught.error))
        for call in (
            lambda: self.client.download(BUCKET, self.remote, self.folder / "got"),
            lambda: self.client.download_buffer(BUCKET, self.remote, 0, 1),
            lambda: self.client.delete_file(BUCKET, self.remote),
            lambda: self.client.stat_folder(BUCKET, self.remote),
            lambda: self.client.move_file(BUCKET, self.remote, self.remote + "x"),
        ):
            with self.caught(libqcos.NotFound, FileNotFoundError):
                call()

    def test_what_is_there_already(self):
        self.client.upload_buffer(b"x", BUCKET, self.remote + "/a")
        for data in (b"x", b"other"):
            with self.caught(libqcos.AlreadyExists, FileExistsError) as caught:
                self.client.upload_buffer_with(data, BUCKET, self.remote + "/a", overwrite=False)
            self.assertEqual(caught.error.errno, errno.EEXIST)
        with self.caught(libqcos.AlreadyExists):
            self.client.create_folder(BUCKET, self.remote + "/sub")
            self.client.create_folder(BUCKET, self.remote + "/sub")

    def test_local_files(self):
        for path, kind, number in [
            ("none", FileNotFoundError, errno.ENOENT),
            ("", libqcos.LocalFileError, None),
        ]:
            with self.caught(libqcos.LocalFileError, kind) as caught:
                self.client.upload(self.folder / path, BUCKET, self.remote)
            self.assertNotIsInstance(caught.error, libqcos.NotFound)
            self.assertEqual(caught.error.errno, number, caught.error)
        self.client.upload_buffer(b"x", BUCKET, self.remote)
        there = self.file("there", 1)
        with self.caught(libqcos.LocalFileExists, libqcos.LocalFileError, FileExistsError):
            self.client.download_with(BUCKET, self.remote, there, overwrite=False)

    def test_conditions(self):
        if not XML:
            return
        self.client.upload_buffer(b"x", BUCKET, self.remote)
        etag = self.client.stat_file(BUCKET, self.remote)["etag"]
        for code, option in [(-304, {"if_none_match": etag}), (-412, {"if_match": "other"})]:
            with self.caught(libqcos.ConditionFailed) as caught:
                self.client.download_buffer(BUCKET, self.remote, 0, 1, **option)
            self.assertEqual(caught.error.code, code)

    def test_some_of_many(self):
        """That one file of a folder is missing does not mean that the folder is."""
        (self.folder / "a").write_bytes(b"mine")
        self.client.upload_buffer(b"theirs", BUCKET, self.remote + "/a")
        with self.caught(libqcos.PartialFailure) as caught:
            self.client.upload_tree(self.folder, BUCKET, self.remote)
        self.assertNotIsInstance(caught.error, OSError)
        self.assertEqual(caught.error.code, -177)
        self.assertEqual([failed["path"] for failed in caught.error.data["failed"]], ["a"])

    def test_time_limits_and_cancel(self):
        with socket.create_server(("127.0.0.1", 0)) as silent:
            endpoint = f"http://127.0.0.1:{silent.getsockname()[1]}"
            with client(endpoint=endpoint, timeout_ms=200, retries=0) as stalled:
                with self.caught(libqcos.TimedOut, TimeoutError) as caught:
                    stalled.stat_file(BUCKET, "x")
                self.assertEqual(caught.error.errno, errno.ETIMEDOUT)
                stalled.cancel()
                with self.caught(libqcos.Cancelled):
                    stalled.stat_file(BUCKET, "x")

    def test_all_others(self):
        with client() as closed:
            pass
        with self.assertRaises(libqcos.QcosError) as caught:
            closed.stat_file(BUCKET, "x")
        self.assertIs(type(caught.exception), libqcos.QcosError)
        with self.assertRaises(libqcos.QcosError) as caught:
            self.client.stat_file(BUCKET, "..")
        self.assertIs(type(caught.exception), libqcos.QcosError)

    def test_each_can_be_pickled(self):
        with self.caught(libqcos.NotFound) as caught:
            self.client.stat_file(BUCKET, self.remote)
        missing = caught.error
        with self.caught(libqcos.LocalFileError) as caught:
            self.client.upload(os.devnull + "/x", BUCKET, self.remote)
        for error in (missing, caught.error):
            for again in (pickle.loads(pickle.dumps(error)), copy.copy(error)):
                self.assertIs(type(again), type(error))
                self.assertEqual((str(again), again.errno), (str(error), error.errno))

    def test_the_key_is_in_none(self):
        with libqcos.Client("10000001", "id", "hidden-key", **OPTIONS) as wrong:
            with self.caught(libqcos.QcosError) as caught:
                wrong.stat_folder(BUCKET, "x/y")
        self.assertNotIn("hidden-key", repr(caught.error) + str(caught.error.reply))
