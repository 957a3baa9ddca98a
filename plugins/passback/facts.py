"""What evaluation reads of each source: the facts of its items and scores by column, and who judges them.

The statements are include/sql/<source>_item_facts.sql, …_item_columns.sql, …_score_facts.sql and …_score_columns.sql.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import pandas as pd

from passback.rules import items as item_rules
from passback.rules import scores as score_rules
from passback.rules.items import ItemContext
from passback.rules.verdicts import Masks

OTUS_ITEM_FACTS = {
    "n": "int64", "reason": "object", "deleted": "bool", "school_number": "object", "section_dcid": "Int64",
    "term_id": "Int64", "section_first_day": "datetime64[s]", "section_last_day": "datetime64[s]",
    "sis_section_id": "object", "users_dcid": "Int64", "assigner_sis_id": "object", "assigner_in_group": "boolean",
    "identifier": "object", "title": "object", "kind": "object", "assessment_type": "object", "grading_scale": "object",
    "total": "float64", "assigned_on": "datetime64[s]", "created_on": "datetime64[s]", "due_date": "datetime64[s]",
    "submission_date": "datetime64[s]", "include_in_final_grade": "boolean", "opted_out": "bool", "category": "object",
    "teacher_category_id": "Int64",
}  # fmt: skip
OTUS_SCORE_FACTS = {
    "n": "int64", "invalid": "bool", "deleted": "bool", "superseded": "bool", "has_number": "bool",
    "enrolled": "boolean", "excluded": "boolean", "status": "object", "points": "float64", "total": "float64",
}  # fmt: skip
SCHOOLOGY_ITEM_FACTS = {
    "n": "int64", "reason": "object", "reads": "bool", "deleted": "bool", "school_number": "object",
    "section_dcid": "Int64", "term_id": "Int64", "section_first_day": "datetime64[s]",
    "section_last_day": "datetime64[s]", "section_school_code": "object", "users_dcid": "Int64",
    "grade_item_id": "object", "title": "object", "has_older_twin": "bool", "published": "boolean",
    "is_final": "boolean", "grading_scale": "object", "total": "float64", "count_in_grade": "boolean",
    "collected_only": "boolean", "due_date": "datetime64[s]", "period_title": "object",
    "period_last_day": "datetime64[s]", "opted_out": "bool", "grading_category": "object",
    "category_is_listed": "bool", "category_title": "object", "category": "object", "teacher_category_id": "Int64",
}  # fmt: skip
SCHOOLOGY_SCORE_FACTS = {
    "n": "int64", "invalid": "bool", "deleted": "bool", "superseded": "bool", "has_number": "bool",
    "enrolled": "boolean", "assigned": "boolean", "exception": "object", "points": "float64", "unreadable": "bool",
    "total": "float64",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Facts:
    """One source's facts: pandas dtypes by column in the order of the statements, and the judges of their frames.

    `item_collection`, `score_collection`: where the quarantine has records that are an item or a score without a key;
    `waits_for_scores`: an item is created with its first score.
    """

    items: Mapping[str, str]
    scores: Mapping[str, str]
    judge_items: Callable[[pd.DataFrame, ItemContext], pd.DataFrame]
    judge_scores: Callable[[pd.DataFrame], Masks]
    item_collection: str
    score_collection: str
    waits_for_scores: bool


FACTS = {
    "otus": Facts(
        OTUS_ITEM_FACTS, OTUS_SCORE_FACTS, item_rules.judge_otus, score_rules.judge_otus, "assignments", "scores", True
    ),
    "schoology": Facts(
        SCHOOLOGY_ITEM_FACTS, SCHOOLOGY_SCORE_FACTS, item_rules.judge_schoology, score_rules.judge_schoology,
        "grade_items", "grades", False,
    ),
}  # fmt: skip
