"""Rounds: in each, everybody does the work once, in another order than the round before; so what the
machine does meanwhile falls on all of them."""
import json
import os
import subprocess
import sys
import time
from typing import Any, Callable, Dict, List, Optional

from . import tools
from .contenders import SHOWN, Contender, Job, shown
from .places import here

Sample = Dict[str, float]
Row = Dict[str, Any]

# Longer than any round takes; a peer that hangs must not stop the night's run.
LIMIT_SECONDS = 600


class Void(Exception):
    """A round that counts for nothing: a peer failed, or the service holds something else."""


def run_once(command: List[str], core: Optional[int] = None) -> Sample:
    """One command; what it says of itself, else what the system says of it."""
    pinned = [] if core is None else ["taskset", "-c", str(core)]
    begun = time.monotonic()
    process = subprocess.Popen(pinned + command, cwd=here("."), stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE, universal_newlines=True,
                               env={**os.environ, "NODE_NO_WARNINGS": "1"})
    try:
        said, complaint = process.communicate(timeout=LIMIT_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        raise Void("%s does not end" % command[0])
    seconds = time.monotonic() - begun
    if process.returncode != 0:
        raise Void("%s: %s%s" % (" ".join(command), said, complaint))
    lines = said.strip().splitlines()
    told = json.loads(lines[-1]) if lines else {"seconds": seconds}
    return {name: round(float(value), 6) for name, value in told.items()}


def run(
    case: str,
    contenders: List[Contender],
    rounds: int,
    job: Callable[[Contender, str], Job],
    check: Callable[[Contender, Job], Optional[Sample]],
    core: Optional[int] = None,
) -> List[Row]:
    """`job` makes a contender's work under a key of its own; `check` raises Void, or adds to the sample."""
    samples: Dict[str, List[Sample]] = {contender.name: [] for contender in contenders}
    shown_jobs = {}
    for number in range(rounds):
        turn = number % len(contenders)
        for contender in contenders[turn:] + contenders[:turn]:
            key = "%s-%d" % (contender.name, number)
            work = job(contender, key)
            sample = run_once(contender.command(work), core)
            sample.update(check(contender, work) or {})
            samples[contender.name].append(sample)
            shown_jobs[contender.name] = work
        print("  %s: round %d of %d" % (case, number + 1, rounds), file=sys.stderr, flush=True)
    pinned = "" if core is None else "taskset -c %d " % core
    return [{
        "case": case,
        "contender": contender.name,
        "label": contender.label,
        "official": contender.official,
        "tuned": contender.tuned,
        "command": pinned + typed(contender, shown_jobs[contender.name]),
        "samples": samples[contender.name],
    } for contender in contenders]


def typed(contender: Contender, job: Job) -> str:
    """What a reader would type, wherever this run has found the library."""
    job = Job(SHOWN.url, SHOWN.port, SHOWN.key, SHOWN.file if job.file else "", job.calls,
              SHOWN.ca if job.ca else "")
    return shown(contender.command(job)).replace(tools.release + "/", "target/release/")
