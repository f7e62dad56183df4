"""What the Python peers share: options of the form name=value, and one line of JSON."""
import json
import resource
import sys
import time
from typing import Callable, Dict, List, Optional

Call = Callable[[], object]


def options() -> Dict[str, str]:
    return dict(argument.split("=", 1) for argument in sys.argv[2:])


def memory_kib(name: str) -> int:
    with open("/proc/self/status", encoding="ascii") as status:
        for line in status:
            if line.startswith(name):
                return int(line.split()[1])
    return 0


def cpu_seconds() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def small_calls(call: Call, chosen: Dict[str, str]) -> None:
    for _ in range(int(chosen.get("warm", "50"))):
        call()
    times: List[float] = []

    def each() -> None:
        for _ in range(int(chosen.get("calls", "1000"))):
            before = time.perf_counter()
            call()
            times.append(time.perf_counter() - before)

    measure(each, times)


def measure(operation: Call, calls: Optional[List[float]] = None) -> None:
    # Forgets the peak of what came before.
    with open("/proc/self/clear_refs", "w", encoding="ascii") as peak:
        peak.write("5")
    memory, cpu, begun = memory_kib("VmRSS:"), cpu_seconds(), time.perf_counter()
    operation()
    seconds = time.perf_counter() - begun
    told = {"seconds": seconds, "cpu_seconds": cpu_seconds() - cpu,
            "rss_before_kib": memory, "rss_peak_kib": memory_kib("VmHWM:")}
    if calls:
        calls.sort()
        told["p50_us"] = calls[len(calls) // 2] * 1e6
        told["p99_us"] = calls[len(calls) * 99 // 100] * 1e6
        told["calls_per_s"] = len(calls) / seconds
    print(json.dumps(told))
