#!/usr/bin/env python3
"""Measures libqcos and its peers, and writes docs/bench.

    bench/run.py                      everything; see `bench/run.py list` for how long that takes
    bench/run.py sizes rtt            some of it; the rest of docs/bench/results.json stays
    bench/run.py report               writes the report anew, from docs/bench/results.json
    bench/run.py --quick --out DIR    tiny files and few peers: does it work?

It needs a quiet machine, and says so when it is not; --busy-anyway measures all the same, and the report
says that.
"""
import argparse
import datetime
import json
import os
import subprocess
import sys
from typing import Any, Dict, List

from harness import contenders, machine, report, rounds, scenarios, tools
from harness.places import BUILT, PYTHON, here

Results = Dict[str, Any]


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", nargs="*", metavar="SCENARIO",
                        help="%s; or report, or list" % ", ".join(scenarios.SCENARIOS))
    parser.add_argument("--rounds", type=int, default=5, help="default 5")
    parser.add_argument("--quick", action="store_true", help="tiny files, few peers, no charts")
    parser.add_argument("--busy-anyway", action="store_true", help="measure on a busy machine, too")
    parser.add_argument("--out", default="docs/bench", help="default docs/bench")
    parser.add_argument("--release", default=tools.release,
                        help="the folder of libqcos.so and qcos-emulator; default target/release")
    return parser.parse_args()


def load_results(path: str) -> Results:
    if not os.path.exists(path):
        return {"scenarios": {}}
    with open(path, encoding="utf-8") as file:
        found: Results = json.load(file)
    return found


def save(results: Results, path: str) -> None:
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        json.dump(results, file, indent=1, sort_keys=True)
        file.write("\n")


def measure(name: str, chosen: argparse.Namespace) -> Dict[str, Any]:
    scenario = scenarios.SCENARIOS[name]
    anyway = chosen.quick or chosen.busy_anyway
    idle = machine.idle_percent(0.5) if anyway else machine.wait_until_quiet()
    busy = idle < machine.IDLE_ENOUGH
    if busy and not anyway:
        sys.exit("The machine is idle %.0f %% of the time, and %.0f %% are needed: figures would tell about "
                 "others, too. --busy-anyway measures all the same." % (idle, machine.IDLE_ENOUGH))
    print("%s (idle: %.0f %%)" % (scenario.title, idle), file=sys.stderr, flush=True)
    others = machine.Others()
    rows = scenarios.with_files(scenario.run, chosen.rounds, chosen.quick)
    disturbed = others.percent()
    command = "bench/run.py %s --rounds %d%s" % (name, chosen.rounds, " --quick" if chosen.quick else "")
    return {"busy": busy or disturbed > machine.OTHERS_ENOUGH, "idle_percent": round(idle, 1),
            "others_percent": round(disturbed, 1), "rounds": chosen.rounds, "rows": rows,
            "date": datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d"),
            "command": command, "machine": machine.describe(), "versions": machine.versions()}


def render(results: Results, folder: str, charts: bool) -> None:
    report.write(results, folder)
    if charts:
        # matplotlib is in the virtual environment, not here.
        tools.python_packages()
        code = "from harness import charts; charts.write(%r)" % folder
        subprocess.run([here(PYTHON), "-c", code], cwd=here("bench"), check=True)


def main() -> None:
    chosen = arguments()
    # The quick ones do without what it takes to build TLS.
    what: List[str] = chosen.what or [
        name for name in scenarios.SCENARIOS if not (chosen.quick and name == "tls")]
    if what == ["list"]:
        for name, scenario in scenarios.SCENARIOS.items():
            print("%-10s %s (about %d min)" % (name, scenario.title, scenario.minutes))
        return
    folder = os.path.join(here("."), chosen.out)
    path = os.path.join(folder, "results.json")
    results = load_results(path)
    if what != ["report"]:
        unknown = set(what) - set(scenarios.SCENARIOS)
        if unknown:
            sys.exit("no such scenario: %s" % ", ".join(sorted(unknown)))
        tools.release = chosen.release
        os.makedirs(here(BUILT), exist_ok=True)
        try:
            needed = {tool for name in what for tool in scenarios.SCENARIOS[name].tools}
            quick_tools = set(contenders.QUICK_TOOLS) | {"load"}
            tools.prepare(needed & quick_tools if chosen.quick else needed, chosen.quick)
            for name in what:
                results["scenarios"][name] = measure(name, chosen)
                save(results, path)
        except (tools.Missing, rounds.Void) as error:
            sys.exit(str(error))
    render(results, folder, charts=not chosen.quick)


if __name__ == "__main__":
    main()
