"""`python -m bench --scores 100000`: three nights of the product and of the straw man over equal districts.

`python -m bench pages` measures the pages instead; without any argument both are measured.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
from collections.abc import Callable

from rich.console import Console

from bench import check, goals, limits, pages, product, straw, tables
from bench.world import DAY, Size, World, opened
from passback.local.home import PROJECT

SIZES = [100_000, 1_000_000]
CHANGED = 0.01
NIGHTS = ("first", "unchanged", "1 % changed")
AS_OF = ("2026-10-14", DAY, "2026-10-16")


def arguments() -> argparse.ArgumentParser:
    """Describe the command line."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--scores", type=int, action="append", help="candidate scores; several times (100000, 1000000)")
    parser.add_argument("--latency-ms", type=int, default=0, help="PowerSchool's, before each request is done")
    parser.add_argument("--in-flight", type=int, default=32, help="requests under way at once, of both (32)")
    parser.add_argument("--shards-at-once", type=int, default=1, help="processes that deliver at once (1: one process)")
    parser.add_argument("--repeat", type=int, default=1, help="measure so often; the middle run is shown, all are kept")
    parser.add_argument("--keep", action="store_true", help="leave database, logs and reports behind, and say where")
    return parser


def main() -> int:
    """Measure what is asked for: nights, `pages`, or with no argument both; 1 where a side did not do its work."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # the database and the sandboxes are ended on the way out
    if sys.argv[1:2] == ["pages"]:
        return pages.main(sys.argv[2:])
    told = nights_of_all_sizes(arguments().parse_args())
    return told if sys.argv[1:] else max(told, pages.main([]))


def nights_of_all_sizes(asked: argparse.Namespace) -> int:
    """Measure every size asked for; 1 where product and straw man did not do the same work."""
    console = Console(highlight=False, width=None if sys.stdout.isatty() else 160)
    shown: list[goals.Measured] = []
    wrong = False
    for scores in asked.scores or SIZES:
        size = Size(scores, asked.latency_ms, asked.in_flight, asked.shards_at_once)
        runs = [one(console, size, asked.keep) for _ in range(asked.repeat)]
        middle = sorted(runs, key=lambda run: run[0].product[0].total)[len(runs) // 2]
        tables.show(console, *middle)
        console.print(f"all figures: {tables.write(PROJECT / 'build', runs)}\n")
        shown.append(middle[0])
        wrong = wrong or any(unequal for _, _, unequal in runs)
    if len(shown) > 1:
        smallest, *_, largest = sorted(shown, key=lambda measured: measured.scores)
        console.print(tables.goals_table(goals.growth(smallest, largest)))
    return int(wrong)


def one(console: Console, size: Size, keep: bool) -> tuple[goals.Measured, list[goals.Goal], list[str]]:
    """Measures one size once: its figures, its goals, and what the two sides did differently."""
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    console.print(f"[bold]{size.scores:,} scores[/]: making two equal districts (load average {load}) …")
    with opened(size, keep) as world:
        if keep:
            console.print(f"kept in {world.home}")
        measured, unequal = nights(console, world)
    return measured, goals.goals(measured), unequal


def nights(console: Console, world: World) -> tuple[goals.Measured, list[str]]:
    """The three nights of both sides, in turn; the limits are taken after the first."""
    ours: list[product.ProductNight] = []
    theirs: list[straw.StrawNight] = []
    found: dict[str, object] = {}
    unequal: list[str] = []
    for name, as_of in zip(NIGHTS, AS_OF, strict=True):
        if name == NIGHTS[-1]:
            for district in (world.product, world.straw_man):
                district.control.otus.do("change_scores", share=CHANGED)
        ours.append(product.night(world, name, as_of, _teller(console, name, "product")))
        theirs.append(straw.night(world, name, as_of, _teller(console, name, "straw man")))
        unequal += check.differences(world, ours[-1], theirs[-1])
        if not found:
            console.print("the limits: raw COPY, ledger scan, upsert, sequential requests …")
            found = limits.measure(world, ours[0].sent / world.size.scores)
    size = world.size
    return goals.Measured(ours, theirs, found, size.latency_ms, size.in_flight, size.scores), unequal


def _teller(console: Console, night: str, side: str) -> Callable[[str, float, float], None]:
    def tell(stage: str, seconds: float, peak_mb: float) -> None:
        console.print(f"  {night:<12} {side:<10} {stage:<15} {seconds:8.2f} s {peak_mb:8.0f} MB")

    return tell


if __name__ == "__main__":
    sys.exit(main())
