"""The small district's item cases: one for each item rule of Otus, what passes close beside it, and combinations."""

from typing import Any

from sandbox.small.builder import CREATED, Cases, Expected, created, failed, skipped


def add_item_cases(cases: Cases) -> None:
    """Add the cases of every item rule."""
    _sections_and_deletions(cases)
    _assigners(cases)
    _effective_date(cases)
    _totals(cases)
    _categories(cases)
    _switched_off(cases)
    _without_scores(cases)
    _several_codes(cases)


def _sections_and_deletions(cases: Cases) -> None:
    missing, deleted = failed("SECTION_NOT_FOUND"), skipped("SOURCE_DELETED")
    cases.item("no-section", missing, "the class has no SIS section", of="c-no-section")
    cases.item("unknown-section", missing, "PowerSchool has no such section", of="c-unknown-section")
    cases.item("section-no-number", missing, "the section's id is no number", of="c-section-no-number")
    cases.item("last-years-section", missing, "a section of last year is not in this year's roster", of="c-last-year")
    cases.item("section-leading-zeros", CREATED, "ids compare as numbers: 085008 is 85008", of="c-leading-zeros")
    cases.item("deleted-assignment", deleted, "the assignment is deleted", deleted=True)
    cases.item("deleted-assessment", deleted, "the assessment is deleted", assessment={"deleted": True})
    cases.item("deleted-class", deleted, "the class is deleted", of="c-deleted")
    cases.item(
        "deleted-and-much-else",
        deleted,
        "nothing else is evaluated on what is deleted",
        deleted=True,
        by="u-admin",
        assessment={"points_possible": None, "assessment_type": "Essay"},
    )


def _assigners(cases: Cases) -> None:
    outside = failed("TEACHER_NOT_IN_SECTION")
    for key, expected, by in [
        ("co-teacher", CREATED, "u-co"),
        ("admin-with-sis-id", CREATED, "u-admin-in-sis"),
        ("teacher-id-leading-zeros", CREATED, "u-leading-zeros"),
        ("admin-in-group", skipped("ASSIGNED_BY_ADMIN"), "u-admin-in-group"),
        ("admin", skipped("ASSIGNED_BY_ADMIN", "ASSIGNER_NOT_IN_GROUP"), "u-admin"),
        ("not-in-group", skipped("ASSIGNER_NOT_IN_GROUP"), "u-not-in-group"),
        ("group-spelt-otherwise", skipped("ASSIGNER_NOT_IN_GROUP"), "u-group-spelt-otherwise"),
        ("teaches-elsewhere", outside, "u-elsewhere"),
        ("ended-teaching", outside, "u-ended"),
        ("teacher-unknown-in-sis", outside, "u-unknown-in-sis"),
    ]:
        cases.item(key, expected, f"assigned by {by}", by=by)
    cases.item(
        "not-in-group-elsewhere",
        skipped("ASSIGNER_NOT_IN_GROUP", "TEACHER_NOT_IN_SECTION"),
        "assigned by somebody who is in neither",
        by="u-not-in-group",
        of="c-semester",
    )


def _effective_date(cases: Cases) -> None:
    before = skipped("BEFORE_EFFECTIVE_DATE")
    cases.item(
        "effective-day-before",
        before,
        "assigned 23:59:59 local time the day before",
        assigned_at="2026-08-24T04:59:59Z",
    )
    cases.item("effective-day", CREATED, "assigned at local midnight", assigned_at="2026-08-24T05:00:00Z")
    cases.item(
        "effective-day-before-created",
        before,
        "never assigned, created the day before",
        assigned_at=None,
        assessment={"created_at": "2026-08-24T04:59:59Z"},
    )
    cases.item(
        "effective-day-created",
        CREATED,
        "never assigned, created on the day",
        assigned_at=None,
        assessment={"created_at": "2026-08-24T05:00:00Z"},
    )
    cases.item(
        "assigned-late",
        CREATED,
        "created before, assigned after: the assigning decides",
        assessment={"created_at": "2026-08-01T05:00:00Z"},
    )
    cases.item(
        "assigned-early",
        before,
        "created after, assigned before: the assigning decides",
        assigned_at="2026-08-20T05:00:00Z",
        assessment={"created_at": "2026-08-25T05:00:00Z"},
    )


def _totals(cases: Cases) -> None:
    invalid, fraction = failed("TOTAL_INVALID"), skipped("TOTAL_NOT_WHOLE")
    amounts: list[tuple[str, Any, Expected]] = [
        ("total-none", None, invalid),
        ("total-below-zero", -1, invalid),
        ("total-zero", 0, invalid),
        ("total-half", 0.5, fraction),
        ("total-one", 1, CREATED),
        ("total-27-and-a-half", 27.5, fraction),
        ("total-whole-as-float", 10.0, CREATED),
        ("total-9999", 9999, CREATED),
        ("total-9999-and-a-half", 9999.5, invalid),
        ("total-10000", 10000, invalid),
    ]
    for key, total, expected in amounts:
        cases.item(key, expected, f"a total of {total}", assessment={"points_possible": total}, scored=False)
        cases.score(key, "st-200001", cases.inherited(key), points=0.5)
    standards = {"grading_scale": "standards"}
    cases.item("standards", skipped("NOT_POINTS_SCALE"), "a standards scale", assessment=standards)
    cases.item(
        "standards-without-total",
        skipped("NOT_POINTS_SCALE", "TOTAL_INVALID"),
        "a standards scale has no total",
        assessment={**standards, "points_possible": None},
    )
    cases.item(
        "scale-spelt-otherwise",
        skipped("NOT_POINTS_SCALE"),
        "codes compare exactly",
        assessment={"grading_scale": "Points"},
    )


