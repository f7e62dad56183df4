"""Credentials that change, that somebody is asked for, and that come from elsewhere."""

import contextlib
import gc
import io
import os
import signal
import threading
import weakref

import libqcos

from .support import ACCOUNT, BUCKET, MIB, OPTIONS, XML, Case, client

GOOD = libqcos.Credentials(*ACCOUNT[1:])


def expired(**options):
    """A client whose credentials the service does not know (any more)."""
    return libqcos.Client(ACCOUNT[0], "unknown", "key", **{**OPTIONS, **options})


class OnExpiry(Case):
    def test_the_callback_returns_new_ones(self):
        asked = []
        with expired() as changed:
            changed.on_expiry(lambda: asked.append(threading.get_ident()) or GOOD)
            changed.create_folder(BUCKET, self.remote)
            changed.stat_folder(BUCKET, self.remote)
            self.assertEqual(asked, [threading.get_ident()])
            # It is that of those that share with it, too.
            changed.set_credentials("unknown", "key")
            with changed.derive(retries=0) as derived:
                derived.stat_folder(BUCKET, self.remote)
            self.assertEqual(len(asked), 2)

    def test_the_callback_sets_them(self):
        with expired() as changed:
            changed.on_expiry(lambda: changed.set_credentials(*ACCOUNT[1:], expires_at=2**33))
            changed.create_folder(BUCKET, self.remote)

    def test_in_the_midst_of_transfers(self):
        data = os.urandom(9 * MIB)
        with expired() as changed:
            seen = []
            changed.on_expiry(lambda: GOOD)
            changed.upload_buffer_with(
                data, BUCKET, self.remote, progress=lambda *bytes: seen.append(bytes)
            )
            changed.set_credentials("unknown", "key")
            file = io.BytesIO()
            changed.download_stream(BUCKET, self.remote, file)
            self.assertEqual((file.getvalue(), seen[-1]), (data, (len(data), len(data))))

    def test_an_exception_ends_the_call_and_is_raised(self):
        def fails():
            raise LookupError("of mine")

        with expired() as changed:
            changed.on_expiry(fails)
            file = self.file("file", 9 * MIB)
            for call in (
                lambda: changed.stat_folder(BUCKET, self.remote),
                lambda: changed.upload(file, BUCKET, self.remote),
                lambda: changed.upload_stream(io.BytesIO(b"x"), BUCKET, self.remote),
                lambda: list(changed.entries(BUCKET, self.remote)),
            ):
                with self.assertRaisesRegex(LookupError, "of mine") as caught:
                    call()
                self.assertEqual(caught.exception.__context__.name, "QCOS_ERR_CANCELLED")
                changed.set_credentials("unknown", "key")
            # Nobody else's call has it.
            self.client.create_folder(BUCKET, self.remote)
            changed.on_expiry(lambda: libqcos.CANCEL)
            with self.assertRaisesRegex(TypeError, "must return libqcos.Credentials, not _Cancel"):
                changed.stat_folder(BUCKET, self.remote)

    def test_an_exception_in_a_call_of_the_callback_is_its_own(self):
        def asks_another():
            with self.assertRaises(LookupError):
                inner.stat_folder(BUCKET, self.remote)
            return GOOD

        with expired() as outer, expired() as inner:
            inner.on_expiry(lambda: {}["missing"])
            outer.on_expiry(asks_another)
            outer.create_folder(BUCKET, self.remote)

    def test_another_one_and_none(self):
        with expired() as changed:
            changed.on_expiry(lambda: self.fail("replaced"))
            changed.on_expiry(lambda: None)
            self.raises("SERVICE", changed.create_folder, BUCKET, self.remote)
            changed.on_expiry(None)
            self.raises("SERVICE", changed.create_folder, BUCKET, self.remote)
            # One that has given nothing is not asked again at once.
            changed.set_credentials("unknown2", "key")
            changed.on_expiry(lambda: GOOD)
            changed.create_folder(BUCKET, self.remote)
            for wrong in (5, GOOD):
                self.assertRaises(TypeError, changed.on_expiry, wrong)

    def test_ctrl_c_while_it_waits(self):
        def interrupt():
            signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)

        def waits():
            timer.start()
            os.read(start, 1)

        start, end = os.pipe()
        with expired() as changed, contextlib.ExitStack() as ends:
            ends.callback(os.close, start)
            ends.callback(os.close, end)
            timer = threading.Timer(0.2, interrupt)
            changed.on_expiry(waits)
            with self.assertRaises(KeyboardInterrupt) as caught:
                changed.stat_folder(BUCKET, self.remote)
            self.assertEqual(caught.exception.__context__.name, "QCOS_ERR_CANCELLED")
            timer.join()
        self.assertIs(signal.getsignal(signal.SIGINT), signal.default_int_handler)

    def test_what_lives_how_long(self):
        """C's function as long as a client that it may be called for; no client for its callback's
        sake."""

        class Source:
            def give(self):
                return GOOD

        source, changed = Source(), expired()
        changed.on_expiry(source.give)
        derived = changed.derive()
        gone = weakref.ref(changed), weakref.ref(source)
        changed.close()
        del changed, source
        gc.collect()
        self.assertIsNone(gone[0]())
        derived.create_folder(BUCKET, self.remote)
        derived.close()
        del derived
        gc.collect()
        self.assertIsNone(gone[1]())

    def test_many_threads_and_callbacks_at_once(self):
        def work():
            for _ in range(20):
                changed.set_credentials("unknown", "key")
                changed.on_expiry(lambda: GOOD)
                with contextlib.suppress(libqcos.QcosError):
                    changed.stat_folder(BUCKET, self.remote)
                gc.collect(0)

        with expired() as changed:
            threads = [threading.Thread(target=work) for _ in range(8)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            changed.set_credentials(*ACCOUNT[1:])
            changed.create_folder(BUCKET, self.remote)


class Sources(Case):
    def test_those_of_the_environment(self):
        names = ["TENCENTCLOUD_SECRET_ID", "TENCENTCLOUD_SECRET_KEY"]
        open_it = lambda: libqcos.Client(ACCOUNT[0], credentials="env", **OPTIONS)
        self.assertIn(names[0], self.raises("QCOS_ERR_PARAMS", open_it).message)
        os.environ.update(zip(names, ACCOUNT[1:]))
        try:
            with open_it() as client:
                client.create_folder(BUCKET, self.remote)
            given = lambda: libqcos.Client(*ACCOUNT, credentials="env", **OPTIONS)
            self.assertIn("secret_id", self.raises("QCOS_ERR_PARAMS", given).message)
        finally:
            for name in names:
                del os.environ[name]
        self.assertIn("secret_id", self.raises("QCOS_ERR_PARAMS", libqcos.Client, "1").message)

    def test_those_of_an_instances_role(self):
        """The emulator has the role "worker"."""
        options = {**OPTIONS, "metadata_endpoint": OPTIONS["endpoint"]}
        for name in ("cvm", "cvm:worker"):
            open_it = lambda: libqcos.Client(ACCOUNT[0], None, None, credentials=name, **options)
            if not XML:
                self.raises("QCOS_ERR_PARAMS", open_it)
                continue
            with open_it() as client:
                client.upload_buffer_with(b"x", BUCKET, self.remote, overwrite=True)
                self.assertIn("x-cos-security-token", client.download_url(BUCKET, "x", 9)["url"])
                error = self.raises("QCOS_ERR_PARAMS", client.on_expiry, lambda: GOOD)
                self.assertIn("role", error.message)
        if XML:
            with libqcos.Client(ACCOUNT[0], credentials="cvm:other", **options) as client:
                error = self.raises("QCOS_ERR_NETWORK", client.stat_file, BUCKET, "x")
                self.assertEqual(error.kind, "http_status")

    def test_secrets_are_not_shown(self):
        shown = repr(libqcos.Credentials("id", "the-key", "the-token", 5))
        self.assertIn("'id'", shown)
        for secret in ("the-key", "the-token"):
            self.assertNotIn(secret, shown)
