"""The quality gate of Otus: what it lets through, what it refuses, and the one line that it says of each."""

import datetime as dt
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.sources import otus_world as otus

from passback.errors import Terminal
from passback.quality import check_source
from passback.settings import Quality, Settings
from passback.sources.otus.extract import extract_otus

Gate = Callable[..., list[str]]


def settings_of(**quality: Any) -> Settings:
    return Settings(
        file=Path("x"), name="x", time_zone="America/Chicago", effective_date=dt.date(2026, 8, 24),
        quality=Quality(**quality),
    )  # fmt: skip


def run(uri: str, statement: str, *parameters: object) -> None:
    otus.select(uri, f"{statement} returning 1", *parameters)


def district(scores: int = 40) -> dict[str, list[Any]]:
    """A district in which everything fits."""
    return otus.world(scores=[otus.record("scores", id=f"r{number:03}") for number in range(scores)])


@pytest.fixture
def extracted(database_uri: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., int]:
    """Extracts objects from files for a new run; gives the run's key."""

    def extracted(objects: dict[str, list[Any]], at: str = otus.AT) -> int:
        folder = otus.write_export(tmp_path / "otus", objects, at=at)
        monkeypatch.setenv("AIRFLOW_CONN_OTUS", json.dumps({"conn_type": "file", "extra": {"path": str(folder)}}))
        key = otus.new_run(database_uri)
        extract_otus(database_uri, key, settings_of(), False)
        return key

    return extracted


@pytest.fixture
def gate(database_uri: str, tmp_path: Path) -> Gate:
    """Asks the gate about Otus in a run."""

    def gate(key: int, **quality: Any) -> list[str]:
        return check_source(database_uri, key, "otus", settings_of(**quality), tmp_path / "docs" / f"run {key}")

    return gate


def test_a_whole_source_passes(extracted: Callable[..., int], gate: Gate) -> None:
    assert gate(extracted(district())) == []


def test_a_total_that_did_not_come_is_told_with_both_figures(
    database_uri: str, extracted: Callable[..., int], gate: Gate
) -> None:
    key = extracted(district())
    run(database_uri, "update passback.extraction_count set declared = 41200 where collection = 'scores'")
    assert gate(key) == [
        "otus scores: 40 rows arrived, the source declared 41,200: what was read is incomplete; run again, or look "
        "at the source."
    ]


def test_a_source_that_declares_nothing_passes(database_uri: str, extracted: Callable[..., int], gate: Gate) -> None:
    key = extracted(district())
    run(database_uri, "update passback.extraction_count set declared = null")
    assert gate(key) == []


@pytest.mark.parametrize(("bad", "refused"), [(2, False), (3, True)])
def test_too_many_bad_records_refuse_the_source(
    bad: int, refused: bool, extracted: Callable[..., int], gate: Gate
) -> None:
    objects = district(40)
    for number in range(bad - 1):
        objects["scores"][number]["points"] = "9"
    objects["scores"][39] = b"{"
    lines = gate(extracted(objects))
    expected = "otus scores: 3 of 40 records (7.5%) break the contract, the limit is 5.0%: look at the quarantine list"
    assert [line.startswith(expected) for line in lines] == [True] * refused


def test_the_limit_is_the_settings(extracted: Callable[..., int], gate: Gate) -> None:
    objects = district(40)
    objects["scores"][0] = 1
    key = extracted(objects)
    assert gate(key, bad_record_share=0.025) == []
    assert len(gate(key, bad_record_share=0.024)) == 1


def test_scores_whose_assignments_are_missing_refuse_the_source(extracted: Callable[..., int], gate: Gate) -> None:
    objects = district(40)
    for score in objects["scores"][:10]:
        score["assignment_id"] = "nowhere"
    (line,) = gate(extracted(objects))
    assert line.startswith("otus scores: the assignment_id of 10 of 40 records (25.0%) names nothing that is there")


def test_a_handful_of_dangling_references_is_peoples_work(extracted: Callable[..., int], gate: Gate) -> None:
    objects = district(40)
    for score in objects["scores"][:9]:
        score["student_id"] = "nobody"
    objects["assignments"][0]["assigned_by"] = "nobody"
    assert gate(extracted(objects)) == []


def test_every_reference_is_looked_at(extracted: Callable[..., int], gate: Gate) -> None:
    nowhere = {"assessment_id": "e9", "class_id": "c9", "assigned_by": "u9"}
    assignments = [otus.record("assignments", id=f"x{number}", **nowhere) for number in range(12)]
    scores = [otus.record("scores", id=f"r{number}", assignment_id="a9", student_id="s9") for number in range(12)]
    lines = gate(extracted(otus.world(assignments=assignments, scores=scores)))
    assert [line.split(" of ")[0] for line in lines] == [
        "otus assignments: the assessment_id", "otus assignments: the assigned_by", "otus assignments: the class_id",
        "otus scores: the assignment_id", "otus scores: the student_id",
    ]  # fmt: skip


IMPLAUSIBLE: list[tuple[str, str, list[Any]]] = [
    ("assessments", "points_possible", [-1, 2_000_000]),
    ("assessments", "created_at", ["1026-10-01T12:00:00Z", "2126-10-01T12:00:00Z"]),
    ("assignments", "due_date", ["0026-10-01", "2126-10-01"]),
    ("assignments", "assigned_at", ["3026-10-01T12:00:00Z"]),
    ("assignments", "submission_date", ["3026-10-01"]),
    ("scores", "points", [1e300, -1e300]),
]


