"""Figures of what was measured: medians, and what follows from them."""
import statistics
from typing import Any, Dict, List, Optional

Row = Dict[str, Any]
Results = Dict[str, Any]


def rows(results: Results, scenario: str) -> List[Row]:
    found: List[Row] = results["scenarios"].get(scenario, {}).get("rows", [])
    return found


def cases(of: List[Row]) -> List[str]:
    return list(dict.fromkeys(row["case"] for row in of))


def find(results: Results, scenario: str, case: str, contender: str) -> Optional[Row]:
    for row in rows(results, scenario):
        if row["case"] == case and row["contender"] == contender:
            return row
    return None


def median(row: Row, name: str) -> Optional[float]:
    values: List[float] = [sample[name] for sample in row["samples"] if name in sample]
    return statistics.median(values) if values else None


def speed(row: Row) -> float:
    """MB/s, of the median round."""
    return float(row["bytes"]) / 1e6 / (median(row, "seconds") or float("nan"))


def best_speed(row: Row) -> float:
    return float(row["bytes"] / 1e6 / min(sample["seconds"] for sample in row["samples"]))


def spread(row: Row) -> float:
    """How far the middle half of the rounds is apart, in percent of the median."""
    values: List[float] = sorted(sample["seconds"] for sample in row["samples"])
    if len(values) < 4:
        return 100.0 * (values[-1] - values[0]) / statistics.median(values)
    low, middle, high = statistics.quantiles(values, n=4)
    return 100.0 * (high - low) / middle


def cpu_per_gib(row: Row) -> Optional[float]:
    cpu = median(row, "cpu_seconds")
    return None if cpu is None else cpu * (1 << 30) / float(row["bytes"])


def growth_mib(row: Row) -> Optional[float]:
    """How much more memory the operation took than the process had before it: its worst round."""
    grown: List[float] = [sample["rss_peak_kib"] - sample["rss_before_kib"]
             for sample in row["samples"] if "rss_peak_kib" in sample]
    return max(grown) / 1024.0 if grown else None


def peak_mib(row: Row) -> Optional[float]:
    peaks: List[float] = [sample["rss_peak_kib"] for sample in row["samples"] if "rss_peak_kib" in sample]
    return max(peaks) / 1024.0 if peaks else None
