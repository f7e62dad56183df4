"""Who takes part, and with which command each does the same work. Peers come with their defaults and
with the fastest settings that their documentation names."""
import json
from dataclasses import dataclass
from typing import Callable, List, Tuple

from .places import BIN, NODE_SDK, PEERS, PYTHON
from .services import HOST

# What "tuned" means for everybody who sends parts: as many at once, of as many MiB. More than the
# examples in the SDKs' manuals (10 at once), and large enough that a part takes longer than its answer.
TUNED_PARALLEL = 16
TUNED_PART_MIB = 8
# libcurl's own limits for its buffers.
UPLOAD_BUFFER_MAX = 2 << 20
BUFFER_MAX = 512 << 10


@dataclass(frozen=True)
class Job:
    """What is to be done: at which service, with which object and file."""
    url: str
    port: str
    key: str
    file: str
    calls: int = 0
    # What vouches for the service, where it speaks TLS.
    ca: str = ""
    # How many files a tree has, for whoever lists nothing.
    files: int = 0


# A job as a report shows it, for the reader's shell.
SHOWN = Job("$URL", "$PORT", "$KEY", "$FILE", ca="$CA")

Command = Callable[[Job], List[str]]


@dataclass(frozen=True)
class Contender:
    name: str
    label: str
    tool: str
    command: Command
    # Where the object is afterwards, as the service names it.
    path: str = "/%s"
    official: bool = False
    tuned: bool = False


def qcos(operation: str, **options: object) -> Command:
    def command(job: Job) -> List[str]:
        asked = dict(options, endpoint=job.url)
        if asked.get("api") == "xml":
            asked["region"] = "ap-guangzhou"
        if job.ca:
            asked["tls_ca"] = job.ca
        words = [BIN + "/libqcos", operation, "key=" + job.key,
                 "options=" + json.dumps(asked, sort_keys=True, separators=(",", ":"))]
        return words + (["file=" + job.file] if job.file else []) + _calls(job)
    return command


def _calls(job: Job) -> List[str]:
    return ["calls=%d" % job.calls] if job.calls else []


def curl(operation: str, *more: str) -> Command:
    return lambda job: [BIN + "/libcurl", operation, "url=%s/%s" % (job.url, job.key),
                        "file=" + job.file] + list(more) + (["ca=" + job.ca] if job.ca else []) + _calls(job)


def peer(program: List[str], operation: str, *more: str) -> Command:
    def command(job: Job) -> List[str]:
        words = program + [operation, "url=" + job.url, "key=" + job.key]
        words += ["file=" + job.file] if job.file else []
        return words + (["ca=" + job.ca] if job.ca else []) + list(more) + _calls(job)
    return command


# What libqcos does by itself, as qcos.h says; the memory that it may take depends on it.
DEFAULT_PARALLEL = 8

TUNED = ("threads=%d" % TUNED_PARALLEL, "part=%d" % TUNED_PART_MIB)
SDKS: Tuple[Tuple[str, str, str, List[str]], ...] = (
    ("python", "Python SDK", "python", [PYTHON, PEERS + "/python/sdk.py"]),
    ("go", "Go SDK", "go", [BIN + "/go-sdk"]),
    ("node", "Node SDK", "node", ["node", NODE_SDK]),
)
FORM = [PYTHON, PEERS + "/python/form.py"]
OPENDAL = ["target/bench/opendal/release/opendal-peer"]
JSON_PATH = "/files/v1/10000001/testbucket/%s"
WIDE = {"parallel": TUNED_PARALLEL, "slice_size": TUNED_PART_MIB << 20}


def curl_upload(job: Job) -> List[str]:
    return ["curl", "-sS", "-f", "-o", "/dev/null", "-w", '{"seconds": %{time_total}}', "-T", job.file,
            "%s/%s" % (job.url, job.key)] + (["--cacert", job.ca] if job.ca else [])


