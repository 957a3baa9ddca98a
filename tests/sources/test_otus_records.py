"""What an Otus object must be: every way to break the contract, and what is kept of an object that does."""

import json
from typing import Any

import msgspec
import pytest
from tests.sources.otus_world import AT, IDS, encoded, record

from passback.sources.otus.contract import LONGEST_ID
from passback.sources.otus.records import Rows, UnsureError, one_by_one, typed
from passback.sources.otus.staging import COLLECTIONS


def examined(collection: str, *objects: Any) -> Rows:
    return one_by_one(
        COLLECTIONS[collection], ((f"line {number}", encoded(each)) for number, each in enumerate(objects, start=1))
    )


def row(collection: str, **changes: Any) -> dict[str, str]:
    """The staging columns of one object as COPY has them."""
    rows = examined(collection, record(collection, **changes))
    (line,) = rows.text.splitlines()
    return dict(zip(COLLECTIONS[collection].columns, line.split("\t"), strict=True))


@pytest.mark.parametrize("collection", IDS)
def test_a_good_object_is_read_and_a_deleted_one_too(collection: str) -> None:
    rows = examined(collection, record(collection), record(collection, deleted=True))
    assert (rows.received, rows.bad) == (2, [])
    assert [line.split("\t")[2][0].lower() for line in rows.text.splitlines()] == ["f", "t"]


@pytest.mark.parametrize("collection", IDS)
def test_a_block_of_good_objects_is_decoded_at_once_and_gives_the_same_rows(collection: str) -> None:
    decode = msgspec.json.Decoder(list[COLLECTIONS[collection].record]).decode  # type: ignore[name-defined]
    objects = [record(collection), record(collection, deleted=True)]
    assert typed(COLLECTIONS[collection], encoded(objects), decode).text == examined(collection, *objects).text


@pytest.mark.parametrize(("collection", "field"), [(name, field) for name in IDS for field in record(name)])
def test_a_missing_field_is_quarantined(collection: str, field: str) -> None:
    (bad,) = examined(collection, record(collection, **{field: ...})).bad
    assert [(fault.field, fault.found_type) for fault in bad.faults] == [(field, "missing")]
    assert bad.source_id == ("" if field == "id" else IDS[collection])


WRONG: list[tuple[str, str, Any, str]] = [
    ("scores", "id", 7, "number"),
    ("scores", "id", "", "text"),
    ("scores", "id", "x" * (LONGEST_ID + 1), "text"),
    ("scores", "updated_at", "2026-10-01T12:00:00", "text"),
    ("scores", "updated_at", "2026-10-01", "text"),
    ("scores", "updated_at", "yesterday", "text"),
    ("scores", "updated_at", None, "null"),
    ("scores", "updated_at", 1759320000, "number"),
    ("scores", "updated_at", "0001-01-01T00:00:00+05:00", "text"),
    ("scores", "deleted", "false", "text"),
    ("scores", "deleted", 0, "number"),
    ("scores", "deleted", None, "null"),
    ("scores", "assignment_id", 5, "number"),
    ("scores", "student_id", None, "null"),
    ("scores", "status", "Graded", "text"),
    ("scores", "status", None, "null"),
    ("scores", "points", "9.5", "text"),
    ("scores", "points", True, "boolean"),
    ("scores", "points", [], "list"),
    ("scores", "points", {"value": 1}, "object"),
    ("scores", "excluded", None, "null"),
    ("scores", "excused", 1, "number"),
    ("scores", "missing", "no", "text"),
    ("assignments", "assessment_id", 5, "number"),
    ("assignments", "assigned_by", None, "null"),
    ("assignments", "assigned_at", "2026-10-01T12:00:00", "text"),
    ("assignments", "due_date", "2026-02-30", "text"),
    ("assignments", "due_date", "2026-10-01T00:00:00Z", "text"),
    ("assignments", "due_date", "", "text"),
    ("assignments", "submission_date", 20261001, "number"),
    ("assignments", "include_in_final_grade", "yes", "text"),
    ("assessments", "kind", "Plus", "text"),
    ("assessments", "points_possible", "12", "text"),
    ("assessments", "points_possible", False, "boolean"),
    ("assessments", "grading_scale", None, "null"),
    ("assessments", "title", 3, "number"),
    ("assessments", "title", "a\0b", "text"),
    ("assessments", "created_at", None, "null"),
    ("classes", "sis_section_id", 85001, "number"),
    ("classes", "teacher_ids", "u1", "text"),
    ("students", "sis_id", 100001, "number"),
    ("users", "sis_id", 8301, "number"),
    ("users", "groups", None, "null"),
    ("users", "groups", ["a", 1], "list"),
    ("users", "groups", ["a\0"], "list"),
    ("users", "role", False, "boolean"),
]


