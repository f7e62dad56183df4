"""What the tests share: the account and the service of the environment, files, a fake library."""

import contextlib
import json
import os
import pathlib
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import unittest
import urllib.error
import urllib.parse
import urllib.request
import uuid

import libqcos

from . import typed

PACKAGE = pathlib.Path(__file__).resolve().parent.parent
REPOSITORY = pathlib.Path(os.environ.get("QCOS_REPOSITORY", PACKAGE.parent.parent))
ACCOUNT = [os.environ[f"QCOS_{name}"] for name in ("APPID", "SECRET_ID", "SECRET_KEY")]
OPTIONS = json.loads(os.environ.get("QCOS_OPTIONS") or "{}")
BUCKET = "pythontests"
MIB = 1 << 20
XML = "region" in OPTIONS


def client(**options):
    """All that it returns is compared with its type."""
    return typed.Client(*ACCOUNT, **{**OPTIONS, **options})


class Case(unittest.TestCase):
    """A folder on either side and a client, all of the test's own."""

    def setUp(self):
        self.client = client()
        self.addCleanup(self.client.close)
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.remote = uuid.uuid4().hex

    def file(self, name, size):
        """New content each time: what the service has already, the JSON API does not want again."""
        path = self.folder / name
        path.write_bytes(os.urandom(size))
        return path

    def raises(self, name, call, *arguments, **keywords):
        with self.assertRaises(libqcos.QcosError) as caught:
            call(*arguments, **keywords)
        self.assertEqual(caught.exception.name, name, caught.exception)
        return caught.exception


class StallingProxy:
    """Passes bytes on to the service, and none any more once `limit` have passed: then it calls `then`."""

    def __init__(self, limit, then):
        where = urllib.parse.urlsplit(OPTIONS["endpoint"])
        self._service = (where.hostname, where.port)
        self._left, self._then = limit, then
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._sockets = [self._listener]
        self.endpoint = "http://127.0.0.1:%d" % self._listener.getsockname()[1]

    def __enter__(self):
        self._start(self._accept)
        return self

    def __exit__(self, *_):
        for end in self._sockets:
            # Wakes the thread that waits for it.
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()

    def _start(self, work, *arguments):
        threading.Thread(target=work, args=arguments, daemon=True).start()

    def _accept(self):
        with contextlib.suppress(OSError):
            while True:
                ends = self._listener.accept()[0], socket.create_connection(self._service)
                self._sockets += ends
                self._start(self._pass, *ends)
                self._start(self._pass, *reversed(ends))

    def _pass(self, source, target):
        with contextlib.suppress(OSError):
            while self._left > 0:
                data = source.recv(65536)
                if not data:
                    break
                target.sendall(data)
                self._left -= len(data)
                if self._left <= 0:
                    self._then()


def compiled(folder, code):
    """A shared library of this C code."""
    compiler = shutil.which("cc")
    assert compiler, "`cc` does not run; install it (Debian: apt install gcc)"
    source, library = folder / "fake.c", folder / "libqcos.so"
    source.write_text(code)
    subprocess.run([compiler, "-shared", "-fPIC", "-o", library, source], check=True)
    return library


def python(code, **environment):
    """How a program with this package ends: what it printed, and its complaint."""
    environment = {**os.environ, "PYTHONPATH": str(PACKAGE), **environment}
    run = subprocess.run(
        [sys.executable, "-c", code], env=environment, stdout=-1, stderr=-1, timeout=120
    )
    return run.stdout.decode(), run.stderr.decode()


def faults(rules):
    """Sets the emulator's faults, [] for none; README.md of the emulator lists them."""
    emulator("faults", json.dumps(rules).encode())


def requests():
    """What the emulator has seen since the last forget_requests(), in its order."""
    return json.loads(emulator("requests"))["requests"]


def forget_requests():
    emulator("requests", method="DELETE")


def sent(method, url, headers, body):
    """The status of what somebody sends who knows nothing of this library."""
    try:
        asked = urllib.request.Request(url, body, headers, method=method)
        with urllib.request.urlopen(asked, timeout=20) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        with error:
            return error.code


def emulator(what, data=None, method=None):
    url = f"{OPTIONS['endpoint']}/_emulator/{what}"
    asked = urllib.request.Request(url, data, {"Content-Type": "application/json"}, method=method)
    with urllib.request.urlopen(asked, timeout=20) as answer:
        return answer.read()
