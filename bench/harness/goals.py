"""What was promised, and what was measured."""
from dataclasses import dataclass
from typing import Callable, List, Optional

from . import figures
from .contenders import DEFAULT_PARALLEL, TUNED_PARALLEL
from .figures import Results

MIB = 1 << 20


@dataclass(frozen=True)
class Goal:
    text: str
    at_least: bool
    bound: float
    unit: str
    measured: Callable[[Results], Optional[float]]

    def met(self, value: float) -> bool:
        return value >= self.bound if self.at_least else value <= self.bound


def _speed(results: Results, scenario: str, case: str, contender: str) -> Optional[float]:
    row = figures.find(results, scenario, case, contender)
    return figures.speed(row) if row else None


def _ratio(scenario: str, case: str, ours: str, theirs: str) -> Callable[[Results], Optional[float]]:
    def measured(results: Results) -> Optional[float]:
        left = _speed(results, scenario, case, ours)
        right = _speed(results, scenario, case, theirs)
        return left / right if left and right else None
    return measured


def _of_ceiling(results: Results) -> Optional[float]:
    """Two passes can be no faster than hashing and then sending, each as fast as the machine can."""
    ours = _speed(results, "sizes", "1 GiB", "qcos-json")
    sha1 = _speed(results, "sizes", "1 GiB", "sha1")
    sent = _speed(results, "sizes", "1 GiB", "raw-4")
    return ours / (1 / (1 / sha1 + 1 / sent)) if ours and sha1 and sent else None


def _of_best_sdk(case: str, ours: str, tuned: bool, scenario: str = "rtt") -> Callable[[Results], Optional[float]]:
    def measured(results: Results) -> Optional[float]:
        mine = _speed(results, scenario, case, ours)
        theirs = [figures.speed(row) for row in figures.rows(results, scenario)
                  if row["case"] == case and row["official"] and row["tuned"] == tuned]
        return mine / max(theirs) if mine and theirs else None
    return measured


def _small(ours: str, theirs: str, scenario: str = "small",
           case: str = "one core") -> Callable[[Results], Optional[float]]:
    def measured(results: Results) -> Optional[float]:
        left = figures.find(results, scenario, case, ours)
        right = figures.find(results, scenario, case, theirs)
        if left is None or right is None:
            return None
        return (figures.median(left, "p50_us") or 0) / (figures.median(right, "p50_us") or 1)
    return measured


def _derived(results: Results) -> Optional[float]:
    row = figures.find(results, "ranges", "a derived client", "qcos")
    return figures.median(row, "p50_us") if row else None


def _growth(case: str, contender: str, scenario: str = "memory") -> Callable[[Results], Optional[float]]:
    def measured(results: Results) -> Optional[float]:
        row = figures.find(results, scenario, case, contender)
        return figures.growth_mib(row) if row else None
    return measured


def _peak(results: Results) -> Optional[float]:
    row = figures.find(results, "threads", "1000 threads", "qcos")
    return figures.peak_mib(row) if row else None


def _library(results: Results) -> Optional[float]:
    row = figures.find(results, "load", "dlopen", "qcos")
    return (figures.median(row, "library_bytes") or 0) / MIB if row else None


def _load(results: Results) -> Optional[float]:
    row = figures.find(results, "load", "dlopen", "qcos")
    return (figures.median(row, "seconds") or 0) * 1e3 if row else None


def _memory_goals() -> List[Goal]:
    kinds = [("XML", "qcos-xml-1", 1), ("XML", "qcos-xml", DEFAULT_PARALLEL),
             ("XML", "qcos-xml-tuned", TUNED_PARALLEL),
             ("JSON", "qcos-json-1", 1), ("JSON", "qcos-json", DEFAULT_PARALLEL)]
    # 6 MiB, and one for each part that is on its way beside others.
    return [Goal("memory that an upload of %s takes, %s API, parallel %d" % (case, api, parallel), False,
                 6 if parallel == 1 else 6 + parallel, " MiB", _growth(case, contender))
            for api, contender, parallel in kinds for case in ("10 MiB", "5 GiB")]


def _many_goals() -> List[Goal]:
    def of_best_sdk(case: str) -> Callable[[Results], Optional[float]]:
        def measured(results: Results) -> Optional[float]:
            seconds = {row["contender"]: figures.median(row, "seconds")
                       for row in figures.rows(results, "many") if row["case"] == case}
            ours = seconds.pop("qcos", None)
            theirs = [taken for taken in seconds.values() if taken]
            return min(theirs) / ours if ours and theirs else None
        return measured

    return [Goal("100,000 objects %s at %d ms / the fastest official SDK" % (what, rtt), True, 1.5, " x",
                 of_best_sdk("100000 objects, %d ms, %s" % (rtt, what)))
            for what in ("listed", "deleted") for rtt in (0, 20)]


