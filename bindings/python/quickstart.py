"""Uploads a file (in slices above 8 MiB), looks at it, lists its folder, downloads it, and deletes
it again.

    QCOS_APPID=... QCOS_SECRET_ID=... QCOS_SECRET_KEY=... QCOS_OPTIONS=... quickstart.py FILE BUCKET

QCOS_OPTIONS is JSON, such as {"region":"ap-guangzhou"}; qcos.h lists them.
"""

import json
import os
import sys
import tempfile

import libqcos


def progress(done, total):
    """Called while the upload goes on; returning libqcos.CANCEL would cancel it."""
    share = 100 * done / total if total else 100
    print(f"\r{share:3.0f} %", end="\n" if done == total else "", file=sys.stderr, flush=True)


def show(call, data):
    print(f"{call:8} {json.dumps(data, ensure_ascii=False)}")


def main():
    if len(sys.argv) != 3:
        sys.exit(f"usage: {sys.argv[0]} FILE BUCKET")
    file, bucket = sys.argv[1:]
    path = "quickstart/file"
    account = (os.environ.get(f"QCOS_{name}") for name in ("APPID", "SECRET_ID", "SECRET_KEY"))
    options = json.loads(os.environ.get("QCOS_OPTIONS") or "{}")
    with libqcos.Client(*account, **options) as client, tempfile.TemporaryDirectory() as folder:
        show("upload", client.upload(file, bucket, path, "from quickstart.py", progress=progress))
        show("stat", client.stat_file(bucket, path))
        show("list", client.list(bucket, "quickstart"))
        show("download", client.download(bucket, path, os.path.join(folder, "file")))
        show("delete", client.delete_file(bucket, path))


try:
    main()
except libqcos.QcosError as error:
    sys.exit(str(error))
