"""Every call of the client, and what it says to wrong arguments and after its end."""

import gc
import os
import pathlib
import pickle
import socket
import threading
import time
import weakref

import libqcos

from .support import ACCOUNT, BUCKET, MIB, REPOSITORY, XML, Case, client, sent


class Calls(Case):
    def path(self, name):
        return f"{self.remote}/{name}"

    def test_files(self):
        for data in (b"hello", bytearray(b"hello"), memoryview(b"hello")):
            self.client.upload_buffer(data, BUCKET, self.path("名 1"), biz_attr="text")
            stat = self.client.stat_file(BUCKET, self.path("名 1"))
            self.assertEqual((stat["filesize"], stat["biz_attr"]), (5, "text"))
            self.client.delete_file(BUCKET, self.path("名 1"))
        self.client.upload_buffer(b"", BUCKET, self.path("empty"))
        self.client.update_file(BUCKET, self.path("empty"), "other")
        self.client.move_file(BUCKET, self.path("empty"), self.path("moved"))
        self.client.upload_buffer(b"x", BUCKET, self.path("there"))
        self.raises(
            "SERVICE", self.client.move_file, BUCKET, self.path("moved"), self.path("there")
        )
        self.client.move_file(BUCKET, self.path("moved"), self.path("there"), overwrite=True)
        self.client.set_acl(BUCKET, self.path("there"), "public-read")
        self.assertEqual(self.client.get_acl(BUCKET, self.path("there"))["acl"], "public-read")
        self.assertIn("http", self.client.download_url(BUCKET, self.path("there"), 60)["url"])
        file = self.file("with", 100)
        self.client.upload_with(
            file, BUCKET, self.path("with"), biz_attr="b", headers={"Cache-Control": "no-cache"}
        )
        self.client.upload_with(os.fsencode(file), BUCKET, self.path("with"), overwrite=True)
        error = self.raises("SERVICE", self.client.upload, str(file), BUCKET, self.path("with"))
        self.assertIn(error.code, (-4018, -177))
        done = self.client.delete_files(BUCKET, [self.path("with"), self.path("there")])
        self.assertEqual(done["deleted"], 2)
        error = self.raises("SERVICE", self.client.stat_file, BUCKET, self.path("with"))
        self.assertIn(error.code, (-166, -197))
        self.assertFalse(error.retryable)
        self.assertEqual(error.kind, "service")

    def test_prefixes_lead_into_folders(self):
        for name in ("2025/a", "2026/a", "2026/ab/c", "2026/ab/d/e", "2026/b"):
            self.client.upload_buffer(b"x", BUCKET, self.path(name))

        def names(infos):
            return sorted(info["name"] for info in infos)

        found = self.client.prefix_search(BUCKET, self.remote, "2026/a")
        self.assertEqual(names(found["infos"]), ["2026/a", "2026/ab"])
        pages = []
        reply = self.client.prefix_search_all(BUCKET, self.remote, "2026/a", pages.extend)
        self.assertEqual((reply, names(pages)), ({"count": 2}, ["2026/a", "2026/ab"]))
        found = self.client.prefix_search_all(BUCKET, self.remote, "202")
        self.assertEqual((found["count"], names(found["infos"])), (2, ["2025", "2026"]))
        found = self.client.prefix_search_all(BUCKET, self.remote, "2026/a", recursive=True)
        files = [info for info in found["infos"] if "filesize" in info]
        self.assertEqual(names(files), ["2026/a", "2026/ab/c", "2026/ab/d/e"])
        arguments = (self.client.prefix_search_all, BUCKET, self.remote)
        self.raises("QCOS_ERR_CANCELLED", *arguments, "2026/a", lambda _: libqcos.CANCEL)
        with self.assertRaises(LookupError):
            self.client.prefix_search_all(BUCKET, self.remote, "2026/a", lambda _: {}["missing"])
        for wrong in ("", "/a"):
            error = self.raises("QCOS_ERR_PARAMS", *arguments, wrong)
            self.assertTrue(error.reply["message"].startswith("prefix: "), error)

    def test_folders_and_lists(self):
        self.client.create_folder(BUCKET, self.remote, "mine")
        self.client.update_folder(BUCKET, self.remote, "yours")
        self.assertEqual(self.client.stat_folder(BUCKET, self.remote)["biz_attr"], "yours")
        for name in ("a1", "a2", "b1"):
            self.client.upload_buffer(b"x", BUCKET, self.path(name))
        page = self.client.list(BUCKET, self.remote, 2)
        self.assertTrue(page["has_more"])
        rest = self.client.list(BUCKET, self.remote, context=page["context"])
        names = [info["name"] for info in page["infos"] + rest["infos"]]
        self.assertEqual(names, ["a1", "a2", "b1"])
        found = self.client.prefix_search(BUCKET, self.remote, "a", pattern="eListFileOnly")
        self.assertEqual(len(found["infos"]), 2)
        pages = []
        reply = self.client.list_all(BUCKET, self.remote, pages.extend)
        self.assertEqual(reply, {"count": 3})
        self.assertEqual([info["name"] for info in pages], names)
        infos = self.client.list_all(BUCKET, self.remote, recursive=True)["infos"]
        self.assertEqual([info["name"] for info in infos], names)
        self.raises(
            "QCOS_ERR_CANCELLED", self.client.list_all, BUCKET, self.remote, lambda _: libqcos.CANCEL
        )
        with self.assertRaises(LookupError):
            self.client.list_all(BUCKET, self.remote, lambda infos: {}["missing"])
        self.raises("SERVICE", self.client.delete_folder, BUCKET, self.remote)
        self.assertGreaterEqual(self.client.delete_tree(BUCKET, self.remote)["deleted"], 3)
        self.client.create_folder(BUCKET, self.remote)
        self.client.delete_folder(BUCKET, self.remote)

    def test_trees(self):
        tree, seen = self.folder / "tree", []
        (tree / "sub").mkdir(parents=True)
        (tree / "one").write_bytes(b"1")
        (tree / "sub" / "two").write_bytes(b"22")
        sent = self.client.upload_tree(
            tree, BUCKET, self.remote, overwrite=True, progress=lambda *bytes: seen.append(bytes)
        )
        self.assertEqual((sent["uploaded"], sent["failed"], seen[-1]), (2, [], (3, 3)))
        got = self.client.download_tree(BUCKET, self.remote, self.folder / "got", overwrite=False)
        self.assertEqual(got["downloaded"], 2)
        self.assertEqual((self.folder / "got" / "sub" / "two").read_bytes(), b"22")
        (tree / "sub" / "two").unlink()
        planned = self.client.upload_tree(
            tree, BUCKET, self.remote, exclude=["*.o"], delete=True, dry_run=True
        )
        self.assertEqual(planned["plan"], [{"path": "sub/two", "action": "delete"}])

    def test_others_send_what_is_signed(self):
        headers = {"content-type": "text/x"}
        place = ("PUT", BUCKET, self.path("put"), 60)
        limits = {"key_prefix": self.remote + "/", "max": 5, "expires_s": 60}
        if not XML:
            self.raises("QCOS_ERR_PARAMS", lambda: self.client.presign(*place))
            self.raises("QCOS_ERR_PARAMS", lambda: self.client.post_policy(BUCKET, **limits))
            return
        put = self.client.presign(*place, headers=headers)
        self.assertEqual(put["headers"], headers)
        self.assertEqual(sent("PUT", put["url"], {}, b"hello"), 403)
        self.assertEqual(sent("PUT", put["url"], put["headers"], b"hello"), 200)
        form = self.client.post_policy(BUCKET, **limits)
        for content, status in ((b"four", 204), (b"sixsix", 400)):
            field = '--x\r\nContent-Disposition: form-data; name="{}"\r\n\r\n{}\r\n'
            fields = [field.format(name, value) for name, value in form["fields"].items()]
            file = field.format('file"; filename="name', content.decode())
            body = "".join([*fields, file, "--x--\r\n"]).encode()
            content_type = {"Content-Type": "multipart/form-data; boundary=x"}
            self.assertEqual(sent("POST", form["url"], content_type, body), status)
        self.assertEqual(self.client.stat_file(BUCKET, self.path("name"))["filesize"], 4)
        self.raises("QCOS_ERR_PARAMS", lambda: self.client.post_policy(BUCKET, key="a"))

    def test_what_one_api_has(self):
        expired = int(time.time()) + 100
        fresh = "fresh" + self.remote[:8]
        sign = [
            lambda: self.client.sign_more(BUCKET, expired),
            lambda: self.client.sign_once(BUCKET, f"/{ACCOUNT[0]}/{BUCKET}/x"),
        ]
        self.client.upload_buffer(b"x", BUCKET, self.path("source"))
        self.assertIsInstance(self.client.head_bucket(BUCKET), dict)
        diagnosis = self.client.diagnose(BUCKET)
        self.assertEqual((diagnosis["ok"], diagnosis["steps"][0]["step"]), (True, "dns"))
        with client(endpoint="http://none.invalid") as lost:
            diagnosis = lost.diagnose(BUCKET)
        first = diagnosis["steps"][0]
        self.assertEqual((diagnosis["ok"], first["status"]), (False, "failed"))
        self.assertTrue(first["advice"] and first["advice_zh"] and first["detail"]["error"])
        xml = [
            lambda: self.client.copy_file(BUCKET, self.path("source"), self.path("copy")),
            lambda: self.client.create_bucket(fresh),
            lambda: self.client.list_buckets()["infos"],
            lambda: self.client.delete_bucket(fresh),
            lambda: self.client.list_uploads(BUCKET, self.remote)["infos"],
        ]
        for call in xml if XML else sign:
            call()
        for call in sign if XML else xml:
            self.raises("QCOS_ERR_PARAMS", call)
        self.raises(
            "SERVICE" if XML else "QCOS_ERR_PARAMS",
            lambda: self.client.abort_upload(BUCKET, self.path("x"), "none"),
        )

    def test_every_function_has_its_method(self):
        exports = (REPOSITORY / "tests" / "exports.txt").read_text().split()
        self.assertGreater(len(exports), 30)
        # What opening, closing, dicts and the garbage collector do here.
        elsewhere = "client_open client_with client_close string_free reply_code reply_get reply_each version version_number"
        renamed = {"trace": "on_trace"}
        for export in exports:
            name = export[len("qcos_") :]
            method = name[len("client_") :] if name.startswith("client_") else name
            method = renamed.get(method, method)
            self.assertTrue(name in elsewhere.split() or hasattr(libqcos.Client, method), export)

    def test_credentials_change(self):
        with client() as changed:
            changed.set_credentials("unknown", "key")
            self.raises("SERVICE", changed.stat_folder, BUCKET, "")
            ended = lambda: changed.set_credentials("unknown", "key", expires_at=1)
            self.assertIn("expires_at", str(self.raises("QCOS_ERR_PARAMS", ended)))

    def test_requests_in_the_services_words(self):
        tags = b"<Tagging><TagSet><Tag><Key>k</Key><Value>v</Value></Tag></TagSet></Tagging>"
        ask = lambda method, body=b"": self.client.request(
            BUCKET, "", method, body, query={"tagging": ""}
        )
        if not XML:
            self.raises("QCOS_ERR_PARAMS", ask, "GET")
            return
        ask("PUT", tags)
        self.assertEqual(ask("GET")["xml"]["Tagging"]["TagSet"]["Tag"], {"Key": "k", "Value": "v"})
        ask("DELETE")

    def test_tags_archives_and_appends(self):
        path, log, tags = self.remote, self.remote + ".log", {"a b": "1/2", "名": ""}
        if not XML:
            self.raises("QCOS_ERR_PARAMS", self.client.set_tags, BUCKET, path, tags)
            self.raises("QCOS_ERR_PARAMS", self.client.get_tags, BUCKET, path)
            self.raises("QCOS_ERR_PARAMS", self.client.restore_file, BUCKET, path, 1)
            self.raises("QCOS_ERR_PARAMS", self.client.append, b"x", BUCKET, log, 0)
            return
        options = {"storage_class": "ARCHIVE", "tags": {"with": "it"}}
        self.client.upload_buffer_with(b"x", BUCKET, path, **options)
        self.assertEqual(self.client.get_tags(BUCKET, path), {"tags": options["tags"]})
        self.client.set_tags(BUCKET, path, tags)
        self.assertEqual(self.client.get_tags(BUCKET, path)["tags"], tags)
        self.client.set_tags(BUCKET, path, {})
        self.assertEqual(self.client.get_tags(BUCKET, path)["tags"], {})
        self.raises("QCOS_ERR_PARAMS", self.client.set_tags, BUCKET, path, {"a!": ""})

        self.assertEqual(self.client.restore_file(BUCKET, path, 2, "Bulk"), {"state": "started"})
        self.assertEqual(self.client.restore_file(BUCKET, path, 2), {"state": "in_progress"})
        restore = self.client.stat_file(BUCKET, path)["restore"]
        self.assertEqual(restore, 'ongoing-request="true"')

        end = self.client.append(b"hello", BUCKET, log, 0, biz_attr="mine")["position"]
        end = self.client.append(memoryview(b" world"), BUCKET, log, end)["position"]
        self.assertEqual(self.client.append(b"", BUCKET, log, end), {"position": 11})
        refused = self.raises("SERVICE", self.client.append, b"x", BUCKET, log, 5)
        self.assertEqual(refused.code, -409)
        stat = self.client.stat_file(BUCKET, log)
        told = (stat["filesize"], stat["biz_attr"], stat["type"])
        self.assertEqual(told, (11, "mine", "appendable"))

    def test_versions_of_files(self):
        if not XML:
            for act in (self.client.stat_with, self.client.delete_with):
                self.raises("QCOS_ERR_PARAMS", act, BUCKET, "x", version_id="null")
            return
        bucket = "v" + self.remote[:18].strip("-")
        own = client(overwrite=True)
        self.addCleanup(own.close)
        own.create_bucket(bucket)
        self.assertEqual(own.get_versioning(bucket), {"status": ""})
        own.set_versioning(bucket, "Enabled")
        self.assertEqual(own.get_versioning(bucket), {"status": "Enabled"})
        self.raises("QCOS_ERR_PARAMS", own.set_versioning, bucket, "on")
        ids = []
        for content in (b"first", b"second"):
            uploaded = own.upload_buffer(content, bucket, "f")
            ids.append(own.stat_file(bucket, "f")["version_id"])
        self.assertEqual(uploaded["version_id"], ids[1])
        first = ids[0]
        stat = own.stat_with(bucket, "f", version_id=first)
        self.assertEqual((stat["filesize"], stat["version_id"]), (5, first))
        self.assertEqual((stat["storage_class"], stat["meta"]), ("STANDARD", {}))
        self.assertEqual(own.download_buffer(bucket, "f", 0, 9, version_id=first), b"first")
        with own.open(bucket, "f", version_id=first) as file:
            self.assertEqual(file.read(), b"first")
        got = self.folder / "got"
        own.download_with(bucket, "f", got, version_id=first)
        self.assertEqual(got.read_bytes(), b"first")

        marked = own.delete_with(bucket, "f")
        self.assertTrue(marked["delete_marker"])
        hidden = self.raises("SERVICE", own.stat_file, bucket, "f")
        self.assertEqual((hidden.code, hidden.data["delete_marker"]), (-166, True))
        listed = list(own.versions(bucket, ""))
        told = [(it["version_id"], it["is_latest"], it.get("filesize")) for it in listed]
        self.assertEqual(
            told, [(marked["version_id"], True, None), (ids[1], False, 6), (first, False, 5)]
        )
        self.assertTrue(listed[0]["delete_marker"])
        self.assertEqual(own.list_versions(bucket, "", recursive=True)["infos"], listed)
        pages = []
        self.assertEqual(own.list_versions(bucket, "", pages.append), {"count": 3})
        self.assertEqual(pages, [listed])
        gone = own.delete_with(bucket, "f", version_id=marked["version_id"])
        self.assertEqual(gone, marked)
        self.assertEqual(own.delete_with(bucket, "f", version_id=ids[1]), {"version_id": ids[1]})
        self.raises("SERVICE", own.stat_with, bucket, "f", version_id=ids[1])
        self.assertEqual(own.stat_file(bucket, "f")["version_id"], first)

    def test_updates_and_encryption(self):
        path = self.path("updated")
        sse = {"sse": "cos"} if XML else {}
        self.client.upload_buffer_with(b"hello", BUCKET, path, meta={"colour": "蓝"}, **sse)
        if not XML:
            self.client.update_with(BUCKET, path, biz_attr="b", acl="private")
            self.assertEqual(self.client.stat_file(BUCKET, path)["biz_attr"], "b")
            self.raises("QCOS_ERR_PARAMS", self.client.stat_with, BUCKET, path, sse="cos")
            return
        changes = {"biz_attr": "b", "meta": {"colour": None, "shape": "圆"}}
        self.assertEqual(self.client.update_with(BUCKET, path, **changes), {"changed": True})
        self.assertEqual(self.client.update_with(BUCKET, path, **changes), {"changed": False})
        stat = self.client.stat_with(BUCKET, path, sse="cos")
        told = (stat["biz_attr"], stat["meta"], stat["sse"])
        self.assertEqual(told, ("b", {"shape": "圆"}, "cos"))
        self.raises("QCOS_ERR_INTEGRITY", self.client.stat_with, BUCKET, path, sse={"kms": ""})
        self.raises("QCOS_ERR_PARAMS", self.client.stat_with, BUCKET, path, sse={"c": "short"})
        self.client.copy_with(BUCKET, path, BUCKET, path + " copied", sse={"kms": "key"})
        stat = self.client.stat_file(BUCKET, path + " copied")
        self.assertEqual((stat["meta"], stat["sse"]), ({"shape": "圆"}, {"kms": "key"}))
        # Its endpoint is http.
        own = {"c": "MDEyMzQ1Njc4OUFCQ0RFRjAxMjM0NTY3ODlBQkNERUY="}
        places = (BUCKET, path, BUCKET, path + " again")
        self.raises("QCOS_ERR_PARAMS", self.client.copy_with, *places, src_sse=own)

    def test_after_close(self):
        with client() as closed:
            self.assertEqual(closed.__enter__(), closed)
        closed.close()
        closed.close()
        error = self.raises("QCOS_ERR_HANDLE", closed.stat_file, BUCKET, "x")
        self.assertRegex(str(error), "is not an open client")
        seen = []
        file = self.file("file", MIB)
        self.raises(
            "QCOS_ERR_HANDLE", closed.upload, file, BUCKET, "x", progress=lambda *_: seen.append(1)
        )
        self.assertEqual(seen, [])

    def test_a_cancelled_client(self):
        with socket.create_server(("127.0.0.1", 0)) as silent:
            with client(endpoint=f"http://127.0.0.1:{silent.getsockname()[1]}") as stalled:
                with stalled.derive(timeout_ms=300) as hasty:
                    self.raises("QCOS_ERR_NETWORK", hasty.stat_file, BUCKET, "x")
                timer = threading.Timer(0.2, stalled.cancel)
                timer.start()
                self.raises("QCOS_ERR_CANCELLED", stalled.stat_file, BUCKET, "x")
                timer.join()
                with stalled.derive() as later:
                    self.raises("QCOS_ERR_CANCELLED", later.stat_file, BUCKET, "x")
                error = self.raises("QCOS_ERR_PARAMS", stalled.derive, region="ap-x")
                self.assertRegex(str(error), "region")

    def test_a_lost_client_is_closed(self):
        lost = client()
        handle, gone = lost._handle, weakref.ref(lost)
        del lost
        gc.collect()
        self.assertIsNone(gone())
        self.client._handle = handle
        self.raises("QCOS_ERR_HANDLE", self.client.stat_file, BUCKET, "x")

    def test_wrong_arguments(self):
        stat = self.client.stat_file
        for wrong in (5, b"bytes", pathlib.Path("x"), object()):
            with self.assertRaisesRegex(TypeError, "parameter 2: must be str"):
                stat(BUCKET, wrong)
        for wrong in ("nul\0", "\ud800"):
            with self.assertRaisesRegex(ValueError, "qcos_stat_file, parameter 2"):
                stat(BUCKET, wrong)
        for wrong in (2**31, -(2**40)):
            with self.assertRaisesRegex(ValueError, "parameter 3: is -?[0-9]+, must be"):
                self.client.list(BUCKET, "", wrong)
        with self.assertRaises(ValueError):
            self.client.upload_slice("f", BUCKET, "x", slice_size=-1)
        for call in (
            lambda: self.client.list(BUCKET, "", 1.5),
            lambda: self.client.upload_buffer("text", BUCKET, "x"),
            lambda: self.client.upload(None, BUCKET, "x"),
            lambda: self.client.delete_files(BUCKET, "abc"),
        ):
            self.assertRaises(TypeError, call)
        self.assertRaises(ValueError, self.client.upload, "a\0b", BUCKET, "x")
        error = self.raises("QCOS_ERR_PARAMS", stat, None, "x")
        self.assertIn("bucket", error.message)
        self.raises("QCOS_ERR_LOCAL_FILE", self.client.upload, self.folder / "none", BUCKET, "x")
        error = self.raises("QCOS_ERR_PARAMS", libqcos.Client, "1", "a", "b", no_option=1)
        self.assertIn("no_option", error.message)

    def test_an_error_is_whole_and_can_be_pickled(self):
        error = self.raises("SERVICE", self.client.stat_file, BUCKET, self.path("none"))
        again = pickle.loads(pickle.dumps(error))
        self.assertEqual((again.reply, str(again)), (error.reply, str(error)))
        self.assertEqual(error.httpcode, error.reply["httpcode"])
        if XML:
            self.assertTrue(error.request_id)
