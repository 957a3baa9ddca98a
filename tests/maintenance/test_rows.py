"""Quarantine and staging: what is over goes, what still counts stays."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from passback import database
from passback.database import Connection
from passback.maintenance import rows
from passback.settings import Settings
from passback.steps import maintaining

NOW = datetime.now(UTC)
YEAR = date(2026, 7, 1)
ZONE = "America/Chicago"


@pytest.fixture
def db(database_uri: str) -> Iterator[Connection]:
    with database.connect(database_uri, autocommit=True) as connection:
        yield connection


def extraction(db: Connection, source: str, transport: str = "http", days: int = 0, run_key: int = 1) -> int:
    """A finished extraction of so many days ago; its number."""
    at = NOW - timedelta(days=days)
    row = db.execute(
        "insert into passback.extraction (source, run_key, transport, full_listing, started_at, finished_at) "
        "values (%s, %s, %s, false, %s, %s) returning seq", [source, run_key, transport, at, at],
    ).fetchone()  # fmt: skip
    assert row is not None
    return int(row[0])


def left(db: Connection, table: str, column: str = "id") -> list[Any]:
    """The keys of the rows that are there."""
    return [row[0] for row in db.execute(f"select {column} from {table} order by 1").fetchall()]


def test_quarantined_records_go_after_their_days(
    db: Connection, database_uri: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rows, "BATCH_ROWS", 1)
    older, latest = extraction(db, "otus", days=50), extraction(db, "otus", days=40)
    for seq, source_id, days in (
        (older, "a", 50),
        (older, "", 50),
        (latest, "b", 40),
        (latest, "", 40),
        (latest, "c", 29),
    ):
        db.execute(
            "insert into staging.quarantine (source, collection, seq, place, source_id, reason, recorded_at) "
            "values ('otus', 'scores', %s, %s, %s, 'bad', %s)",
            [seq, f"{source_id or 'none'} of {seq}", source_id, NOW - timedelta(days=days)],
        )
    before = NOW - timedelta(days=30)
    assert rows.delete_quarantine(database_uri, before, dry_run=True) == 3
    assert rows.delete_quarantine(database_uri, before, dry_run=False) == 3
    assert left(db, "staging.quarantine", "place") == ["c of 2", "none of 2"]
    assert rows.delete_quarantine(database_uri, before, dry_run=False) == 0


def test_extractions_go_once_a_newer_one_was_taken_in(db: Connection, database_uri: str) -> None:
    seqs = [extraction(db, "otus", days=days, run_key=days) for days in (500, 450, 440, 10)]
    db.execute("insert into passback.cursor values ('otus', '', now(), %s)", [seqs[1]])
    before = NOW - timedelta(days=400)
    rows.delete_old_runs(database_uri, before, dry_run=False)
    assert left(db, "passback.extraction", "seq") == seqs  # the newer ones were never judged
    db.execute(
        "insert into passback.run "
        "(dag_id, run_id, as_of, dry_run, parameters, settings, sources, year_first_day, year_last_day) values ("
        "'passback_nightly', 'n', '2026-10-15', false, '{}', '{}', '{otus}', '2026-07-01', '2027-06-30')"
    )
    db.execute("update passback.extraction set run_key = (select run_key from passback.run) where seq = %s", [seqs[3]])
    db.execute("insert into passback.run_source select run_key, 'otus', %s, 'read' from passback.run", [seqs[3]])
    rows.delete_old_runs(database_uri, before, dry_run=False)
    assert left(db, "passback.extraction", "seq") == [seqs[1], seqs[3]]


def assignment(db: Connection, name: str, due: str | None, assigned: str | None = None) -> None:
    """A staged Otus assignment with one live and one deleted score."""
    db.execute("insert into staging.otus_assessment (id, seq, created_at) values (%s, 1, '2026-01-10T12:00Z')", [name])
    db.execute(
        "insert into staging.otus_assignment (id, seq, assessment_id, due_date, assigned_at) "
        "values (%s, 1, %s, %s, %s)",
        [name, name, due, assigned],
    )
    for kind, deleted in (("live", False), ("deleted", True)):
        db.execute(
            "insert into staging.otus_score (id, seq, assignment_id, deleted) values (%s, 1, %s, %s)",
            [f"{name} {kind}", name, deleted],
        )


def test_scores_of_older_school_years_leave_staging_and_their_items_stay(db: Connection, database_uri: str) -> None:
    assignment(db, "old", "2026-06-10")
    assignment(db, "assigned late in June", None, "2026-06-29T12:00Z")  # due a week later by our own rule
    assignment(db, "new", "2026-09-10")
    assignment(db, "made again this year", "2026-05-10", "2026-08-30T12:00Z")
    extraction(db, "otus")
    assert rows.archive_otus(database_uri, YEAR, ZONE, dry_run=True) == {"scores": 2}
    assert rows.archive_otus(database_uri, YEAR, ZONE, dry_run=False) == {"scores": 2}
    assert len(left(db, "staging.otus_assignment")) == 4
    assert {name.rpartition(" ")[0] for name in left(db, "staging.otus_score")} == {
        "assigned late in June", "new", "made again this year",
    }  # fmt: skip


def test_what_an_export_lists_every_night_stays_staged(db: Connection, database_uri: str) -> None:
    assignment(db, "old", "2026-06-10")
    extraction(db, "otus", "files")
    assert rows.archive_otus(database_uri, YEAR, ZONE, dry_run=False) == {"scores": 1}
    assert left(db, "staging.otus_score") == ["old live"]


def test_nothing_is_archived_while_the_source_is_extracted(db: Connection, database_uri: str) -> None:
    assignment(db, "old", "2026-06-10")
    with database.connect(database_uri) as other:
        database.run(other, "extraction_lock", lock="extract:otus", wait="1s")
        assert rows.archive_otus(database_uri, YEAR, ZONE, dry_run=False) == {"scores": 0}
    assert rows.archive_otus(database_uri, YEAR, ZONE, dry_run=False) == {"scores": 2}


def test_schoology_sections_of_older_school_years_leave_staging_whole(db: Connection, database_uri: str) -> None:
    seq = extraction(db, "schoology")
    db.execute("insert into staging.section values (85001, '101', 3600, 'Algebra', '1', '2026-08-10', '2027-06-04', 1)")
    for section, dcid, due in (
        ("old", 84001, "2026-05-10"), ("taught", 85001, "2026-05-10"), ("gone this year", 85009, "2026-09-10"),
        ("without a day", 84002, None),
    ):  # fmt: skip
        db.execute(
            "insert into staging.schoology_section (id, seq, section_school_code, section_dcid) values (%s, 1, '', %s)",
            [section, dcid],
        )
        db.execute(
            "insert into staging.schoology_item (id, seq, section_id, grade_item_id, due_on) "
            "values (%s, 1, %s, '1', %s)",
            [f"{section}:1", section, due],
        )
        db.execute(
            "insert into staging.schoology_grade (id, seq, section_id, item_id, enrollment_id) "
            "values (%s, 1, %s, %s, '1')",
            [f"{section}:1:1", section, f"{section}:1"],
        )
        db.execute(
            "insert into staging.schoology_enrollment (id, seq, section_id) values (%s, 1, %s)", [section, section]
        )
        db.execute("insert into passback.schoology_place (section_id, seq) values (%s, %s)", [section, seq])
    found = {"sections": 1, "rows": 2}
    assert rows.archive_schoology(database_uri, YEAR, dry_run=True) == found
    assert rows.archive_schoology(database_uri, YEAR, dry_run=False) == found
    stay = ["gone this year", "taught", "without a day"]
    for table, column in (
        ("staging.schoology_section", "id"), ("staging.schoology_item", "section_id"),
        ("staging.schoology_grade", "section_id"), ("staging.schoology_enrollment", "section_id"),
        ("passback.schoology_place", "section_id"),
    ):  # fmt: skip
        assert left(db, table, column) == stay


@pytest.mark.parametrize(
    ("today", "first"),
    [
        ("2026-09-28", "2025-07-01"),
        ("2026-09-29", "2026-07-01"),
        ("2027-06-30", "2026-07-01"),
        ("2027-07-02", "2026-07-01"),
    ],
)
def test_a_school_year_stays_staged_for_ninety_days_after_its_end(settings: Settings, today: str, first: str) -> None:
    assert maintaining.first_staged_day(settings, date.fromisoformat(today)) == date.fromisoformat(first)


@pytest.fixture
def settings(project: Any) -> Settings:
    from passback.settings import load

    return load(project / "include" / "district.toml")
