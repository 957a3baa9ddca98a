"""Facts as evaluation reads them, made by hand: one good item, one good score, and what a test changes of them."""

import datetime as dt
from typing import Any

import pandas as pd

from passback.errors import catalogue
from passback.evaluation import WINDOWS
from passback.facts import OTUS_ITEM_FACTS, OTUS_SCORE_FACTS, SCHOOLOGY_ITEM_FACTS, SCHOOLOGY_SCORE_FACTS
from passback.rules.items import ItemContext

AS_OF = "2026-10-15"
EFFECTIVE = "2026-08-24"
GROUP = "PowerSchool Gradebook Passback"
NOWHERE = {"section_dcid": None, "school_number": None, "term_id": None, "section_first_day": None,
           "section_last_day": None, "users_dcid": None, "teacher_category_id": None}  # fmt: skip

GOOD_ITEM: dict[str, Any] = {
    "reason": None, "deleted": False, "school_number": "101", "section_dcid": 85001, "term_id": 3600,
    "section_first_day": "2026-08-24", "section_last_day": "2027-06-04", "sis_section_id": "85001", "users_dcid": 8301,
    "assigner_sis_id": "8301", "assigner_in_group": True, "identifier": "S130545", "title": "Unit 3 test",
    "kind": "assessment", "assessment_type": "Quiz", "grading_scale": "points", "total": 12.0,
    "assigned_on": "2026-10-01", "created_on": "2026-09-20", "due_date": AS_OF, "submission_date": None,
    "include_in_final_grade": True, "opted_out": False, "category": "Quizzes", "teacher_category_id": 4302,
}  # fmt: skip

GOOD_SCORE: dict[str, Any] = {
    "invalid": False, "deleted": False, "superseded": False, "has_number": True, "enrolled": True, "excluded": False,
    "status": "graded", "points": 9.5, "total": 12.0,
}  # fmt: skip

GOOD_SCHOOLOGY_ITEM: dict[str, Any] = {
    "reason": None, "reads": True, "deleted": False, "school_number": "101", "section_dcid": 85001, "term_id": 3600,
    "section_first_day": "2026-08-24", "section_last_day": "2027-06-04", "section_school_code": "85001",
    "users_dcid": 8301, "grade_item_id": "9123", "title": "Segments and Angles Worksheet", "has_older_twin": False,
    "published": True, "is_final": False, "grading_scale": "0", "total": 27.5, "count_in_grade": True,
    "collected_only": False, "due_date": AS_OF, "period_title": "Quarter 1", "period_last_day": "2026-10-22",
    "opted_out": False, "grading_category": "4371", "category_is_listed": True, "category_title": "Tests",
    "category": "Tests", "teacher_category_id": 4302,
}  # fmt: skip

GOOD_SCHOOLOGY_SCORE: dict[str, Any] = {
    "invalid": False, "deleted": False, "superseded": False, "has_number": True, "enrolled": True, "assigned": None,
    "exception": None, "points": 9.5, "unreadable": False, "total": 12.0,
}  # fmt: skip

# School 101: Q1 is current. 102: two are, with a gap of no day. 103: none is any more. A school 104 has none at all.
# 105: Q1 begins before the effective date.
PERIODS = (
    ("101", "Q1", "2026-08-24", "2026-10-23"),
    ("101", "Q2", "2026-10-26", "2026-12-18"),
    ("102", "Q1", "2026-08-24", "2026-10-16"),
    ("102", "Q2", "2026-10-12", "2026-11-20"),
    ("103", "Q1", "2026-08-24", "2026-10-14"),
    ("103", "Q2", "2026-10-16", "2026-12-18"),
    ("105", "Q1", "2026-08-01", "2026-10-23"),
)


def frame(rows: list[dict[str, Any]], dtypes: dict[str, str]) -> pd.DataFrame:
    """The rows as a frame of these dtypes, numbered by `n`."""
    numbered = [{"n": number, **row} for number, row in enumerate(rows, start=1)]
    made = {name: pd.Series([row[name] for row in numbered], dtype=dtype) for name, dtype in dtypes.items()}
    return pd.DataFrame(made)


def items(*changes: dict[str, Any]) -> pd.DataFrame:
    """Good Otus items, each changed."""
    return frame([GOOD_ITEM | change for change in changes], OTUS_ITEM_FACTS)


def scores(*changes: dict[str, Any]) -> pd.DataFrame:
    """Good Otus scores, each changed."""
    return frame([GOOD_SCORE | change for change in changes], OTUS_SCORE_FACTS)


def schoology_items(*changes: dict[str, Any]) -> pd.DataFrame:
    """Good Schoology items, each changed."""
    return frame([GOOD_SCHOOLOGY_ITEM | change for change in changes], SCHOOLOGY_ITEM_FACTS)


def schoology_scores(*changes: dict[str, Any]) -> pd.DataFrame:
    """Good Schoology scores, each changed."""
    return frame([GOOD_SCHOOLOGY_SCORE | change for change in changes], SCHOOLOGY_SCORE_FACTS)


def context(**changes: Any) -> ItemContext:
    """The context of a school day in October 2026."""
    days = [(school, 3600, code, pd.Timestamp(first), pd.Timestamp(last)) for school, code, first, last in PERIODS]
    windows = pd.DataFrame(
        [(*period, period[3] <= pd.Timestamp(AS_OF) <= period[4], period[4] < pd.Timestamp(AS_OF)) for period in days],
        columns=list(WINDOWS),
    ).astype(WINDOWS)
    defaults: dict[str, Any] = {
        "effective_on": pd.Timestamp(EFFECTIVE), "teacher_group": GROUP, "windows": windows,
        "mapped_types": {"": "Quiz, Test", "102": "Exit ticket, Quiz"},
        "year_first_day": pd.Timestamp("2026-07-01"), "year_last_day": pd.Timestamp("2027-06-30"),
    }  # fmt: skip
    return ItemContext(**defaults | changes)


def codes_of(mask: int) -> list[str]:
    """The codes of a mask, primary first."""
    return [code.code for code in catalogue().values() if mask & code.mask]


def day(text: str | None) -> dt.date | None:
    """A date of a text, or None."""
    return None if text is None else dt.date.fromisoformat(text)
