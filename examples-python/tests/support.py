"""What the tests share: the account and the service of the environment, files, a fake library."""

import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest
import uuid

import qcos

PACKAGE = pathlib.Path(__file__).resolve().parent.parent
REPOSITORY = pathlib.Path(os.environ.get("QCOS_REPOSITORY", PACKAGE.parent))
ACCOUNT = [os.environ[f"QCOS_{name}"] for name in ("APPID", "SECRET_ID", "SECRET_KEY")]
OPTIONS = json.loads(os.environ.get("QCOS_OPTIONS") or "{}")
BUCKET = "pythontests"
MIB = 1 << 20
XML = OPTIONS.get("api") == "xml"


def client(**options):
    return qcos.Client(*ACCOUNT, **{**OPTIONS, **options})


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
        with self.assertRaises(qcos.QcosError) as caught:
            call(*arguments, **keywords)
        self.assertEqual(caught.exception.name, name, caught.exception)
        return caught.exception


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