def _categories(cases: Cases) -> None:
    unmapped, inactive = failed("CATEGORY_UNMAPPED"), failed("CATEGORY_INACTIVE")
    for key, expected, kind, of, by in [
        ("category-test", CREATED, "Test", "c-main", "u-lead"),
        ("category-unmapped", unmapped, "Essay", "c-main", "u-lead"),
        ("category-spelt-otherwise", unmapped, "quiz", "c-main", "u-lead"),
        ("category-empty", unmapped, "", "c-main", "u-lead"),
        ("category-switched-off", inactive, "Homework", "c-main", "u-lead"),
        ("category-last-years-copy", inactive, "Homework", "c-main", "u-co"),
        ("category-copy-spelt-otherwise", inactive, "Quiz", "c-main", "u-lower-case"),
        ("category-of-the-school", CREATED, "Quiz", "c-south", "u-south"),
        ("category-of-the-district", CREATED, "Test", "c-south", "u-south"),
        ("category-of-the-school-missing", inactive, "Quiz", "c-south", "u-south-co"),
    ]:
        cases.item(key, expected, f"type {kind!r} by {by}", of=of, by=by, assessment={"assessment_type": kind})


def _switched_off(cases: Cases) -> None:
    cases.item(
        "not-in-final-grade",
        skipped("NOT_IN_FINAL_GRADE"),
        "include-in-final-grade is off",
        include_in_final_grade=False,
    )
    cases.item("opted-out-item", skipped("OPTED_OUT"), "the item is on the opt-out list")
    cases.item("opted-out-section", skipped("OPTED_OUT"), "its section is on the opt-out list", of="c-opted-out")


def _without_scores(cases: Cases) -> None:
    waiting = skipped("NO_SCORES_YET")
    cases.item("no-scores", waiting, "no score at all", scored=False)
    unfinished: list[tuple[str, dict[str, Any], Expected]] = [
        ("nobody-started", {"status": "not_started", "points": None}, skipped("NO_SCORE")),
        ("only-excluded", {"excluded": True}, skipped("EXCLUDED_SCORE")),
        ("only-turned-in", {"status": "turned_in"}, skipped("NOT_FULLY_GRADED")),
        ("only-deleted-scores", {"deleted": True}, skipped("SOURCE_DELETED")),
        ("only-invalid-scores", {"points": -2}, failed("SCORE_INVALID")),
    ]
    for key, changes, own in unfinished:
        cases.item(key, waiting, "no score of it passes: scores keep their own code", scored=False)
        cases.score(key, "st-200001", own, **changes)
        cases.score(key, "st-200002", own, **changes)
    cases.item("one-of-two-graded", CREATED, "the first score that passes creates it")
    cases.score("one-of-two-graded", "st-200002", skipped("NO_SCORE"), status="in_progress", points=None)
    cases.item("twin", CREATED, "its marker is the beginning of another's")
    cases.item("twin-2", CREATED, "its marker begins with another's", assessment={"title": "Twin"})


def _several_codes(cases: Cases) -> None:
    cases.item(
        "several-by-design",
        skipped("NOT_POINTS_SCALE", "TOTAL_INVALID", "NOT_IN_FINAL_GRADE", "DUE_DATE_OUTSIDE_PERIOD"),
        "the first code of the table decides: by design",
        include_in_final_grade=False,
        due_date="2026-12-01",
        assessment={"grading_scale": "standards", "points_possible": None},
    )
    cases.item(
        "several-action-first",
        failed("TOTAL_INVALID", "NOT_IN_FINAL_GRADE", "CATEGORY_UNMAPPED"),
        "the first code of the table decides: action",
        include_in_final_grade=False,
        assessment={"points_possible": 0, "assessment_type": "Essay"},
    )
    cases.item(
        "early-and-unmapped",
        skipped("BEFORE_EFFECTIVE_DATE", "CATEGORY_UNMAPPED"),
        "two codes",
        assigned_at="2026-08-20T15:00:00Z",
        assessment={"assessment_type": "Essay"},
    )
    cases.item(
        "no-section-and-fraction",
        failed("SECTION_NOT_FOUND", "TOTAL_NOT_WHOLE"),
        "without a section, what needs none is still evaluated",
        of="c-no-section",
        assessment={"points_possible": 27.5},
    )
    cases.item(
        "failing-score-of-failing-item",
        skipped("NOT_IN_FINAL_GRADE"),
        "its scores take its code alone",
        include_in_final_grade=False,
    )
    cases.score("failing-score-of-failing-item", "st-200002", skipped("NOT_IN_FINAL_GRADE"), points=-1)
    cases.item(
        "delivered-with-remarks",
        created("DUE_DATE_DEFAULTED", "TITLE_TRUNCATED"),
        "two warnings",
        due_date=None,
        assessment={"title": "A title that is far too long for the gradebook of PowerSchool"},
    )
