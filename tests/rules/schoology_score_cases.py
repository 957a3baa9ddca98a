"""Every Schoology score rule as data: its code, facts that pass, facts that fail. What is not named is a good one's."""

import math
from typing import Any

NONE = {"points": None}

SCHOOLOGY_SCORE_CASES: tuple[tuple[str, str, dict[str, Any], dict[str, Any]], ...] = (
    ("SOURCE_RECORD_INVALID", "the record reads", {"invalid": False}, {"invalid": True}),
    ("SOURCE_RECORD_INVALID", "nothing else is told of it", {},
     {"invalid": True, "deleted": True, "has_number": False, "assigned": False, "unreadable": True, **NONE}),
    ("SOURCE_DELETED", "not deleted", {"deleted": False}, {"deleted": True}),
    ("SOURCE_DELETED", "nothing else is told of it", {}, {"deleted": True, "enrolled": False, **NONE}),
    ("SUPERSEDED", "the newest", {"superseded": False}, {"superseded": True}),
    ("STUDENT_NOT_FOUND", "has a number", {}, {"has_number": False, "enrolled": None}),
    ("STUDENT_NOT_ENROLLED", "enrolled", {"enrolled": True}, {"enrolled": False}),
    ("STUDENT_NOT_ENROLLED", "no section to be enrolled in", {"enrolled": None}, {"enrolled": False}),
    ("NOT_ASSIGNED_TO_STUDENT", "given to the student", {"assigned": True}, {"assigned": False}),
    ("NOT_ASSIGNED_TO_STUDENT", "given to everyone", {"assigned": None}, {"assigned": False}),
    ("NO_SCORE", "a grade", {"points": 0}, NONE),
    ("NO_SCORE", "an exception that is a flag", {"exception": "flag", **NONE}, {"exception": "skip", **NONE}),
    ("SCORE_INVALID", "nought is a score", {"points": 0}, {"points": -0.000001}),
    ("SCORE_INVALID", "a number", {"points": 12}, {"unreadable": True, **NONE}),
    ("SCORE_INVALID", "finite", {"points": 12}, {"points": math.inf}),
    ("SCORE_INVALID", "finite below, too", {"points": 12}, {"points": -math.inf}),
    ("SCORE_INVALID", "30 characters", {"points": math.nextafter(1e30, 0), "total": 1e30}, {"points": 1e30}),
    ("EXCEPTION_UNMAPPED", "mapped", {"exception": "flag", **NONE}, {"exception": "unmapped", **NONE}),
    ("SCORE_ABOVE_TOTAL", "exactly the total", {"points": 12}, {"points": 12.000001}),
    ("SCORE_ABOVE_TOTAL", "a total that is not known", {"points": 12, "total": None}, {"points": 25}),
)  # fmt: skip
