"""Lists as they are asked for."""

import gc
import http.server
import queue
import re
import threading

import libqcos

from .support import BUCKET, XML, Case, client


class Lists(Case):
    def setUp(self):
        super().setUp()
        self.names = [f"{number:04}" for number in range(5)]
        for name in self.names:
            self.client.upload_buffer(b"x", BUCKET, f"{self.remote}/{name}")
        self.client.upload_buffer(b"x", BUCKET, f"{self.remote}/sub/deep")

    def test_all_of_them(self):
        names = [entry["name"] for entry in self.client.entries(BUCKET, self.remote)]
        self.assertEqual(sorted(names), [*self.names, "sub"])
        deep = [it["name"] for it in self.client.entries(BUCKET, self.remote, recursive=True)]
        self.assertIn("sub/deep", deep)
        self.assertEqual(set(self.names) - set(deep), set())

    def test_those_that_begin_with_a_prefix(self):
        def names(path, **keywords):
            return sorted(it["name"] for it in self.client.entries(BUCKET, path, **keywords))

        self.assertEqual(names(self.remote, prefix="0003"), ["0003"])
        prefix = f"{self.remote}/s"
        self.assertEqual(names("", prefix=prefix), [f"{prefix}ub"])
        self.assertIn(f"{prefix}ub/deep", names("", prefix=prefix, recursive=True))
        self.assertEqual(names(self.remote, prefix="none"), [])

    def test_failures_are_raised(self):
        for entries in (
            self.client.entries(BUCKET, ".."),
            self.client.entries(BUCKET, 5),
            # Not the whole folder.
            self.client.entries(BUCKET, self.remote, prefix=""),
            self.client.entries(BUCKET, self.remote, prefix=5),
        ):
            with self.assertRaises((libqcos.QcosError, TypeError)):
                next(entries)
            self.assertRaises(StopIteration, next, entries)

    def listings(self):
        return len([it for it in requests() if it["op"] in ("list", "list_objects")])

    def test_no_more_is_fetched_than_is_asked_for(self):
        with FewEntries() as service, client(endpoint=service.url) as asking:
            entries = asking.entries(BUCKET, "x")
            self.assertEqual(service.asked(), 0)
            self.assertEqual([next(entries)["name"] for _ in range(2)], ["0", "1"])
            self.assertEqual(service.asked(), 1)
            self.assertEqual(next(entries)["name"], "2")
            self.assertEqual(service.asked(), 2)
            entries.close()
            self.assertRaises(StopIteration, next, entries)
            for entry in asking.entries(BUCKET, "x"):
                if entry["name"] == "3":
                    break
            del entry
            gc.collect()
            self.assertEqual(service.asked(), 4)
        for thread in threading.enumerate():
            self.assertNotEqual(thread.name, "qcos-list")

    def test_time_between_pages_is_the_callers(self):
        with FewEntries() as service, client(endpoint=service.url, timeout_ms=300) as hasty:
            entries = hasty.entries(BUCKET, "x")
            next(entries), next(entries)
            self.assertRaises(queue.Empty, queue.Queue().get, timeout=0.6)
            self.assertEqual(next(entries)["name"], "2")
            entries.close()


class FewEntries:
    """A service whose every page has two entries, and a further page."""

    def __init__(self):
        self._seen = []

    def __enter__(self):
        seen = self._seen

        class Answer(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                seen.append(self.path)
                before = re.search(r"(?:marker=x(?:%2F|/)|context=)(\d+)", self.path)
                number = int(before.group(1)) + 1 if before else 0
                if not XML:
                    infos = ",".join(
                        '{"name":"%d","filesize":1,"filelen":1}' % n for n in (number, number + 1)
                    )
                    body = (
                        '{"code":0,"message":"SUCCESS","data":{"context":"%d","has_more":true,'
                        '"infos":[%s]}}' % (number + 1, infos)
                    )
                else:
                    keys = "".join(
                        "<Contents><Key>x/%d</Key><Size>1</Size></Contents>" % n
                        for n in (number, number + 1)
                    )
                    body = (
                        "<ListBucketResult><IsTruncated>true</IsTruncated><NextMarker>x/%d"
                        "</NextMarker>%s</ListBucketResult>" % (number + 1, keys)
                    )
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body.encode())

            def log_message(self, *_):
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answer)
        self._server.daemon_threads = True
        self.url = "http://127.0.0.1:%d" % self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._server.server_close()

    def asked(self):
        return len(self._seen)
