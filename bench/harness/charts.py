"""The charts of a report, as SVG. Runs in the virtual environment, which has matplotlib; the same results
make the same files."""
import json
import os
from typing import Callable, Dict, List

import matplotlib

matplotlib.use("svg")
import matplotlib.pyplot as plt  # noqa: E402  # the backend comes first

from . import figures  # noqa: E402
from .figures import Results, Row  # noqa: E402

OURS = "#d62728"
THEIRS = "#7f7f7f"
# A colour for each kind of client; dashed is what it does by default.
COLOURS = {"qcos": OURS, "curl": "#444444", "requests": "#17becf", "opendal": "#e377c2", "python": "#1f77b4",
           "go": "#2ca02c", "node": "#ff7f0e"}
STYLES = {"curl-mime": "--", "qcos-xml": "-", "qcos-xml-1": ":", "qcos-xml-tuned": (0, (5, 1)), "qcos-json": "-."}

# Enough to see who is where; the tables have all.
LINES = ("curl-mime", "curl-put-tuned", "qcos-xml-1", "qcos-xml", "qcos-xml-tuned", "qcos-json", "requests-tuned",
         "opendal-tuned", "python", "python-tuned", "go", "go-tuned", "node")


def ours(row: Row) -> bool:
    return row["contender"].startswith("qcos")


def lines(results: Results, scenario: str, name: str, value: Callable[[Row], float], y: str, x: str) -> None:
    rows = [row for row in figures.rows(results, scenario) if row["contender"] in LINES]
    cases = figures.cases(rows)
    figure, axes = plt.subplots(figsize=(9, 5))
    drawn: Dict[str, List[Row]] = {}
    for row in rows:
        drawn.setdefault(row["contender"], []).append(row)
    # The legend's order is that of the lines' ends.
    for contender, points in sorted(drawn.items(), key=lambda pair: -value(pair[1][-1])):
        style = STYLES.get(contender, "--" if points[0]["official"] and not points[0]["tuned"] else "-")
        axes.plot([cases.index(row["case"]) for row in points], [value(row) for row in points], marker="o",
                  markersize=4, label=points[0]["label"], linewidth=2.5 if ours(points[0]) else 1.2,
                  color=COLOURS[contender.split("-")[0]], linestyle=style)
    axes.set_xticks(range(len(cases)))
    axes.set_xticklabels(cases)
    axes.set_yscale("log")
    axes.yaxis.set_major_formatter(matplotlib.ticker.FormatStrFormatter("%g"))
    axes.set_xlabel(x)
    axes.set_ylabel(y)
    axes.grid(True, which="both", axis="y", alpha=0.3)
    axes.legend(fontsize=7, loc="center left", bbox_to_anchor=(1.0, 0.5), frameon=False)
    save(figure, name)


def bars(rows: List[Row], panels: Dict[str, Callable[[Row], float]], name: str) -> None:
    """A panel for each figure, a bar for each contender."""
    figure, every = plt.subplots(1, len(panels), figsize=(9, 0.4 * len(rows) + 1.2), sharey=True)
    labels = [row["label"] for row in rows]
    for axes, (title, value) in zip(every, panels.items()):
        drawn = axes.barh(labels, [value(row) for row in rows],
                          color=[OURS if ours(row) else THEIRS for row in rows])
        axes.bar_label(drawn, [three_digits(value(row)) for row in rows], padding=3, fontsize=8)
        axes.set_title(title, fontsize=9)
        axes.margins(x=0.2)
        axes.spines[["top", "right"]].set_visible(False)
    every[0].invert_yaxis()
    save(figure, name)


def panels(results: Results, scenario: str, cases: Dict[str, str], value: Callable[[Row], float], name: str) -> None:
    """A panel for each case, under its title; those who take part in all of them."""
    by_case = {title: {row["contender"]: row for row in figures.rows(results, scenario) if row["case"] == case}
               for title, case in cases.items()}
    first, *others = by_case.values()
    rows = [row for contender, row in first.items() if all(contender in other for other in others)]
    if rows:
        bars(rows, {title: lambda row, of=of: value(of[row["contender"]]) for title, of in by_case.items()}, name)


def three_digits(value: float) -> str:
    return "%.0f" % value if value >= 100 else "%.3g" % value


def save(figure: "plt.Figure", name: str) -> None:
    # Without a date, so that a report made anew is the same.
    figure.savefig(name, format="svg", bbox_inches="tight", metadata={"Date": None})
    plt.close(figure)


def growth(row: Row) -> float:
    # A log scale has no zero.
    return max(0.1, figures.growth_mib(row) or 0.0)


def median(name: str, times: float = 1.0) -> Callable[[Row], float]:
    return lambda row: (figures.median(row, name) or 0.0) * times


def write(folder: str) -> None:
    with open(os.path.join(folder, "results.json"), encoding="utf-8") as file:
        results = json.load(file)
    # Fixed names of the SVG's parts, and text that stays text.
    plt.rcParams.update({"svg.hashsalt": "libqcos", "svg.fonttype": "none", "font.size": 9})

    def path(scenario: str) -> str:
        return os.path.join(folder, scenario + ".svg")

    if figures.rows(results, "sizes"):
        lines(results, "sizes", path("sizes"), figures.speed, "MB/s", "size of the file")
    if figures.rows(results, "rtt"):
        lines(results, "rtt", path("rtt"), figures.speed, "MB/s", "round-trip time, 1 GiB")
    if figures.rows(results, "memory"):
        lines(results, "memory", path("memory"), growth, "MiB more than before", "size of the file")
    panels(results, "download_rtt", {"MB/s at %d ms" % rtt: "%d ms" % rtt for rtt in (20, 80)}, figures.speed,
           path("download_rtt"))
    panels(results, "trees", {"files/s up, %d ms" % rtt: "2000 x 16 KiB, %d ms, up" % rtt for rtt in (0, 20, 80)},
           lambda row: 2000 / (figures.median(row, "seconds") or float("nan")), path("trees"))
    panels(results, "objects", {"MB/s, %s up" % size: "%s, TLS, up" % size for size in ("64 KiB", "1 MiB", "16 MiB")},
           figures.speed, path("objects"))
    panels(results, "many", {"s at %d ms, %s" % (rtt, what): "100000 objects, %d ms, %s" % (rtt, what)
                             for rtt in (0, 20) for what in ("listed", "deleted")}, median("seconds"), path("many"))
    small = [row for row in figures.rows(results, "small") if row["case"] == "one core"]
    if small:
        bars(small, {"median, µs": median("p50_us"), "99 %, µs": median("p99_us")}, path("small"))
    load = figures.rows(results, "load")
    if load:
        bars(load, {"MiB": median("library_bytes", 1 / 1048576), "MiB with what it loads":
                    median("bytes", 1 / 1048576), "dlopen, ms": median("seconds", 1e3)}, path("load"))
