"""Schoology's records at their worst, among good ones: staged as what they say or quarantined, at no other's cost."""

import json
import math

import pytest
from tests.faults.schoology_source import SchoologySource
from tests.sources.schoology import world

DEEP = b"[" * 20_000 + b"]" * 20_000
# The value of `grade`, and what is staged of it; None: nothing is staged, the second says whether it is quarantined.
GRADES: dict[bytes, tuple[float | None, bool]] = {
    b"1e308": (1e308, False), b"1" + b"0" * 30: (1e30, False), b'"1e308"': (1e308, False),
    b"9" * 5_000: (None, False), b'"' + b"9" * 5_000 + b'"': (None, False), b'"NaN"': (None, False),
    b"-1.5": (-1.5, False), b'"-1.5"': (-1.5, False), b"NaN": (None, True), b"-Infinity": (None, True),
    b"{}": (None, True), b"[3]": (None, True), b"true": (None, True), DEEP: (None, True),
}  # fmt: skip
TITLES = [rb"t\u0000", rb"t\ud83d", b"t\xff", b"t\x01", rb"t\x41"]


def written(record: dict[str, object], value: bytes) -> bytes:
    """A record with the value of its field "@" as it is written."""
    return json.dumps(record).encode().replace(b'"@"', value)


@pytest.mark.parametrize("multiget", [50, 1])
def test_each_is_staged_or_quarantined(multiget: int, schoology_source: SchoologySource) -> None:
    bad = [written(world.grade(enrollment_id=100 + number, grade="@"), value) for number, value in enumerate(GRADES)]
    items = [written(world.item(6000 + number, title="@"), b'"%s"' % text) for number, text in enumerate(TITLES)]
    schoology_source.serve(
        world.section(1, grades=[world.grade(), *bad, world.grade(enrollment_id=999)], items=[world.item(), *items]),
        world.section(2), world.section(3),
    )  # fmt: skip
    found = schoology_source.extract(multiget=multiget)
    assert (found["failed"], found["incomplete"], found["read"]) == (0, 0, 3)
    assert found["collections"]["grades"]["received"] == len(bad) + 4
    staged = {
        row["id"]: (row["grade"], row["invalid"] is not None, row["grade_unreadable"])
        for row in schoology_source.select("select id, grade, invalid, grade_unreadable from staging.schoology_grade")
    }
    assert len(staged) == len(bad) + 4
    for number, (value, (grade, quarantined)) in enumerate(GRADES.items()):
        kept = staged[f"4001:5001:{100 + number}"]
        assert (kept[0], kept[1]) == (grade, quarantined), value[:20]
        assert kept[2] is (grade is None and not quarantined), value[:20]
        assert grade is None or math.isfinite(grade)
    assert found["collections"]["grade_items"]["quarantined"] == len(TITLES)
    reasons = " ".join(row["reason"] for row in schoology_source.select("select reason from staging.quarantine"))
    assert "a number that is not finite was found" in reasons
    assert "holds a NUL or half a character" in reasons


@pytest.mark.parametrize("total", [b'"' + b"9" * 5_000 + b'"', b"9" * 5_000, b"9" * 30])
def test_a_total_of_any_length_ends_nothing_but_its_listing(total: bytes, schoology_source: SchoologySource) -> None:
    from passback.sources.schoology.contract import GRADES as COLLECTION
    from passback.sources.schoology.pages import PageError, page_of

    body = b'{"grades":{"grade":[]},"total":%s}' % total
    try:
        assert page_of(COLLECTION, "4001", body, "here").total is None
    except PageError as error:
        assert "9999" not in str(error)


def test_an_id_of_thousands_of_digits_is_no_id(schoology_source: SchoologySource) -> None:
    schoology_source.serve(world.section(items=[world.item(), world.item(int("7" * 4_000))]))
    found = schoology_source.extract()
    assert (found["failed"], found["collections"]["grade_items"]["quarantined"]) == (0, 1)


def test_a_title_of_ten_megabytes_is_staged_whole(
    schoology_source: SchoologySource, monkeypatch: pytest.MonkeyPatch
) -> None:
    from passback.sources.schoology import client

    for name in ("ATTEMPT_SECONDS", "MULTIGET_SECONDS", "PATIENCE_SECONDS"):
        monkeypatch.setattr(client, name, 60.0)
    schoology_source.serve(world.section(items=[world.item(title="é" * 10_000_000)]))
    assert schoology_source.extract()["collections"]["grade_items"]["quarantined"] == 0
    assert schoology_source.select("select length(title) as long from staging.schoology_item") == [{"long": 10_000_000}]
