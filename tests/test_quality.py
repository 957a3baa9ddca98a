"""The quality gate: what it lets through, what it refuses, and the one line that it says of each."""

import datetime as dt
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.sources import otus_world as otus

from passback.errors import Terminal
from passback.quality import check_roster, check_source
from passback.settings import Quality, Settings
from passback.sources.otus import extract_otus

YEAR = "2026-07-01"
Gate = Callable[..., list[str]]


def settings_of(**quality: Any) -> Settings:
    return Settings(
        file=Path("x"), name="x", time_zone="America/Chicago", effective_date=dt.date(2026, 8, 24),
        quality=Quality(**quality),
    )  # fmt: skip


def run(uri: str, statement: str, *parameters: object) -> None:
    otus.select(uri, f"{statement} returning 1", *parameters)


# Otus.


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
        "otus scores: 40 rows arrived, the source declared 41,200: the export is incomplete; run again, or look at the "
        "source."
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
        "source serves an old state; have it exported again."
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


# The roster.

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
