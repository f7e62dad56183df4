"""docs/bench/README.md, from results.json and from nothing else."""
import os
from typing import Any, Dict, List, Optional

from . import figures, gains
from .figures import Results, Row
from .goals import GOALS
from .scenarios import SCENARIOS

# What a scenario's speeds are compared with.
ANCHORS = {"sizes": "curl-mime", "rtt": "curl-put", "emulator": "qcos-xml", "download": "curl",
           "tls": "curl", "streams": "qcos", "trees": "go-32", "download_rtt": "curl", "narrow": "qcos", "refused": "qcos", "objects": "libcurl"}

CHARTS = {"sizes": "throughput by file size", "rtt": "throughput by round-trip time",
          "download_rtt": "downloads by round-trip time", "trees": "trees of small files",
          "objects": "small objects under TLS", "many": "many objects listed and deleted",
          "small": "latency of small calls", "memory": "memory by file size",
          "load": "size and load time"}

ABOUT = """Made by `make bench`, which writes this page, `results.json` and the charts; how, and who takes part, is in
[bench/README.md](../../bench/README.md). Figures are medians of interleaved rounds: in each, everybody did the
work once, and after each upload the service had to hold just what was sent. Peers come with their
defaults and, as "16 x 8 MiB" or with a buffer's size, with the fastest settings that they document.
**Ratios are what counts**: on another machine every figure is another one.

MB are 10^6 bytes. "spread": how far the middle half of the rounds is apart. "memory": how much the operation
took beyond what the process had before it, in the worst round. Below the tables are the commands, for a shell
in which `$URL` is what `target/bench/sink/release/cos-sink` (with `--rtt-ms` where that is the case) or
`target/release/qcos-emulator` prints, `$PORT` is its port, `$KEY` a new name, `$FILE` a file in `/dev/shm`,
and `$CA` the sink's own certificate.
"""


def table(head: List[str], lines: List[List[str]]) -> str:
    rule = ["---" if i == 0 else "---:" for i in range(len(head))]
    return "\n".join("| %s |" % " | ".join(line) for line in [head, rule] + lines) + "\n"


def number(value: Optional[float], digits: int = 1) -> str:
    return "" if value is None else "%.*f" % (digits, value)


def folded(title: str, text: str) -> str:
    return "<details><summary>%s</summary>\n\n%s\n</details>\n" % (title, text)


def goals(results: Results) -> str:
    lines, measured, met_ones = [], 0, 0
    for goal in GOALS:
        value = goal.measured(results)
        bound = "%s %g%s" % ("≥" if goal.at_least else "≤", goal.bound, goal.unit)
        told = "not measured" if value is None else "%.2f%s" % (value, goal.unit)
        met = "" if value is None else "yes" if goal.met(value) else "**no**"
        measured += value is not None
        met_ones += met == "yes"
        lines.append([goal.text, bound, told, met])
    title = "%d are met of %d that were measured; [tried.md](tried.md) says why the others are not" % (met_ones, measured)
    return "## Goals\n\n" + folded(title, table(["goal", "", "measured", "met"], lines))


def moved(scenario: str, rows: List[Row], results: Results) -> str:
    """Uploads and downloads."""
    anchor_name = ANCHORS[scenario]
    text = []
    for case in figures.cases(rows):
        anchor = figures.find(results, scenario, case, anchor_name)
        lines = []
        for row in [row for row in rows if row["case"] == case]:
            ratio = figures.speed(row) / figures.speed(anchor) if anchor else None
            lines.append([row["label"], number(figures.speed(row), 0), number(figures.best_speed(row), 0),
                          number(ratio, 2), number(figures.spread(row), 0) + " %",
                          number(figures.cpu_per_gib(row), 2), number(figures.growth_mib(row))])
        label = anchor["label"] if anchor else "-"
        head = [case, "MB/s", "best", "/ " + label, "spread", "CPU s/GiB", "memory MiB"]
        text.append(table(head, lines))
    return "\n".join(text)


def memory(rows: List[Row]) -> str:
    """The worst round's growth, by file size."""
    cases = figures.cases(rows)
    grown: Dict[str, Dict[str, Optional[float]]] = {}
    for row in rows:
        grown.setdefault(row["label"], {})[row["case"]] = figures.growth_mib(row)
    lines = [[label] + [number(of.get(case)) for case in cases] for label, of in grown.items()]
    return table(["MiB more than before the upload of"] + cases, lines)


