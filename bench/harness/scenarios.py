"""What is measured: each scenario makes rows, a contender's samples in a case."""
import hashlib
import os
import shutil
import tempfile
from dataclasses import dataclass
from typing import Callable, Dict, List, Union

from . import contenders, rounds, services, tools
from .contenders import Contender, Job
from .places import BIN
from .rounds import Row, Void
from .services import Content, Emulator, Sink

MIB = 1 << 20
GIB = 1 << 30
# Files are in memory: it is the clients that are measured, not a disk.
MEMORY = "/dev/shm"


@dataclass
class Plan:
    """How a scenario is to be run."""
    rounds: int
    quick: bool
    folder: str

    def those(self, everybody: List[Contender]) -> List[Contender]:
        if not self.quick:
            return everybody
        return [one for one in everybody if one.tool in contenders.QUICK_TOOLS]


def size_name(size: int) -> str:
    return "%d GiB" % (size // GIB) if size >= GIB else "%d MiB" % (size // MIB)


def uploads(plan: Plan, service: Union[Sink, Emulator], case: str, who: List[Contender], size: int,
            times: int, sparse: bool = False, ca: str = "") -> List[Row]:
    """A file of that size to the service, which must hold just that in the end."""
    file = services.made_file(plan.folder, size, sparse)
    with open(file, "rb") as content:
        while content.read(MIB):
            pass
    wanted = expected(plan, file)

    def check(contender: Contender, job: Job) -> None:
        path = contender.path % job.key
        held = service.content(path)
        if held != wanted:
            raise Void("%s left %s at %s, not %s" % (contender.label, held, path, wanted))
        service.forget(path)

    def job(_: Contender, key: str) -> Job:
        return Job(service.url, service.port, key, file, ca=ca)

    return of_size(size, rounds.run(case, who, times, job, check))


def of_size(size: int, rows: List[Row]) -> List[Row]:
    for row in rows:
        row["bytes"] = size
    return rows


def expected(plan: Plan, file: str) -> Content:
    """A file's size and CRC64, by a plain PUT of it; a sink is the only one here that computes it fast."""
    with Sink(quick=plan.quick) as sink:
        rounds.run_once(["curl", "-sS", "-f", "-T", file, sink.url + "/expected", "-o", "/dev/null"])
        content = sink.content("/expected")
    if content is None or content[0] != os.path.getsize(file):
        raise Void("the sink counts wrongly: %s of %d bytes" % (content, os.path.getsize(file)))
    return content


def sizes(plan: Plan) -> List[Row]:
    rows = []
    everybody = plan.those(contenders.UPLOADS)
    with Sink(quick=plan.quick) as sink:
        for size in [MIB, 9 * MIB] if plan.quick else [MIB, 16 * MIB, 256 * MIB, GIB]:
            # Short ones vary more.
            times = plan.rounds * (3 if size <= 16 * MIB and not plan.quick else 1)
            rows += uploads(plan, sink, size_name(size), everybody, size, times)
    if not plan.quick:
        sha1 = Contender("sha1", "SHA-1 alone, out of the cache (OpenSSL)", "raw",
                         lambda _: [BIN + "/raw", "hash", "bytes=%d" % GIB])
        hashed = rounds.run(size_name(GIB), [sha1], plan.rounds, lambda _, key: Job("", "", key, ""),
                            lambda *_: None)
        rows += of_size(GIB, hashed)
    return rows


def emulator(plan: Plan) -> List[Row]:
    size = 9 * MIB if plan.quick else 256 * MIB
    with Emulator(plan.folder) as service:
        return uploads(plan, service, size_name(size), plan.those(contenders.SIGNING), size, plan.rounds)


def round_trips(plan: Plan) -> List[Row]:
    rows = []
    skipped = ("raw-1", "curl-mime", "curl-mime-tuned", "qcos-json-tuned", "requests")
    everybody = [one for one in plan.those(contenders.UPLOADS) if one.name not in skipped]
    size = 9 * MIB if plan.quick else GIB
    for rtt in [20] if plan.quick else [1, 20, 80]:
        # The slowest take minutes at 80 ms, and vary little: they wait.
        times = min(plan.rounds, 3) if rtt == 80 else plan.rounds
        with Sink(rtt, plan.quick) as sink:
            rows += uploads(plan, sink, "%d ms" % rtt, everybody, size, times)
    return rows


def tls(plan: Plan) -> List[Row]:
    """TLS 1.3 with an elliptic-curve certificate. The sink decrypts, which costs as much as encrypting."""
    certificate = services.Certificate(plan.folder)
    with Sink(certificate=certificate) as sink:
        return uploads(plan, sink, size_name(GIB), contenders.TRUSTING, GIB, plan.rounds,
                       ca=certificate.path)


def small_calls(plan: Plan) -> List[Row]:
    """Client and sink share a core, where no wake-up of another adds to the time; and then do not."""
    rows = []
    for case, core in (("one core", 0), ("not pinned", None)):
        with Sink(quick=plan.quick, core=core) as sink:
            sink.generate("small", 5)
            # So that the JSON API has it, too.
            sink.ask("POST", "/_sink/generate?path=%s&size=5" % (contenders.JSON_PATH % "small"))

            def job(contender: Contender, _: str) -> Job:
                few = 100 if plan.quick else 2000
                many = few if contender.tool not in ("libqcos", "libcurl") else few * 5
                return Job(sink.url, sink.port, "small", "", many)

            rows += rounds.run(case, plan.those(contenders.SMALL), plan.rounds, job, lambda *_: None, core)
    return rows


def small_objects(plan: Plan) -> List[Row]:
    """Objects of 1 KiB to 16 MiB, over http and under TLS, one after the other."""
    rows = []
    certificate = None if plan.quick else services.Certificate(plan.folder)
    for ca in [""] if certificate is None else ["", certificate.path]:
        with Sink(quick=plan.quick, certificate=certificate if ca else None) as sink:
            for size in [1 << 10, MIB] if plan.quick else [1 << 10, 64 << 10, MIB, 16 * MIB]:
                calls = 20 if plan.quick else max(50, min(2000, (256 * MIB) // size))
                name = "%d KiB" % (size >> 10) if size < MIB else size_name(size)
                case = "%s, %s, " % (name, "TLS" if ca else "http")
                file, target = services.made_file(plan.folder, size), os.path.join(plan.folder, "got")
                sink.generate("object", size)

                def up(_: Contender, key: str) -> Job:
                    return Job(sink.url, sink.port, key, file, calls, ca)

                def down(_: Contender, __: str) -> Job:
                    return Job(sink.url, sink.port, "object", target, calls, ca)

                def came(contender: Contender, _: Job) -> None:
                    if os.path.getsize(target) != size:
                        raise Void("%s has got %d bytes" % (contender.label, os.path.getsize(target)))
                    os.remove(target)

                def sent(contender: Contender, job: Job) -> None:
                    held = sink.content("/" + job.key)
                    if held is None or held[0] != size:
                        raise Void("%s left %s" % (contender.label, held))

                for way, operation, job, check in (("up", "puts", up, sent), ("down", "gets", down, came)):
                    who = plan.those(contenders.small_objects(operation, bool(ca)))
                    rows += of_size(size * calls, rounds.run(case + way, who, plan.rounds, job, check))
    return rows


def memory(plan: Plan) -> List[Row]:
    """Sparse files: their bytes cost nobody any memory but the client that holds them."""
    rows = []
    others = ("curl-put", "curl-put-tuned", "opendal", "opendal-tuned")
    everybody = plan.those([one for one in contenders.UPLOADS
                            if one.name in others or one in contenders.SIGNING])
    everybody.append(contenders.JSON_SERIAL)
    with Sink(quick=plan.quick) as sink:
        for size in [10 * MIB] if plan.quick else [10 * MIB, GIB, 5 * GIB]:
            rows += uploads(plan, sink, size_name(size), everybody, size, min(plan.rounds, 3), sparse=True)
    return rows


def downloads(plan: Plan) -> List[Row]:
    rows = []
    with Sink(quick=plan.quick) as sink:
        for size in [9 * MIB] if plan.quick else [10 * MIB, GIB]:
            rows += fetched(plan, sink, size_name(size), plan.those(contenders.DOWNLOADS), size, plan.rounds)
    return rows


def far_downloads(plan: Plan) -> List[Row]:
    rows = []
    everybody = [one for one in plan.those(contenders.DOWNLOADS) if one.name != "curl-checked"]
    size = 9 * MIB if plan.quick else GIB
    for rtt in [20] if plan.quick else [20, 80]:
        times = min(plan.rounds, 3) if rtt == 80 else plan.rounds
        with Sink(rtt, plan.quick) as sink:
            rows += fetched(plan, sink, "%d ms" % rtt, everybody, size, times)
    return rows


def fetched(plan: Plan, sink: Sink, case: str, who: List[Contender], size: int, times: int) -> List[Row]:
    """An object of that size into a file, which must be the same for everybody."""
    sink.generate("object", size)
    target = os.path.join(plan.folder, "download")
    hashes: Dict[str, str] = {}

    def job(_: Contender, __: str) -> Job:
        if os.path.exists(target):
            os.remove(target)
        return Job(sink.url, sink.port, "object", target)

    def check(contender: Contender, _: Job) -> None:
        hashes[contender.label] = sha1(target)
        if len(set(hashes.values())) != 1 or os.path.getsize(target) != size:
            raise Void("not everybody has got the same: %s" % hashes)

    rows = of_size(size, rounds.run(case, who, times, job, check))
    os.remove(target)
    return rows


def streams(plan: Plan) -> List[Row]:
    """The same bytes by a file's name and through callbacks, nearby and far away; 5 GiB for the memory that they take."""
    size, large = (9 * MIB, 20 * MIB) if plan.quick else (GIB, 5 * GIB)
    up, down = plan.those(contenders.STREAM_UPLOADS), plan.those(contenders.STREAM_DOWNLOADS)
    ours = [one for one in up if one.name == "qcos-stream"]
    with Sink(quick=plan.quick) as sink:
        rows = uploads(plan, sink, "upload of " + size_name(size), up, size, plan.rounds)
        rows += uploads(plan, sink, "upload of " + size_name(large), ours, large, 1, sparse=True)
        rows += fetched(plan, sink, "download of " + size_name(size), down, size, plan.rounds)
        if not plan.quick:
            # To nowhere: this machine's memory holds the files.
            sink.generate("object", large)
            nowhere = [one for one in down if one.name == "qcos-stream"]
            rows += of_size(large, rounds.run("download of " + size_name(large), nowhere, 1,
                                              lambda *_: Job(sink.url, sink.port, "object", "/dev/null"),
                                              lambda *_: None))
    far = 20 if plan.quick else 80
    ours_down = [one for one in down if one.name.startswith("qcos")]
    ours_up = [one for one in up if one.name.startswith("qcos")]
    with Sink(far, plan.quick) as sink:
        rows += uploads(plan, sink, "upload of %s, %d ms" % (size_name(size), far), ours_up, size, plan.rounds)
        rows += fetched(plan, sink, "download of %s, %d ms" % (size_name(size), far), ours_down, size, plan.rounds)
    return rows


def trees(plan: Plan) -> List[Row]:
    """A folder of small files up and down, and each once more when nothing has changed."""
    rows = []
    for files, size, name in [(50, 16 << 10, "16 KiB")] if plan.quick else [
            (2000, 16 << 10, "16 KiB"), (200, MIB, "1 MiB")]:
        root = services.made_tree(plan.folder, files, size)
        for rtt in [20] if plan.quick else [0, 20, 80]:
            case = "%d x %s, %d ms, " % (files, name, rtt)
            times = min(plan.rounds, 3) if rtt == 80 else plan.rounds
            with Sink(rtt, plan.quick) as sink:
                def check(contender: Contender, job: Job) -> None:
                    held_tree(sink, contender, job, files, size)

                def job(_: Contender, key: str) -> Job:
                    return Job(sink.url, sink.port, key, root)

                who = plan.those(contenders.trees("upload_tree") + contenders.coscmd())
                sent = rounds.run(case + "up", who, times, job, check)
                sent += again(plan, sink, case + "up again", root, times, check)
                rows += of_size(files * size, sent)
                sink.forget("")
                sink.generate("object", size, files)
                rows += fetched_trees(plan, sink, case + "down", files, size, times,
                                      plan.those(contenders.trees("download_tree") +
                                                 contenders.coscmd("download_tree")))
                rows += fetched_again(plan, sink, case + "down again", files, size, times)
    return rows


def again(plan: Plan, sink: Sink, case: str, root: str, times: int,
          check: Callable[[Contender, Job], None]) -> List[Row]:
    """Everybody has sent the tree before."""
    os.makedirs(root + "-index", exist_ok=True)
    ours = [one for one in contenders.trees("upload_tree") if one.name == "qcos"]
    who = plan.those(ours + contenders.remembering() + contenders.coscmd())

    def job(contender: Contender, _: str) -> Job:
        sink.forget_requests()
        return Job(sink.url, sink.port, "kept-" + contender.name, root)

    def counted(contender: Contender, work: Job) -> Dict[str, float]:
        requests = sink.refused()
        check(contender, work)
        return requests

    for contender in who:
        rounds.run_once(contender.command(job(contender, "")))
    return rounds.run(case, who, times, job, counted)


def fetched_again(plan: Plan, sink: Sink, case: str, files: int, size: int, times: int) -> List[Row]:
    """Everybody has fetched the tree before."""
    ours = [one for one in contenders.trees("download_tree") if one.name == "qcos"]
    who = plan.those(ours + contenders.remembering("download_tree") + contenders.coscmd("download_tree"))

    def job(contender: Contender, _: str) -> Job:
        sink.forget_requests()
        target = os.path.join(plan.folder, "kept-" + contender.name)
        os.makedirs(target + "-index", exist_ok=True)
        return Job(sink.url, sink.port, "object", target, files=files)

    def counted(contender: Contender, work: Job) -> Dict[str, float]:
        requests = sink.refused()
        has_tree(contender, work.file, files, size)
        return requests

    for contender in who:
        work = job(contender, "")
        os.makedirs(work.file, exist_ok=True)
        rounds.run_once(contender.command(work))
    rows = of_size(files * size, rounds.run(case, who, times, job, counted))
    for contender in who:
        shutil.rmtree(os.path.join(plan.folder, "kept-" + contender.name))
    return rows


def has_tree(contender: Contender, root: str, files: int, size: int) -> None:
    sizes = [os.path.getsize(os.path.join(folder, name)) for folder, _, names in os.walk(root) for name in names]
    if sizes != [size] * files:
        raise Void("%s has got %d of %d files" % (contender.label, len(sizes), files))


def fetched_trees(plan: Plan, sink: Sink, case: str, files: int, size: int, times: int,
                  who: List[Contender]) -> List[Row]:
    target = os.path.join(plan.folder, "fetched")

    def job(_: Contender, __: str) -> Job:
        shutil.rmtree(target, ignore_errors=True)
        os.mkdir(target)
        return Job(sink.url, sink.port, "object", target, files=files)

    def check(contender: Contender, work: Job) -> None:
        has_tree(contender, work.file, files, size)

    rows = rounds.run(case, who, times, job, check)
    shutil.rmtree(target)
    return of_size(files * size, rows)


# 100 Mbit/s far away, on which one packet in a thousand is lost.
NARROW = ["--slow-start", "--loss", "1000", "--cap", "12500000"]


def narrow(plan: Plan) -> List[Row]:
    """A large file and a tree of small ones, up and down; each by the number that finds itself, and by fixed ones."""
    rows = []
    size, files = (9 * MIB, 20) if plan.quick else (128 * MIB, 1000)
    each = 64 << 10
    root = services.made_tree(plan.folder, files, each)
    times = min(plan.rounds, 3)
    with Sink(80, plan.quick, line=NARROW) as sink:
        rows += uploads(plan, sink, size_name(size) + " up", contenders.fixed("upload"), size, times)
        rows += fetched(plan, sink, size_name(size) + " down", contenders.fixed("download"), size, times)
        sink.forget("")
        case = "%d x 64 KiB" % files
        tree = rounds.run(case + " up", contenders.fixed("upload_tree"), times,
                          lambda _, key: Job(sink.url, sink.port, key, root),
                          lambda contender, job: held_tree(sink, contender, job, files, each))
        rows += of_size(files * each, tree)
        sink.forget("")
        sink.generate("object", each, files)
        rows += fetched_trees(plan, sink, case + " down", files, each, times, contenders.fixed("download_tree"))
    return rows


def refused(plan: Plan) -> List[Row]:
    """A service that takes fifty requests a second."""
    files, rows = 100 if plan.quick else 2000, []
    root = services.made_tree(plan.folder, files, 16 << 10)
    for rtt in [20] if plan.quick else [0, 20, 80]:
        with Sink(rtt, plan.quick, line=["--requests-per-s", "50"]) as sink:
            def job(_: Contender, key: str) -> Job:
                # Each begins with all that may be asked for in a second.
                sink.forget("")
                return Job(sink.url, sink.port, key, root)

            def check(contender: Contender, job: Job) -> Dict[str, float]:
                held_tree(sink, contender, job, files, 16 << 10)
                return sink.refused()

            ours = contenders.fixed("upload_tree")
            who = [one for one in ours if one.name in ("qcos", "qcos-8")]
            case, times = "%d files, %d ms" % (files, rtt), min(plan.rounds, 3)
            rows += of_size(files * (16 << 10), rounds.run(case, who, times, job, check))

            def whole(_: Contender, __: str) -> Job:
                sink.forget("")
                sink.generate("object", 16 << 10, files)
                target = os.path.join(plan.folder, "fetched")
                shutil.rmtree(target, ignore_errors=True)
                os.mkdir(target)
                return Job(sink.url, sink.port, "object", target, files=files)

            def got(contender: Contender, work: Job) -> Dict[str, float]:
                has_tree(contender, work.file, files, 16 << 10)
                return sink.refused()

            if rtt == 20:
                who = [one for one in contenders.fixed("download_tree") if one.name in ("qcos", "qcos-8")]
                rows += of_size(files * (16 << 10), rounds.run(case + ", down", who, times, whole, got))
    return rows


def held_tree(sink: Sink, contender: Contender, job: Job, files: int, size: int) -> None:
    held = sink.held_below("/%s/" % job.key)
    if [each[0] for each in held] != [size] * files:
        raise Void("%s left %d of %d files" % (contender.label, len(held), files))


def many(plan: Plan) -> List[Row]:
    """A folder of many objects listed, and deleted."""
    count, rows = 2500 if plan.quick else 100_000, []
    for rtt in [0] if plan.quick else [0, 20]:
        with Sink(rtt, plan.quick) as sink:
            def job(_: Contender, __: str) -> Job:
                sink.generate("many", 5, count)
                return Job(sink.url, sink.port, "many", "")

            def gone(contender: Contender, _: Job) -> None:
                left = len(sink.held_below("/many/"))
                if left:
                    raise Void("%s left %d of %d objects" % (contender.label, left, count))

            case = "%d objects, %d ms, " % (count, rtt)
            rows += rounds.run(case + "listed", plan.those(contenders.many("list")), plan.rounds, job,
                               lambda *_: None)
            rows += rounds.run(case + "deleted", plan.those(contenders.many("delete_tree")), plan.rounds, job, gone)
    for row in rows:
        row["objects"] = count
    return rows


def ranges(plan: Plan) -> List[Row]:
    """64 KiB into memory, on a kept connection; and what a derived client costs."""
    with Sink(quick=plan.quick, core=0) as sink:
        sink.generate("object", 2 * MIB)

        def job(_: Contender, __: str) -> Job:
            return Job(sink.url, sink.port, "object", "", 100 if plan.quick else 10000)

        rows = rounds.run("64 KiB, one core", plan.those(contenders.RANGES), plan.rounds, job, lambda *_: None, 0)
        return rows + rounds.run("a derived client", contenders.DERIVED, plan.rounds, job, lambda *_: None, 0)


def sha1(path: str) -> str:
    digest = hashlib.sha1()
    with open(path, "rb") as file:
        for block in iter(lambda: file.read(MIB), b""):
            digest.update(block)
    return digest.hexdigest()


def load(plan: Plan) -> List[Row]:
    """Processes of their own, as a library is loaded once."""
    libraries = [("qcos", "libqcos.so", tools.release + "/libqcos.so")]
    if not plan.quick:
        libraries.append(("libcurl", "libcurl.so.4", "libcurl.so.4"))

    def loaded(path: str) -> contenders.Command:
        return lambda _: [BIN + "/load", "library=" + path]

    who = [Contender(name, label, "load", loaded(path)) for name, label, path in libraries]
    return rounds.run("dlopen", who, plan.rounds * 4, lambda _, key: Job("", "", key, ""), lambda *_: None)


def threads(plan: Plan) -> List[Row]:
    with Sink(quick=plan.quick) as sink:
        sink.generate("small", 5)
        return rounds.run("1000 threads", contenders.THREADS, plan.rounds,
                          lambda *_: Job(sink.url, sink.port, "small", "", 5), lambda *_: None)


@dataclass(frozen=True)
class Scenario:
    title: str
    run: Callable[[Plan], List[Row]]
    tools: List[str]
    minutes: int


ALL_TOOLS = ["libqcos", "libcurl", "raw", "curl", "python", "node", "go", "opendal"]

SCENARIOS: Dict[str, Scenario] = {
    "sizes": Scenario("Throughput by file size", sizes, ALL_TOOLS, 10),
    "rtt": Scenario("Throughput by round-trip time", round_trips, ALL_TOOLS, 30),
    "emulator": Scenario("Uploads to the emulator", emulator, ["libqcos", "python", "node", "go"], 2),
    "tls": Scenario("Uploads under TLS", tls, ["libqcos", "libcurl", "curl"], 2),
    "download": Scenario("Downloads", downloads, ALL_TOOLS, 4),
    "download_rtt": Scenario("Downloads by round-trip time", far_downloads, ALL_TOOLS, 20),
    "narrow": Scenario("A capped, lossy line", narrow, ["libqcos"], 20),
    "refused": Scenario("A service that takes fifty requests a second", refused, ["libqcos"], 15),
    "streams": Scenario("Streams", streams, ["libqcos", "opendal"], 3),
    "trees": Scenario("Trees of small files", trees, ["libqcos", "libcurl", "go", "python", "opendal"], 65),
    "many": Scenario("Many objects listed and deleted", many, ["libqcos", "go", "python"], 5),
    "ranges": Scenario("Ranges into memory", ranges, ["libqcos", "libcurl"], 1),
    "small": Scenario("Small calls", small_calls, ALL_TOOLS, 2),
    "objects": Scenario("Small objects on a kept connection", small_objects,
                        ["libqcos", "libcurl", "opendal", "python"], 10),
    "memory": Scenario("Memory by file size", memory, ALL_TOOLS, 8),
    "load": Scenario("Size and load time of the library", load, ["load", "libqcos"], 1),
    "threads": Scenario("A thousand threads on one client", threads, ["libqcos"], 1),
}


def with_files(run: Callable[[Plan], List[Row]], times: int, quick: bool) -> List[Row]:
    folder = tempfile.mkdtemp(prefix="qcos-bench-", dir=MEMORY if os.path.isdir(MEMORY) else None)
    try:
        return run(Plan(times, quick, folder))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
