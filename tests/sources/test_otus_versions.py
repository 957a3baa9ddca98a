"""Versions in staging: only what differs is touched, bad ones replace good ones and good ones bad ones."""

from pathlib import Path
from typing import Any

from tests.sources import otus_world as otus
from tests.sources.conftest import Extract

STAGED = "select id, points, invalid, seq from staging.otus_score order by id"


def night(folder: Path, extract: Extract, day: int, *scores: Any, full: bool = False) -> int:
    """One export of that day, extracted; gives its number."""
    otus.write_export(folder, otus.world(scores=list(scores)), at=f"2026-10-{day:02}T12:00:00Z", full=full)
    return int(extract()["seq"])


def test_a_row_that_does_not_differ_is_not_touched(database_uri: str, export: Path, extract: Extract) -> None:
    first = night(export, extract, 2, otus.record("scores", id="r1"), otus.record("scores", id="r2"))
    second = night(export, extract, 3, otus.record("scores", id="r1"), otus.record("scores", id="r2", points=4))
    assert otus.select(database_uri, STAGED) == [
        {"id": "r1", "points": 9.5, "invalid": None, "seq": first},
        {"id": "r2", "points": 4.0, "invalid": None, "seq": second},
    ]


def test_a_bad_version_replaces_a_good_one_until_a_good_one_comes(
    database_uri: str, export: Path, extract: Extract
) -> None:
    night(export, extract, 2, otus.record("scores"))
    second = night(export, extract, 3, otus.record("scores", points="9.5"))
    (bad,) = otus.select(database_uri, STAGED)
    assert (bad["points"], bad["seq"]) == (None, second)
    assert "`points`" in bad["invalid"]
    third = night(export, extract, 4, otus.record("scores", status="lost"))
    (quarantined,) = otus.select(database_uri, "select source_id, field, seq from staging.quarantine")
    assert quarantined == {"source_id": "r1", "field": "status", "seq": third}
    fourth = night(export, extract, 5, otus.record("scores"))
    assert otus.select(database_uri, STAGED) == [{"id": "r1", "points": 9.5, "invalid": None, "seq": fourth}]
    assert otus.select(database_uri, "select * from staging.quarantine") == []


def test_records_without_an_id_are_those_of_the_last_extraction(
    database_uri: str, export: Path, extract: Extract
) -> None:
    night(export, extract, 2, b"{", b"[]")
    assert len(otus.select(database_uri, "select * from staging.quarantine")) == 2
    last = night(export, extract, 3, otus.record("scores", id=4))
    assert otus.select(database_uri, "select seq, source_id from staging.quarantine") == [
        {"seq": last, "source_id": ""}
    ]


def test_of_an_id_that_comes_twice_the_later_version_counts(database_uri: str, export: Path, extract: Extract) -> None:
    later = otus.record("scores", points=1, updated_at="2026-10-01T13:00:00+01:00")
    latest = otus.record("scores", points=2, updated_at="2026-10-01T12:00:01Z")
    night(export, extract, 2, latest, later, later, otus.record("scores", id="r2"))
    assert [row["points"] for row in otus.select(database_uri, STAGED)] == [2.0, 9.5]


def test_of_two_versions_of_one_time_the_later_in_the_listing_counts(
    database_uri: str, export: Path, extract: Extract
) -> None:
    night(export, extract, 2, otus.record("scores", points=1))
    night(export, extract, 3, otus.record("scores", points=2), otus.record("scores", points=1))
    assert [row["points"] for row in otus.select(database_uri, STAGED)] == [1.0]
    night(export, extract, 4, otus.record("scores", points=1), otus.record("scores", points=2))
    assert [row["points"] for row in otus.select(database_uri, STAGED)] == [2.0]


def test_a_bad_version_that_is_superseded_in_its_batch_leaves_no_trace(
    database_uri: str, export: Path, extract: Extract
) -> None:
    bad = otus.record("scores", points="x")
    night(export, extract, 2, otus.record("scores", updated_at="2026-10-01T13:00:00Z"), bad)
    assert [row["invalid"] for row in otus.select(database_uri, STAGED)] == [None]
    assert otus.select(database_uri, "select * from staging.quarantine") == []


def test_a_bad_version_without_a_readable_time_is_the_newest(database_uri: str, export: Path, extract: Extract) -> None:
    bad = otus.record("scores", updated_at="soon")
    night(export, extract, 2, otus.record("scores", updated_at="2026-10-01T13:00:00Z"), bad, bad)
    assert [row["invalid"] is None for row in otus.select(database_uri, STAGED)] == [False]
    assert len(otus.select(database_uri, "select * from staging.quarantine")) == 1


def test_the_numbers_of_extractions_rise(database_uri: str, export: Path, extract: Extract) -> None:
    assert extract()["seq"] < extract()["seq"]