def curl_download(job: Job) -> List[str]:
    return ["curl", "-sS", "-f", "-o", job.file, "-w", '{"seconds": %{time_total}}',
            "%s/%s" % (job.url, job.key)]


def curl_download_checked(job: Job) -> List[str]:
    """The clock runs until the hash is there, which is what a careful script waits for."""
    script = 'curl -sSf -o "$1" "$2" && test "$(stat -c %s "$1")" -gt 0 && openssl dgst -sha1 "$1" >&2'
    return ["sh", "-c", script, "sh", job.file, "%s/%s" % (job.url, job.key)]


def official_sdks(operation: str) -> List[Contender]:
    """Each with its defaults, and tuned."""
    return [
        Contender(name + more, label + suffix, tool, peer(program, operation, *settings), official=True,
                  tuned=bool(settings))
        for name, label, tool, program in SDKS
        for more, suffix, settings in (("", "", ()), ("-tuned", ", 16 x 8 MiB", TUNED))
    ]


UPLOADS = [
    Contender("raw-1", "bare sockets, 1 connection", "raw", lambda job: [
        BIN + "/raw", "send", "port=" + job.port, "path=/" + job.key, "file=" + job.file]),
    Contender("raw-4", "bare sockets, 4 connections", "raw", lambda job: [
        BIN + "/raw", "send", "port=" + job.port, "path=/" + job.key, "file=" + job.file,
        "connections=4"]),
    Contender("curl-mime", "libcurl, form", "libcurl", curl("mime")),
    Contender("curl-mime-tuned", "libcurl, form, 2 MiB buffer", "libcurl",
              curl("mime", "buffer=%d" % UPLOAD_BUFFER_MAX), tuned=True),
    Contender("curl-put", "libcurl, PUT", "libcurl", curl("put")),
    Contender("curl-put-tuned", "libcurl, PUT, 2 MiB buffer", "libcurl",
              curl("put", "buffer=%d" % UPLOAD_BUFFER_MAX), tuned=True),
    Contender("curl", "curl -T", "curl", curl_upload),
    Contender("qcos-xml-1", "libqcos, XML API, parallel 1", "libqcos",
              qcos("upload", api="xml", parallel=1)),
    Contender("qcos-xml", "libqcos, XML API", "libqcos", qcos("upload", api="xml")),
    Contender("qcos-xml-tuned", "libqcos, XML API, parallel 16", "libqcos",
              qcos("upload", api="xml", **WIDE), tuned=True),
    Contender("qcos-json", "libqcos, JSON API, slices", "libqcos", qcos("upload_slice"),
              path=JSON_PATH),
    Contender("qcos-json-tuned", "libqcos, JSON API, 3 MiB slices", "libqcos",
              qcos("upload_slice", slice_size=3 << 20), path=JSON_PATH, tuned=True),
    Contender("requests", "requests + hashlib, slices", "python", peer(FORM, "slices"), path=JSON_PATH),
    Contender("requests-tuned", "requests + hashlib, PUT", "python", peer(FORM, "put"), tuned=True),
    Contender("opendal", "OpenDAL", "opendal", peer(OPENDAL, "upload")),
    Contender("opendal-tuned", "OpenDAL, 16 at once", "opendal",
              peer(OPENDAL, "upload", "concurrent=%d" % TUNED_PARALLEL), tuned=True),
] + official_sdks("upload")

# Only for its memory.
JSON_SERIAL = Contender("qcos-json-1", "libqcos, JSON API, slices, parallel 1", "libqcos",
                        qcos("upload_slice", parallel=1), path=JSON_PATH)

# Those that can be told whom to trust, and need not resolve a bucket's name for it.
TRUSTING = [c for c in UPLOADS if c.tool in ("libqcos", "libcurl", "curl")]

# Those that a service takes which verifies signatures.
SIGNING = [c for c in UPLOADS if c.tool in ("libqcos", "python", "go", "node")
           and not c.name.startswith("requests")]

