"""What a Schoology record must be: ids and numbers in either form, and every way to break the contract."""

import json
from typing import Any

import pytest
from tests.sources.schoology import world
from tests.sources.schoology.conftest import Extract, Serve
from tests.sources.schoology.world import column, staged

from passback.database import connect
from passback.sources.schoology.contract import CATEGORIES, ENROLLMENTS, GRADE_ITEMS, GRADES, SECTIONS, Collection
from passback.sources.schoology.listing import of_codes
from passback.sources.schoology.pages import Page, PageError, page_of
from passback.sources.schoology.staging import Staging

GOOD = {
    "grade_items": world.item(), "grades": world.grade(), "enrollments": world.enrollment(),
    "sections": {"id": "4001", "section_school_code": "85001", "active": 1, "grading_periods": [435]},
    "grading_categories": world.CATEGORY,
}  # fmt: skip
COLLECTION = {each.name: each for each in (GRADE_ITEMS, GRADES, ENROLLMENTS, SECTIONS, CATEGORIES)}


def body(collection: Collection, *records: Any) -> bytes:
    listed = b",".join(each if isinstance(each, bytes) else json.dumps(each).encode() for each in records)
    whole = b'"%s":[%s]' % (collection.inside[-1].encode(), listed)
    return b'{"grades":{%s}}' % whole if len(collection.inside) > 1 else b"{%s}" % whole


def read(name: str, *records: Any) -> Page:
    return page_of(COLLECTION[name], "4001", body(COLLECTION[name], *records), "page 1")


def row(name: str, **changes: Any) -> dict[str, str]:
    """The columns of one good record, changed, as COPY has them; the same read at once and one by one."""
    record = {key: value for key, value in {**GOOD[name], **changes}.items() if value is not ...}
    page = read(name, record)
    assert not page.bad
    assert not page.keyless
    beside_a_bad_one = read(name, record, 5)
    assert beside_a_bad_one.lines == page.lines
    (line,) = page.lines.values()
    return dict(zip(COLLECTION[name].columns, line.rstrip("\n").split("\t"), strict=True))


READS: list[tuple[str, str, Any, str, str]] = [
    ("grade_items", "id", "0005001", "grade_item_id", "5001"),
    ("grade_items", "due", "", "due_on", "\\N"),
    ("grade_items", "due", "2026-10-08 23:59:00", "due_on", "2026-10-08"),
    ("grade_items", "due", "2026-10-08", "due_on", "2026-10-08"),
    ("grade_items", "due", "2026-10-08T23:59:00-11:00", "due_on", "2026-10-08"),
    ("grade_items", "grading_scale", 0, "grading_scale", "0"),
    ("grade_items", "grading_category", "", "grading_category", ""),
    ("grade_items", "grading_category", 4371, "grading_category", "4371"),
    ("grade_items", "max_points", "12.50", "max_points", "12.5"),
    ("grade_items", "max_points", 12, "max_points", "12.0"),
    ("grade_items", "max_points", "", "max_points", "\\N"),
    ("grade_items", "max_points", None, "max_points", "\\N"),
    ("grade_items", "max_points", "ten", "max_points", "\\N"),
    ("grade_items", "max_points", "Infinity", "max_points", "\\N"),
    ("grade_items", "max_points", "1e999", "max_points", "\\N"),
    ("grade_items", "max_points", "-5", "max_points", "-5.0"),
    ("grade_items", "is_final", "1", "is_final", "True"),
    ("grade_items", "published", 0, "published", "False"),
    ("grade_items", "count_in_grade", ..., "count_in_grade", "True"),
    ("grade_items", "count_in_grade", 0, "count_in_grade", "False"),
    ("grade_items", "collected_only", ..., "collected_only", "False"),
    ("grade_items", "collected_only", "1", "collected_only", "True"),
    ("grade_items", "assignees", [], "assignees", "\\N"),
    ("grade_items", "assignees", "", "assignees", "\\N"),
    ("grade_items", "assignees", "[]", "assignees", "\\N"),
    ("grade_items", "assignees", [701, "702"], "assignees", '{"701","702"}'),
    ("grade_items", "assignees", '[701, "0702"]', "assignees", '{"701","702"}'),
    ("grade_items", "title", "a\tb\\c", "title", "a\\tb\\\\c"),
    ("grade_items", "grade_item_id", ..., "other_id", "\\N"),
    ("grades", "grade", None, "grade", "\\N"),
    ("grades", "grade", "", "grade", "\\N"),
    ("grades", "grade", 9, "grade", "9.0"),
    ("grades", "grade", " 9.5 ", "grade", "9.5"),
    ("grades", "grade", "1.2345675", "grade", "1.234568"),
    ("grades", "grade", 1.2345665, "grade", "1.234566"),
    ("grades", "grade", "-0", "grade", "0.0"),
    ("grades", "grade", "B+", "grade_unreadable", "True"),
    ("grades", "grade", "NaN", "grade_unreadable", "True"),
    ("grades", "grade", "1e9999", "grade_unreadable", "True"),
    ("grades", "grade", "9,5", "grade_unreadable", "True"),
    ("grades", "grade", 10**400, "grade_unreadable", "True"),
    ("grades", "grade", "9" * 5000, "grade_unreadable", "True"),
    ("grades", "exception", "3", "exception", "3"),
    ("grades", "exception", 10**12, "exception", "2147483647"),
    ("grades", "timestamp", "1790000000", "changed_at", "1790000000"),
    ("grades", "timestamp", ..., "changed_at", "\\N"),
    ("grades", "enrollment_id", 701, "enrollment_id", "701"),
    ("enrollments", "school_uid", "", "student_number", "\\N"),
    ("enrollments", "school_uid", None, "student_number", "\\N"),
    ("enrollments", "school_uid", 100234, "student_number", "100234"),
    ("enrollments", "school_uid", "0100234", "student_number", "100234"),
    ("enrollments", "school_uid", "A-7", "student_number", "A-7"),
    ("enrollments", "admin", "1", "admin", "True"),
    ("enrollments", "status", 5, "status", "5"),
    ("sections", "section_school_code", 85001, "section_school_code", "85001"),
    ("sections", "grading_periods", ["435", 436], "grading_periods", '{"435","436"}'),
]


