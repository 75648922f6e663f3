"""What was measured, as tables, as a picture, and as JSON."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from statistics import fmean
from typing import Any

from tests.benchmarks.measure import PATIENCE, Effort, Run, Speed, break_even, ratio
from tests.benchmarks.memory import NODES
from tests.benchmarks.peers import OURS, PEERS, QUICKEST


@dataclass
class Report:
    """What was measured, by names of workloads and peers."""

    effort: Effort
    speeds: dict[str, dict[str, Speed]] = field(default_factory=dict)
    per_node: dict[str, dict[str, dict[int, float]]] = field(default_factory=dict)  # chain, fan: seconds
    memory: dict[str, dict[str, int | None]] = field(default_factory=dict)  # W2, W4, chain, fan: bytes
    imports: dict[str, tuple[float, int]] = field(default_factory=dict)  # of modules: seconds, bytes
    runs: dict[str, Run] = field(default_factory=dict)
    left_out: dict[str, str] = field(default_factory=dict)

    def ratios(self) -> dict[str, dict[str, float]]:
        """Return how many times as long as ours a step takes, for each workload and peer."""
        return {
            workload: {name: ratio(speed, speeds[_ours(speeds)]) for name, speed in speeds.items()}
            for workload, speeds in self.speeds.items()
            if _ours(speeds) in speeds
        }

    def as_json(self) -> dict[str, Any]:
        """Return numbers for programs to read."""
        return {
            "ratios": self.ratios(),
            "seconds": {w: {name: s.step for name, s in speeds.items()} for w, speeds in self.speeds.items()},
            "one-off seconds": {
                w: {name: s.one_off for name, s in speeds.items()} for w, speeds in self.speeds.items()
            },
            "seconds per node": self.per_node,
            "bytes": self.memory,
            "imports": self.imports,
            "training": {name: {"seconds": run.seconds, "losses": run.losses} for name, run in self.runs.items()},
            "left out": self.left_out,
        }

    def as_text(self) -> str:
        """Return all tables in Markdown, which is also easy to read as it is."""
        sections = [
            *(_speed_table(workload, speeds) for workload, speeds in self.speeds.items()),
            *(self._node_table(kind, found) for kind, found in self.per_node.items()),
            self._run_table(),
            self._import_table(),
            self._notes(),
        ]
        return "\n\n".join(section for section in sections if section)

    def _node_table(self, kind: str, found: dict[str, dict[int, float]]) -> str:
        sizes = sorted({size for times in found.values() for size in times})
        rows = [
            [name, *(_time(times[s]) if s in times else "" for s in sizes), *self._bytes_a_node(name, kind)]
            for name, times in found.items()
        ]
        heads = [kind, *(f"{size:,}" for size in sizes), *(["bytes a node"] if kind in self.memory else [])]
        return _section(f"W3 {kind}s: forward and backward pass, time a node", heads, rows)

    def _bytes_a_node(self, name: str, kind: str) -> list[str]:
        if kind not in self.memory:
            return []
        size = self.memory[kind].get(name)
        return [f"{size / NODES:,.0f}" if size else ""]

    def _run_table(self) -> str:
        rows = [
            [name, _time(run.seconds), " ".join(f"{x:.4f}" for x in run.losses[:5]), f"{fmean(run.losses[-50:]):.4f}"]
            for name, run in self.runs.items()
        ]
        heads = ["library", "all steps, building included", "first losses", "mean of the last 50"]
        return _section("W4, a whole training on names", heads, rows) if rows else ""

    def _import_table(self) -> str:
        rows = []
        for name, peer in PEERS.items():
            seconds, size = self.imports.get(peer.module, (None, None))
            steps = [self.memory.get(workload, {}).get(name) for workload in ("W2", "W4")]
            if seconds is not None or any(steps):
                rows.append([name, "" if seconds is None else _time(seconds), *map(_megabytes, (size, *steps))])
        heads = ["library", "import", "memory after it", "a step of W2 adds", "a step of W4 adds"]
        return _section("Importing, and memory", heads, rows) if rows else ""

    def _notes(self) -> str:
        versions = [f"{name} {found}" for name in _libraries() if (found := _version(name))]
        lines = [
            f"Python {platform.python_version()}, {platform.system()}, {platform.machine()}, {os.cpu_count()} CPUs; "
            + ", ".join(versions)
            + ".",
            f"Medians of up to {self.effort.rounds} interleaved rounds, in float64; all gradients were compared first.",
            *(
                [f"A chain or fan is empty where a step was to take more than {PATIENCE:.0f} s."]
                if self.per_node
                else []
            ),
            *(f"Left out: {'; '.join(names)}: {why}." for why, names in self._reasons().items()),
        ]
        return "\n\n".join(lines)

    def _reasons(self) -> dict[str, list[str]]:
        """Return who is left out, by why."""
        reasons: dict[str, list[str]] = {}
        for name, why in self.left_out.items():
            reasons.setdefault(why, []).append(name)
        return reasons

    def write(self, folder: Path) -> list[Path]:
        """Write ``speed.md`` and ``speed.svg`` into a folder; return their paths."""
        table, picture = folder / "speed.md", folder / "speed.svg"
        table.write_text(
            f"# How fast\n\n{INTRODUCTION}\n\n![Seconds of a step](speed.svg)\n\n{self.as_text()}\n", "utf-8"
        )
        _draw(self, picture)
        return [table, picture]


INTRODUCTION = """Written by `make bench ARGS=--write`. A step is forward pass, backward pass and update; of W5,
an epoch of them. *One-off* is what building, tracing or compiling takes before the second step; *pays after* is the
count of steps from which on a library has taken less time than the stepgrad that is 1, its one-off costs counted and
importing it not. The workloads are those of [tests/benchmarks/workloads.py](../../tests/benchmarks/workloads.py)."""


def _ours(speeds: dict[str, Speed]) -> str:
    """Return what the others are compared with: eager mode, or native code where that takes no part."""
    return OURS if OURS in speeds else QUICKEST


def _speed_table(workload: str, speeds: dict[str, Speed]) -> str:
    name_of_ours = _ours(speeds)
    ours, rows = speeds.get(name_of_ours), []
    for name, speed in sorted(speeds.items(), key=lambda item: item[1].step):
        row = [name, _time(speed.step)]
        if ours:
            steps = break_even(speed, ours)
            pays = "never" if steps == float("inf") else "at once" if steps < 1.0 else f"{steps:,.0f} steps"
            row += [f"{ratio(speed, ours):.3g}", _time(speed.one_off), "" if name == name_of_ours else pays]
        rows.append(row)
    return _section(
        workload, ["library", "a step", f"{name_of_ours} = 1", "one-off", "pays after"][: len(rows[0])], rows
    )


def _section(title: str, heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    table = [list(heads), *map(list, rows)]
    widths = [max(len(row[i]) for row in table) for i in range(len(heads))]
    lines = [" | ".join([row[0].ljust(widths[0]), *map(str.rjust, row[1:], widths[1:])]) for row in table]
    rule = "|".join(["-" * (widths[0] + 2), *("-" * (width + 1) + ":" for width in widths[1:])])
    return "\n".join([f"## {title}", "", f"| {lines[0]} |", f"|{rule}|", *(f"| {line} |" for line in lines[1:])])


def _time(seconds: float) -> str:
    for unit, size in (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6)):
        if seconds >= 0.9995 * size:
            return f"{_three_digits(seconds / size)} {unit}"
    return f"{_three_digits(seconds / 1e-9)} ns"


def _three_digits(x: float) -> str:
    return f"{x:,.0f}" if x >= 99.95 else f"{x:.3g}"


def _megabytes(size: int | None) -> str:
    return "" if size is None else f"{size / 1e6:,.1f} MB"


def _libraries() -> list[str]:
    return list(dict.fromkeys(peer.distribution for peer in PEERS.values() if peer.distribution not in ("", "engine")))


def _version(distribution: str) -> str:
    try:
        return version(distribution)
    except PackageNotFoundError:
        return ""


def _draw(report: Report, path: Path) -> None:
    """Write a picture with bars for each workload and lines for the chains."""
    import matplotlib

    matplotlib.use("svg")
    matplotlib.rcParams.update({"svg.hashsalt": "stepgrad", "svg.fonttype": "none", "font.size": 8})
    from matplotlib import pyplot

    panels = len(report.speeds) + len(report.per_node)
    figure, axes = pyplot.subplots(panels, 1, figsize=(7.0, 2.6 * panels), layout="constrained", squeeze=False)
    rest = iter(axes[:, 0])
    for workload, speeds in report.speeds.items():
        ax = next(rest)
        ordered = sorted(speeds.items(), key=lambda item: -item[1].step)
        colours = ["#d95f02" if name.startswith("stepgrad") else "#7570b3" for name, _ in ordered]
        bars = ax.barh([name for name, _ in ordered], [s.step for _, s in ordered], color=colours, log=True)
        ax.bar_label(bars, [_time(s.step) for _, s in ordered], padding=2)
        ax.margins(x=0.15)
        ax.set_title(f"{workload}: seconds of a step", loc="left")
    for kind, found in report.per_node.items():
        ax = next(rest)
        for name, times in found.items():
            ours = name.startswith("stepgrad")
            ax.loglog(
                list(times), list(times.values()), label=name, marker="o", markersize=3, linewidth=2.5 if ours else 1
            )
        ax.legend(loc="center left", bbox_to_anchor=(1.0, 0.5), frameon=False)
        ax.set_title(f"W3 {kind}s: seconds a node, by count of nodes", loc="left")
    for ax in axes[:, 0]:
        ax.spines[["top", "right"]].set_visible(False)
    figure.savefig(path, metadata={"Date": None, "Creator": None})
    pyplot.close(figure)