DOWNLOADS = [
    Contender("curl", "curl -o", "curl", curl_download),
    Contender("curl-checked", "curl -o, then openssl dgst -sha1", "curl", curl_download_checked),
    Contender("libcurl", "libcurl", "libcurl", curl("download")),
    Contender("libcurl-tuned", "libcurl, 512 KiB buffer", "libcurl",
              curl("download", "buffer=%d" % BUFFER_MAX), tuned=True),
    Contender("qcos-1", "libqcos, parallel 1", "libqcos", qcos("download", api="xml", parallel=1)),
    Contender("qcos", "libqcos", "libqcos", qcos("download", api="xml")),
    Contender("opendal", "OpenDAL", "opendal", peer(OPENDAL, "download")),
    Contender("opendal-tuned", "OpenDAL, 16 at once", "opendal",
              peer(OPENDAL, "download", "concurrent=%d" % TUNED_PARALLEL), tuned=True),
] + official_sdks("download")


def signed_by_libcurl(operation: str) -> Command:
    def command(job: Job) -> List[str]:
        url = "%s/%s" % (job.url, job.key)
        host = HOST
        if operation == "json_stat":
            url, host = job.url + JSON_PATH % job.key + "?op=stat", job.url.replace("http://", "")
        return [BIN + "/libcurl", operation, "url=" + url, "path=/" + job.key, "host=" + host] + _calls(job)
    return command


SMALL = [
    Contender("libcurl", "libcurl, signed HEAD", "libcurl", signed_by_libcurl("head")),
    Contender("qcos", "libqcos, XML API", "libqcos", qcos("stat", api="xml")),
    Contender("libcurl-json", "libcurl, signed GET of the JSON API", "libcurl",
              signed_by_libcurl("json_stat")),
    Contender("qcos-json", "libqcos, JSON API", "libqcos", qcos("stat")),
    Contender("opendal", "OpenDAL", "opendal", peer(OPENDAL, "stat")),
] + [Contender(name, label, tool, peer(program, "stat"), official=True)
     for name, label, tool, program in SDKS]

def small_objects(operation: str, is_tls: bool) -> List[Contender]:
    """The same object again and again, over one connection that is kept. OpenDAL's peer is built without TLS."""
    buffer = UPLOAD_BUFFER_MAX if operation == "puts" else BUFFER_MAX
    all_of_them = [
        Contender("libcurl", "libcurl", "libcurl", curl(operation)),
        Contender("libcurl-tuned", "libcurl, %d KiB buffer" % (buffer >> 10), "libcurl",
                  curl(operation, "buffer=%d" % buffer), tuned=True),
        Contender("qcos", "libqcos, XML API", "libqcos", qcos(operation, api="xml", overwrite=True)),
        Contender("opendal", "OpenDAL", "opendal", peer(OPENDAL, operation)),
        Contender("python", "Python SDK", "python", peer([PYTHON, PEERS + "/python/sdk.py"], operation),
                  official=True),
    ]
    return [one for one in all_of_them if not (is_tls and one.tool == "opendal")]


RANGES = [
    Contender("libcurl", "libcurl, signed GET of a range", "libcurl", signed_by_libcurl("range")),
    Contender("qcos", "libqcos, XML API", "libqcos", qcos("range", api="xml")),
]

DERIVED = [Contender("qcos", "libqcos, opened and closed", "libqcos", qcos("derive", api="xml"))]

# From and to the same file, by its name and through callbacks.
STREAM_UPLOADS = [
    Contender("qcos", "libqcos, file", "libqcos", qcos("upload", api="xml")),
    Contender("qcos-stream", "libqcos, stream", "libqcos", qcos("upload_stream", api="xml")),
    Contender("opendal", "OpenDAL", "opendal", peer(OPENDAL, "upload")),
]
STREAM_DOWNLOADS = [
    Contender("qcos", "libqcos, file", "libqcos", qcos("download", api="xml")),
    Contender("qcos-stream", "libqcos, stream", "libqcos", qcos("download_stream", api="xml")),
    Contender("opendal", "OpenDAL", "opendal", peer(OPENDAL, "download")),
]

