"""`make rebuild-ledger` and `make release-unverified`, each in a process of its own."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.delivery.databases import lose

from passback.local.postgres import Postgres


def command(*arguments: str) -> tuple[int, str]:
    """What the command prints, and how it ends."""
    ended = subprocess.run(
        [sys.executable, "-m", "passback.local.rebuild_ledger", *arguments],
        env=os.environ | {"PYTHONPATH": "plugins:include"},
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )
    return ended.returncode, ended.stdout + ended.stderr


def test_the_ledger_is_rebuilt_and_what_waits_is_released_by_command(nights: Any, postgres: Postgres) -> None:
    nights.run()
    lose(postgres, nights.uri)
    nights.powerschool.edit_score("quiz", "1002", points=3)
    assert command("--sections", "85001, algebra")[0] == 2
    status, said = command()
    assert status == 0, said
    assert "9 scores: not in the ledger" in said
    assert Path(said.strip().splitlines()[-1], "rebuild.csv").is_file()
    nights.run()
    status, said = command("--release")
    assert (status, "student 1002: 3 → 8" in said) == (0, True), said
    (unverified,) = nights.home.glob("reports/passback_rebuild/*/unverified__*/unverified.csv")
    assert unverified.read_text(encoding="utf-8").splitlines()[1].endswith(",1002,score,3,8")
    status, said = command("--release", "--accept", "source", "--sections", "85001")
    assert (status, "0 items and 1 scores released" in said) == (0, True), said
    assert nights.run().totals("scores") == {"updated": 1, "unchanged": 8}
