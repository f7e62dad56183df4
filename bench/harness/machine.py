"""The machine: what it is, and whether it is quiet and stays so. Nothing here names a host or a path."""
import os
import platform
import re
import resource
import shutil
import subprocess
import time
from typing import Dict, List

# Below this share of idle time somebody else works here, and figures tell about them too.
IDLE_ENOUGH = 95.0
# Above this share of the processors' time that was not ours, the same is said of what was measured.
OTHERS_ENOUGH = 5.0
# Long enough that one cron job is not taken for a busy machine.
LOOK_SECONDS = 3.0
# A build that has just ended leaves the machine busy for a moment.
PATIENCE_SECONDS = 30.0


def _times() -> List[int]:
    with open("/proc/stat", encoding="ascii") as stat:
        return [int(word) for word in stat.readline().split()[1:9]]


def idle_percent(seconds: float = LOOK_SECONDS) -> float:
    """The share of time in which no processor had anything to do, the disk's waits among it."""
    before = _times()
    time.sleep(seconds)
    spent = [later - earlier for later, earlier in zip(_times(), before)]
    # user nice system idle iowait irq softirq steal
    return 100.0 * (spent[3] + spent[4]) / max(1, sum(spent))


def wait_until_quiet() -> float:
    """The idle share, once it is enough, or what it was in the end."""
    until = time.monotonic() + PATIENCE_SECONDS
    while True:
        idle = idle_percent()
        if idle >= IDLE_ENOUGH or time.monotonic() > until:
            return idle


class Others:
    """Who else works on the machine between now and later, or takes time from all of it."""

    def __init__(self) -> None:
        self.times, self.own, self.begun = _times(), _own_seconds(), time.monotonic()

    def percent(self) -> float:
        """All time of programs (user, nice, system), less what this one and those that it has started and
        seen end took; and steal. What the kernel does for the network (softirq) is nobody's."""
        spent = [later - earlier for later, earlier in zip(_times(), self.times)]
        ticks = os.sysconf("SC_CLK_TCK")
        others = (sum(spent[:3]) + spent[7]) / ticks - (_own_seconds() - self.own)
        available = (time.monotonic() - self.begun) * (os.cpu_count() or 1)
        return max(0.0, 100.0 * others / available)


def _own_seconds() -> float:
    both = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in both)


def describe() -> Dict[str, str]:
    with open("/proc/cpuinfo", encoding="utf-8") as info:
        model = re.search(r"model name\s*:\s*(.*)", info.read())
    with open("/proc/meminfo", encoding="ascii") as info:
        kib = int(info.readline().split()[1])
    return {
        "processor": model.group(1) if model else platform.machine(),
        "cores": str(os.cpu_count()),
        "memory": "%d GiB" % round(kib / 1048576.0),
        "kernel": "%s %s" % (platform.system(), re.split(r"[-+]", platform.release())[0]),
    }


def versions() -> Dict[str, str]:
    """Of the programs that peers are made of; the SDKs' own are in their lock files."""
    asked = {
        "libcurl": ["curl", "--version"],
        "OpenSSL": ["openssl", "version"],
        "C compiler": ["cc", "-dumpfullversion"],
        "Rust": ["rustc", "--version"],
        "Go": ["go", "version"],
        "Node": ["node", "--version"],
        "Python": ["python3", "--version"],
    }
    found = {}
    for name, command in asked.items():
        if shutil.which(command[0]):
            said = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                                  universal_newlines=True, check=False).stdout
            number = re.search(r"\d+\.\d+(\.\d+)?", said)
            if number:
                found[name] = number.group(0)
    return found