@pytest.mark.parametrize(("name", "field", "value", "kept", "expected"), READS)
def test_a_value_is_read_in_either_form(name: str, field: str, value: Any, kept: str, expected: str) -> None:
    assert row(name, **{field: value})[kept] == expected


def test_a_number_with_too_many_digits_is_rounded_by_its_text() -> None:
    (line,) = read("grades", json.dumps(world.grade(grade=777)).replace("777", "1.2345675").encode()).lines.values()
    assert "\t1.234568\t" in line
    (line,) = read("grades", json.dumps(world.grade(grade=777)).replace("777", "1e400").encode()).lines.values()
    assert "\t\\N\tTrue\t" in line


WRONG: list[tuple[str, str, Any, str]] = [
    ("grade_items", "id", True, "boolean"),
    ("grade_items", "id", 5.5, "number"),
    ("grade_items", "id", "", "text"),
    ("grade_items", "id", {}, "object"),
    ("grade_items", "id", ..., "missing"),
    ("grade_items", "title", 5, "number"),
    ("grade_items", "title", "a\0b", "text"),
    ("grade_items", "title", ..., "missing"),
    ("grade_items", "due", 20261008, "number"),
    ("grade_items", "due", "next week", "text"),
    ("grade_items", "due", "2026-02-30 00:00:00", "text"),
    ("grade_items", "due", None, "null"),
    ("grade_items", "grading_scale", None, "null"),
    ("grade_items", "grading_category", False, "boolean"),
    ("grade_items", "max_points", True, "boolean"),
    ("grade_items", "max_points", [], "list"),
    ("grade_items", "is_final", "yes", "text"),
    ("grade_items", "published", 2, "number"),
    ("grade_items", "published", True, "boolean"),
    ("grade_items", "published", None, "null"),
    ("grade_items", "count_in_grade", None, "null"),
    ("grade_items", "assignees", "701", "text"),
    ("grade_items", "assignees", [7.5], "list"),
    ("grade_items", "assignees", {"a": 1}, "object"),
    ("grades", "enrollment_id", 7.5, "number"),
    ("grades", "assignment_id", None, "null"),
    ("grades", "grade", True, "boolean"),
    ("grades", "grade", ["9"], "list"),
    ("grades", "grade", ..., "missing"),
    ("grades", "exception", "none", "text"),
    ("grades", "exception", 1.5, "number"),
    ("grades", "exception", None, "null"),
    ("grades", "timestamp", "today", "text"),
    ("grades", "timestamp", 1.5, "number"),
    ("grades", "is_final", "no", "text"),
    ("enrollments", "id", None, "null"),
    ("enrollments", "school_uid", [], "list"),
    ("enrollments", "school_uid", 1.5, "number"),
    ("enrollments", "admin", "teacher", "text"),
    ("sections", "section_school_code", None, "null"),
    ("sections", "active", "yes", "text"),
    ("grading_categories", "title", 5, "number"),
]
KEYS = {"grade_items": {"id"}, "grades": {"enrollment_id", "assignment_id"}, "enrollments": {"id"}, "sections": {"id"}}


