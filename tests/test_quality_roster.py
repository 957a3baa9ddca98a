"""The quality gate of the roster: one that is empty, much smaller than before or broken stops the run."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.sources import otus_world as otus
from tests.test_quality import run, settings_of

from passback.quality import check_roster

YEAR = "2026-07-01"
Gate = Callable[..., list[str]]

ROSTER = {
    "school": "insert into staging.school select '101', 'North', 1",
    "section": "insert into staging.section select n, '101', 3600, 'Algebra', '1', '2026-08-20', '2027-06-10', 1 "
    "from generate_series(1, 20) n",
    "section_teacher": "insert into staging.section_teacher select '101', n, 8301, 'lead', null, null, 1 "
    "from generate_series(1, 20) n",
    "teacher_category": "insert into staging.teacher_category select '101', 8301, 4301, 'Tests', true, 1",
    "enrollment": "insert into staging.enrollment select '101', 1 + n %% 20, n, n::text, '2026-08-20', null, false, 1 "
    "from generate_series(1, 200) n",
    "grading_period": "insert into staging.grading_period select '101', 3600, 'Q1', '2026-08-20', '2026-10-23', 1",
}


@pytest.fixture
def roster(database_uri: str, tmp_path: Path) -> Gate:
    """Asks the gate about the roster as it is staged now, for a new run."""
    for statement in ROSTER.values():
        run(database_uri, statement)

    def roster(schools: list[str] | None = None, dry_run: bool = False, **quality: Any) -> list[str]:
        key = otus.new_run(database_uri)
        run(
            database_uri, "update passback.run set schools = %s, dry_run = %s where run_key = %s", schools, dry_run, key
        )
        (extraction,) = otus.select(
            database_uri,
            "insert into passback.extraction (source, run_key, transport, full_listing, finished_at) "
            "values ('powerschool', %s, 'http', true, now()) returning seq",
            key,
        )
        for query, table in QUERIES.items():
            run(
                database_uri,
                f"insert into passback.extraction_count select %s, '{query}', null, count(*) + %s, %s "
                f"from staging.{table} where %s::text[] is null or school_number = any(%s)",
                extraction["seq"], BAD.get(query, 0), BAD.get(query, 0), schools, schools,
            )  # fmt: skip
        return check_roster(database_uri, key, settings_of(**quality), tmp_path / "docs")

    BAD.clear()
    return roster


QUERIES = {
    "schools": "school", "sections": "section", "section_teachers": "section_teacher",
    "teacher_categories": "teacher_category", "enrollments": "enrollment", "grading_periods": "grading_period",
}  # fmt: skip
BAD: dict[str, int] = {}


def test_a_whole_roster_passes_and_becomes_the_measure(database_uri: str, roster: Gate) -> None:
    assert roster() == []
    kept = otus.select(database_uri, "select query, row_count from passback.accepted_roster order by row_count, query")
    assert {row["query"]: row["row_count"] for row in kept} == {
        "schools": 1, "grading_periods": 1, "teacher_categories": 1, "sections": 20, "section_teachers": 20,
        "enrollments": 200,
    }  # fmt: skip
    assert otus.select(database_uri, f"select distinct year_first_day = '{YEAR}' as same from passback.accepted_roster")


def test_a_preview_sets_no_measure(database_uri: str, roster: Gate) -> None:
    assert roster(dry_run=True) == []
    assert otus.select(database_uri, "select * from passback.accepted_roster") == []


def test_an_empty_roster_stops_the_run(database_uri: str, roster: Gate) -> None:
    for table in ("section", "section_teacher", "teacher_category", "enrollment", "grading_period", "school"):
        run(database_uri, f"delete from staging.{table}")
    assert [line.split(": PowerSchool")[0] for line in roster()] == [
        f"roster {query}: no row arrived"
        for query in ("enrollments", "grading_periods", "schools", "section_teachers", "sections")
    ]
    assert otus.select(database_uri, "select * from passback.accepted_roster") == []


def test_a_roster_without_categories_passes(database_uri: str, roster: Gate) -> None:
    run(database_uri, "delete from staging.teacher_category")
    assert roster() == []


def test_a_much_smaller_roster_stops_the_run(database_uri: str, roster: Gate) -> None:
    roster()
    run(database_uri, "delete from staging.enrollment where student_dcid <= 100")
    assert roster() == []
    run(database_uri, "delete from staging.enrollment where student_dcid <= 151")
    (line,) = roster()
    assert line.startswith(
        "roster enrollments: 49 rows where the last accepted roster had 100 in the same schools (51.0% fewer, the "
        "limit is 50.0%)"
    )
    assert roster(roster_drop_share=0.6) == []


def test_another_school_year_is_no_measure(database_uri: str, roster: Gate) -> None:
    roster()
    run(database_uri, "update passback.accepted_roster set year_first_day = '2025-07-01'")
    run(database_uri, "delete from staging.enrollment where student_dcid > 1")
    assert roster() == []


def test_one_school_is_measured_by_itself(database_uri: str, roster: Gate) -> None:
    run(database_uri, "insert into staging.school select '102', 'South', 1")
    run(database_uri, ROSTER["section"].replace("select n, '101'", "select n + 100, '102'"))
    for table in ("section_teacher", "enrollment", "grading_period"):
        run(database_uri, ROSTER[table].replace("'101', n,", "'102', n + 100,").replace("'101'", "'102'"))
    assert roster() == []
    run(database_uri, "delete from staging.enrollment where school_number = '102' and student_dcid > 1")
    (line,) = roster(["102"])
    assert line.startswith("roster enrollments: 1 rows where the last accepted roster had 200")
    assert roster(["101"]) == []


def test_bad_rows_stop_the_run_where_they_are_many(roster: Gate) -> None:
    BAD["enrollments"] = 10
    assert roster() == []
    BAD["enrollments"] = 11
    (line,) = roster()
    assert line.startswith("roster enrollments: 11 of 211 rows (5.2%) break the contract, the limit is 5.0%")


def test_a_roster_that_does_not_fit_together_stops_the_run(database_uri: str, roster: Gate) -> None:
    for statement in (
        "update staging.enrollment set section_dcid = 999 where student_dcid <= 20",
        "update staging.section_teacher set role = 'aide' where section_dcid = 1",
        "update staging.section_teacher set section_dcid = 999 where section_dcid <= 10",
        "update staging.section set school_number = '999' where section_dcid > 10",
        "insert into staging.grading_period select '999', n, 'Q1', '2026-08-20', '2026-10-23', 1 "
        "from generate_series(1, 10) n",
        "insert into staging.grading_period select '101', 3600, 'Q1', '2026-08-21', '2026-10-23', 1",
    ):
        run(database_uri, statement)
    assert [line.split(",")[0].split(": look")[0].split(": staging")[0] for line in roster()] == [
        "roster enrollments: the section_dcid of 20 of 200 rows (10.0%) names nothing that is there",
        "roster grading_periods: the school_number of 10 of 12 rows (83.3%) names nothing that is there",
        "roster section_teachers: the section_dcid of 10 of 20 rows (50.0%) names nothing that is there",
        "roster sections: the school_number of 10 of 20 rows (50.0%) names nothing that is there",
        "roster grading_periods: 1 keys stand in several rows that differ",
        "roster section_teachers: 1 of 20 rows have no valid role",
    ]


def test_a_section_that_came_twice_is_told(database_uri: str, roster: Gate, tmp_path: Path) -> None:
    BAD["sections"] = 0
    roster()
    run(database_uri, "update passback.extraction_count set received = 21 where collection = 'sections'")
    (last,) = otus.select(database_uri, "select max(run_key) as key from passback.extraction")
    lines = check_roster(database_uri, last["key"], settings_of(), tmp_path / "again")
    assert lines[0].startswith("roster sections: 1 keys stand in several rows that differ")
