"""What the quality gate expects, as data: of every source, of its own tables, and of PowerSchool's roster.

A Finding is a query of include/sql whose every row is one thing that is wrong; a Column is one of Great Expectations'
own checks of a staged column. Both say what they expect, and in one line what is wrong and what to do.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

# A handful of odd records is people's work and has its own codes; it is no reason to refuse a source.
FEW = 10


@dataclass(frozen=True, slots=True)
class Finding:
    """A query that finds what is wrong: `expects` is what holds where it finds nothing, `message` takes a found row.

    `limit` names the setting of `[quality]` that the query knows as `most`.
    """

    statement: str
    expects: str
    message: str
    limit: str = "bad_record_share"


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the live, readable rows of a staging table that is never null, or only one of `values`."""

    part: str
    table: str
    column: str
    values: tuple[str, ...] = ()
    live: str = "not deleted and invalid is null"


DAMAGED = (
    "{gate} {part}: {unexpected_count:,} of {element_count:,} rows have no valid {column}: staging is damaged; "
    "extract it anew (clear the extract task), and tell the maintainers if it stays."
)


def _of_source(source: str) -> tuple[Finding, ...]:
    """What is expected of every source; what its own tables hold is asked by statements that bear its name."""
    return (
        Finding(
            "quality_counts", "As many records arrive as the source declares.",
            "{gate} {collection}: {received:,} rows arrived, the source declared {declared:,}: what was read is "
            "incomplete; run again, or look at the source.",
        ),
        Finding(
            f"quality_{source}_bad_records", "Hardly a record breaks the contract.",
            "{gate} {collection}: {bad:,} of {staged:,} records ({share:.1%}) break the contract, the limit is "
            "{most:.1%}: look at the quarantine list, and have them corrected in the source.",
        ),
        Finding(
            f"quality_{source}_references", "What a record names is there.",
            "{gate} {collection}: the {field} of {dangling:,} of {records:,} records ({share:.1%}) names nothing that"
            " is there, the limit is {most:.1%}: a part of the source is missing; run again, or look at the source.",
        ),
        Finding(
            f"quality_{source}_ranges", "Points, days and times are of this world.",
            "{gate} {collection}: the {field} of {implausible:,} of {records:,} records ({share:.1%}) is implausible,"
            " the limit is {most:.1%}: look at what the source says there.",
        ),
        Finding(
            f"quality_{source}_keys", "Every record has an id of its own.",
            "{gate} {collection}: {wrong:,} ids are empty or stand in several rows: staging is damaged; tell the "
            "maintainers.",
        ),
        Finding(
            "quality_freshness", "The source shows no older state than before, and none that is too old.",
            "{gate}: the data is of {source_time} UTC, {finding}: the source serves an old state; look at the source, "
            "or have it exported again.",
        ),
    )  # fmt: skip


OTUS_COLUMNS = (
    Column("assessments", "staging.otus_assessment", "kind", ("assessment", "plus")),
    Column("assessments", "staging.otus_assessment", "identifier"),
    Column("assignments", "staging.otus_assignment", "assessment_id"),
    Column("assignments", "staging.otus_assignment", "class_id"),
    Column("assignments", "staging.otus_assignment", "assigned_by"),
    Column("scores", "staging.otus_score", "status", ("not_started", "in_progress", "turned_in", "graded")),
)

SCHOOLOGY_COLUMNS = (
    Column("sections", "staging.schoology_section", "section_school_code"),
    Column("grade_items", "staging.schoology_item", "title"),
    Column("grade_items", "staging.schoology_item", "published"),
    Column("grade_items", "staging.schoology_item", "is_final"),
    Column("grades", "staging.schoology_grade", "grade_unreadable"),
)

ROSTER_FINDINGS = (
    Finding(
        "quality_roster_empty", "The roster is not empty.",
        "{gate} {query}: no row arrived: PowerSchool's plugin or its roster is broken; look at the query "
        "org.passback.gradebook.{query} in PowerSchool.",
    ),
    Finding(
        "quality_roster_drop", "The roster is not much smaller than the last accepted one of the school year.",
        "{gate} {query}: {still:,} rows where the last accepted roster had {before:,} in the same schools "
        "({share:.1%} fewer, the limit is {most:.1%}): look at PowerSchool's roster; if it is right, raise "
        "[quality] roster_drop_share for one night.",
        limit="roster_drop_share",
    ),
    Finding(
        "quality_roster_bad_rows", "Hardly a row breaks the contract.",
        "{gate} {query}: {bad:,} of {received:,} rows ({share:.1%}) break the contract, the limit is {most:.1%}: "
        "look at the quarantine list and at the query org.passback.gradebook.{query} in PowerSchool.",
    ),
    Finding(
        "quality_roster_references", "What a row names is there.",
        "{gate} {query}: the {field} of {dangling:,} of {row_count:,} rows ({share:.1%}) names nothing that is "
        "there, the limit is {most:.1%}: the roster is incomplete; run again, or look at the plugin's queries.",
    ),
    Finding(
        "quality_roster_keys", "One key, one row.",
        "{gate} {query}: {wrong:,} keys stand in several rows that differ: look at the query "
        "org.passback.gradebook.{query} in PowerSchool.",
    ),
)  # fmt: skip
ROSTER_COLUMNS = (
    Column("section_teachers", "staging.section_teacher", "role", ("lead", "co"), live="true"),
    Column("enrollments", "staging.enrollment", "student_number", live="true"),
    Column("teacher_categories", "staging.teacher_category", "name", live="true"),
)

FINDINGS: Mapping[str, tuple[Finding, ...]] = {
    "otus": _of_source("otus"),
    "schoology": _of_source("schoology"),
    "roster": ROSTER_FINDINGS,
}
COLUMNS: Mapping[str, tuple[Column, ...]] = {
    "otus": OTUS_COLUMNS,
    "schoology": SCHOOLOGY_COLUMNS,
    "roster": ROSTER_COLUMNS,
}
