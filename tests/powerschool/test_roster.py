"""The roster comes in whole, school by school, and what did not change is not touched."""

import asyncio
import datetime as dt
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.sources.otus_world import new_run, select

from passback.errors import Terminal
from passback.powerschool.budget import NoBudget
from passback.powerschool.client import PowerSchool
from passback.powerschool.roster import extract_roster
from passback.powerschool.roster_rows import QUERIES, SCHOOLS, read
from passback.settings import Batches, Settings
from sandbox.district import District, Enrollment, GradingPeriod, School, Section, SectionTeacher, TeacherCategory
from sandbox.district import Student as SisStudent
from sandbox.server import CLIENT_ID, Sandbox, running

YEAR = (dt.date(2026, 7, 1), dt.date(2027, 6, 30))
TABLES = ("school", "section", "section_teacher", "teacher_category", "enrollment", "grading_period")
Extract = Callable[..., dict[str, Any]]


def district() -> District:
    """Two schools with a section each, a teacher who left, and a student who dropped."""
    return District(
        schools=[School(101, "North"), School(102, "South")],
        sections=[
            Section(85001, 501, 101, 3600, "Algebra 1", "1", "2026-08-20", "2027-06-10"),
            Section(85002, 502, 102, 3600, "Biology\t2", "2", "2026-08-24", "2027-06-12"),
        ],
        section_teachers=[
            SectionTeacher(85001, 8301, "T1", "lead", "2026-08-20"),
            SectionTeacher(85001, 8302, "T2", "co", "2026-08-20", "2026-09-30"),
            SectionTeacher(85002, 8303, "T3", "lead", "2026-08-24"),
        ],
        students=[SisStudent(81001, "0100001"), SisStudent(81002, "100002")],
        enrollments=[
            Enrollment(85001, 81001, "2026-08-20", "2027-06-11"),
            Enrollment(85001, 81002, "2026-08-20", "2026-09-03", dropped=True),
            Enrollment(85002, 81002, "2026-09-03", "2027-06-13"),
        ],
        teacher_categories=[
            TeacherCategory(8301, 4301, "Quizzes", 36),
            TeacherCategory(8303, 4302, "Tests", 36, False),
        ],
        grading_periods=[
            GradingPeriod(101, 3600, "Q1", "2026-08-20", "2026-10-23"),
            GradingPeriod(102, 3600, "Q1", "2026-08-24", "2026-10-30"),
        ],
    )


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    """The two schools' PowerSchool."""
    with running(district()) as sandbox:
        yield sandbox


@pytest.fixture
def extract(database_uri: str, sandbox: Sandbox) -> Extract:
    """Reads the roster for a new run."""

    def extract(schools: list[str] | None = None, page: int = 0) -> dict[str, Any]:
        settings = Settings(
            file=Path("x"), name="x", time_zone="UTC", effective_date=YEAR[0], batches=Batches(powerquery_page=page)
        )

        async def reads() -> dict[str, Any]:

            async with PowerSchool(sandbox.powerschool_url, CLIENT_ID, sandbox.client_secret, NoBudget()) as client:
                return await extract_roster(database_uri, new_run(database_uri), client, settings, schools, YEAR)

        return asyncio.run(reads())

    return extract


def staged(uri: str) -> dict[str, int]:
    return {table: select(uri, f"select count(*) as n from staging.{table}")[0]["n"] for table in TABLES}


def changed(uri: str, seq: int) -> set[str]:
    return {t for t in TABLES if select(uri, f"select from staging.{t} where seq = %s", seq)}


def test_the_whole_roster_is_staged(database_uri: str, extract: Extract) -> None:
    found = extract()
    assert found["schools"] == ["101", "102"]
    assert {name: each["received"] for name, each in found["queries"].items()} == {
        "schools": 2, "sections": 2, "section_teachers": 3, "teacher_categories": 2, "enrollments": 3,
        "grading_periods": 2,
    }  # fmt: skip
    assert staged(database_uri) == dict(zip(TABLES, (2, 2, 3, 2, 3, 2), strict=True))
    sections = select(database_uri, "select section_dcid, school_number, course_name, last_day from staging.section")
    assert sections[1] == {
        "section_dcid": 85002, "school_number": "102", "course_name": "Biology\t2", "last_day": dt.date(2027, 6, 12)
    }  # fmt: skip


def test_an_open_end_is_null_and_a_student_number_loses_its_zeros(database_uri: str, extract: Extract) -> None:
    extract()
    ends = select(database_uri, "select users_dcid, end_on from staging.section_teacher order by 1")
    assert [row["end_on"] for row in ends] == [None, dt.date(2026, 9, 30), None]
    numbers = select(database_uri, "select distinct student_number from staging.enrollment order by 1")
    assert [row["student_number"] for row in numbers] == ["100001", "100002"]


def test_the_same_roster_again_touches_nothing(database_uri: str, extract: Extract) -> None:
    extract()
    again = extract()
    assert changed(database_uri, again["seq"]) == set()
    assert staged(database_uri)["enrollment"] == 3


def test_what_is_new_changed_or_gone_is_and_nothing_else(database_uri: str, extract: Extract, sandbox: Sandbox) -> None:
    extract()
    sandbox.control.powerschool.do("student_leaves", section_dcid=85001, student_number="0100001")
    sandbox.control.powerschool.do("remove_teacher", section_dcid=85001, users_dcid=8302)
    again = extract()
    assert changed(database_uri, again["seq"]) <= {"enrollment"}
    assert staged(database_uri)["section_teacher"] == 2