@pytest.mark.parametrize(("many", "refused"), [(9, False), (10, True)])
def test_implausible_values_refuse_the_source_where_they_are_many(
    many: int, refused: bool, extracted: Callable[..., int], gate: Gate
) -> None:
    objects = district()
    for collection, field, values in IMPLAUSIBLE:
        ids = [otus.IDS[collection], *(f"x{number}" for number in range(19))]
        if len(objects[collection]) != len(ids):
            objects[collection] = [otus.record(collection, id=each) for each in ids]
        for number in range(many):
            objects[collection][number][field] = values[number % len(values)]
    lines = gate(extracted(objects))
    told = [f"otus {name}: the {field} of 10 of 20 records (50.0%) is implausible" for name, field, _ in IMPLAUSIBLE]
    assert sorted(line.split(", ")[0] for line in lines) == sorted(told * refused)


def test_an_id_in_two_rows_is_damage(database_uri: str, extracted: Callable[..., int], gate: Gate) -> None:
    key = extracted(district())
    for statement in (
        "alter table staging.otus_user drop constraint otus_user_pkey",
        "insert into staging.otus_user select * from staging.otus_user",
    ):
        with otus.psycopg.connect(database_uri) as connection:
            connection.execute(statement.encode())
    (line,) = gate(key)
    assert line.startswith("otus users: 1 ids are empty or stand in several rows")


def test_a_column_that_no_extraction_writes_is_damage(
    database_uri: str, extracted: Callable[..., int], gate: Gate
) -> None:
    key = extracted(district())
    run(database_uri, "update staging.otus_score set status = 'lost' where id < 'r003'")
    run(database_uri, "update staging.otus_assessment set kind = 'quiz'")
    run(database_uri, "update staging.otus_assignment set class_id = null")
    assert sorted(line.split(":")[0] + line.split(":")[1] for line in gate(key)) == [
        "otus assessments 1 of 1 rows have no valid kind",
        "otus assignments 1 of 1 rows have no valid class_id",
        "otus scores 3 of 40 rows have no valid status",
    ]


def test_a_state_older_than_the_last_accepted_one_is_refused(
    database_uri: str, extracted: Callable[..., int], gate: Gate
) -> None:
    extracted(district(), at="2026-10-02T12:00:00Z")
    key = extracted(district(), at="2026-10-03T12:00:00Z")
    assert gate(key) == []
    run(database_uri, "update passback.extraction set source_time = '2026-10-01T09:30:00Z' where run_key = %s", key)
    assert gate(key) == [
        "otus: the data is of 2026-10-01 09:30 UTC, older than what was last accepted (2026-10-02 12:00 UTC): the "
        "source serves an old state; look at the source, or have it exported again."
    ]
    run(database_uri, "update passback.run_source set state = 'refused' where run_key <> %s", key)
    assert gate(key) == []


def test_clocks_over_http_may_differ_a_little(database_uri: str, extracted: Callable[..., int], gate: Gate) -> None:
    extracted(district(), at="2026-10-02T12:00:00Z")
    key = extracted(district(), at="2026-10-02T12:00:00Z")
    run(database_uri, "update passback.extraction set source_time = '2026-10-02T11:30:00Z' where run_key = %s", key)
    assert len(gate(key)) == 1
    run(database_uri, "update passback.extraction set transport = 'http'")
    assert gate(key) == []


@pytest.mark.parametrize(("days", "refused"), [(0, False), (14, False), (13, True)])
def test_a_state_of_long_ago_is_refused_where_the_settings_say_so(
    days: int, refused: bool, extracted: Callable[..., int], gate: Gate
) -> None:
    lines = gate(extracted(district(), at="2026-10-01T12:00:00Z"), stale_days=days)
    assert [f"over {days} days before 2026-10-15" in line for line in lines] == [True] * refused


def test_a_run_that_read_nothing_has_nothing_to_check(database_uri: str, gate: Gate) -> None:
    with pytest.raises(Terminal, match="has read nothing"):
        gate(otus.new_run(database_uri))


def test_a_check_that_cannot_be_made_never_passes(database_uri: str, extracted: Callable[..., int], gate: Gate) -> None:
    key = extracted(district())
    with otus.psycopg.connect(database_uri) as connection:
        connection.execute("alter table staging.otus_score rename column points to marks")
    with pytest.raises(Terminal, match="could not check otus"):
        gate(key)


def test_the_pages_say_everything_and_load_nothing(
    database_uri: str, extracted: Callable[..., int], gate: Gate, tmp_path: Path
) -> None:
    key = extracted(district())
    run(database_uri, "update passback.extraction_count set declared = 41200 where collection = 'scores'")
    (line,) = gate(key)
    docs = tmp_path / "docs" / f"run {key}"
    front = (docs / "index.html").read_text()
    assert line in front
    assert "otus: refused" in front
    pages = {page.name: page.read_text() for page in docs.rglob("*.html")}
    assert "As many records arrive as the source declares." in pages["district-otus extraction.html"]
    for page in pages.values():
        assert "<script" not in page
        assert "<link" not in page
        assert 'src="http' not in page
    assert sum(file.stat().st_size for file in docs.rglob("*") if file.is_file()) < 1_000_000
