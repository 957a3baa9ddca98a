"""The small district's Schoology item cases: one for each item rule, what passes close beside it, and combinations."""

from typing import Any

from sandbox.small.builder import CREATED, Expected, failed, skipped
from sandbox.small.schoology_builder import MAIN, SchoologyCases
from sandbox.small.schoology_sections import NO_LEAD, OPTED_OUT, SOUTH, SPRING, TWO_LEADS


def add_item_cases(cases: SchoologyCases) -> None:
    """Add the cases of every item rule but those of due dates and titles."""
    _published_and_final(cases)
    _teachers(cases)
    _scales_and_totals(cases)
    _switched_off(cases)
    _categories(cases)
    _several_codes(cases)


def _published_and_final(cases: SchoologyCases) -> None:
    cases.item("unpublished", skipped("NOT_PUBLISHED"), "published is 0", published=0)
    cases.item("unpublished-as-text", skipped("NOT_PUBLISHED"), "published is the text 0", published="0")
    cases.item("published-as-text", CREATED, "published is the text 1", published="1")
    for name, value in (("final-column", 1), ("final-column-as-text", "1")):
        key = cases.item(name, skipped("FINAL_GRADE_COLUMN"), f"is_final is {value!r}", is_final=value)
        for score in [score for score in cases.said.scores if score.startswith(f"{key}:")]:
            cases.leave_out(score)
    cases.item("no-final-column", CREATED, "is_final is a number", is_final=0)
    cases.item("no-grades", CREATED, "a Schoology item is created at once", scored=False)
    for kind in ("assignment", "assessment", "discussion"):
        cases.item(f"type-{kind}", CREATED, "every type of grade item passes", type=kind)


def _teachers(cases: SchoologyCases) -> None:
    cases.item("no-lead-teacher", failed("TEACHER_NOT_IN_SECTION"), "a co-teacher, and a former lead", of=NO_LEAD)
    cases.item("two-lead-teachers", CREATED, "the one with the lowest number acts", of=TWO_LEADS)
    cases.item(
        "two-lead-teachers-inactive",
        failed("CATEGORY_INACTIVE"),
        "8301 acts, whose Homework is inactive, though 8311 has it",
        of=TWO_LEADS,
        category="Homework",
    )


def _scales_and_totals(cases: SchoologyCases) -> None:
    scale, invalid = skipped("NOT_POINTS_SCALE"), failed("TOTAL_INVALID")
    cases.item("scale-of-its-own", scale, "a scale of the school's", grading_scale="21337256")
    cases.item("scale-as-number", scale, "a scale's id as a number", grading_scale=21337256)
    cases.item("scale-zero-as-number", CREATED, "0 is the numeric scale", grading_scale=0)
    totals: list[tuple[str, Any, Expected]] = [
        ("total-empty", "", invalid),
        ("total-not-numeric", "ten", invalid),
        ("total-no-number", "NaN", invalid),
        ("total-endless", "Infinity", invalid),
        ("total-below-zero", "-5", invalid),
        ("total-zero", "0", invalid),
        ("total-half", "0.5", CREATED),
        ("total-one", 1, CREATED),
        ("total-27-and-a-half", "27.5", CREATED),
        ("total-with-zeros", "12.00", CREATED),
        ("total-9999", 9999, CREATED),
        ("total-9999-and-a-half", "9999.5", invalid),
        ("total-10000", "10000", invalid),
    ]
    for name, total, expected in totals:
        key = cases.item(name, expected, f"max_points is {total!r}", max_points=total, scored=False)
        cases.grade(key, "200001", Expected(expected.outcome, expected.codes[:1]), grade=0.5, max_points=total)


def _switched_off(cases: SchoologyCases) -> None:
    off = skipped("NOT_IN_FINAL_GRADE")
    cases.item("not-counted", off, "count_in_grade is 0", count_in_grade=0)
    cases.item("not-counted-as-text", off, "count_in_grade is the text 0", count_in_grade="0")
    cases.item("collected-only", off, "collected_only is 1", collected_only=1)
    cases.item("collected-only-as-text", off, "collected_only is the text 1", collected_only="1")
    cases.item("collected-only-and-not-counted", off, "both", collected_only=1, count_in_grade=0)
    cases.item("counted-in-words", CREATED, "the defaults, written out", collected_only=0, count_in_grade=1)
    cases.item("opted-out-item", skipped("OPTED_OUT"), "the item is on the opt-out list", of=SOUTH, number=9123)
    cases.item("opted-out-section", skipped("OPTED_OUT"), "its section is on the opt-out list", of=OPTED_OUT)


