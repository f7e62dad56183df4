"""What a client tells of its requests, to a callback and to logging."""

import collections
import contextlib
import gc
import io
import json
import logging
import os
import signal
import threading
import weakref

import libqcos

from . import typed
from .support import ACCOUNT, BUCKET, MIB, OPTIONS, XML, Case, client, faults
from .support import forget_requests, requests

UNAVAILABLE = {"status": 503, "body": ""}


def counted(seen):
    return collections.Counter((one["method"], one["status"]) for one in seen)


class Traced(Case):
    def setUp(self):
        super().setUp()
        self.told = []
        self.client.create_folder(BUCKET, self.remote)
        self.traced = client(retries=2)
        self.addCleanup(self.traced.close)

    def fault(self, count, fault=UNAVAILABLE):
        """The next requests, by the service."""
        faults([{"match": {"count": count}, "fault": fault}])
        self.addCleanup(faults, [])


class OnTrace(Traced):
    def test_every_attempt_of_every_call_is_told(self):
        threads = []
        self.traced.on_trace(
            lambda event: self.told.append(event) or threads.append(threading.current_thread())
        )
        forget_requests()
        self.traced.upload(self.file("file", 9 * MIB), BUCKET, self.remote + "/file")
        self.traced.upload_stream(io.BytesIO(b"x"), BUCKET, self.remote + "/名")
        self.raises("SERVICE", self.traced.stat_file, BUCKET, "none")
        self.traced.download(BUCKET, self.remote + "/file", self.folder / "got")
        self.assertEqual(counted(self.told), counted(requests()))
        self.assertEqual(set(threads), {threading.current_thread()})
        # A list that is iterated over has a thread of its own.
        self.assertEqual(len(list(self.traced.entries(BUCKET, self.remote))), 2)
        self.assertIsNot(threads[-1], threading.current_thread())
        for event in self.told:
            typed.holds(event, libqcos.types.TraceEvent, "on_trace")
        self.assertTrue(any("%E5%90%8D" in event["path"] for event in self.told))
        self.assertNotIn(ACCOUNT[2], json.dumps(self.told))

    def test_failed_attempts(self):
        self.traced.on_trace(self.told.append)
        self.fault(2)
        self.traced.stat_folder(BUCKET, self.remote)
        self.assertEqual([event["attempt"] for event in self.told], [1, 2, 3])
        self.assertEqual([event["status"] for event in self.told], [503, 503, 200])
        for failed in self.told[:2]:
            typed.holds(failed, libqcos.types.TraceEvent, "on_trace")
            self.assertLess(failed["code"], 0)
            self.assertTrue(failed["error"] and failed["retry_in_ms"] > 0)
        self.assertNotIn("error", self.told[2])

    def test_derived_clients(self):
        own = []
        derived = self.traced.derive()
        self.addCleanup(derived.close)
        further = derived.derive()
        self.addCleanup(further.close)
        self.traced.on_trace(self.told.append)
        further.stat_folder(BUCKET, self.remote)
        self.assertEqual((len(self.told), len(own)), (1, 0))
        derived.on_trace(own.append)
        further.stat_folder(BUCKET, self.remote)
        self.traced.stat_folder(BUCKET, self.remote)
        self.assertEqual((len(self.told), len(own)), (2, 1))
        derived.on_trace(None)
        further.stat_folder(BUCKET, self.remote)
        self.assertEqual((len(self.told), len(own)), (3, 1))
        self.traced.on_trace(None)
        further.stat_folder(BUCKET, self.remote)
        self.assertEqual((len(self.told), len(own)), (3, 1))

    def test_an_exception_ends_the_call_and_is_raised(self):
        def fails(event):
            raise LookupError("of mine")

        def written():
            with self.traced.open(BUCKET, self.remote, "wb") as file:
                file.write(os.urandom(20 * MIB))

        self.traced.on_trace(fails)
        for call in (self.uploads, written):
            with self.assertRaisesRegex(LookupError, "of mine") as caught:
                call()
            self.assertEqual(caught.exception.__context__.name, "QCOS_ERR_CANCELLED")
        # What is over has succeeded; it is raised all the same.
        self.assertRaises(LookupError, self.traced.stat_folder, BUCKET, self.remote)
        self.fault(1)
        self.assertRaises(LookupError, self.traced.stat_folder, BUCKET, self.remote)
        # Nobody else's call has it.
        self.client.stat_folder(BUCKET, self.remote)

    def test_it_can_cancel(self):
        self.traced.on_trace(lambda event: libqcos.CANCEL)
        self.traced.stat_folder(BUCKET, self.remote)
        self.fault(1)
        self.raises("QCOS_ERR_CANCELLED", self.traced.stat_folder, BUCKET, self.remote)
        self.raises("QCOS_ERR_CANCELLED", self.uploads)
        # Whatever else it returns does not matter. Elsewhere: what was cancelled may not have been dropped in time.
        self.traced.on_trace(lambda event: 1)
        self.uploads("/another")

    def uploads(self, name="/stream"):
        """Long enough to be told of requests while it lasts."""
        data = io.BytesIO(os.urandom(20 * MIB))
        self.traced.upload_stream(data, BUCKET, self.remote + name)

    def test_calls_of_the_callback_are_not_told(self):
        def asks(event):
            self.told.append(event)
            self.traced.stat_folder(BUCKET, self.remote)
            other.stat_folder(BUCKET, self.remote)

        with client() as other:
            other.on_trace(self.told.append)
            self.traced.on_trace(asks)
            self.traced.stat_folder(BUCKET, self.remote)
        self.assertEqual(len(self.told), 1)

    def test_another_one_and_none(self):
        self.traced.on_trace(lambda event: self.fail("replaced"))
        self.traced.on_trace(self.told.append)
        self.traced.stat_folder(BUCKET, self.remote)
        for wrong in (5, "callback"):
            self.assertRaises(TypeError, self.traced.on_trace, wrong)
        self.traced.stat_folder(BUCKET, self.remote)
        self.assertEqual(len(self.told), 2)
        self.traced.close()
        for callback in (print, None):
            self.raises("QCOS_ERR_HANDLE", self.traced.on_trace, callback)

    def test_ctrl_c_while_it_waits(self):
        def waits(event):
            timer.start()
            os.read(start, 1)

        start, end = os.pipe()
        self.addCleanup(os.close, start)
        self.addCleanup(os.close, end)
        main = threading.main_thread().ident
        timer = threading.Timer(0.2, signal.pthread_kill, [main, signal.SIGINT])
        self.traced.on_trace(waits)
        self.assertRaises(KeyboardInterrupt, self.traced.stat_folder, BUCKET, self.remote)
        timer.join()
        self.assertIs(signal.getsignal(signal.SIGINT), signal.default_int_handler)

    def test_what_lives_how_long(self):
        """C's function as long as a client that it may be called for; no client for its callback's
        sake."""

        class Sink:
            def tell(self, event):
                told.append(event)

        told, sink = [], Sink()
        first = libqcos.Client(*ACCOUNT, **OPTIONS)
        first.on_trace(sink.tell)
        derived = first.derive()
        gone = weakref.ref(first), weakref.ref(sink)
        first.close()
        del first, sink
        gc.collect()
        self.assertIsNone(gone[0]())
        derived.stat_folder(BUCKET, self.remote)
        self.assertEqual(len(told), 1)
        derived.close()
        del derived
        gc.collect()
        self.assertIsNone(gone[1]())

    def test_many_threads_and_callbacks_at_once(self):
        def work():
            for _ in range(20):
                self.traced.on_trace(self.told.append)
                with self.traced.derive() as derived:
                    derived.on_trace(self.told.append)
                    derived.stat_folder(BUCKET, self.remote)
                self.traced.stat_folder(BUCKET, self.remote)
                gc.collect(0)

        threads = [threading.Thread(target=work) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(len(self.told), 8 * 20 * 2)


class Logged(Traced):
    def test_a_line_for_each_attempt(self):
        self.traced.log_requests()
        self.fault(1)
        with self.assertLogs("libqcos", logging.DEBUG) as logs:
            self.traced.stat_folder(BUCKET, self.remote)
            self.raises("SERVICE", self.traced.stat_file, BUCKET, "none")
        levels = [record.levelno for record in logs.records]
        self.assertEqual(levels[:2], [logging.WARNING, logging.DEBUG])
        # That a file is not there is an answer.
        self.assertEqual(set(levels[2:]), {logging.DEBUG})
        failed, good = (record.getMessage() for record in logs.records[:2])
        self.assertRegex(failed, r"^(GET|HEAD) .*: 503 in [0-9.]+ ms: .*\(-\d+\); the next attempt in")
        self.assertRegex(good, r"^(GET|HEAD) .*: 200 in [0-9.]+ ms, attempt 2$")
        self.assertRegex(logs.records[-1].getMessage(), r"/none.*: 40[04] in .*\(-(166|197)\)$")
        for record in logs.records:
            typed.holds(record.qcos, libqcos.types.TraceEvent, "log_requests")

    def test_a_logger_and_a_level_of_ones_own(self):
        mine = logging.getLogger("tests.mine")
        self.traced.log_requests(mine, logging.INFO)
        with self.assertLogs(mine, logging.INFO) as logs:
            self.traced.stat_folder(BUCKET, self.remote)
            self.traced.log_requests(mine, logging.ERROR)
            self.fault(1)
            self.traced.stat_folder(BUCKET, self.remote)
        levels = [record.levelno for record in logs.records]
        self.assertEqual(levels, [logging.INFO, logging.ERROR, logging.ERROR])
        with self.assertLogs(mine, logging.WARNING) as logs:
            self.traced.log_requests(mine)
            self.traced.stat_folder(BUCKET, self.remote)
            mine.warning("alone")
        self.assertEqual([record.getMessage() for record in logs.records], ["alone"])
        self.assertRaises(TypeError, self.traced.log_requests, level="DEBUG")

    def test_no_answer(self):
        with client(endpoint="http://none.invalid", retries=0) as lost:
            lost.log_requests()
            with self.assertLogs("libqcos", logging.WARNING) as logs:
                self.raises("QCOS_ERR_NETWORK", lost.stat_folder, BUCKET, self.remote)
        self.assertRegex(logs.records[0].getMessage(), r": no answer in [0-9.]+ ms: .*\(-2\)$")

    def test_what_the_service_says_is_no_line_of_its_own(self):
        message = "first\nWARNING:libqcos:second"
        body = json.dumps({"code": -5, "message": message, "data": {}})
        if XML:
            body = f"<Error><Code>Odd</Code><Message>{message}</Message></Error>"
        self.traced.log_requests()
        self.fault(1, {"status": 400, "body": body})
        with self.assertLogs("libqcos", logging.WARNING) as logs:
            error = self.raises("SERVICE", self.traced.stat_folder, BUCKET, self.remote)
        self.assertEqual(logs.records[0].qcos["error"], error.message)
        said = [record.getMessage() for record in logs.records]
        self.assertTrue(all(line.isprintable() for line in said), said)

    def test_nothing_secret(self):
        options = {"security_token": "the-long-token"} if XML else {}
        self.traced = client(**options)
        self.traced.log_requests()
        with self.assertLogs("libqcos", logging.DEBUG) as logs, contextlib.suppress(libqcos.QcosError):
            path = self.remote + "/file"
            self.traced.upload(self.file("file", 9 * MIB), BUCKET, path)
            self.traced.download_buffer(BUCKET, path, 0, 10)
            self.traced.set_credentials("unknown", "the-other-key")
            self.traced.stat_folder(BUCKET, self.remote)
        said = "".join(f"{record.getMessage()}{vars(record)}" for record in logs.records)
        for secret in (ACCOUNT[2], "the-long-token", "the-other-key", "q-signature", "uthorization"):
            self.assertNotIn(secret, said)
        # As the JSON API's downloads are signed.
        self.assertNotRegex(said, r"sign=(?!\(signature\))")
