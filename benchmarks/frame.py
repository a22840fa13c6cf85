"""How everything here is measured: paired runs, medians, ratios, records on disk.

Candidates take turns (A B A B ...), so that whatever disturbs the machine disturbs all of them. The figure of a
candidate is the median over its runs; a ratio is the median of the ratios of neighbouring runs.
"""

import datetime
import gc
import json
import statistics
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.machine import commit, machine, versions

RESULTS = Path(__file__).parent / "results"


@dataclass(frozen=True)
class Timing:
    """Seconds of every run of one candidate, in the order in which they were made."""

    seconds: list[float]

    @property
    def median(self) -> float:
        """Median over the runs."""
        return statistics.median(self.seconds)


@dataclass
class Entry:
    """One candidate in one case. `skipped` says why there are no figures; `figures` holds anything else it reports."""

    name: str
    seconds: list[float] = field(default_factory=list)
    figures: dict[str, Any] = field(default_factory=dict)
    skipped: str | None = None

    @property
    def median(self) -> float | None:
        """Median seconds, None if it was skipped."""
        return statistics.median(self.seconds) if self.seconds else None


@dataclass
class Case:
    """One row of a benchmark: a size, and what every candidate made of it. The first entry is ours."""

    label: str
    entries: list[Entry]
    figures: dict[str, Any] = field(default_factory=dict)

    def ratio(self, name: str) -> float | None:
        """How many times longer the peer `name` takes than the first entry, by pairs; None if one was skipped."""
        peer = next(entry for entry in self.entries if entry.name == name)
        ours = self.entries[0].seconds
        if not ours or not peer.seconds:
            return None
        return statistics.median(b / a for a, b in zip(ours, peer.seconds, strict=True))


def paired(candidates: dict[str, Callable[[], Any]], repeats: int, warm_up: int = 1) -> dict[str, Timing]:
    """Run the candidates in turn, `repeats` times each, after `warm_up` rounds that are not counted.

    A candidate returns when its work is done (block_until_ready). The garbage collector rests while the clock runs.
    """
    for _ in range(warm_up):
        for run in candidates.values():
            run()
    seconds = {name: [] for name in candidates}
    for _ in range(repeats):
        for name, run in candidates.items():
            seconds[name].append(stopwatch(run))
    return {name: Timing(values) for name, values in seconds.items()}


def stopwatch(run: Callable[[], Any]) -> float:
    """Wall-clock seconds of one call."""
    gc.collect()
    was_on = gc.isenabled()
    gc.disable()
    try:
        began = time.perf_counter()
        run()
        return time.perf_counter() - began
    finally:
        if was_on:
            gc.enable()


def compare(label: str, candidates: dict[str, Callable | str], repeats: int, warm_up: int = 1, **figures) -> Case:
    """A Case from candidates that are callables, or a sentence that says why a peer is missing."""
    runs = {name: run for name, run in candidates.items() if callable(run)}
    timings = paired(runs, repeats, warm_up)
    entries = [
        Entry(name, timings[name].seconds) if name in timings else Entry(name, skipped=candidates[name])
        for name in candidates
    ]
    return Case(label, entries, figures=figures)


def record(benchmark: str, title: str, cases: list[Case], dtype: str, quick: bool, on: dict | None = None) -> dict:
    """Everything needed to read the figures again in a year; `on` is machine() as it was before the runs."""
    return {
        "benchmark": benchmark,
        "title": title,
        "date": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "commit": commit(),
        "quick": quick,
        "dtype": dtype,
        "machine": on or machine(),
        "versions": versions(),
        "cases": [asdict(case) for case in cases],
    }


def save(result: dict, folder: Path = RESULTS) -> Path:
    """Write a record as <benchmark>-<device>-<date>.json; the path."""
    folder.mkdir(parents=True, exist_ok=True)
    device = result["machine"]["device"].lower().replace(" ", "-").replace("/", "-")
    path = folder / f"{result['benchmark']}-{device}-{result['date'][:10]}.json"
    path.write_text(json.dumps(result, indent=1) + "\n")
    return path


def load(folder: Path = RESULTS) -> list[dict]:
    """All records in a folder, the newest of each benchmark and device."""
    newest = {}
    for path in sorted(folder.glob("*.json")):
        result = json.loads(path.read_text())
        key = (result["benchmark"], result["machine"]["device"])
        if key not in newest or newest[key]["date"] < result["date"]:
            newest[key] = result
    return [newest[key] for key in sorted(newest)]


def cases_of(result: dict) -> list[Case]:
    """The cases of a record that was read from disk."""
    return [
        Case(case["label"], [Entry(**entry) for entry in case["entries"]], case["figures"]) for case in result["cases"]
    ]
