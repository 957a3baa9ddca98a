"""The figures on the terminal, and the file that keeps them all."""

from __future__ import annotations

import json
import os
import platform
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from bench.goals import INTERVALS_MS, Goal, Measured, product_hours, straw_hours

STATEMENTS = 12


def show(console: Console, measured: Measured, found: list[Goal], unequal: list[str]) -> None:
    """Prints one size's figures: stages, requests, hours, the costliest statements and the goals."""
    title = f"{measured.scores:,} scores, {measured.latency_ms} ms latency, {measured.in_flight} in flight"
    console.print(_stages(measured, title), _straw(measured), _requests(measured), _statements(measured))
    console.print(goals_table(found))
    for line in unequal:
        console.print(f"[red]not the same work:[/] {line}")
    if not unequal:
        console.print("[green]✓[/] both gave the same codes and sent the same number of scores in every night")


def _stages(measured: Measured, title: str) -> Table:
    table = Table(title=title)
    table.add_column("product")
    for night in measured.product:
        table.add_column(f"{night.name} s", justify="right")
    for name in ("python CPU s", "database CPU s", "sandbox CPU s", "peak MB", "over imports", "backend MB"):
        table.add_column(name, justify="right", header_style="dim")
    for stage in measured.product[0].stages:
        table.add_row(
            stage.name + (f" ({stage.processes} shards)" if stage.processes > 1 else ""),
            *(f"{measured.seconds(night, stage.name):.2f}" for night in range(len(measured.product))),
            f"{stage.cpu_seconds:.2f}", f"{stage.database_cpu_seconds:.2f}", f"{stage.sandbox_cpu_seconds:.2f}",
            f"{stage.peak_mb:.0f}", f"{stage.peak_mb - stage.imports_mb:.0f}", f"{stage.backend_peak_mb:.0f}",
        )  # fmt: skip
    table.add_section()
    table.add_row("[bold]all[/]", *(f"[bold]{night.total:.2f}[/]" for night in measured.product))
    starts = (sum(stage.startup_seconds for stage in night.stages) for night in measured.product)
    table.add_row("[dim]processes and imports beside it[/]", *(f"[dim]{seconds:.2f}[/]" for seconds in starts))
    table.add_row("[bold]÷ straw man[/]", *(
        f"[bold]{night.total / straw.total:.2f}[/]"
        for night, straw in zip(measured.product, measured.straw_man, strict=True)
    ))  # fmt: skip
    return table


def _straw(measured: Measured) -> Table:
    table = Table()
    table.add_column("straw man")
    for night in measured.straw_man:
        table.add_column(f"{night.name} s", justify="right")
    for stage in measured.straw_man[0].seconds:
        table.add_row(stage, *(f"{night.seconds.get(stage, 0):.2f}" for night in measured.straw_man))
    table.add_section()
    table.add_row("[bold]all[/]", *(f"[bold]{night.total:.2f}[/]" for night in measured.straw_man))
    table.add_row("peak MB", *(f"{night.peak_mb:.0f}" for night in measured.straw_man))
    table.add_row("backend MB", *(f"{night.backend_peak_mb:.0f}" for night in measured.straw_man))
    return table


def _requests(measured: Measured) -> Table:
    table = Table(title="requests to PowerSchool: product / straw man")
    table.add_column("kind")
    pairs = list(zip(measured.product, measured.straw_man, strict=True))
    for night, _ in pairs:
        table.add_column(night.name, justify="right")
    kinds = dict.fromkeys(kind for pair in pairs for side in pair for kind in side.requests)
    for kind in kinds:
        table.add_row(kind, *(f"{ours.requests.get(kind, 0):,} / {its.requests.get(kind, 0):,}" for ours, its in pairs))
    table.add_section()
    sums = ((sum(ours.requests.values()), sum(its.requests.values())) for ours, its in pairs)
    table.add_row("[bold]all[/]", *(f"[bold]{ours:,} / {its:,}[/]" for ours, its in sums))
    table.add_row("scores sent", *(f"{ours.sent:,} / {its.sent:,}" for ours, its in pairs))
    for interval in INTERVALS_MS:
        told = (f"{product_hours(ours, interval):.3f} / {straw_hours(its, interval):.3f}" for ours, its in pairs)
        table.add_row(f"hours at {interval} ms between requests", *told)
    return table


def _statements(measured: Measured) -> Table:
    table = Table(title="the product's costliest statements, first night (those of threads overlap)")
    for name, justify in (("stage", "left"), ("include/sql", "left"), ("seconds", "right"), ("calls", "right")):
        table.add_column(name, justify=justify)  # type: ignore[arg-type]
    told = [
        (stage.name, name, each["seconds"], int(each["calls"]))
        for stage in measured.product[0].stages
        for name, each in stage.statements.items()
    ]
    for stage, name, seconds, calls in sorted(told, key=lambda row: -row[2])[:STATEMENTS]:
        table.add_row(stage, name, f"{seconds:.2f}", f"{calls:,}")
    return table


def goals_table(found: list[Goal]) -> Table:
    """The goals, each with both figures, its bound and whether it is met."""
    table = Table(title="goals: ratios of this run")
    for name, justify in (("", "left"), ("what", "left"), ("figures", "right"), ("ratio", "right"), ("goal", "right")):
        table.add_column(name, justify=justify)  # type: ignore[arg-type]
    table.add_column("")
    for goal in found:
        mark = "[green]met[/]" if goal.met else "[yellow]not yet[/]"
        bound = f"{'≤' if goal.at_most else '≥'} {goal.bound:g}"
        table.add_row(goal.number, goal.what, goal.of, f"{goal.figure:,.2f}", bound, mark)
    return table


def write(folder: Path, runs: list[tuple[Measured, list[Goal], list[str]]]) -> Path:
    """Writes every run of one size to `bench-<scores>.json` (`…-50ms.json` with a latency); the path."""
    folder.mkdir(exist_ok=True)
    latency = f"-{runs[0][0].latency_ms}ms" if runs[0][0].latency_ms else ""
    path = folder / f"bench-{runs[0][0].scores}{latency}.json"
    content = {"at": datetime.now(UTC).isoformat(timespec="seconds"), "machine": machine(), "runs": [
        {
            "scores": measured.scores, "latency_ms": measured.latency_ms, "in_flight": measured.in_flight,
            "product": [night.as_json() for night in measured.product],
            "straw_man": [night.as_json() for night in measured.straw_man],
            "hours": [
                {
                    "night": ours.name, "interval_ms": interval,
                    "product": round(product_hours(ours, interval), 4),
                    "straw_man": round(straw_hours(its, interval), 4),
                }
                for ours, its in zip(measured.product, measured.straw_man, strict=True) for interval in INTERVALS_MS
            ],
            "limits": measured.limits, "goals": [goal.as_json() for goal in found], "not_the_same_work": unequal,
        }
        for measured, found, unequal in runs
    ]}  # fmt: skip
    path.write_text(json.dumps(content, indent=1, default=str) + "\n", encoding="utf-8")
    return path


def machine() -> dict[str, Any]:
    """What the figures were measured on."""
    facts = {"system": platform.platform(), "python": platform.python_version(), "cores": os.cpu_count()}
    text = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace")
    model = next((line.partition(":")[2].strip() for line in text.splitlines() if line.startswith("model name")), "")
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return {**facts, "processor": model, "memory_gib": round(memory, 1), "load_average": os.getloadavg()}