@pytest.mark.parametrize(("collection", "field", "value", "found"), WRONG)
def test_a_value_of_the_wrong_kind_is_quarantined_without_the_value(
    collection: str, field: str, value: Any, found: str
) -> None:
    (bad,) = examined(collection, record(collection, **{field: value})).bad
    assert [(fault.field, fault.found_type) for fault in bad.faults] == [(field, found)]
    assert bad.source_id == ("" if field == "id" else IDS[collection])
    assert f"`{field}`" in bad.reason
    if isinstance(value, str) and len(value) > 3 and field != "deleted":
        assert value not in bad.reason


@pytest.mark.parametrize(
    ("line", "found"),
    [
        (b"not json", "not JSON"), (b'{"id": "r1"', "not JSON"), (b'{"id": "r1", "points": 01}', "not JSON"),
        (b"5", "number"), (b'"r1"', "text"), (b"null", "null"), (b"[]", "list"), (b"true", "boolean"),
        (b"[" * 100_000, "not JSON"),
    ],
)  # fmt: skip
def test_what_is_no_object_is_only_in_the_quarantine(line: bytes, found: str) -> None:
    rows = examined("scores", line, record("scores"))
    assert rows.received == 2
    assert len(rows.text.splitlines()) == 1
    (bad,) = rows.bad
    assert (bad.place, bad.source_id, bad.faults[0].found_type) == ("line 1", "", found)


@pytest.mark.parametrize(
    ("field", "value", "found"),
    [
        ("points", b"NaN", "number that is not finite"), ("points", b"-Infinity", "number that is not finite"),
        ("points", b"[" * 5000 + b"]" * 5000, "list"), ("student_id", b'"s\\ud83d"', "text"),
        ("student_id", b'"s\\q"', "text"), ("student_id", b'"s\t1"', "text"),
    ],
)  # fmt: skip
def test_a_value_that_is_no_json_is_a_bad_field_of_its_record(field: str, value: bytes, found: str) -> None:
    line = encoded(record("scores", **{field: "@"})).replace(b'"@"', value)
    rows = examined("scores", line, record("scores", id="r2"))
    (bad,) = rows.bad
    assert (bad.source_id, bad.faults[0].field, bad.faults[0].found_type) == ("r1", field, found)
    assert len(rows.text.splitlines()) == 2


def test_a_value_that_is_no_json_does_no_harm_in_a_field_that_is_not_kept() -> None:
    line = encoded(record("students", name="@"))
    for value in (b"NaN", b'"\\ud83d"', b"[" * 5000 + b"]" * 5000):
        assert examined("students", line.replace(b'"@"', value)).bad == []


def test_every_fault_of_an_object_is_told() -> None:
    (bad,) = examined("scores", record("scores", points="1", status="?", excluded=...)).bad
    assert [fault.field for fault in bad.faults] == ["status", "points", "excluded"]
    assert bad.reason.count(";") == 2


def test_one_bad_object_never_costs_the_rest() -> None:
    objects = [record("scores", id=f"r{number}") for number in range(50)]
    objects[17]["points"] = "9"
    rows = examined("scores", *objects)
    assert (rows.received, len(rows.text.splitlines()), len(rows.bad)) == (50, 50, 1)
    assert rows.bad[0].place == "line 18"


def test_a_bad_score_keeps_its_references() -> None:
    found = row("scores", points="9.5", updated_at="soon")
    assert (found["id"], found["deleted"], found["assignment_id"], found["student_id"]) == ("r1", "f", "a1", "s1")
    assert (found["status"], found["points"], found["excluded"]) == ("\\N",) * 3
    assert found["updated_at"] == "infinity"
    assert found["invalid"].startswith("`updated_at` must be")


