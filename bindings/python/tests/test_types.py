"""Options and replies as types: those of qcos.h, all of them; tests/typed.py holds every reply to
them."""

import re
import typing

import libqcos
from libqcos import types

from . import typed
from .support import REPOSITORY, Case


def manual(function):
    """What qcos.h says of a function."""
    header = (REPOSITORY / "include" / "qcos.h").read_text()
    return re.search(r"/\*\*((?:(?!\*/).)*)\*/\s+QCOS_API\s+char \*%s\(" % function, header, re.S).group(1)


def listed_keys(function):
    """The keys of a function's options that stand in its manual one below the other."""
    return set(re.findall(r'^ \* {5,7}"(\w+)"  *\S', manual(function), re.M))


class Options(Case):
    def keys(self, hint):
        return set(typing.get_type_hints(hint))

    def test_those_of_the_header_are_known(self):
        for function, hint in [
            ("qcos_client_open", types.ClientOptions),
            ("qcos_upload_with", types.UploadOptions),
            ("qcos_download_with", types.DownloadOptions),
            ("qcos_download_tree", types.DownloadTreeOptions),
            ("qcos_presign", types.PresignOptions),
            ("qcos_post_policy", types.FormOptions),
            ("qcos_copy_with", types.CopyOptions),
        ]:
            listed = listed_keys(function)
            self.assertTrue(listed, function)
            self.assertEqual(self.keys(hint), listed, function)
        said = manual("qcos_client_with").split("what is not named", 1)[0]
        self.assertEqual(self.keys(types.DerivedOptions), set(re.findall(r'"(\w+)"', said)))
        conditions = listed_keys("qcos_download_with") - {"overwrite"}
        self.assertEqual(self.keys(types.Conditions), conditions)
        ranges = listed_keys("qcos_download_stream")
        self.assertEqual(self.keys(types.RangeOptions), conditions | ranges)
        stream = self.keys(types.StreamUploadOptions)
        self.assertEqual(stream, listed_keys("qcos_upload_with") | {"length"})
        tree = listed_keys("qcos_upload_with") - {"on_failure"} | listed_keys("qcos_upload_tree")
        self.assertEqual(self.keys(types.UploadTreeOptions), tree)
        tree = listed_keys("qcos_copy_with") - {"version_id"}
        tree |= {"include", "exclude", "compare", "dry_run"}
        self.assertEqual(self.keys(types.CopyTreeOptions), tree)
        request = listed_keys("qcos_request") - {"method"}
        self.assertEqual(self.keys(types.RequestOptions), request)

    def test_words_are_the_headers(self):
        methods = typing.get_args(types.Method)
        self.assertIn(", ".join(f'"{name}"' for name in methods[:-1]), manual("qcos_request"))
        patterns = typing.get_args(types.Pattern)
        self.assertEqual(patterns, tuple(re.findall(r'"(eList\w+)"', manual("qcos_list"))[:3]))


    def test_the_keys_of_an_event_are_the_headers(self):
        listed = manual("qcos_client_trace").split("Keys of an event", 1)[1]
        listed = listed.split("Requests to the metadata", 1)[0]
        self.assertEqual(self.keys(types.TraceEvent), set(re.findall(r"`(\w+)`", listed)))


class Replies(Case):
    def test_nearly_every_method_is_checked(self):
        exports = (REPOSITORY / "tests" / "exports.txt").read_text().split()
        others = "list_all list_versions download_buffer open".split()
        calls = {name[len("qcos_") :] for name in exports if hasattr(libqcos.Client, name[5:])}
        self.assertGreater(len(calls), 35)
        self.assertEqual(calls - set(typed.CHECKED) - set(others), set())

    def test_a_reply_of_another_type_is_noticed(self):
        info = {"name": "a", "filesize": 1, "filelen": 1, "custom_headers": {"x": "y"}}
        self.assertIsNone(typed.differs(info, types.FileInfo))
        listed = {"infos": [info], "has_more": True}
        self.assertIsNone(typed.differs(listed, types.ListPage))
        for wrong in (
            {**info, "unknown": 1},
            {**info, "filesize": "1"},
            {**info, "custom_headers": {"x": 1}},
            {**info, "name": None},
        ):
            self.assertIsNotNone(typed.differs(wrong, types.FileInfo))
            self.assertIsNotNone(typed.differs({**listed, "infos": [wrong]}, types.ListPage))
        self.assertIsNotNone(typed.differs({"url": "", "verified": "no"}, types.Uploaded))
