"""Every Schoology item rule as data: its code, facts that pass, facts that fail. What is not named is a good item's."""

import math
from typing import Any

from tests.rules.facts import AS_OF, NOWHERE

# A quarter, a section's days and a total of points include both their ends.
Case = tuple[str, str, dict[str, Any], dict[str, Any]]
NOTHING_READ: dict[str, Any] = {
    "reads": False, "title": None, "grading_scale": None, "total": None, "due_date": None, "published": None,
    "is_final": None, "count_in_grade": None, "collected_only": None, "period_title": None, "period_last_day": None,
    "grading_category": None, "category_is_listed": False, "category_title": None, "category": None,
    "teacher_category_id": None,
}  # fmt: skip
NO_CATEGORY = {
    "category_is_listed": False, "category_title": None, "category": None, "teacher_category_id": None
}  # fmt: skip
EARLY = {"school_number": "105", "section_first_day": "2026-08-01"}
NO_DUE_DATE = {"due_date": None, "period_title": None, "period_last_day": None}

SCHOOLOGY_ITEM_CASES: tuple[Case, ...] = (
    ("SOURCE_RECORD_INVALID", "the record reads", {}, {**NOTHING_READ, "reason": "`title` is missing"}),
    ("SOURCE_RECORD_INVALID", "its section reads", {}, {**NOWHERE, "reason": "its section: `id` is missing",
     "section_school_code": None, "deleted": True}),
    ("SOURCE_DELETED", "not deleted", {"deleted": False}, {"deleted": True}),
    ("SECTION_NOT_FOUND", "PowerSchool has the section", {}, {**NOWHERE, "section_school_code": "85999"}),
    ("NOT_PUBLISHED", "published", {"published": True}, {"published": False}),
    ("FINAL_GRADE_COLUMN", "an item like others", {"is_final": False}, {"is_final": True}),
    ("BEFORE_EFFECTIVE_DATE", "due on the day itself", {**EARLY, "due_date": "2026-08-24"},
     {**EARLY, "due_date": "2026-08-23"}),
    ("BEFORE_EFFECTIVE_DATE", "due by default", {**EARLY, "due_date": None, "period_last_day": "2026-08-24"},
     {**EARLY, "due_date": None, "period_last_day": "2026-08-23"}),
    ("TEACHER_NOT_IN_SECTION", "has a lead teacher", {}, {"users_dcid": None, "teacher_category_id": None}),
    ("NOT_POINTS_SCALE", "the numeric scale", {"grading_scale": "0"}, {"grading_scale": "21337256"}),
    ("NOT_POINTS_SCALE", "texts compare exactly", {"grading_scale": "0"}, {"grading_scale": "00"}),
    ("TOTAL_INVALID", "there is one", {"total": 1}, {"total": None}),
    ("TOTAL_INVALID", "above nothing", {"total": 0.5}, {"total": 0}),
    ("TOTAL_INVALID", "positive", {"total": 1}, {"total": -1}),
    ("TOTAL_INVALID", "at most 9,999", {"total": 9999}, {"total": 9999.01}),
    ("TOTAL_INVALID", "finite", {"total": 27.5}, {"total": math.inf}),
    ("NOT_IN_FINAL_GRADE", "counts", {"count_in_grade": True}, {"count_in_grade": False}),
    ("NOT_IN_FINAL_GRADE", "more than collected", {"collected_only": False}, {"collected_only": True}),
    ("NOT_IN_FINAL_GRADE", "what is left out is the default", {"count_in_grade": None, "collected_only": None},
     {"count_in_grade": None, "collected_only": True}),
    ("OPTED_OUT", "not on the list", {"opted_out": False}, {"opted_out": True}),
    ("CATEGORY_REQUIRED", "has a category", {}, {"grading_category": "0", **NO_CATEGORY}),
    ("CATEGORY_REQUIRED", "has a category that is a text", {}, {"grading_category": "", **NO_CATEGORY}),
    ("CATEGORY_REQUIRED", "no category at all", {}, {"grading_category": None, **NO_CATEGORY}),
    ("CATEGORY_UNMAPPED", "mapped", {}, {"category_title": "Essay", "category": None, "teacher_category_id": None}),
    ("CATEGORY_UNMAPPED", "its section lists the category", {}, {"grading_category": "4399", **NO_CATEGORY}),
    ("CATEGORY_INACTIVE", "an active copy", {"teacher_category_id": 1}, {"teacher_category_id": None}),
    ("DUE_DATE_OUTSIDE_PERIOD", "the period's first day", {"due_date": "2026-08-24"},
     {"due_date": "2026-08-25", "section_first_day": "2026-08-26"}),
    ("DUE_DATE_OUTSIDE_PERIOD", "the period's last day", {"due_date": "2026-10-23"}, {"due_date": "2026-10-24"}),
    ("DUE_DATE_OUTSIDE_PERIOD", "the section's last day",
     {"due_date": "2026-10-20", "section_last_day": "2026-10-20"},
     {"due_date": "2026-10-21", "section_last_day": "2026-10-20"}),
    ("DUE_DATE_OUTSIDE_PERIOD", "no period is current", {}, {"school_number": "103", "due_date": "2026-10-14"}),
    ("DUE_DATE_OUTSIDE_PERIOD", "a due date found in Schoology's period",
     {"due_date": AS_OF, "period_last_day": "2026-12-18"}, {"due_date": None, "period_last_day": "2026-12-18"}),
    ("DUE_DATE_OUTSIDE_PERIOD", "a due date found in the section", {"due_date": AS_OF}, NO_DUE_DATE),
    ("DUE_DATE_DEFAULTED", "the source has one", {}, {"due_date": None}),
    ("DUE_DATE_DEFAULTED", "the section's last day", {}, {**NO_DUE_DATE, "section_last_day": "2026-10-23"}),
    ("TITLE_TRUNCATED", "50 characters in all", {"title": "x" * 50}, {"title": "x" * 51}),
    ("TITLE_TRUNCATED", "with its suffix", {"title": "x" * 42, "has_older_twin": True},
     {"title": "x" * 43, "has_older_twin": True}),
)  # fmt: skip