def _narrow_goals() -> List[Goal]:
    """What is found by itself, beside the best of the fixed numbers in the same run."""
    def of_best(case: str) -> Callable[[Results], Optional[float]]:
        def measured(results: Results) -> Optional[float]:
            speeds = {row["contender"]: figures.speed(row) for row in figures.rows(results, "narrow")
                      if row["case"] == case}
            ours = speeds.pop("qcos", None)
            return ours / max(speeds.values()) if ours and speeds else None
        return measured

    def share(case: str) -> Callable[[Results], Optional[float]]:
        def measured(results: Results) -> Optional[float]:
            row = figures.find(results, "refused", case, "qcos")
            if row is None:
                return None
            asked, refused = (sum(sample[name] for sample in row["samples"]) for name in ("requests", "refused"))
            return 100.0 * refused / asked
        return measured

    return [Goal("capped, lossy line, %s: by itself / the best fixed number" % case, True, 0.9, " x", of_best(case))
            for case in ("128 MiB up", "128 MiB down", "1000 x 64 KiB up", "1000 x 64 KiB down")] + [
        Goal("requests refused at %d ms by a service that takes 50 a second" % rtt, False, 5, " %",
             share("2000 files, %d ms" % rtt)) for rtt in (0, 20, 80)] + [
        Goal("requests refused down at 20 ms by a service that takes 50 a second", False, 5, " %",
             share("2000 files, 20 ms, down"))]


def _tree_goals() -> List[Goal]:
    """Of 2,000 files of 16 KiB."""
    def of_64(rtt: int, way: str) -> Callable[[Results], Optional[float]]:
        def measured(results: Results) -> Optional[float]:
            row = figures.find(results, "trees", "2000 x 16 KiB, %d ms, %s" % (rtt, way), "qcos")
            seconds = figures.median(row, "seconds") if row else None
            return 2000 / 64 * rtt / 1e3 / seconds if seconds else None
        return measured

    goals = []
    for way in ("up", "down"):
        for rtt in (20, 80):
            goals.append(Goal("tree %s at %d ms / what 64 connections with one request a file reach" % (way, rtt),
                              True, 0.75, " x", of_64(rtt, way)))
        goals += [Goal("tree %s at %d ms / Go SDK, 32 goroutines" % (way, rtt), True, 1.5, " x",
                       _ratio("trees", "2000 x 16 KiB, %d ms, %s" % (rtt, way), "qcos", "go-32"))
                  for rtt in (0, 20, 80)]
    goals += [Goal("tree up again at %d ms / coscmd" % rtt, True, 20, " x",
                   _ratio("trees", "2000 x 16 KiB, %d ms, up again" % rtt, "qcos", "coscmd"))
              for rtt in (0, 20, 80)]
    def requests(case: str) -> Callable[[Results], Optional[float]]:
        def measured(results: Results) -> Optional[float]:
            row = figures.find(results, "trees", "2000 x 16 KiB, 20 ms, %s again" % case, "qcos")
            return figures.median(row, "requests") if row else None
        return measured

    goals += [Goal("requests of a tree %s again, of 2,000 files" % way, False, 5, "", requests(way))
              for way in ("up", "down")]
    # With as many connections as it ever has, that being a long way.
    goals += [Goal("memory that a tree %s takes over 64 connections" % way, False, 40, " MiB",
                   _growth("2000 x 16 KiB, 80 ms, %s" % way, "qcos", "trees")) for way in ("up", "down")]
    return goals


