"""Nights in any order, from any transport: one state in the end."""

import itertools
import json
from pathlib import Path
from typing import Any

import pytest

DAYS = ("2026-10-14", "2026-10-16", "2026-10-20")


@pytest.mark.parametrize("order", list(itertools.permutations(DAYS)))
def test_backfilled_nights_end_in_one_state_whatever_their_order(nights: Any, order: tuple[str, ...]) -> None:
    nights.otus.edit("assignments", "lab", due_date="2026-10-19")
    for day in (*order, order[0]):
        report = nights.run(as_of=day)
        assert report.summary["balanced"] is True
    assert [len(nights.powerschool.assignments(item)) for item in ("quiz", "essay", "lab")] == [1, 1, 1]
    for item in ("quiz", "essay", "lab"):
        assert nights.points(item) == {"1001": 8, "1002": 8, "1003": 8}


@pytest.mark.parametrize("compressed", [True, False])
def test_a_night_from_files_is_the_night_over_http(
    nights: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, compressed: bool
) -> None:
    folder = tmp_path / "export"
    nights.otus.export_files(str(folder), compressed=compressed)
    monkeypatch.setenv("AIRFLOW_CONN_OTUS", json.dumps({"conn_type": "file", "extra": {"path": str(folder)}}))
    assert nights.run().totals("scores") == {"created": 9}
    nights.otus.edit("scores", "quiz.1001", points=7)
    nights.otus.delete("scores", "quiz.1002")
    nights.otus.export_files(str(folder), compressed=compressed)
    report = nights.run()
    assert report.totals("scores") == {"updated": 1, "skipped": 1, "unchanged": 7}
    assert report.line("quiz", "1002")["other_codes"] == "LEFT_IN_SIS"
    assert nights.points("quiz") == {"1001": 7, "1002": 8, "1003": 8}


def test_only_the_named_schools_are_judged_counted_and_sent(nights: Any) -> None:
    report = nights.run(schools=["101"])
    assert set(report.summary["schools"]) == {"101"}
    assert report.totals("items") == {"created": 3}


def test_a_line_knows_since_when_it_stands(nights: Any) -> None:
    nights.otus.edit("scores", "quiz.1003", status="turned_in")
    for day, opened in (("2026-10-13", "1"), ("2026-10-14", "2"), ("2026-10-14", "2"), ("2026-10-15", "3")):
        line = nights.run(as_of=day).line("quiz", "1003")
        assert (line["code"], line["first_seen"], line["nights_open"]) == ("NOT_FULLY_GRADED", "2026-10-13", opened)


@pytest.mark.parametrize(
    ("in_flight", "shards", "expected"), [(8, 1, 8), (8, 8, 8), (64, 1, 64), (64, 8, 16), (1, 4, 1)]
)
def test_shards_that_run_side_by_side_share_the_connections(in_flight: int, shards: int, expected: int) -> None:
    from passback.delivery.engine import workers

    assert workers(in_flight, shards) == expected
