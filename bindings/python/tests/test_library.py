"""Finding the library, refusing a wrong one, and calling it as its header says."""

import copy
import ctypes
import multiprocessing
import pathlib
import pickle
import re
import socket
import threading

import libqcos
from libqcos import _abi

from .support import BUCKET, REPOSITORY, Case, client, compiled, python

FAKE = "unsigned qcos_version_number(void) { return %d; }"


class Loading(Case):
    def complaint(self, library):
        printed, complaint = python("import libqcos", QCOS_LIBRARY=str(library))
        self.assertEqual(printed, "")
        last = complaint.strip().splitlines()[-1]
        self.assertTrue(last.startswith("ImportError: "), complaint)
        return last

    def test_versions_that_do_not_fit(self):
        for number, said in [(2 << 8, "0.2.0"), (1 << 16 | 256, "1.1.0")]:
            complaint = self.complaint(compiled(self.folder, FAKE % number))
            self.assertIn(f"libqcos {said} ", complaint)
            self.assertIn(f"qcos {libqcos.__version__} ", complaint)

    def test_a_library_that_lacks_a_function(self):
        complaint = self.complaint(compiled(self.folder, FAKE % (1 << 8)))
        self.assertRegex(complaint, "libqcos 0.1.0 .* is too old .* it has no qcos_version$")

    def test_another_library_and_none(self):
        self.assertIn("is not libqcos", self.complaint(compiled(self.folder, "int x;")))
        self.assertIn("Set QCOS_LIBRARY", self.complaint(self.folder / "none.so"))

    def test_a_library_for_another_processor(self):
        library = pathlib.Path(compiled(self.folder, FAKE % (1 << 8)))
        content = bytearray(library.read_bytes())
        content[18:20] = b"\x16\x00"  # e_machine: s390
        library.write_bytes(content)
        complaint = self.complaint(library)
        self.assertRegex(complaint, rf"{library} exists: is it for another platform than linux on \w+\?$")

    def test_what_fits(self):
        self.assertEqual(_abi.VERSION[:2], tuple(map(int, libqcos.library_version().split(".")))[:2])


def declared():
    """Each function of qcos.h as ctypes types: what it returns, what it takes."""
    header = (REPOSITORY / "include" / "qcos.h").read_text()
    code = re.sub(r"/\*.*?\*/|//[^\n]*|#[^\n]*|\bQCOS_API\b", "", header, flags=re.S)
    types = {
        "void": None,
        "char *": ctypes.c_void_p,
        "const char *": ctypes.c_char_p,
        "void *": ctypes.c_void_p,
        "const void *": ctypes.c_void_p,
        "qcos_client": ctypes.c_uint64,
        "qcos_client *": ctypes.POINTER(ctypes.c_uint64),
        "size_t": ctypes.c_size_t,
        "int32_t": ctypes.c_int32,
        "int64_t": ctypes.c_int64,
        "uint32_t": ctypes.c_uint32,
        "uint64_t": ctypes.c_uint64,
        "qcos_progress_fn": _abi.PROGRESS_FN,
        "qcos_page_fn": _abi.PAGE_FN,
        "qcos_item_fn": _abi.ITEM_FN,
        "qcos_credentials_fn": _abi.CREDENTIALS_FN,
        "qcos_trace_fn": _abi.TRACE_FN,
        "qcos_read_fn": _abi.READ_FN,
        "qcos_write_fn": _abi.WRITE_FN,
    }
    functions = re.findall(r"([\w ]+[ *])(qcos_\w+)\(([^)]*)\);", code)
    for result, name, parameters in functions:
        taken = [] if parameters == "void" else [part.split() for part in parameters.split(",")]
        pure = [re.sub(r"\w+$", "", " ".join(words)).strip() for words in taken]
        yield name, types[result.strip()], [types[kind] for kind in pure]


class Abi(Case):
    def test_the_header_says_the_same(self):
        header = {name: (result, takes) for name, result, takes in declared()}
        ours = {
            name: (result, [parameter.ctype for parameter in parameters])
            for name, (result, parameters) in _abi.FUNCTIONS.items()
        }
        self.assertEqual(sorted(ours), sorted(header))
        for name in header:
            self.assertEqual(ours[name], header[name], name)

    def test_replies_are_freed(self):
        def calls(count):
            for _ in range(count):
                signer.sign_once("bucket", fileid)

        # A reply of 3 KiB each time.
        fileid = "/1/bucket/" + "x" * 2000
        with libqcos.Client("1", "id", "key") as signer:
            calls(1000)
            before = resident()
            calls(20_000)
            self.assertLess(resident() - before, 8 << 20)

    def test_callbacks_are_freed(self):
        def calls(count):
            for _ in range(count):
                try:
                    self.client.upload("/none", BUCKET, "x", progress=lambda *_: None)
                except libqcos.QcosError:
                    pass

        calls(1000)
        before = resident()
        calls(20_000)
        self.assertLess(resident() - before, 4 << 20)


def resident():
    """Bytes of memory of this process."""
    return int(pathlib.Path("/proc/self/statm").read_text().split()[1]) * 4096


class Threads(Case):
    def test_two_threads_are_inside_at_once(self):
        """A service that answers no one before both have asked: with the GIL held, neither would be."""

        def ask():
            with client(endpoint=endpoint, retries=0, io_timeout_ms=20_000) as asking:
                try:
                    asking.stat_file(BUCKET, "x")
                except libqcos.QcosError as error:
                    answers.append(error.httpcode)

        answers = []
        with socket.create_server(("127.0.0.1", 0)) as service:
            endpoint = "http://127.0.0.1:%d" % service.getsockname()[1]
            threads = [threading.Thread(target=ask) for _ in range(2)]
            for thread in threads:
                thread.start()
            asked = [service.accept()[0] for _ in threads]
            for connection in asked:
                connection.sendall(b"HTTP/1.1 403 no\r\ncontent-length: 0\r\n\r\n")
            for thread in threads:
                thread.join()
            for connection in asked:
                connection.close()
        self.assertEqual(answers, [403, 403])


class Copies(Case):
    """The first client of every process has the same handle."""

    def test_a_client_is_neither_pickled_nor_copied(self):
        class Derived(libqcos.Client):
            pass

        pickles = [
            lambda it, protocol=protocol: pickle.dumps(it, protocol)
            for protocol in range(pickle.HIGHEST_PROTOCOL + 1)
        ]
        with Derived("1", "id", "key") as derived:
            for client in (self.client, derived):
                for way in (copy.copy, copy.deepcopy, *pickles):
                    self.refused(way, client)
                # Nor from inside something else.
                for way in (copy.deepcopy, *pickles):
                    self.refused(way, [client])
                    self.refused(way, client.stat_file)
                self.refused(type(client).__getstate__, client)
            # It is none the worse.
            derived.sign_once("bucket", "/1/bucket/x")

    def refused(self, way, value):
        with self.assertRaisesRegex(TypeError, "cannot be pickled or copied"):
            way(value)

    def test_a_client_is_not_handed_to_another_process(self):
        spawning = multiprocessing.get_context("spawn")
        process = spawning.Process(target=print, args=(self.client,))
        self.refused(multiprocessing.Process.start, process)

    def test_an_error_is_handed_on(self):
        error = self.raises("QCOS_ERR_PARAMS", self.client.stat_file, BUCKET, "..")
        for again in (pickle.loads(pickle.dumps(error)), copy.deepcopy(error)):
            self.assertEqual((again.code, str(again)), (error.code, str(error)))
