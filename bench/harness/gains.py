"""What a user gains, in three sentences; each figure is one of the goals'."""
from typing import List, Optional

from . import figures
from .figures import Results
from .goals import GOALS


def _measured(results: Results, text: str) -> Optional[str]:
    goal, = [goal for goal in GOALS if goal.text == text]
    value = goal.measured(results)
    return None if value is None else "%.1f" % value


def _seconds(results: Results, case: str) -> Optional[str]:
    row = figures.find(results, "trees", "2000 x 16 KiB, " + case, "qcos")
    seconds = figures.median(row, "seconds") if row else None
    return None if seconds is None else "%.2f" % seconds


def _both(results: Results, text: str) -> Optional[str]:
    """At 20 and at 80 ms."""
    near, far = (_measured(results, text % rtt) for rtt in (20, 80))
    return None if near is None or far is None else "%s and %s" % (near, far)


def told(results: Results) -> str:
    way = "%s of 1 GiB at %%d ms / the fastest official SDK with its defaults"
    tree = "tree %s at %%d ms / Go SDK, 32 goroutines"
    again = _seconds(results, "20 ms, up again")
    memory = _measured(results, "memory that an upload of 5 GiB takes, XML API, parallel 8")
    sentences: List[List[Optional[str]]] = [
        ["**At a round trip of 20 and 80 ms, 1 GiB goes up ", _both(results, way % "upload"), " times and comes down ",
         _both(results, way % "download"), " times as fast as with the fastest official SDK with its defaults.**"],
        ["**A folder of 2,000 files of 16 KiB goes up ", _both(results, tree % "up"), " times and comes down ",
         _both(results, tree % "down"), " times as fast as with the Go SDK and 32 goroutines, and takes ", again,
         " s at 20 ms when nothing has changed.**"],
        ["**A small call takes ", _measured(results, "median small call, XML API / libcurl with the same signed request"),
         " times as long as libcurl with the same request, and an upload of 5 GiB ", memory, " MiB of memory.**"],
    ]
    whole = ["".join(part or "" for part in parts) for parts in sentences if None not in parts]
    return "\n".join(whole) + "\n"