def test_a_bad_assignment_keeps_its_references_and_days() -> None:
    found = row("assignments", include_in_final_grade=None, class_id=7)
    assert found["assessment_id"], found["assigned_by"] == ("e1", "u1")
    assert (found["due_date"], found["assigned_at"]) == ("2026-10-08", "2026-10-01 12:00:00+00:00")
    assert (found["class_id"], found["submission_date"], found["include_in_final_grade"]) == ("\\N",) * 3


def test_a_bad_assessment_keeps_nothing_but_its_id() -> None:
    found = row("assessments", points_possible="12")
    assert {value for name, value in found.items() if name not in ("id", "updated_at", "deleted", "invalid")} == {"\\N"}


@pytest.mark.parametrize(
    ("points", "staged"),
    [
        (b"9.5", "9.5"), (b"7", "7.0"), (b"null", "\\N"), (b"1e999", "inf"), (b"-1e999", "-inf"), (b"-0.0", "0.0"),
        (b"-3", "-3.0"), (b"1" * 400, "inf"), (b"3.3333333333333335", "3.333333"), (b"6.6666666666666667", "6.666667"),
        (b"0.1234565", "0.123456"), (b"0.1234575", "0.123458"), (b"0.12345650000000000000001", "0.123457"),
        (b"2.0000005", "2.0"), (b"0.0000005", "0.0"), (b"0.0000015", "2e-06"), (b"1e-300", "0.0"), (b"1e2", "100.0"),
        (b"123456789.123456789", "123456789.123457"), (b"0.1", "0.1"), (b"1e15", "1000000000000000.0"),
    ],
)  # fmt: skip
def test_points_are_numbers_rounded_half_even_to_six_decimals(points: bytes, staged: str) -> None:
    text = json.dumps(record("scores", points="@")).encode().replace(b'"@"', points)
    collection = COLLECTIONS["scores"]
    rows = examined("scores", text)
    assert rows.bad == []
    assert rows.text.split("\t")[7] == staged
    try:
        at_once = typed(collection, text, lambda body: [msgspec.json.decode(body, type=collection.record)])
    except UnsureError:
        return
    assert at_once.text == rows.text


@pytest.mark.parametrize(
    ("given", "kept"),
    [("0100001", "100001"), ("000", "0"), ("A01", "A01"), ("01A", "01A"), ("", "\\N"), (None, "\\N"), ("½", "½")],
)
def test_ids_of_the_sis_are_kept_as_numbers_are_compared(given: str | None, kept: str) -> None:
    assert row("students", sis_id=given)["student_number"] == kept
    assert row("users", sis_id=given)["sis_id"] == kept
    assert row("classes", sis_section_id=given)["sis_section_id"] == kept


def test_otus_own_ids_stay_as_they_are() -> None:
    found = row("scores", id="007", assignment_id="0a", student_id="00")
    assert (found["id"], found["assignment_id"], found["student_id"]) == ("007", "0a", "00")


def test_texts_are_escaped_for_copy() -> None:
    assert row("assessments", title="a\tb\nc\\d\r")["title"] == "a\\tb\\nc\\\\d\\r"
    assert row("assessments", title="\\N")["title"] == "\\\\N"


@pytest.mark.parametrize("at", ["2026-10-01T12:00Z", "2026-10-01T07:00:00-05:00", "2026-10-01 12:00:00.000000+0000"])
def test_every_iso_form_of_a_time_with_a_zone_is_read(at: str) -> None:
    assert examined("scores", record("scores", updated_at=at)).bad == []


def test_a_name_is_never_kept_and_does_no_harm() -> None:
    rows = examined("classes", record("classes", name="Secret\0 name", school_id=5))
    assert rows.bad == []
    assert "Secret" not in rows.text


def test_free_texts_are_free() -> None:
    for field in ("grading_scale", "assessment_type", "identifier", "title"):
        assert row("assessments", **{field: "Anything"})[field] == "Anything"
    assert row("users", role="janitor")["role"] == "janitor"


def test_the_far_end_of_the_calendar_is_a_date() -> None:
    assert row("assignments", due_date="9999-12-31")["due_date"] == "9999-12-31"
    assert examined("scores", record("scores", updated_at="9999-12-31T23:59:59-05:00")).bad != []
    assert AT.startswith("2026")