GOALS = [
    Goal("upload of 1 GiB without SHA-1 before it (XML API, CRC64, parallel 1) / libcurl, form", True, 1.15,
         " x", _ratio("sizes", "1 GiB", "qcos-xml-1", "curl-mime")),
    Goal("upload of 1 GiB in slices, its SHA-1 first (JSON API) / libcurl, form, no hash", True, 0.65, " x",
         _ratio("sizes", "1 GiB", "qcos-json", "curl-mime")),
    Goal("the same / what two passes can reach: 1 / (1 / SHA-1 + 1 / bare sockets)", True, 0.90, " x",
         _of_ceiling),
    Goal("upload of 1 GiB, parallel parts (XML API, CRC64) / libcurl, form, one connection", True, 1.4, " x",
         _ratio("sizes", "1 GiB", "qcos-xml", "curl-mime")),
    Goal("upload of 1 GiB, defaults / libcurl, PUT, 2 MiB buffer", True, 1.1, " x",
         _ratio("sizes", "1 GiB", "qcos-xml", "curl-put-tuned")),
    Goal("upload of 1 GiB, defaults / bare sockets, 4 connections", True, 0.9, " x",
         _ratio("sizes", "1 GiB", "qcos-xml", "raw-4")),
    Goal("upload of 1 GiB, parallel 1 / libcurl, PUT, 2 MiB buffer", True, 0.95, " x",
         _ratio("sizes", "1 GiB", "qcos-xml-1", "curl-put-tuned")),
    Goal("upload of 1 GiB at 20 ms / the fastest official SDK with its defaults", True, 3, " x",
         _of_best_sdk("20 ms", "qcos-xml", False)),
    Goal("upload of 1 GiB at 80 ms / the fastest official SDK with its defaults", True, 3, " x",
         _of_best_sdk("80 ms", "qcos-xml", False)),
    Goal("upload of 1 GiB at 20 ms, parallel 16 / the fastest official SDK, as parallel", True, 1, " x",
         _of_best_sdk("20 ms", "qcos-xml-tuned", True)),
    Goal("upload of 1 GiB at 80 ms, parallel 16 / the fastest official SDK, as parallel", True, 1, " x",
         _of_best_sdk("80 ms", "qcos-xml-tuned", True)),
    Goal("download of 1 GiB at 20 ms / the fastest official SDK with its defaults", True, 3, " x",
         _of_best_sdk("20 ms", "qcos", False, "download_rtt")),
    Goal("download of 1 GiB at 80 ms / the fastest official SDK with its defaults", True, 3, " x",
         _of_best_sdk("80 ms", "qcos", False, "download_rtt")),
    Goal("memory that an upload of 1 GiB takes over up to 64 connections", False, 40, " MiB",
         _growth("80 ms", "qcos-xml", "rtt")),
    Goal("memory that a download of 1 GiB takes over up to 64 connections", False, 40, " MiB",
         _growth("80 ms", "qcos", "download_rtt")),
    Goal("upload of 1 GiB in slices, its SHA-1 first (JSON API) / requests + hashlib, the same", True, 3.3, " x",
         _ratio("sizes", "1 GiB", "qcos-json", "requests")),
    Goal("upload of 1 GiB under TLS (XML API, parallel 1) / curl -T", True, 1.15, " x",
         _ratio("tls", "1 GiB", "qcos-xml-1", "curl")),
    Goal("upload of 1 GiB under TLS, parallel parts / curl -T", True, 1.4, " x",
         _ratio("tls", "1 GiB", "qcos-xml", "curl")),
    Goal("median small call, XML API / libcurl with the same signed request", False, 1.15, " x",
         _small("qcos", "libcurl")),
    Goal("median small call, JSON API / libcurl with the same signed request", False, 1.15, " x",
         _small("qcos-json", "libcurl-json")),
    Goal("download of 1 GiB, length and CRC64 compared / curl -o, nothing compared", True, 1, " x",
         _ratio("download", "1 GiB", "qcos", "curl")),
    Goal("upload of 1 GiB from a stream / from the file", True, 0.95, " x",
         _ratio("streams", "upload of 1 GiB", "qcos-stream", "qcos")),
    Goal("download of 1 GiB into a stream / into the file", True, 0.95, " x",
         _ratio("streams", "download of 1 GiB", "qcos-stream", "qcos")),
    # Of a stream, memory holds 64 MiB.
    Goal("upload of 1 GiB from a stream at 80 ms / from the file", True, 0.6, " x",
         _ratio("streams", "upload of 1 GiB, 80 ms", "qcos-stream", "qcos")),
    Goal("download of 1 GiB into a stream at 80 ms / into the file", True, 0.6, " x",
         _ratio("streams", "download of 1 GiB, 80 ms", "qcos-stream", "qcos")),
    Goal("memory that a stream up of 5 GiB takes, 8 parts of 8 MiB", False, 72, " MiB",
         _growth("upload of 5 GiB", "qcos-stream", "streams")),
    Goal("memory that a stream down of 5 GiB takes, 8 ranges of 8 MiB", False, 72, " MiB",
         _growth("download of 5 GiB", "qcos-stream", "streams")),
    Goal("64 KiB into memory / libcurl with the same signed request", False, 1.15, " x",
         _small("qcos", "libcurl", "ranges", "64 KiB, one core")),
    Goal("opening and closing a derived client", False, 2, " µs", _derived),
    Goal("memory of a process with 1000 threads on one client", False, 64, " MiB", _peak),
] + [
    Goal("%s %s, %s / libcurl, kept connection" % (size, way, wire), True, bound, " x",
         _ratio("objects", "%s, %s, %s" % (size, wire, way), "qcos", "libcurl"))
    for size, wire, bound in (("64 KiB", "TLS", 0.9), ("1 MiB", "TLS", 0.9), ("16 MiB", "TLS", 0.9))
    for way in ("up", "down")
] + [
    Goal("1 MiB up, http / OpenDAL", True, 1, " x", _ratio("objects", "1 MiB, http, up", "qcos", "opendal")),
] + _tree_goals() + _narrow_goals() + _many_goals() + _memory_goals() + [
    Goal("size of libqcos.so, stripped", False, 2.6, " MiB", _library),
    Goal("dlopen of libqcos.so", False, 0.5, " ms", _load),
]
