"""Category maps, and what a source that is on or the roster asks of them."""

import pytest
from tests.settings.files import CATEGORIES, File

from passback.errors import Terminal
from passback.settings import check, check_schools


def test_a_school_overrides_the_district_entry_by_entry(file: File) -> None:
    settings = file.load(CATEGORIES)
    own = {"Quiz": "Daily Work", "Test": "Tests", "Exit ticket": "Exits"}
    assert settings.category_map("otus", "102") == own
    assert settings.category_map("otus", "0102") == own
    assert settings.category_map("otus", "101") == {"Quiz": "Quizzes", "Test": "Tests"}
    assert settings.category_map("otus", None) == {"Quiz": "Quizzes", "Test": "Tests"}
    assert settings.category_map("schoology", "102") == {"Quiz": "Other"}


def test_a_map_that_is_changed_by_its_reader_leaves_the_settings_alone(file: File) -> None:
    settings = file.load(CATEGORIES)
    settings.category_map("otus", None).clear()
    assert settings.category_map("otus", None) == {"Quiz": "Quizzes", "Test": "Tests"}


def test_a_source_that_is_on_needs_its_categories(file: File) -> None:
    settings = file.load('[categories.otus]\nQuiz = "Quizzes"')
    check(settings, [])
    check(settings, ["otus"])
    with pytest.raises(Terminal, match=r"\[categories.schoology\]: missing") as refused:
        check(settings, ["otus", "schoology"])
    assert str(file.path) in str(refused.value)


def test_categories_of_a_school_do_not_stand_in_for_the_districts(file: File) -> None:
    with pytest.raises(Terminal, match=r"\[categories.otus\]: missing"):
        check(file.load('[schools.102.categories.otus]\nQuiz = "Quizzes"'), ["otus"])


def test_a_source_that_is_on_and_not_known_is_refused(file: File) -> None:
    with pytest.raises(Terminal, match="known are otus, schoology"):
        check(file.load(), ["canvas"])


@pytest.mark.parametrize(
    ("lines", "problem"),
    [
        ("categories = 1", "[categories]: found the whole number 1"),
        ('[categories]\notus = "Tests"', '[categories.otus]: found the text "Tests"'),
        ('[categories.otis]\nQuiz = "Quizzes"', "[categories] otis: found an unknown source"),
        ("[categories.otus]\nQuiz = 1", "[categories.otus] Quiz: found the whole number 1"),
        ('[categories.otus]\nQuiz = ""', '[categories.otus] Quiz: found the text ""'),
        ('[categories.otus]\n"Exit ticket" = []', '[categories.otus] "Exit ticket": found a list of 0'),
        ('[categories.otus]\n"" = "Quizzes"', '[categories.otus] the name "": found the text ""'),
        ('[categories.otus]\nA.B = "Quizzes"', "[categories.otus] A: found a table"),
        ("schools = []", "[schools]: found a list of 0"),
        ("[schools]\n102 = 1", "[schools.102]: found the whole number 1"),
        ("[schools.102]\ncategories = 1", "[schools.102.categories]: found the whole number 1"),
        ('[schools.102.categories.otis]\nQ = "X"', "[schools.102.categories] otis: found an unknown source"),
        ("[schools.102.categories.otus]\nQ = true", "[schools.102.categories.otus] Q: found true"),
        ("[schools.102]\n[schools.0102]", "[schools.0102]: this school stands here twice"),
    ],
)
def test_a_category_table_that_does_not_fit_is_refused(file: File, lines: str, problem: str) -> None:
    assert file.problem(lines).startswith(problem)


def test_a_category_has_at_most_30_characters(file: File) -> None:
    good, bad = "é" * 30, "é" * 31
    assert file.load(f'[categories.otus]\nQuiz = "{good}"').category_map("otus", None) == {"Quiz": good}
    assert "at most 30 characters (these are 31)" in file.problem(f'[categories.otus]\nQuiz = "{bad}"')


def test_schools_that_the_roster_lacks_are_all_named(file: File) -> None:
    settings = file.load("[schools.101]\n[schools.998]\n[schools.999]")
    check_schools(settings, ["101", "998", "999", "5"])
    with pytest.raises(Terminal) as refused:
        check_schools(settings, ["0101", "5"])
    message = str(refused.value)
    assert "[schools.998]" in message
    assert "[schools.999]" in message
    assert "[schools.101]" not in message
    assert "the roster's schools are 101, 5" in message


def test_settings_without_schools_fit_every_roster(file: File) -> None:
    check_schools(file.load(), [])
