"""The whole settings file: the example, the defaults, and what is named when it does not fit."""

import datetime as dt
import json
import re
from pathlib import Path

import pytest
from tests.settings.files import REQUIRED, File, made

from passback import settings as district
from passback.settings import check, check_schools, load, to_json


def test_the_example_of_the_project_is_complete_and_good(project: Path) -> None:
    settings = load(project / "include" / "district.toml")
    check(settings, ["otus", "schoology"])
    check_schools(settings, ["101", "102"])
    assert settings.category_map("otus", "101") == {"Quiz": "Quizzes", "Test": "Tests", "Homework": "Homework"}
    assert settings.opted_out_sections == {"85004"}
    assert settings.opted_out_items == {("otus", "opted-out-item"), ("schoology", "4318405:9123")}
    assert settings.exceptions == {1: "flag", 2: "flag", 3: "skip"}


def test_the_example_gives_every_table_of_plain_keys_with_its_defaults(project: Path) -> None:
    settings = load(project / "include" / "district.toml")
    bare = made()
    for table in ("guard", "batches", "delivery", "quality", "schoology", "retention", "year_starts", "teacher_group"):
        assert getattr(settings, table) == getattr(bare, table)


def test_the_required_keys_alone_are_enough_and_the_rest_has_defaults(file: File) -> None:
    settings = file.load()
    assert (settings.name, settings.time_zone) == ("Example Unified", "America/Chicago")
    assert settings.effective_date == dt.date(2026, 8, 24)
    assert settings.year_starts == "07-01"
    assert settings.grading_periods == ("Q1", "Q2", "Q3", "Q4")
    assert settings.teacher_group == "PowerSchool Gradebook Passback"
    assert (settings.categories, settings.schools) == ({}, {})
    assert (settings.opted_out_sections, settings.opted_out_items) == (frozenset(), frozenset())
    assert settings.exceptions == {1: "flag", 2: "flag", 3: "flag"}
    assert settings.guard == district.Guard(0.2, 0.05, 500, 0.2, 0.1, "18:00")
    assert settings.batches == district.Batches(1000, 200, 50, 200, 0)
    assert settings.delivery == district.Delivery(False, 8, 0, 300, 240)
    assert settings.quality == district.Quality(0.05, 0.5, 0)
    assert settings.schoology == district.Schoology(7, 13)
    assert settings.retention == district.Retention(30, 400)


def test_every_problem_is_listed_with_its_place(file: File) -> None:
    problems = file.problems(
        'colour = "red"\n[delivery]\nin_flight = 0\nmax_minutes = "4"\n[[opt_outs]]\nsection_dcid = "1"\n[[opt_outs]]',
        name=None,
        time_zone='"Mars/Olympus"',
    )
    places = [problem.split(":")[0] for problem in problems]
    assert places == [
        "name",
        "time_zone",
        "[delivery] in_flight",
        "[delivery] max_minutes",
        "[[opt_outs]] entry 2",
        "colour",
    ]


@pytest.mark.parametrize("key", REQUIRED)
def test_a_required_key_that_is_missing_is_named(file: File, key: str) -> None:
    assert file.problem(**{key: None}).startswith(f"{key}: missing; write ")


def test_an_empty_file_lacks_every_required_key(file: File) -> None:
    assert [one.split(":")[0] for one in file.problems(**dict.fromkeys(REQUIRED))] == list(REQUIRED)


@pytest.mark.parametrize(
    ("line", "place", "hint"),
    [
        ("colour = 1", "colour:", "known are"),
        ('teacher_grp = "x"', "teacher_grp:", "did you mean teacher_group?"),
        ("[delivery]\nin_fligth = 8", "[delivery] in_fligth:", "did you mean in_flight?"),
        ("[guards]\nnew_zeros = 1", "guards:", "did you mean guard?"),
        ("[schools.102]\ncolour = 1", "[schools.102] colour:", "known are categories"),
        ("[guard.more]\nx = 1", "[guard] more:", "known are"),
        ('file = "x"', "file:", "known are"),
        ('opted_out_sections = ["1"]', "opted_out_sections:", "known are"),
    ],
)
def test_an_unknown_key_is_refused(file: File, line: str, place: str, hint: str) -> None:
    problem = file.problem(line)
    assert problem.startswith(f"{place} found an unknown key")
    assert hint in problem


def test_the_value_of_an_unknown_key_stays_out_of_the_message(file: File) -> None:
    assert "hunter2" not in file.problem('password = "hunter2"')


@pytest.mark.parametrize("table", ["guard", "batches", "delivery", "quality", "schoology", "retention"])
def test_a_value_where_a_table_belongs_is_refused(file: File, table: str) -> None:
    assert file.problem(f"{table} = 3") == f"[{table}]: found the whole number 3; write a table with keys of its own."


def test_the_documentation_gives_every_key_with_its_default(project: Path) -> None:
    written = (project / "docs" / "settings.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `([a-z_0-9]+)` \| [^|]+ \| ([^|]+) \|", written, re.MULTILINE)
    documented = {key: default.strip("` ") for key, default in rows}
    plain = to_json(made())
    tables = ("guard", "batches", "delivery", "quality", "schoology", "retention")
    expected = {key: json.dumps(value) for table in tables for key, value in plain[table].items()}
    expected |= {key: json.dumps(plain[key]) for key in ("year_starts", "grading_periods", "teacher_group")}
    assert documented == expected | dict.fromkeys(REQUIRED, "required")
