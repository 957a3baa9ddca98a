"""Every Otus item rule as data: its code, facts that pass, facts that fail. What is not named is a good item's."""

import math
from typing import Any

from tests.rules.facts import AS_OF, NOWHERE

SCHOOL_102 = {"school_number": "102"}
# A quarter, a section's days and a total of points include both their ends.
Case = tuple[str, str, dict[str, Any], dict[str, Any]]

ITEM_CASES: tuple[Case, ...] = (
    ("SOURCE_RECORD_INVALID", "the record reads", {}, {"reason": "`due_date` must be a date (a number was found)"}),
    ("SOURCE_RECORD_INVALID", "its class reads", {}, {"reason": "its class: `id` is missing", "deleted": True}),
    ("SOURCE_DELETED", "not deleted", {"deleted": False}, {"deleted": True}),
    ("SECTION_NOT_FOUND", "PowerSchool has the section", {}, {**NOWHERE, "sis_section_id": "85999"}),
    ("SECTION_NOT_FOUND", "the class has a section", {}, {**NOWHERE, "sis_section_id": None}),
    ("BEFORE_EFFECTIVE_DATE", "the day itself", {"assigned_on": "2026-08-24"}, {"assigned_on": "2026-08-23"}),
    ("BEFORE_EFFECTIVE_DATE", "created, where it was assigned at no time",
     {"assigned_on": None, "created_on": "2026-08-24"}, {"assigned_on": None, "created_on": "2026-08-23"}),
    ("BEFORE_EFFECTIVE_DATE", "assigned wins over created",
     {"assigned_on": "2026-08-24", "created_on": "2026-08-01"},
     {"assigned_on": "2026-08-23", "created_on": "2026-08-25"}),
    ("ASSIGNED_BY_ADMIN", "the assigner is in the SIS", {},
     {"assigner_sis_id": None, "users_dcid": None, "teacher_category_id": None}),
    ("ASSIGNER_NOT_IN_GROUP", "in the group", {"assigner_in_group": True}, {"assigner_in_group": False}),
    ("TEACHER_NOT_IN_SECTION", "teaches the section", {}, {"users_dcid": None, "teacher_category_id": None}),
    ("NOT_POINTS_SCALE", "points", {"grading_scale": "points"}, {"grading_scale": "standards"}),
    ("NOT_POINTS_SCALE", "names compare exactly", {"grading_scale": "points"}, {"grading_scale": "Points"}),
    ("TOTAL_INVALID", "there is one", {"total": 1}, {"total": None}),
    ("TOTAL_INVALID", "above nothing", {"total": 1}, {"total": 0}),
    ("TOTAL_INVALID", "positive", {"total": 1}, {"total": -1}),
    ("TOTAL_INVALID", "at most 9,999", {"total": 9999}, {"total": 9999.01}),
    ("TOTAL_INVALID", "a whole number too high", {"total": 9998}, {"total": 10000}),
    ("TOTAL_INVALID", "finite", {"total": 27}, {"total": math.inf}),
    ("TOTAL_NOT_WHOLE", "27 and a half", {"total": 27.0}, {"total": 27.5}),
    ("TOTAL_NOT_WHOLE", "less than one point", {"total": 1}, {"total": 0.5}),
    ("TOTAL_NOT_WHOLE", "just below the most", {"total": 9999.0}, {"total": 9998.999999}),
    ("NOT_IN_FINAL_GRADE", "included", {"include_in_final_grade": True}, {"include_in_final_grade": False}),
    ("OPTED_OUT", "not on the list", {"opted_out": False}, {"opted_out": True}),
    ("CATEGORY_UNMAPPED", "mapped", {}, {"assessment_type": "Essay", "category": None, "teacher_category_id": None}),
    ("CATEGORY_INACTIVE", "an active copy", {"teacher_category_id": 1}, {"teacher_category_id": None}),
    ("DUE_DATE_OUTSIDE_PERIOD", "the period's first day", {"due_date": "2026-08-24"},
     {"due_date": "2026-08-23", "section_first_day": "2026-08-01"}),
    ("DUE_DATE_OUTSIDE_PERIOD", "the period's last day", {"due_date": "2026-10-23"}, {"due_date": "2026-10-24"}),
    ("DUE_DATE_OUTSIDE_PERIOD", "a period that is not current", {"due_date": "2026-10-23"}, {"due_date": "2026-10-26"}),
    ("DUE_DATE_OUTSIDE_PERIOD", "the section's first day",
     {"due_date": "2026-09-07", "section_first_day": "2026-09-07"},
     {"due_date": "2026-09-06", "section_first_day": "2026-09-07"}),
    ("DUE_DATE_OUTSIDE_PERIOD", "the section's last day",
     {"due_date": "2026-10-20", "section_last_day": "2026-10-20"},
     {"due_date": "2026-10-21", "section_last_day": "2026-10-20"}),
    ("DUE_DATE_OUTSIDE_PERIOD", "of several current periods one is enough",
     {**SCHOOL_102, "due_date": "2026-11-20"}, {**SCHOOL_102, "due_date": "2026-11-21"}),
    ("DUE_DATE_OUTSIDE_PERIOD", "no period is current", {}, {"school_number": "103", "due_date": "2026-10-14"}),
    ("DUE_DATE_OUTSIDE_PERIOD", "the school has no period", {}, {"school_number": "104"}),
    ("DUE_DATE_OUTSIDE_PERIOD", "the periods of another term", {"term_id": 3600}, {"term_id": 3601}),
    ("DUE_DATE_OUTSIDE_PERIOD", "a due date found by default",
     {"due_date": AS_OF, "assigned_on": "2026-10-17"}, {"due_date": None, "assigned_on": "2026-10-17"}),
    ("DUE_DATE_DEFAULTED", "the source has one", {}, {"due_date": None, "assigned_on": "2026-10-01"}),
    ("DUE_DATE_DEFAULTED", "a Plus with its submission date",
     {"kind": "plus", "due_date": None, "submission_date": "2026-10-01"},
     {"kind": "plus", "due_date": None, "submission_date": None}),
    ("TITLE_TRUNCATED", "50 characters in all", {"title": "x" * 40}, {"title": "x" * 41}),
    ("TITLE_TRUNCATED", "white space does not count", {"title": "x  x\t" + "x" * 36}, {"title": "x  x\t" + "x" * 38}),
    ("TITLE_TRUNCATED", "characters, not bytes", {"title": "é😀" * 20}, {"title": "é😀" * 20 + "x"}),
)  # fmt: skip

# In the ledger? Has it a score that passes? What passes, what fails.
AFTER_SCORES_CASES: tuple[tuple[str, str, dict[str, Any], dict[str, Any]], ...] = (
    ("NO_SCORES_YET", "its first score", {"in_ledger": False, "has_passing_score": True},
     {"in_ledger": False, "has_passing_score": False}),
    ("NO_SCORES_YET", "in the ledger", {"in_ledger": True, "has_passing_score": False},
     {"in_ledger": False, "has_passing_score": False}),
)  # fmt: skip
