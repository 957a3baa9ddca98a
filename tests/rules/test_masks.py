"""The masks of random facts against the rules written down once more, plainly, a row at a time."""

import datetime as dt
import math
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.rules.facts import GOOD_ITEM, GOOD_SCORE, NOWHERE, PERIODS, codes_of, context, items, scores

from passback.rules import items as item_rules
from passback.rules import scores as score_rules

CURRENT = [(school, first, last) for school, _, first, last in PERIODS if first <= "2026-10-15" <= last]
ITEM_CHANGES: dict[str, list[Any]] = {
    "reason": [None, None, None, None, None, "`title` is missing"],
    "deleted": [False, False, False, False, True],
    "school_number": ["101", "101", "102", "103"],
    "section_first_day": ["2026-08-24", "2026-10-08"],
    "section_last_day": ["2027-06-04", "2026-10-15"],
    "users_dcid": [8301, 8301, None],
    "assigner_sis_id": ["8301", "8301", None],
    "assigner_in_group": [True, True, False],
    "grading_scale": ["points", "points", "standards"],
    "total": [12, 12, 9999, 9999.01, 0, -3, 27.5, None, math.inf],
    "assigned_on": ["2026-08-24", "2026-08-23", "2026-10-08", None],
    "created_on": ["2026-08-24", "2026-08-23"],
    "kind": ["assessment", "assessment", "plus"],
    "due_date": ["2026-10-15", "2026-10-16", "2026-10-23", "2026-10-24", None],
    "submission_date": ["2026-10-08", None],
    "include_in_final_grade": [True, True, False],
    "opted_out": [False, False, True],
    "category": ["Quizzes", "Quizzes", None],
    "teacher_category_id": [4302, 4302, None],
    "title": ["Quiz", "x" * 40, "x" * 41, None, ""],
}
SCORE_CHANGES: dict[str, list[Any]] = {
    "invalid": [False] * 5 + [True],
    "deleted": [False] * 4 + [True],
    "superseded": [False, False, True],
    "has_number": [True, True, False],
    "enrolled": [True, True, False, None],
    "excluded": [False, False, True, None],
    "status": ["graded", "graded", "turned_in", "not_started", "in_progress"],
    "points": [0, 12, 12.000001, -1, None, math.inf],
    "total": [12, None],
}


def some(changes: dict[str, list[Any]], good: dict[str, Any]) -> st.SearchStrategy[list[dict[str, Any]]]:
    """Lists of good facts of which a few are changed, or all."""
    few = st.fixed_dictionaries({}, optional={name: st.sampled_from(values) for name, values in changes.items()})
    many = st.fixed_dictionaries({name: st.sampled_from(values) for name, values in changes.items()})
    return st.lists((few | many).map(lambda changed: good | changed), min_size=1, max_size=40)


def week_after(day: str | None) -> str | None:
    return day and (dt.date.fromisoformat(day) + dt.timedelta(days=7)).isoformat()


def item_codes(f: dict[str, Any]) -> list[str]:
    """What the rules say of one item's facts."""
    if f["reason"]:
        return ["SOURCE_RECORD_INVALID"]
    if f["deleted"]:
        return ["SOURCE_DELETED"]
    section, start = f["section_dcid"], f["assigned_on"] or f["created_on"]
    own = f["due_date"] if f["kind"] == "assessment" else week_after(f["submission_date"])
    due = own or week_after(start)
    valid = f["total"] is not None and 0 < f["total"] <= 9999
    inside = section and f["section_first_day"] <= due <= f["section_last_day"] and any(
        school == f["school_number"] and first <= due <= last for school, first, last in CURRENT
    )  # fmt: skip
    failing = [
        (section is None, "SECTION_NOT_FOUND"),
        (start < "2026-08-24", "BEFORE_EFFECTIVE_DATE"),
        (f["assigner_sis_id"] is None, "ASSIGNED_BY_ADMIN"),
        (not f["assigner_in_group"], "ASSIGNER_NOT_IN_GROUP"),
        (section and f["assigner_sis_id"] and f["users_dcid"] is None, "TEACHER_NOT_IN_SECTION"),
        (f["grading_scale"] != "points", "NOT_POINTS_SCALE"),
        (not valid, "TOTAL_INVALID"),
        (valid and f["total"] != int(f["total"]), "TOTAL_NOT_WHOLE"),
        (not f["include_in_final_grade"], "NOT_IN_FINAL_GRADE"),
        (f["opted_out"], "OPTED_OUT"),
        (f["category"] is None, "CATEGORY_UNMAPPED"),
        (section and f["users_dcid"] and f["category"] and f["teacher_category_id"] is None, "CATEGORY_INACTIVE"),
        (section and not inside, "DUE_DATE_OUTSIDE_PERIOD"),
    ]
    warnings = [(own is None, "DUE_DATE_DEFAULTED"), (len(f["title"] or "") > 40, "TITLE_TRUNCATED")]
    return [code for hit, code in failing if hit] or [code for hit, code in warnings if hit]


def score_codes(f: dict[str, Any]) -> list[str]:
    """What the rules say of one score's facts."""
    if f["invalid"]:
        return ["SOURCE_RECORD_INVALID"]
    if f["deleted"]:
        return ["SOURCE_DELETED"]
    points = f["points"]
    failing = [
        (f["superseded"], "SUPERSEDED"),
        (not f["has_number"], "STUDENT_NOT_FOUND"),
        (f["enrolled"] is False, "STUDENT_NOT_ENROLLED"),
        (f["excluded"], "EXCLUDED_SCORE"),
        (f["status"] == "turned_in", "NOT_FULLY_GRADED"),
        (f["status"] in ("not_started", "in_progress") or (f["status"] == "graded" and points is None), "NO_SCORE"),
        (points is not None and not 0 <= points < 1e30, "SCORE_INVALID"),
    ]
    above = points is not None and f["total"] is not None and points > f["total"]
    return [code for hit, code in failing if hit] or (["SCORE_ABOVE_TOTAL"] if above else [])


@settings(max_examples=12)
@given(st.lists(st.booleans(), min_size=40, max_size=40), some(ITEM_CHANGES, GOOD_ITEM))
def test_the_masks_of_items_are_what_the_rules_say(nowhere: list[bool], rows: list[dict[str, Any]]) -> None:
    facts = [
        row | NOWHERE if no_section and place % 4 == 0 else row
        for place, (no_section, row) in enumerate(zip(nowhere, rows, strict=False))
    ]
    judged = item_rules.judge_otus(items(*facts), context())
    assert [codes_of(mask) for mask in judged["codes"]] == [item_codes(row) for row in facts]


@settings(max_examples=15)
@given(some(SCORE_CHANGES, GOOD_SCORE))
def test_the_masks_of_scores_are_what_the_rules_say(rows: list[dict[str, Any]]) -> None:
    masks = score_rules.judge_otus(scores(*rows))
    assert [codes_of(mask) for mask in masks] == [score_codes(row) for row in rows]