def _categories(cases: SchoologyCases) -> None:
    required, unmapped, inactive = (
        failed(code) for code in ("CATEGORY_REQUIRED", "CATEGORY_UNMAPPED", "CATEGORY_INACTIVE")
    )
    cases.record(MAIN, "categories", {"id": 84790, "title": "tests"})
    cases.item("no-category", required, "grading_category is the text 0", category=None)
    cases.item("no-category-as-number", required, "grading_category is 0", grading_category=0)
    cases.item("no-category-as-blank", required, "grading_category is empty", grading_category="")
    cases.item("category-not-listed", unmapped, "its section does not list the id", grading_category="990017")
    cases.item("category-of-another-section", unmapped, "another section lists the id", grading_category="184020")
    cases.item("category-unmapped", unmapped, "nothing is mapped to Projects", category="Projects")
    cases.item("category-spelt-otherwise", unmapped, "names compare exactly", grading_category="84790")
    cases.item("category-quizzes", CREATED, "another mapped category", category="Quizzes")
    cases.item("category-switched-off", inactive, "8301's Homework is inactive", category="Homework")
    cases.item("category-without-a-copy", inactive, "8301 has no Daily Work", category="Classwork")
    cases.item("category-of-the-school", CREATED, "102 maps Quizzes to Daily Work", of=SOUTH, category="Quizzes")
    cases.item("category-of-the-district", CREATED, "and leaves Homework as it is", of=SOUTH, category="Homework")


def _several_codes(cases: SchoologyCases) -> None:
    cases.item(
        "all-at-once",
        skipped(
            "NOT_PUBLISHED", "FINAL_GRADE_COLUMN", "BEFORE_EFFECTIVE_DATE", "TEACHER_NOT_IN_SECTION",
            "NOT_POINTS_SCALE", "TOTAL_INVALID", "NOT_IN_FINAL_GRADE", "CATEGORY_UNMAPPED", "DUE_DATE_OUTSIDE_PERIOD",
        ),
        "the order of the table: by design",
        of=NO_LEAD, published=0, is_final=1, due="2026-08-14 23:59:00", grading_scale="7", max_points="",
        count_in_grade=0, category="Projects", scored=False,
    )  # fmt: skip
    none: dict[str, Any] = {"category": None}
    rows: list[tuple[str, Expected, str, dict[str, Any]]] = [
        ("nobody-and-no-category", failed("TEACHER_NOT_IN_SECTION", "CATEGORY_REQUIRED"), NO_LEAD, none),
        ("no-category-and-late", failed("CATEGORY_REQUIRED", "DUE_DATE_OUTSIDE_PERIOD"), SPRING, none),
        ("inactive-and-late", failed("CATEGORY_INACTIVE", "DUE_DATE_OUTSIDE_PERIOD"), SPRING, {"category": "Homework"}),
        ("total-and-no-category", failed("TOTAL_INVALID", "CATEGORY_REQUIRED"), MAIN, {**none, "max_points": ""}),
        ("unpublished-and-no-category", skipped("NOT_PUBLISHED", "CATEGORY_REQUIRED"), MAIN, {**none, "published": 0}),
        ("opted-out-and-no-category", skipped("OPTED_OUT", "CATEGORY_REQUIRED"), OPTED_OUT, none),
        ("collected-and-no-total", failed("TOTAL_INVALID", "NOT_IN_FINAL_GRADE"), MAIN,
         {"max_points": "0", "collected_only": 1}),
    ]  # fmt: skip
    for name, expected, of, changes in rows:
        cases.item(name, expected, "several codes in the order of the table", of=of, **changes)
    key = cases.item("failing-scores-of-failing-item", failed("CATEGORY_REQUIRED"), "they take its code", category=None)
    cases.grade(key, "200002", failed("CATEGORY_REQUIRED"), grade="-1")
    cases.grade(key, "200105", failed("CATEGORY_REQUIRED"), grade=None)
