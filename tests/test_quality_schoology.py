"""The quality gate of Schoology: staging as a whole, and the one line that it says of what is wrong."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.rules.schoology_staged import SECTION, StagedSchoology
from tests.test_quality import settings_of

from passback.quality import check_source

Gate = Callable[..., list[str]]
AT = "2026-10-15T11:00:00Z"


@pytest.fixture
def schoology(database_uri: str) -> Iterator[StagedSchoology]:
    """A small district: 20 items and 40 grades."""
    made = StagedSchoology(database_uri)
    made.district()
    for item in range(20):
        made.grade_item(str(item))
        for enrolment in ("e1", "e2"):
            made.grade(str(item), enrolment)
    yield made
    made.connection.close()


def read(schoology: StagedSchoology, at: str = AT, **declared: int | None) -> int:
    """A run that has read Schoology; gives its key. `declared`: what a collection said of itself, beside what came."""
    (run_key,) = schoology.row(
        "insert into passback.run (dag_id, run_id, as_of, dry_run, parameters, settings, sources, year_first_day, "
        "year_last_day) values ('passback_nightly', gen_random_uuid(), '2026-10-15', false, '{}', '{}', '{schoology}', "
        "'2026-07-01', '2027-06-30') returning run_key"
    )
    (seq,) = schoology.row(
        "insert into passback.extraction (source, run_key, transport, full_listing, source_time, finished_at) "
        "values ('schoology', %s, 'http', false, %s, %s) returning seq", run_key, at, at,
    )  # fmt: skip
    schoology.add("passback.run_source", run_key=run_key, source="schoology", seq=seq, state="read")
    for collection in ("sections", "grade_items", "grades", "enrollments", "grading_categories", "grading_periods"):
        schoology.add("passback.extraction_count", seq=seq, collection=collection, received=2, quarantined=0,
                      declared=declared.get(collection, 2))  # fmt: skip
    return int(run_key)


@pytest.fixture
def gate(schoology: StagedSchoology, tmp_path: Path) -> Gate:
    """Asks the gate about Schoology in a run, a new one where none is given."""

    def gate(key: int | None = None, **quality: Any) -> list[str]:
        key = read(schoology) if key is None else key
        return check_source(schoology.uri, key, "schoology", settings_of(**quality), tmp_path / "docs" / f"run {key}")

    return gate


def test_a_whole_source_passes(gate: Gate) -> None:
    assert gate() == []


def test_an_empty_staging_passes(schoology: StagedSchoology, gate: Gate) -> None:
    schoology.empty()
    assert gate() == []


def test_every_collections_own_total_is_asked_of_this_extraction_alone(schoology: StagedSchoology, gate: Gate) -> None:
    key = read(schoology, sections=3, grade_items=3, grades=41_200, enrollments=3, grading_categories=None)
    lines = gate(key)
    assert [line.split(":")[0] for line in lines] == [
        "schoology enrollments", "schoology grade_items", "schoology grades", "schoology sections",
    ]  # fmt: skip
    assert lines[2] == (
        "schoology grades: 2 rows arrived, the source declared 41,200: what was read is incomplete; run again, or look "
        "at the source."
    )
    assert gate() == []


def test_too_many_bad_records_of_all_that_is_staged_refuse_the_source(schoology: StagedSchoology, gate: Gate) -> None:
    schoology.unreadable("x1")
    assert gate() == []
    schoology.unreadable("x2")
    (line,) = gate()
    assert line.startswith(
        "schoology grade_items: 2 of 22 records (9.1%) break the contract, the limit is 5.0%: look at the quarantine"
    )
    assert gate(bad_record_share=0.1) == []


@pytest.mark.parametrize(
    ("collection", "source_id", "refused"),
    [
        ("grades", "", True),
        ("grades", "known", False),
        ("grading_categories", "4399", True),
        ("grading_periods", "", True),
    ],
)
def test_records_that_are_staged_in_the_quarantine_alone_count_too(
    collection: str, source_id: str, refused: bool, schoology: StagedSchoology, gate: Gate
) -> None:
    for _ in range(3):
        schoology.add("staging.quarantine", source="schoology", collection=collection, source_id=source_id,
                      place="section", reason="no object")  # fmt: skip
    assert [line.split(":")[0] for line in gate()] == [f"schoology {collection}"] * refused


REFERENCES = {
    "enrollments: the section_id": "update staging.schoology_enrollment set section_id = 'nowhere'",
    "grade_items: the section_id": "update staging.schoology_item set section_id = 'nowhere'",
    "grades: the enrollment_id": "update staging.schoology_grade set enrollment_id = 'nobody'",
    "grades: the item_id": "update staging.schoology_grade set item_id = 'nothing'",
}


def test_every_reference_is_looked_at(schoology: StagedSchoology, gate: Gate) -> None:
    for number in range(10, 20):
        schoology.enrolment(f"e{number}", str(number))
    for statement in REFERENCES.values():
        schoology.connection.execute(statement.encode())
    assert [line.split(" of ")[0] for line in gate()] == [f"schoology {field}" for field in REFERENCES]


def test_a_handful_of_dangling_references_and_deleted_records_is_peoples_work(
    schoology: StagedSchoology, gate: Gate
) -> None:
    schoology.connection.execute(
        "update staging.schoology_grade set enrollment_id = 'nobody' where substr(item_id, 9) < '17'"
    )
    (few,) = schoology.row("select count(*) from staging.schoology_grade where enrollment_id = 'nobody'")
    assert few > 9
    assert len(gate()) == 1
    schoology.connection.execute("update staging.schoology_grade set deleted = true where enrollment_id = 'nobody'")
    assert gate() == []
    schoology.connection.execute(
        "update staging.schoology_grade set deleted = false where id in "
        "(select id from staging.schoology_grade where enrollment_id = 'nobody' order by id limit 9)"
    )
    assert gate() == []


IMPLAUSIBLE = {
    "grade_items: the due": "update staging.schoology_item set due_on = '0026-10-01'",
    "grade_items: the max_points": "update staging.schoology_item set max_points = 'NaN'",
    "grades: the grade": "update staging.schoology_grade set grade = 1e300",
    "grades: the timestamp": "update staging.schoology_grade set changed_at = 9223372036854775807",
    "grading_periods: the end": "update staging.schoology_grading_period set end_on = '2126-10-01'",
    "grading_periods: the start": "update staging.schoology_grading_period set start_on = '1026-10-01'",
}


def test_implausible_values_refuse_the_source_where_they_are_many(schoology: StagedSchoology, gate: Gate) -> None:
    for number in range(10):
        schoology.period(str(500 + number), "Quarter", "2026-10-22")
    for statement in IMPLAUSIBLE.values():
        schoology.connection.execute(statement.encode())
    told = [line.split(" of ")[0] for line in gate()]
    assert told == [f"schoology {field}" for field in IMPLAUSIBLE]


def test_an_id_in_two_rows_is_damage(schoology: StagedSchoology, gate: Gate) -> None:
    tables = {
        "section": "sections", "item": "grade_items", "grade": "grades", "enrollment": "enrollments",
        "category": "grading_categories", "grading_period": "grading_periods",
    }  # fmt: skip
    schoology.add("staging.schoology_category", section_id="other", id="4371", title="The same id elsewhere")
    assert gate() == []
    for table in tables:
        name = f"staging.schoology_{table}"
        schoology.connection.execute(f"alter table {name} drop constraint schoology_{table}_pkey".encode())
        schoology.connection.execute(f"insert into {name} select * from {name} limit 1".encode())
    assert [line.split(" are ")[0] for line in gate()] == [
        f"schoology {collection}: 1 ids" for collection in sorted(tables.values())
    ]


def test_a_column_that_no_extraction_writes_is_damage(schoology: StagedSchoology, gate: Gate) -> None:
    schoology.connection.execute(
        "update staging.schoology_item set published = null, is_final = null where id like '%:1_'"
    )
    (rows,) = schoology.row("select count(*) from staging.schoology_item where published is null")
    assert sorted(line.split(":")[1] for line in gate()) == sorted(
        f" {rows} of 20 rows have no valid {column}" for column in ("is_final", "published")
    )


def test_a_state_older_than_the_last_accepted_one_is_refused(schoology: StagedSchoology, gate: Gate) -> None:
    read(schoology, "2026-10-15T08:00:00Z")
    assert gate(read(schoology, "2026-10-15T07:30:00Z")) == []
    (line,) = gate(read(schoology, "2026-10-15T06:30:00Z"))
    assert line.startswith("schoology: the data is of 2026-10-15 06:30 UTC, older than what was last accepted")


def test_a_part_that_was_read_is_judged_with_all_that_is_staged(schoology: StagedSchoology, gate: Gate) -> None:
    schoology.connection.execute("update staging.schoology_item set seq = 0")
    schoology.course("other", 85002)
    schoology.grade_item("1", "other")
    schoology.unreadable("2", "other")
    assert gate() == []
    assert schoology.row("select count(*) from staging.schoology_item where section_id = %s", SECTION) == (20,)