def test_one_school_is_replaced_and_the_other_left_as_it_is(
    database_uri: str, extract: Extract, sandbox: Sandbox
) -> None:
    extract()
    sandbox.control.powerschool.do("empty_roster")
    extract(["102"])
    left = {table: select(database_uri, f"select distinct school_number from staging.{table}") for table in TABLES}
    assert left["section"] == left["enrollment"] == left["section_teacher"] == [{"school_number": "101"}]
    assert len(left["school"]) == len(left["grading_period"]) == 2


def test_only_the_named_school_is_read(database_uri: str, extract: Extract, sandbox: Sandbox) -> None:
    found = extract(["0102"])
    assert found["schools"] == ["102"]
    assert staged(database_uri) == dict(zip(TABLES, (1, 1, 1, 1, 1, 1), strict=True))
    queries = [entry for entry in sandbox.control.powerschool.log() if entry["kind"].startswith("query")]
    assert len(queries) == 1 + len(QUERIES)


def test_an_unknown_school_is_refused_with_the_known_ones(extract: Extract, database_uri: str) -> None:
    with pytest.raises(Terminal, match="no school 999 in this school year; it has: 101, 102"):
        extract(["101", "999"])
    assert staged(database_uri)["school"] == 0
    assert select(database_uri, "select * from passback.extraction") == []


def test_an_emptied_roster_empties_staging_for_the_gate_to_see(
    database_uri: str, extract: Extract, sandbox: Sandbox
) -> None:
    extract()
    sandbox.control.powerschool.do("empty_roster")
    extract()
    assert staged(database_uri)["section"] == 0


def test_pages_are_put_together_where_the_plugin_forbids_whole_answers(
    database_uri: str, extract: Extract, sandbox: Sandbox
) -> None:
    sandbox.control.powerschool.switches(query_page_cap=2)
    assert extract(page=2)["queries"]["enrollments"]["received"] == 3


def test_a_missing_plugin_is_told(extract: Extract, sandbox: Sandbox) -> None:
    sandbox.control.powerschool.fault("status", kind="query:sections", status=404, message="no query", times=None)
    with pytest.raises(Terminal, match=r"org\.passback\.gradebook\.sections.*plugin is installed"):
        extract()


GOOD = {
    "section_dcid": "85001", "student_dcid": "81001", "student_number": "100001", "entry_date": "2026-08-20",
    "exit_date": "2027-06-11", "dropped": "false",
}  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({"section_dcid": "x"}, "section_dcid"),
        ({"student_dcid": "9" * 19}, "student_dcid"),
        ({"student_number": ""}, "student_number"),
        ({"student_number": "1\0"}, "student_number"),
        ({"entry_date": ""}, "entry_date"),
        ({"entry_date": "2026-02-30"}, "entry_date"),
        ({"exit_date": "20261011", "dropped": "yes"}, "exit_date, dropped"),
    ],
)
def test_a_row_that_breaks_the_contract_is_quarantined_by_field(changes: dict[str, str], fields: str) -> None:
    (enrollments,) = (query for query in QUERIES if query.name == "enrollments")
    lines = read(enrollments, "101", [GOOD | changes, GOOD])
    assert len(lines.good) == 1
    school, query, place, _, field, _, reason = lines.bad[0].rstrip("\n").split("\t")
    assert (school, query, place, field) == ("101", "enrollments", "school 101, row 1", fields)
    assert all(value not in reason for value in changes.values() if len(value) > 1)


def test_a_missing_exit_is_null_and_not_an_error() -> None:
    (enrollments,) = (query for query in QUERIES if query.name == "enrollments")
    row = {name: value for name, value in GOOD.items() if name != "exit_date"}
    assert read(enrollments, "101", [row]).good == ["101\t85001\t81001\t100001\t2026-08-20\t\\N\tfalse\n"]


def test_a_section_of_another_school_is_quarantined() -> None:
    row = {
        "school_number": "102", "section_dcid": "85002", "section_id": "502", "term_id": "3600", "course_name": "",
        "section_number": "2", "first_day": "2026-08-24", "last_day": "2027-06-12",
    }  # fmt: skip
    lines = read(QUERIES[0], "101", [row])
    assert "the school that was asked for" in lines.bad[0]
    assert read(QUERIES[0], "102", [row]).bad == []


def test_the_quarantine_is_staged_and_replaced_with_its_school(
    database_uri: str, extract: Extract, sandbox: Sandbox
) -> None:
    sandbox.powerschool.roster.schools[101].school_name = "North\0"
    found = extract()
    assert found["queries"]["schools"] == {"received": 2, "quarantined": 1}
    quarantine = select(database_uri, "select collection, place, field from staging.quarantine")
    assert quarantine == [{"collection": "schools", "place": "row 1", "field": "school_name"}]
    sandbox.powerschool.roster.schools[101].school_name = "North"
    sandbox.powerschool.roster.version += 1
    extract()
    assert select(database_uri, "select from staging.quarantine") == []


def test_schools_are_read_by_number_and_name() -> None:
    assert read(SCHOOLS, "", [{"school_number": "0101", "school_name": "North"}]).good == ["101\tNorth\n"]
