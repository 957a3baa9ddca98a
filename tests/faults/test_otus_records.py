"""Otus's records at their worst, among good ones: staged as what they say or quarantined, at no other's cost."""

import json
import math

import pytest
from tests.faults.otus_source import OtusSource, scores
from tests.sources import otus_world as otus

from passback.hooks import otus as hook

DEEP = b"[" * 20_000 + b"]" * 20_000
# The value of `points`, and what is staged of it: a number, or None where the record is quarantined.
POINTS: dict[bytes, float | None] = {
    b"1e308": 1e308, b"1" + b"0" * 30: 1e30, b"9" * 5_000: math.inf, b"-1e999": -math.inf, b"-1.5": -1.5,
    b"1e-400": 0.0, b"NaN": None, b"Infinity": None, b"-Infinity": None, b'"12"': None, b"{}": None, b"[3]": None,
    b"true": None, DEEP: None,
}  # fmt: skip
# The text of an id that a score refers by.
TEXTS = [rb"s\u0000", rb"s\ud83d", rb"s\ude00\ud83d", b"s\xff", b"s\x01", rb"s\x41", b"s" * 300]


def record(number: int, **values: bytes) -> bytes:
    """A score with values as they are written."""
    line = otus.encoded(otus.record("scores", id=f"x{number:03}", **dict.fromkeys(values, "@")))
    for value in values.values():
        line = line.replace(b'"@"', value, 1)
    return line


def bad_records() -> list[bytes]:
    """One score for each value."""
    points = [record(number, points=value) for number, value in enumerate(POINTS)]
    return points + [record(100 + number, student_id=b'"%s"' % text) for number, text in enumerate(TEXTS)]


def judge(source: OtusSource) -> None:
    """What must be staged of `bad_records` among 30 good ones."""
    found = source.points()
    wanted = {f"x{number:03}": value for number, value in enumerate(POINTS.values()) if value is not None}
    assert {key: value for key, value in found.items() if key.startswith("x")} == wanted
    assert len(found) == 30 + len(wanted)
    bad = source.select("select source_id, field, reason from staging.quarantine order by source_id")
    assert {row["source_id"] for row in bad} == {f"x{number:03}" for number in range(len(POINTS))} - wanted.keys() | {
        f"x{100 + number}" for number in range(len(TEXTS))
    }
    assert {row["field"] for row in bad} == {"points", "student_id"}
    reasons = " ".join(row["reason"] for row in bad)
    assert "a number that is not finite was found" in reasons
    assert "holds a NUL or half a character" in reasons


def test_over_http_each_is_staged_or_quarantined(otus_source: OtusSource) -> None:
    bad = bad_records()
    otus_source.serve(otus.world(scores=[*scores(15), *bad, *scores(30)[15:]]), page_cap=20)
    found = otus_source.extract()["collections"]["scores"]
    assert (found["declared"], found["received"]) == (30 + len(bad), 30 + len(bad))
    judge(otus_source)


def test_in_files_each_is_staged_or_quarantined(
    otus_source: OtusSource, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = otus.write_export(tmp_path_factory.mktemp("otus"), otus.world(scores=[*scores(30), *bad_records()]))
    monkeypatch.setenv("AIRFLOW_CONN_OTUS", json.dumps({"conn_type": "file", "extra": {"path": str(folder)}}))
    otus_source.extract()
    judge(otus_source)


def test_a_title_of_ten_megabytes_is_staged_whole(otus_source: OtusSource, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hook, "ATTEMPT_SECONDS", 30.0)
    monkeypatch.setattr(hook, "PATIENCE_SECONDS", 60.0)
    otus_source.serve(otus.world(assessments=[otus.record("assessments", title="é" * 10_000_000)]))
    assert otus_source.extract()["collections"]["assessments"]["quarantined"] == 0
    assert otus_source.select("select length(title) as long from staging.otus_assessment") == [{"long": 10_000_000}]


def test_a_page_that_is_cut_behind_a_record_is_seen_as_torn(otus_source: OtusSource) -> None:
    first = otus.encoded(otus.record("scores"))
    otus_source.serve(otus.world(scores=[first, b"}" + first]))
    with pytest.raises(Exception, match="page 1 of scores is not JSON, 3 times over"):
        otus_source.extract()
