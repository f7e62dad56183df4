"""Uploads in slices with progress, cancel and resume; downloads; what callbacks may do."""

import signal
import threading

import libqcos

from .support import BUCKET, MIB, Case, StallingProxy, client


class Transfers(Case):
    def upload(self, file, name, **keywords):
        path = f"{self.remote}/{name}"
        return self.client.upload_slice(file, BUCKET, path, slice_size=MIB, **keywords)

    def same(self, file, name):
        got = self.folder / "got"
        self.client.download(BUCKET, f"{self.remote}/{name}", got)
        self.assertEqual(got.read_bytes(), file.read_bytes())

    def test_slices_with_progress(self):
        # One slice after the other, each is told of.
        self.client = client(parallel=1)
        self.addCleanup(self.client.close)
        file, seen = self.file("file", 6 * MIB + 5), []
        reply = self.upload(file, "a", progress=lambda *bytes: seen.append(bytes))
        self.assertIn("access_url", reply)
        self.assertEqual(seen[0][0], 0)
        self.assertEqual(seen[-1], (6 * MIB + 5, 6 * MIB + 5))
        self.assertEqual(seen, sorted(seen))
        self.assertGreaterEqual(len(seen), 8)
        self.same(file, "a")

    def test_cancel_and_resume(self):
        # Where slices go side by side, the first may be the last to arrive.
        self.client = client(parallel=1)
        self.addCleanup(self.client.close)
        file = self.file("file", 12 * MIB)

        def stop(done, total):
            return libqcos.CANCEL if done >= 4 * MIB else None

        error = self.raises("QCOS_ERR_CANCELLED", self.upload, file, "b", progress=stop)
        self.assertEqual((error.code, error.kind, error.httpcode), (-5, "cancelled", 0))
        self.assertFalse(error.retryable)
        self.assertGreaterEqual(error.data["offset"], MIB)
        starts = []
        self.upload(
            file, "b", session=error.data["session"], progress=lambda done, _: starts.append(done)
        )
        # Before it come calls with 0, if hashing takes long.
        self.assertGreaterEqual(next(filter(None, starts)), MIB)
        self.same(file, "b")

    def test_what_a_callback_returns_does_not_matter(self):
        file = self.file("file", 2 * MIB)
        for number, answer in enumerate([True, 1, "stop", False, object()]):
            self.upload(file, f"c{number}", progress=lambda *_: answer)

    def test_an_exception_cancels_and_is_raised(self):
        def progress(done, total):
            calls.append(done)
            if done >= MIB:
                raise LookupError("of mine")

        file, calls = self.file("file", 8 * MIB), []
        with self.assertRaisesRegex(LookupError, "of mine") as caught:
            self.upload(file, "d", progress=progress)
        cancelled = caught.exception.__context__
        self.assertEqual(cancelled.name, "QCOS_ERR_CANCELLED")
        self.assertEqual(len([done for done in calls if done >= MIB]), 1)
        self.upload(file, "d", session=cancelled.data["session"])
        self.same(file, "d")

    def test_an_exception_at_the_end_is_raised_too(self):
        def progress(done, total):
            if done == total:
                raise LookupError

        file = self.file("file", MIB)
        with self.assertRaises(LookupError):
            self.upload(file, "e", progress=progress)
        self.same(file, "e")

    def test_ctrl_c_in_a_callback_stops_an_upload(self):
        def progress(done, total):
            if done >= MIB:
                signal.raise_signal(signal.SIGINT)

        with self.assertRaises(KeyboardInterrupt) as caught:
            self.upload(self.file("file", 8 * MIB), "f", progress=progress)
        self.assertIn("session", caught.exception.__context__.data)
        self.assertIs(signal.getsignal(signal.SIGINT), signal.default_int_handler)

    def test_ctrl_c_while_c_runs_stops_an_upload(self):
        """Python sees it at the first instruction of the next callback."""

        def interrupt():
            signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)

        file = self.file("file", 8 * MIB)
        with StallingProxy(3 * MIB, interrupt) as proxy, client(endpoint=proxy.endpoint) as stalled:
            with self.assertRaises(KeyboardInterrupt) as caught:
                stalled.upload_slice(
                    file, BUCKET, self.remote, slice_size=MIB, progress=lambda *_: None
                )
        self.assertEqual(caught.exception.__context__.name, "QCOS_ERR_CANCELLED")

    def test_a_callback_may_call_the_client(self):
        def progress(done, total):
            names.append(self.client.list(BUCKET, self.remote + "/")["infos"])

        names = []
        self.client.create_folder(BUCKET, self.remote)
        self.upload(self.file("file", 2 * MIB), "g", progress=progress)
        self.assertTrue(names)

    def test_download_with_progress_and_exception(self):
        def progress(done, total):
            raise LookupError

        file, seen = self.file("file", 3 * MIB), []
        self.client.upload(file, BUCKET, f"{self.remote}/h")
        got = self.folder / "got"
        with self.assertRaises(LookupError):
            self.client.download(BUCKET, f"{self.remote}/h", got, progress=progress)
        self.assertFalse(got.exists())
        reply = self.client.download(
            BUCKET, f"{self.remote}/h", bytes(got), progress=lambda *bytes: seen.append(bytes)
        )
        self.assertEqual(reply["filesize"], 3 * MIB)
        self.assertEqual(seen[-1], (3 * MIB, 3 * MIB))
        self.assertEqual(got.read_bytes(), file.read_bytes())

    def test_closing_during_an_upload_lets_it_end(self):
        def progress(done, total):
            self.client.close()

        file = self.file("file", 3 * MIB)
        self.upload(file, "i", progress=progress)
        self.raises("QCOS_ERR_HANDLE", self.client.stat_file, BUCKET, "x")

    def test_threads_share_a_client(self):
        def work(number):
            file = self.file(f"file{number}", 2 * MIB)
            self.upload(file, f"j{number}", progress=lambda *_: seen.append(number))

        seen = []
        threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(set(seen), {0, 1, 2, 3})
        listed = self.client.list_all(BUCKET, self.remote)
        self.assertEqual([info["filesize"] for info in listed["infos"]], [2 * MIB] * 4)
