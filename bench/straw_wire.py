"""What the straw man reads and how it decodes it: the columns of its stages, and the codes it gives."""

from collections.abc import Iterable
from typing import Any

import msgspec

CODES = [  # in the order that makes a code primary; the last three are warnings
    "SOURCE_DELETED", "SECTION_NOT_FOUND", "BEFORE_EFFECTIVE_DATE", "ASSIGNED_BY_ADMIN", "ASSIGNER_NOT_IN_GROUP",
    "TEACHER_NOT_IN_SECTION", "NOT_POINTS_SCALE", "TOTAL_INVALID", "TOTAL_NOT_WHOLE", "NOT_IN_FINAL_GRADE",
    "CATEGORY_UNMAPPED", "CATEGORY_INACTIVE", "DUE_DATE_OUTSIDE_PERIOD", "SUPERSEDED", "STUDENT_NOT_FOUND",
    "STUDENT_NOT_ENROLLED", "EXCLUDED_SCORE", "NOT_FULLY_GRADED", "NO_SCORE", "SCORE_INVALID",
    "DUE_DATE_DEFAULTED", "TITLE_TRUNCATED", "SCORE_ABOVE_TOTAL",
]  # fmt: skip
BITS = {code: 1 << place for place, code in enumerate(CODES)}
BITS["FAILING"] = sum(BITS[code] for code in CODES[:-3])
OTUS = {  # collection: the columns of its stage, and so the fields that are decoded
    "users": "id text, deleted boolean, sis_id text, groups text[]",
    "students": "id text, deleted boolean, sis_id text",
    "classes": "id text, deleted boolean, name text, sis_section_id text",
    "assessments": "id text, deleted boolean, identifier text, title text, kind text, assessment_type text, "
    "grading_scale text, points_possible numeric, created_at timestamptz",
    "assignments": "id text, deleted boolean, assessment_id text, class_id text, assigned_by text, "
    "assigned_at timestamptz, due_date date, submission_date date, include_in_final_grade boolean",
    "scores": "id text, deleted boolean, updated_at timestamptz, assignment_id text, student_id text, status text, "
    "points numeric, excluded boolean",
}
ROSTER = {  # PowerSchool's query: likewise; there every value is a text
    "schools": "school_number text, school_name text",
    "sections": "section_dcid text, school_number text, term_id text, course_name text, section_number text, "
    "first_day date, last_day date",
    "section_teachers": "section_dcid text, users_dcid text, start_date text, end_date text",
    "teacher_categories": "users_dcid text, teacher_category_id text, name text, is_active boolean",
    "enrollments": "section_dcid text, student_dcid text, student_number text, entry_date date, exit_date date, "
    "dropped boolean",
    "grading_periods": "school_number text, term_id text, store_code text, first_day date, last_day date",
}
READBACK = "assignment_section_id text, student_dcid text, score_points text"
TYPES = {"boolean": bool, "numeric": float | None, "text[]": list[str]}
Rows = Iterable[tuple[object, ...]]


def page_of(columns: str) -> msgspec.json.Decoder[Any]:
    """The decoder of a page of Otus's extract."""
    return _decoder([("data", _records(columns, TYPES)), ("next_cursor", str | None, None)])


def answer_of(columns: str) -> msgspec.json.Decoder[Any]:
    """The decoder of a named query's answer; an empty one has no records at all."""
    return _decoder([("record", _records(columns, {}), [])])


def _records(columns: str, types: dict[str, Any]) -> Any:
    """A list of typed records of these columns in their order; what has no type of its own is a text or null."""
    pairs = [column.split() for column in columns.split(", ")]
    fields: list[Any] = [(name, types.get(kind, str | None), *(() if types else (None,))) for name, kind in pairs]
    record = msgspec.defstruct("Record", fields, gc=False)
    return list[record]  # type: ignore[valid-type]


def _decoder(fields: list[Any]) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(msgspec.defstruct("Whole", fields))


class ListedSection(msgspec.Struct, gc=False):
    """One section of a listed assignment."""

    assignmentsectionid: int


class Listed(msgspec.Struct, gc=False):
    """An assignment in a listing."""

    assignmentid: int
    sections: list[ListedSection] = msgspec.field(name="_assignmentsections")
