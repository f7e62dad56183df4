"""What the peers talk to: the sink, which swallows bodies, and the emulator, which keeps them."""
import hashlib
import hmac
import json
import os
import shutil
import ssl
import subprocess
import tempfile
import time
import urllib.request
from typing import Dict, List, Optional, Sequence, Tuple, TypeVar

from . import tools
from .places import BUILT, here

HOST = "testbucket-10000001.cos.ap-guangzhou.myqcloud.com"
SECRET_ID = "TESTSECRETID0000000000000000000000000"
SECRET_KEY = "TESTSECRETKEYDONOTUSE0000000000"

# Size and CRC64, as decimal text: what a service holds, or should.
Content = Tuple[int, str]

Self = TypeVar("Self", bound="Service")


class Answer:
    def __init__(self, body: bytes, headers: Dict[str, str]) -> None:
        self.body = body
        self.headers = headers


class Certificate:
    """One that vouches for localhost, and for itself."""

    def __init__(self, folder: str) -> None:
        self.path, self.key = os.path.join(folder, "certificate.pem"), os.path.join(folder, "key.pem")
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
             "-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1",
             "-addext", "basicConstraints=critical,CA:FALSE", "-keyout", self.key, "-out", self.path],
            check=True, stderr=subprocess.DEVNULL)


class Service:
    """A program that says where it listens, for as long as it is needed."""

    def __init__(self, command: List[str], certificate: Optional[str] = None) -> None:
        # Certificates are for names.
        self.trust = ssl.create_default_context(cafile=certificate) if certificate else None
        self.process = subprocess.Popen(command, cwd=here("."), stdout=subprocess.PIPE,
                                        universal_newlines=True)
        assert self.process.stdout is not None
        said = self.process.stdout.readline()
        if "http" not in said:
            raise RuntimeError("%s does not start: %s" % (command[0], said))
        self.url = said[said.index("http"):].split()[0].rstrip("/")
        if certificate:
            self.url = self.url.replace("127.0.0.1", "localhost")
        self.port = self.url.rsplit(":", 1)[1]

    def __enter__(self: Self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.terminate()
        self.process.wait()

    def ask(self, method: str, path: str, headers: Optional[Dict[str, str]] = None) -> Answer:
        request = urllib.request.Request(self.url + path, method=method, headers=headers or {})
        with urllib.request.urlopen(request, context=self.trust) as reply:
            return Answer(reply.read(), {name.lower(): value for name, value in reply.headers.items()})


class Sink(Service):
    def __init__(self, rtt_ms: int = 0, quick: bool = False, core: Optional[int] = None,
                 certificate: Optional["Certificate"] = None, line: Sequence[str] = ()) -> None:
        """`line`: what else the sink is told of the line and the service, as its --help says."""
        program = "%s/sink/%s/cos-sink" % (BUILT, "debug" if quick else "release")
        pinned = [] if core is None else ["taskset", "-c", str(core)]
        tls = ["--tls", certificate.path, certificate.key] if certificate else []
        super().__init__(pinned + [program, "--rtt-ms", str(rtt_ms)] + list(line) + tls,
                         certificate.path if certificate else None)

    def content(self, path: str) -> Optional[Content]:
        for held in json.loads(self.ask("GET", "/_sink/objects").body):
            if held["path"] == path:
                return held["size"], held["crc64"]
        return None

    def held_below(self, path: str) -> List[Content]:
        objects = json.loads(self.ask("GET", "/_sink/objects").body)
        return [(held["size"], held["crc64"]) for held in objects if held["path"].startswith(path)]

    def generate(self, key: str, size: int, count: int = 0) -> Content:
        """An object; or `count` of them below the key."""
        asked = "/_sink/generate?path=/%s&size=%d" % (key, size) + ("&count=%d" % count if count else "")
        told = json.loads(self.ask("POST", asked).body)
        return told["size"], told["crc64"]

    def forget(self, _: str) -> None:
        self.ask("POST", "/_sink/clear")

    def forget_requests(self) -> None:
        """How many there were; what it holds stays."""
        self.ask("POST", "/_sink/forget_requests")

    def refused(self) -> Dict[str, float]:
        """How many requests there were since it was made to forget, and how many it has refused."""
        told: Dict[str, float] = json.loads(self.ask("GET", "/_sink/requests").body)
        return told


class Emulator(Service):
    """Its store is in memory, as the files are."""

    def __init__(self, folder: str) -> None:
        self.data = tempfile.mkdtemp(prefix="qcos-bench-", dir=folder)
        super().__init__([tools.release + "/qcos-emulator", "--data", self.data, "--listen",
                          "127.0.0.1:0", "--default-bucket", "testbucket"])

    def __exit__(self, *more: object) -> None:
        super().__exit__(*more)
        shutil.rmtree(self.data, ignore_errors=True)

    def content(self, path: str) -> Optional[Content]:
        headers = self.signed("HEAD", path).headers
        return int(headers["content-length"]), headers["x-cos-hash-crc64ecma"]

    def forget(self, path: str) -> None:
        """Else the JSON API need not be sent what is there already."""
        self.signed("DELETE", path)

    def signed(self, method: str, path: str) -> Answer:
        """By the XML API, also about what came by the other."""
        key = path.replace("/files/v1/10000001/testbucket/", "/")
        times = "%d;%d" % (time.time() - 60, time.time() + 60)
        asked = "%s\n%s\n\nhost=%s\n" % (method.lower(), key, HOST)
        digest = hashlib.sha1(asked.encode()).hexdigest()
        signature = _hmac(_hmac(SECRET_KEY, times), "sha1\n%s\n%s\n" % (times, digest))
        return self.ask(method, key, {"Host": HOST, "Authorization": (
            "q-sign-algorithm=sha1&q-ak=%s&q-sign-time=%s&q-key-time=%s&q-header-list=host"
            "&q-url-param-list=&q-signature=%s" % (SECRET_ID, times, times, signature))})


def _hmac(key: str, text: str) -> str:
    return hmac.new(key.encode(), text.encode(), hashlib.sha1).hexdigest()


def made_tree(folder: str, files: int, size: int) -> str:
    """So many files of that size, a hundred in each of its folders."""
    root = os.path.join(folder, "tree-%d-%d" % (files, size))
    for number in range(0 if os.path.isdir(root) else files):
        inner = os.path.join(root, "%02d" % (number // 100))
        os.makedirs(inner, exist_ok=True)
        with open(os.path.join(inner, "%04d" % number), "wb") as file:
            file.write(os.urandom(size))
    return root


def made_file(folder: str, size: int, sparse: bool = False) -> str:
    """A file of that size in memory: of noise, or of nothing but holes."""
    path = os.path.join(folder, "%s-%d" % ("sparse" if sparse else "file", size))
    if os.path.exists(path):
        return path
    with open(path, "wb") as file:
        if sparse:
            file.truncate(size)
        for start in range(0, 0 if sparse else size, 1 << 20):
            file.write(os.urandom(min(1 << 20, size - start)))
    return path
