"""The report on the terminal."""

import subprocess
import sys
from pathlib import Path

from tests.reconciliation.world import World

import passback

PLUGINS = Path(passback.__file__).parents[1]


def test_the_terminal_shows_totals_reasons_and_where_to_look(world: World) -> None:
    run = world.run()
    item = world.item(run, "A1", "CATEGORY_UNMAPPED")
    for number in range(3):
        world.score(run, item, f"s{number}")
    folder = world.reconcile(run).folder
    shown = subprocess.run(
        [sys.executable, "-m", "passback.reconciliation.terminal", str(folder)], cwd=PLUGINS,
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    assert "otus scores" in shown
    assert " ".join(next(line for line in shown.splitlines() if "CATEGORY_UNMAPPED" in line).split()).startswith(
        "CATEGORY_UNMAPPED 1 3 admin"
    )
    assert "The books balance." in shown
    assert shown.rstrip().endswith(f"{folder}/reconciliation.html")


def test_the_terminal_shows_an_empty_run(world: World) -> None:
    folder = world.reconcile(world.run(sources={})).folder
    shown = subprocess.run(
        [sys.executable, "-m", "passback.reconciliation.terminal", str(folder)], cwd=PLUGINS,
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    assert "No source was read in this run." in shown
