"""Opt-outs and Schoology's exceptions."""

import pytest
from tests.settings.files import File


def test_opt_outs_come_as_sections_and_as_items(file: File) -> None:
    settings = file.load(
        '[[opt_outs]]\nsection_dcid = "85004"\n[[opt_outs]]\nsection_dcid = "0085005"\n'
        '[[opt_outs]]\nsource = "schoology"\nsource_item_id = "4318405:9123"'
    )
    assert settings.opted_out_sections == {"85004", "85005"}
    assert settings.opted_out_items == {("schoology", "4318405:9123")}


@pytest.mark.parametrize(
    ("entry", "problem"),
    [
        ("{}", ": found neither form"),
        ('{section_dcid = "1", source = "otus", source_item_id = "x"}', ": found both forms"),
        ('{section_dcid = "1", source_item_id = "x"}', ": found both forms"),
        ('{source = "otus"}', " source_item_id: missing"),
        ('{source_item_id = "x"}', " source: missing"),
        ("{section_dcid = 85004}", " section_dcid: found the whole number 85004"),
        ('{section_dcid = "S-1"}', ' section_dcid: found the text "S-1"'),
        ('{source = "canvas", source_item_id = "x"}', ' source: found the text "canvas"; write one of the sources'),
        ('{source = ["otus"], source_item_id = "x"}', " source: found a list of 1"),
        ('{source = "otus", source_item_id = 5}', " source_item_id: found the whole number 5"),
        ('{source = "otus", source_item_id = ""}', ' source_item_id: found the text ""'),
        ('{section_dcid = "1", reason = "x"}', " reason: found an unknown key"),
        ('"85004"', ': found the text "85004"'),
    ],
)
def test_an_opt_out_that_does_not_fit_is_refused_by_its_number(file: File, entry: str, problem: str) -> None:
    good = '{section_dcid = "1"}'
    assert file.problem(f"opt_outs = [{good}, {entry}]").startswith(f"[[opt_outs]] entry 2{problem}")


def test_opt_outs_are_a_list_of_tables(file: File) -> None:
    assert "[[opt_outs]] of its own" in file.problem('[opt_outs]\nsection_dcid = "1"')


def test_a_given_exception_overrides_and_the_others_stay(file: File) -> None:
    assert file.load('[exceptions]\n3 = "skip"\n7 = "skip"').exceptions == {1: "flag", 2: "flag", 3: "skip", 7: "skip"}


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ('excused = "flag"', "[exceptions] excused: found no code"),
        ('0 = "skip"', "[exceptions] 0: found no code"),
        ('01 = "skip"', "[exceptions] 01: found no code"),
        ('-1 = "skip"', "[exceptions] -1: found no code"),
        ('1 = "zero"', '[exceptions] 1: found the text "zero"; write "flag"'),
        ("1 = true", "[exceptions] 1: found true"),
        ('4 = "flag"', '[exceptions] 4: found the text "flag"; PowerSchool has flags for 1 (excused)'),
        ("4 = 1", "[exceptions] 4: found the whole number 1"),
    ],
)
def test_an_exception_that_does_not_fit_is_refused(file: File, line: str, problem: str) -> None:
    assert file.problem(f"[exceptions]\n{line}").startswith(problem)


def test_exceptions_are_a_table(file: File) -> None:
    assert file.problem('exceptions = "flag"').startswith("[exceptions]: found the text")