@pytest.mark.parametrize(("name", "field", "value", "found"), WRONG)
def test_a_value_of_the_wrong_kind_is_bad_and_told_without_the_value(
    name: str, field: str, value: Any, found: str
) -> None:
    record = {key: each for key, each in {**GOOD[name], field: value}.items() if each is not ...}
    page = read(name, record)
    (bad,) = [*page.bad.values(), *page.keyless]
    assert [(fault.field, fault.found_type) for fault in bad.faults] == [(field, found)]
    assert (bad.source_id == "") == (field in KEYS.get(name, set()))
    assert len(page.lines) == (bad.source_id != "")
    if isinstance(value, str) and len(value) > 3:
        assert value not in bad.reason


@pytest.mark.parametrize("record", [b"5", b"null", b'"text"', b"[]", b"true"])
def test_what_is_no_record_is_bad_alone(record: bytes) -> None:
    page = read("grade_items", record, world.item())
    assert (len(page.keyless), len(page.lines)) == (1, 1)
    assert page.keyless[0].place == "page 1, record 1"


@pytest.mark.parametrize(
    "given",
    [b'{"items":[],"cursor":7}', b'{"assignment":5}', b'{"assignment":{}}', b'{"assignment":[],"links":{"next":5}}'],
)
def test_what_is_no_page_is_no_page(given: bytes) -> None:
    with pytest.raises(PageError):
        page_of(GRADE_ITEMS, "4001", given, "page 1")


def test_an_empty_page_may_be_written_as_php_does() -> None:
    assert page_of(GRADES, "4001", b'{"grades":[],"total":0,"links":[]}', "page 1").total == 0


def test_of_a_grade_that_comes_twice_the_newer_counts(database_uri: str, serve: Serve, extract: Extract) -> None:
    world.roster(database_uri, [85001])
    twice = [world.grade(grade=5, timestamp=world.AT + 1), world.grade(grade=4, timestamp=world.AT)]
    serve(world.section(grades=twice), total="missing")
    extract()
    assert column(database_uri, "select grade from staging.schoology_grade") == [5.0]


def test_bad_records_are_quarantined_with_ids_types_and_reasons_and_cost_nobody_else(
    database_uri: str, serve: Serve, extract: Extract
) -> None:
    world.roster(database_uri, [85001])
    items = [world.item(5001, title=["Anna"]), world.item(5002), world.item(...), b"7"]
    grades = [world.grade(5002, 701, exception="x"), world.grade(5002, 702), world.grade(5002, ...)]
    control = serve(world.section(items=items, grades=grades)).control.schoology
    found = extract()["collections"]
    assert found["grade_items"] == {"declared": 4, "received": 4, "quarantined": 3}
    assert found["grades"] == {"declared": 3, "received": 3, "quarantined": 2}
    held = staged(
        database_uri,
        "select collection, section_id, source_id, field, found_type from staging.quarantine order by 1, 3",
    )
    assert [tuple(each.values()) for each in held] == [
        ("grade_items", "4001", "", "id", "missing"), ("grade_items", "4001", "", "", "number"),
        ("grade_items", "4001", "4001:5001", "title", "list"),
        ("grades", "4001", "", "enrollment_id", "missing"), ("grades", "4001", "4001:5002:701", "exception", "text"),
    ]  # fmt: skip
    assert column(database_uri, "select id from staging.schoology_item where invalid is not null") == ["4001:5001"]
    assert column(database_uri, "select id from staging.schoology_grade where invalid is null") == ["4001:5002:702"]
    control.do("edit_item", section=4001, id=5001, title="Unit 4")
    control.do("grade", section=4001, item_id=5002, enrollment_id=701, grade=3)
    extract()
    assert column(database_uri, "select id from staging.schoology_item where invalid is not null") == []
    assert column(database_uri, "select source_id from staging.quarantine where source_id <> ''") == []
    assert column(database_uri, "select count(*) from staging.quarantine where collection = 'grade_items'") == [2]


def test_a_bad_section_keeps_its_code_and_is_not_read_until_it_is_good(
    database_uri: str, serve: Serve, extract: Extract
) -> None:
    world.roster(database_uri, [85001])
    serve(world.section())
    extract()
    broken = of_codes(SECTIONS, ["85001"], 200)
    broken.take(read("sections", {"id": 4001, "section_school_code": {}}), None, None)
    with connect(database_uri) as connection:
        staging = Staging(connection, 99)
        staging.merge_sections([broken], ["85001"], everything=True)
        assert staging.rows("schoology_wanted", codes=["85001"], now=None, resumed=[], sweep_seconds=0) == []
    found = staged(database_uri, "select invalid, section_dcid, deleted, seq from staging.schoology_section")
    reason = (
        "`section_school_code` must be an id: a text of 1 to 255 characters, or a whole number (an object was found)"
    )
    assert found == [{"invalid": reason, "section_dcid": 85001, "deleted": False, "seq": 99}]
    assert column(database_uri, "select source_id from staging.quarantine") == ["4001"]
    extract()
    assert column(database_uri, "select invalid from staging.schoology_section") == [None]
    assert column(database_uri, "select source_id from staging.quarantine") == []
