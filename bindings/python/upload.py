"""Uploads a file in slices with a progress bar (pip install tqdm). Ctrl-C stops it and prints the
session; the same command with that session goes on where it stopped.

    upload.py FILE BUCKET DSTPATH [SESSION]

Whose account and which service: QCOS_APPID, QCOS_SECRET_ID, QCOS_SECRET_KEY and QCOS_OPTIONS in the
environment, as for quickstart.py.
"""

import json
import os
import sys

from tqdm import tqdm

import libqcos


def upload(client, file, bucket, dstpath, session):
    with tqdm(desc=os.path.basename(file), unit="B", unit_scale=True, unit_divisor=1024) as bar:

        def progress(done, total):
            bar.total = total
            bar.update(done - bar.n)

        return client.upload_slice(file, bucket, dstpath, session=session, progress=progress)


def main():
    if not 4 <= len(sys.argv) <= 5:
        sys.exit(f"usage: {sys.argv[0]} FILE BUCKET DSTPATH [SESSION]")
    file, bucket, dstpath, session = (sys.argv[1:] + [None])[:4]
    account = (os.environ.get(f"QCOS_{name}") for name in ("APPID", "SECRET_ID", "SECRET_KEY"))
    options = json.loads(os.environ.get("QCOS_OPTIONS") or "{}")
    with libqcos.Client(*account, **options) as client:
        print("access_url:", upload(client, file, bucket, dstpath, session)["access_url"])


def give_up(error):
    print("failed:", error)
    if isinstance(error, libqcos.QcosError) and "session" in error.data:
        print("to go on, add this session:", error.data["session"])
    sys.exit(1)


try:
    main()
except libqcos.QcosError as error:
    give_up(error)
except KeyboardInterrupt as stop:
    # Ctrl-C was raised in `progress`; the upload that it cancelled is the context.
    give_up(stop.__context__ or "interrupted")
