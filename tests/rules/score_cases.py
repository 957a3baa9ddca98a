"""Every Otus score rule as data: its code, facts that pass, facts that fail. What is not named is a good score's."""

import math
from typing import Any

SCORE_CASES: tuple[tuple[str, str, dict[str, Any], dict[str, Any]], ...] = (
    ("SOURCE_RECORD_INVALID", "the record reads", {"invalid": False}, {"invalid": True}),
    ("SOURCE_RECORD_INVALID", "nothing else is told of it", {},
     {"invalid": True, "deleted": True, "has_number": False, "status": None, "points": None}),
    ("SOURCE_DELETED", "not deleted", {"deleted": False}, {"deleted": True}),
    ("SOURCE_DELETED", "nothing else is told of it", {}, {"deleted": True, "enrolled": False, "points": -1}),
    ("SUPERSEDED", "the newest", {"superseded": False}, {"superseded": True}),
    ("STUDENT_NOT_FOUND", "has a number", {}, {"has_number": False, "enrolled": None}),
    ("STUDENT_NOT_ENROLLED", "enrolled", {"enrolled": True}, {"enrolled": False}),
    ("STUDENT_NOT_ENROLLED", "no section to be enrolled in", {"enrolled": None}, {"enrolled": False}),
    ("EXCLUDED_SCORE", "not excluded", {"excluded": False}, {"excluded": True}),
    ("NOT_FULLY_GRADED", "graded", {"status": "graded"}, {"status": "turned_in"}),
    ("NOT_FULLY_GRADED", "turned in with no points", {}, {"status": "turned_in", "points": None}),
    ("NO_SCORE", "graded with points", {"status": "graded", "points": 0}, {"status": "graded", "points": None}),
    ("NO_SCORE", "not started, whatever the points", {}, {"status": "not_started", "points": 5}),
    ("NO_SCORE", "in progress, whatever the points", {}, {"status": "in_progress", "points": 5}),
    ("NO_SCORE", "in progress with none", {}, {"status": "in_progress", "points": None}),
    ("SCORE_INVALID", "nought is a score", {"points": 0}, {"points": -0.000001}),
    ("SCORE_INVALID", "finite", {"points": 12}, {"points": math.inf}),
    ("SCORE_INVALID", "finite below, too", {"points": 12}, {"points": -math.inf}),
    ("SCORE_INVALID", "30 characters", {"points": math.nextafter(1e30, 0), "total": 1e30}, {"points": 1e30}),
    ("SCORE_ABOVE_TOTAL", "exactly the total", {"points": 12}, {"points": 12.000001}),
    ("SCORE_ABOVE_TOTAL", "a total that is not known", {"points": 12, "total": None}, {"points": 25}),
)  # fmt: skip
