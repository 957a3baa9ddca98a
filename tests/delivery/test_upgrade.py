"""A database of an older version, with what it delivered, is brought up to date by the next night."""

import gzip
import subprocess
from pathlib import Path
from typing import Any

import pytest
from tests.delivery.databases import lose

from passback import database
from passback.local.postgres import Postgres, binaries

DUMP = Path(__file__).parents[1] / "data" / "passback_0004.sql.gz"


@pytest.fixture
def upgraded(nights: Any, postgres: Postgres, tmp_path: Path) -> Any:
    """The nights of the older version's dump have been; its database stands in place of ours, not yet migrated."""
    nights.otus.edit("scores", "quiz.1003", status="turned_in")
    nights.run("2026-10-13")
    nights.otus.edit("scores", "quiz.1001", points=5)
    nights.otus.edit("classes", "biology", sis_section_id="85003")
    nights.run("2026-10-14")
    expected = ledger(nights)
    lose(postgres, nights.uri)
    plain = tmp_path / "dump.sql"
    plain.write_bytes(gzip.decompress(DUMP.read_bytes()))
    load = [binaries() / "psql", "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", f"--file={plain}", nights.uri]
    subprocess.run(load, check=True, stdout=subprocess.DEVNULL)
    assert ledger(nights) == expected
    return nights


def ledger(nights: Any) -> list[Any]:
    """What the ledger says was delivered, and under which of PowerSchool's ids."""
    with database.connect(nights.uri) as connection:
        return connection.execute(
            "select i.source_item_id, l.powerschool_assignment_id, l.name_sent, l.due_sent, l.total_sent, "
            "l.category_sent, c.student_number, c.points_sent, c.flags_sent from passback.ledger_item as l "
            "join passback.item as i using (item_key) join passback.ledger_score as c using (item_key) order by 1, 7"
        ).fetchall()


def test_an_older_versions_ledger_is_taken_over_and_nothing_is_sent_again(upgraded: Any) -> None:
    before = ledger(upgraded)
    report = upgraded.run("2026-10-15")
    assert report.writes == []
    assert report.red == []
    assert report.totals("items") == {"unchanged": 3}
    assert report.totals("scores") == {"unchanged": 8, "skipped": 1}
    assert ledger(upgraded) == before
    line = report.line("quiz", "1003")
    assert (line["first_seen"], line["nights_open"]) == ("2026-10-13", "3")
    upgraded.otus.edit("scores", "quiz.1003", status="graded")
    upgraded.otus.edit("scores", "quiz.1001", points=6)
    assert upgraded.run("2026-10-15").totals("scores") == {"created": 1, "updated": 1, "unchanged": 7}
    assert upgraded.points("quiz") == {"1001": 6, "1002": 8, "1003": 8}


def test_an_older_versions_history_is_taken_up_again(upgraded: Any) -> None:
    upgraded.otus.edit("classes", "biology", sis_section_id="85002")
    report = upgraded.run("2026-10-15")
    assert report.writes == []
    assert report.totals("items") == {"unchanged": 3}
    assert [line["code"] for line in report.lines if line["source_item_id"] == "lab"] == ["LEFT_IN_SIS"]


def test_migrating_twice_changes_nothing(upgraded: Any) -> None:
    for _ in range(2):
        database.migrate(upgraded.uri)
    with database.connect(upgraded.uri) as connection:
        applied = connection.execute("select count(*) from _yoyo_migration").fetchone()
    assert applied == (len(list((database.SQL_FOLDER / "schema").glob("*.sql"))),)
