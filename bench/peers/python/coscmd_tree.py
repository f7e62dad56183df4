"""coscmd, the vendor's command-line tool, as a peer: a tree is brought to the bucket or from it, measured. Run in this process,
so that the start of Python does not count, nor does the second that its main program sleeps.

    coscmd_tree.py upload_tree|download_tree url=URL key=KEY file=FOLDER [threads=N] [skipmd5=1]

Without threads, its own default of 5. `upload -rs` and `download -rs` look at each object before it is moved; with
--skipmd5 they go by the size.
"""
import logging
import os
import socket
import sys
import tempfile
from urllib.parse import urlsplit

import measure
from coscmd import cos_cmd

CONFIG = """[common]
secret_id = TESTSECRETID0000000000000000000000000
secret_key = TESTSECRETKEYDONOTUSE0000000000
bucket = testbucket-10000001
region = ap-guangzhou
schema = http
max_thread = %s
part_size = 1
retry = 5
timeout = 60
verify = md5
anonymous = False
"""


def main() -> None:
    operation, chosen = sys.argv[1], measure.options()
    if operation not in ("upload_tree", "download_tree"):
        sys.exit("unknown operation")
    where = urlsplit(chosen["url"])
    look_up = socket.getaddrinfo
    # The bucket's real host, at an address of this machine.
    socket.getaddrinfo = lambda _host, _port, *more, **named: look_up(
        where.hostname, where.port, *more, **named)
    with tempfile.TemporaryDirectory() as folder:
        config, log = os.path.join(folder, "config"), os.path.join(folder, "log")
        with open(config, "w", encoding="ascii") as file:
            file.write(CONFIG % chosen.get("threads", "5"))
        sys.argv = ["coscmd", "-s", "-c", config, "-l", log, operation.replace("_tree", ""), "-rs"]
        sys.argv += ["--skipmd5"] if "skipmd5" in chosen else []
        places = [chosen["file"], "/" + chosen["key"]]
        sys.argv += places if operation == "upload_tree" else places[::-1]
        measure.measure(cos_cmd.command_thread)
        logging.shutdown()
        if cos_cmd.res != 0:
            with open(log, encoding="utf-8") as file:
                sys.exit("coscmd: %s: %s" % (cos_cmd.res, file.read()[-2000:]))


main()
