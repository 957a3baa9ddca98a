"""The district's own keys: name, time zone, dates, periods, group."""

import datetime as dt

import pytest
from tests.settings.files import File


@pytest.mark.parametrize(
    ("key", "value", "found"),
    [
        ("name", "3", "the whole number 3"),
        ("name", '" "', 'the text " "'),
        ("name", '"a\\u0000b"', 'the text "a\\u0000b"'),
        ("time_zone", '"America/Chicgo"', "did you mean America/Chicago?"),
        ("time_zone", '"../../etc/passwd"', "IANA"),
        ("time_zone", '"America"', "IANA"),
        ("time_zone", '"localtime"', "IANA"),
        ("time_zone", '"CDT"', "IANA"),
        ("time_zone", "-6", "the whole number -6"),
        ("effective_date", '"2026-08-24"', 'the text "2026-08-24"'),
        ("effective_date", "2026-08-24T00:00:00Z", "the date with time"),
        ("effective_date", "10:00:00", "the time 10:00:00"),
        ("year_starts", '"02-30"', 'the text "02-30"'),
        ("year_starts", '"7-1"', 'the text "7-1"'),
        ("year_starts", '"13-01"', 'the text "13-01"'),
        ("year_starts", '"07-01\\n"', "MM-DD"),
        ("year_starts", "2026-07-01", "the date 2026-07-01"),
        ("grading_periods", '"Q1"', 'the text "Q1"'),
        ("grading_periods", "[]", "a list of 0"),
        ("grading_periods", '["Q1", 2]', "entry 2 is the whole number 2"),
        ("grading_periods", '["Q1", ""]', 'entry 2 is the text ""'),
        ("grading_periods", '["Q1", "Q2", "Q1"]', "Q1 stands there twice"),
        ("teacher_group", "true", "found true"),
        ("teacher_group", '""', 'the text ""'),
    ],
)
def test_a_value_of_the_district_that_does_not_fit_is_refused(file: File, key: str, value: str, found: str) -> None:
    problem = file.problem(**{key: value})
    assert problem.startswith(f"{key}: found ")
    assert found in problem
    assert "; write " in problem


@pytest.mark.parametrize(
    ("key", "value", "read"),
    [
        ("name", '"Añasco Unified"', "Añasco Unified"),
        ("time_zone", '"UTC"', "UTC"),
        ("effective_date", "2024-02-29", dt.date(2024, 2, 29)),
        ("year_starts", '"02-29"', "02-29"),
        ("grading_periods", '["S1"]', ("S1",)),
        ("teacher_group", '" Otus "', " Otus "),
    ],
)
def test_a_value_of_the_district_that_fits_is_kept_as_written(file: File, key: str, value: str, read: object) -> None:
    assert getattr(file.load(**{key: value}), key) == read


def test_all_that_is_wrong_with_a_list_of_periods_is_told(file: File) -> None:
    problem = file.problem(grading_periods='["Q1", "", "Q1", 4]')
    assert all(word in problem for word in ("entry 2", "entry 4", "Q1 stands there twice"))
