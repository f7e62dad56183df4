"""What a program of somebody else's looks like. Its argument: the client's options."""

import json
import sys

import libqcos

account = ("10000001", "TESTSECRETID0000000000000000000000000", "TESTSECRETKEYDONOTUSE0000000000")
with libqcos.Client(*account, **json.loads(sys.argv[1])) as client:
    client.upload_buffer(b"hello", "bucket", "greeting")
    print(libqcos.library_version(), 0)