def small(rows: List[Row]) -> str:
    text = []
    for case in figures.cases(rows):
        lines = []
        for row in [row for row in rows if row["case"] == case]:
            calls, cpu = figures.median(row, "calls_per_s"), figures.median(row, "cpu_seconds")
            seconds = figures.median(row, "seconds")
            each = cpu / (calls * seconds) * 1e6 if calls and cpu and seconds else None
            lines.append([row["label"], number(figures.median(row, "p50_us")),
                          number(figures.median(row, "p99_us")), number(calls, 0), number(each)])
        text.append(table([case, "median µs", "99 % µs", "calls/s", "CPU µs a call"], lines))
    return "\n".join(text)


def load(rows: List[Row]) -> str:
    lines = [[row["label"], number((figures.median(row, "library_bytes") or 0) / 1048576, 2),
              number(figures.median(row, "libraries"), 0),
              number((figures.median(row, "bytes") or 0) / 1048576, 2),
              number((figures.median(row, "seconds") or 0) * 1e3, 2), number(figures.growth_mib(row))]
             for row in rows]
    return table(["", "MiB", "libraries it loads", "MiB with those", "dlopen ms", "memory MiB"], lines)


def threads(rows: List[Row]) -> str:
    lines = [[row["label"], number(figures.growth_mib(row)), number(figures.peak_mib(row)),
              number(figures.median(row, "seconds"), 2)] for row in rows]
    return table(["", "memory MiB", "whole process MiB", "seconds"], lines)


def many(rows: List[Row]) -> str:
    text = []
    for case in figures.cases(rows):
        lines = []
        for row in [row for row in rows if row["case"] == case]:
            seconds = figures.median(row, "seconds")
            lines.append([row["label"], number(seconds, 2), number(row["objects"] / seconds if seconds else None, 0),
                          number(figures.spread(row), 0) + " %", number(figures.median(row, "cpu_seconds"), 2),
                          number(figures.growth_mib(row))])
        text.append(table([case, "seconds", "objects/s", "spread", "CPU s", "memory MiB"], lines))
    return "\n".join(text)


def refused(rows: List[Row]) -> str:
    lines = []
    for row in rows:
        asked = sum(sample["requests"] for sample in row["samples"])
        share = 100.0 * sum(sample["refused"] for sample in row["samples"]) / asked
        lines.append(["%s, %s" % (row["case"], row["label"]), number(figures.median(row, "seconds"), 2),
                      number(asked / len(row["samples"]), 0), number(share) + " %"])
    return table(["", "seconds", "requests", "refused"], lines)


def commands(scenario: Dict[str, Any]) -> str:
    shown = dict.fromkeys("%s  # %s" % (row["command"], row["label"]) for row in scenario["rows"])
    return folded("<code>" + scenario["command"] + "</code>, and in it, for each",
                  "```sh\n%s\n```\n" % "\n".join(shown))


def section(name: str, results: Results) -> str:
    scenario = results["scenarios"][name]
    rows = scenario["rows"]
    text = ["## %s\n" % SCENARIOS[name].title]
    about = "%s; rounds: %d; the machine was %g %% idle before, and others took %g %% of it meanwhile" % (
        scenario["date"], scenario["rounds"], scenario["idle_percent"], scenario["others_percent"])
    if scenario["busy"]:
        about += ". **That is too much: figures are too low, and ratios uncertain**"
    text.append(about + ".\n")
    tables = {"memory": memory, "small": small, "ranges": small, "load": load, "threads": threads,
              "many": many, "refused": refused}
    text.append(folded("the figures", tables[name](rows) if name in tables else moved(name, rows, results)))
    text.append(commands(scenario))
    return "\n".join(text)


def machines(results: Results) -> str:
    """Of the newest scenario; all are normally of one machine."""
    newest = max(results["scenarios"].values(), key=lambda scenario: scenario["date"])
    told = sorted(newest["machine"].items()) + sorted(newest["versions"].items())
    return "## The machine\n\n" + table(["", ""], [[name, value] for name, value in told])


def charts(results: Results) -> str:
    return "\n".join("![%s](%s.svg)\n" % (title, name) for name, title in CHARTS.items()
                     if name in results["scenarios"])


def write(results: Results, folder: str) -> None:
    sections = [section(name, results) for name in SCENARIOS if name in results["scenarios"]]
    text = ["# Benchmarks\n", gains.told(results), charts(results), ABOUT, goals(results), machines(results)] + sections
    with open(os.path.join(folder, "README.md"), "w", encoding="utf-8") as file:
        file.write("\n".join(text))