# Peers that send and fetch the files of a tree one by one, so many at once.
TREE_THREADS = (8, 32)
# What libqcos has at most.
CONNECTIONS = (32, 64)


def trees(operation: str) -> List[Contender]:
    return [
        Contender("qcos", "libqcos", "libqcos", qcos(operation, api="xml")),
        Contender("qcos-32", "libqcos, parallel 32", "libqcos", qcos(operation, api="xml", parallel=32), tuned=True),
    ] + [Contender("multi-%d" % threads, "libcurl, %d at once, no list" % threads, "libcurl",
                   lambda job, threads=threads: curl(operation, "threads=%d" % threads, "files=%d" % job.files)(job))
         for threads in CONNECTIONS] + [
        Contender("python", "Python SDK, 32 threads", "python",
                  peer([PYTHON, PEERS + "/python/sdk.py"], operation, "threads=32", "part=1"), official=True),
        Contender("opendal", "OpenDAL, 32 at once", "opendal", peer(OPENDAL, operation, "concurrent=32")),
    ] + [Contender("go-%d" % threads, "Go SDK, %d goroutines" % threads, "go",
                   peer([BIN + "/go-sdk"], operation, "threads=%d" % threads), official=True)
         for threads in TREE_THREADS]


COSCMD = [PYTHON, PEERS + "/python/coscmd_tree.py"]


def coscmd(operation: str = "upload_tree") -> List[Contender]:
    """The vendor's command-line tool: it compares by the MD5 that it keeps with each object, or by sizes alone."""
    return [Contender("coscmd", "coscmd", "python", peer(COSCMD, operation), official=True),
            Contender("coscmd-tuned", "coscmd, 32 threads, --skipmd5", "python",
                      peer(COSCMD, operation, "threads=32", "skipmd5=1"), official=True, tuned=True)]


def remembering(operation: str = "upload_tree") -> List[Contender]:
    """With an index of what is the same, in a folder beside the tree."""
    def command(job: Job) -> List[str]:
        return qcos(operation, api="xml", checkpoint_dir=job.file + "-index")(job)

    return [Contender("qcos-index", "libqcos, checkpoint_dir", "libqcos", command, tuned=True)]


# What is found by itself on a narrow line, beside each number that might be best there.
FIXED_PARALLEL = (2, 4, 8, 16, 32)


def fixed(operation: str) -> List[Contender]:
    return [Contender("qcos", "libqcos", "libqcos", qcos(operation, api="xml"))] + [
        Contender("qcos-%d" % number, "libqcos, parallel %d" % number, "libqcos",
                  qcos(operation, api="xml", parallel=number), tuned=True) for number in FIXED_PARALLEL]


def many(operation: str) -> List[Contender]:
    return [Contender("qcos", "libqcos", "libqcos", qcos(operation, api="xml")),
            Contender("go", "Go SDK", "go", peer([BIN + "/go-sdk"], operation), official=True),
            Contender("python", "Python SDK", "python",
                      peer([PYTHON, PEERS + "/python/sdk.py"], operation), official=True)]


THREADS = [Contender("qcos", "libqcos, 1000 threads", "libqcos", qcos("threads", api="xml"))]

# What needs nothing beyond what the tests install.
QUICK_TOOLS = ("libqcos", "curl")


def shown(command: List[str]) -> str:
    """For a shell that knows $URL, $PORT, $KEY and $FILE."""
    plain = set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./=:,@+$")
    words = []
    for word in command:
        if set(word) <= plain:
            words.append(word)
        elif "$1" in word:
            words.append("'%s'" % word)
        else:
            words.append('"%s"' % word.replace("\\", "\\\\").replace('"', '\\"'))
    return " ".join(words)
