"""requests with hashlib as a peer: what a Python program of a few lines does.

    form.py slices url=URL key=KEY file=FILE [slice=BYTES]   the JSON API: SHA-1 first, then slices
    form.py put url=URL key=KEY file=FILE                    the XML API: SHA-1 first, then one PUT
"""
import hashlib
import os
import sys
from typing import Dict

import measure
import requests

BLOCK = 1 << 20


def sha1(path: str) -> str:
    digest = hashlib.sha1()
    with open(path, "rb") as file:
        for block in iter(lambda: file.read(BLOCK), b""):
            digest.update(block)
    return digest.hexdigest()


def slices(session: requests.Session, chosen: Dict[str, str]) -> None:
    path, size = chosen["file"], int(chosen.get("slice", "524288"))
    url = "%s/files/v1/10000001/testbucket/%s" % (chosen["url"], chosen["key"])

    def post(fields: Dict[str, object]) -> Dict[str, object]:
        reply = session.post(url, files={name: (None, value) for name, value in fields.items()})
        reply.raise_for_status()
        said = reply.json()
        assert said["code"] == 0, said
        return said["data"]

    told = post({"op": "upload_slice", "filesize": str(os.path.getsize(path)), "sha": sha1(path),
                 "slice_size": str(size)})
    with open(path, "rb") as file:
        for offset in range(0, os.path.getsize(path), size):
            content = file.read(size)
            done = post({"op": "upload_slice", "session": told["session"], "offset": str(offset),
                         "sha": hashlib.sha1(content).hexdigest(), "filecontent": content})
    assert "access_url" in done, done


def put(session: requests.Session, chosen: Dict[str, str]) -> None:
    with open(chosen["file"], "rb") as file:
        headers = {"x-cos-meta-sha1": sha1(chosen["file"])}
        session.put("%s/%s" % (chosen["url"], chosen["key"]), data=file,
                    headers=headers).raise_for_status()


def main() -> None:
    operations = {"slices": slices, "put": put}
    operation = operations[sys.argv[1]]
    session = requests.Session()
    measure.measure(lambda: operation(session, measure.options()))


main()
