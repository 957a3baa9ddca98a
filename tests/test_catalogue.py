"""The catalogue of codes: its order, severities and owners, and that every message can be said."""

import re

import psycopg
import pytest

from passback.errors import catalogue, mask_of, warnings_mask

# In the order in which codes stand where several apply: item rules, score rules, delivery, warnings.
EXPECTED = """
SOURCE_RECORD_INVALID action data engineer
SOURCE_DELETED design teacher
SECTION_NOT_FOUND action office
NOT_PUBLISHED design teacher
FINAL_GRADE_COLUMN design teacher
BEFORE_EFFECTIVE_DATE design admin
ASSIGNED_BY_ADMIN design teacher
ASSIGNER_NOT_IN_GROUP design admin
TEACHER_NOT_IN_SECTION action office
NOT_POINTS_SCALE design teacher
TOTAL_INVALID action teacher
TOTAL_NOT_WHOLE design teacher
NOT_IN_FINAL_GRADE design teacher
OPTED_OUT design teacher
CATEGORY_REQUIRED action teacher
CATEGORY_UNMAPPED action admin
CATEGORY_INACTIVE action teacher
DUE_DATE_OUTSIDE_PERIOD design teacher
NO_SCORES_YET design teacher
SUPERSEDED design
STUDENT_NOT_FOUND action office
STUDENT_NOT_ENROLLED action office
NOT_ASSIGNED_TO_STUDENT design teacher
EXCLUDED_SCORE design teacher
NOT_FULLY_GRADED design teacher
NO_SCORE design teacher
SCORE_INVALID action teacher
EXCEPTION_UNMAPPED action data engineer
AUTH_FAILED action data engineer
FIELD_ACCESS_DENIED action data engineer
DUE_DATE_REJECTED action teacher
CATEGORY_REJECTED action teacher
ASSIGNMENT_LOCKED action office
STUDENT_REJECTED action office
SIS_REFUSED action data engineer
RESUBMIT_EXHAUSTED action data engineer
SIS_UNAVAILABLE action data engineer
VERIFY_MISMATCH action data engineer
MASS_CHANGE_HELD held admin
WINDOW_CLOSED held data engineer
UNVERIFIED held data engineer
IN_DOUBT held data engineer
DELETED_IN_SIS held teacher
MARKER_FOUND held data engineer
DUE_DATE_DEFAULTED warning teacher
TITLE_TRUNCATED warning teacher
SCORE_ABOVE_TOTAL warning teacher
LEFT_IN_SIS warning teacher
TEACHER_EDIT_OVERWRITTEN warning teacher
TEACHER_EDIT_KEPT warning teacher
CATEGORY_KEPT warning teacher
NORMALISED_BY_SIS warning none
"""
OUTCOMES = {"design": "skipped", "action": "failed", "held": "held", "warning": ""}
OPEN_WORDS = {
    "reason", "section", "dated", "effective", "group", "total", "type", "mapped", "category", "due", "windows",
    "basis", "answer", "teacher", "exception",
}  # fmt: skip


def test_codes_stand_in_their_order_with_severity_and_owner() -> None:
    rows = [line.split(maxsplit=2) for line in EXPECTED.strip().splitlines()]
    assert [(code.code, code.severity, code.owner) for code in catalogue().values()] == [
        (row[0], row[1], row[2] if len(row) > 2 else "") for row in rows
    ]


def test_a_code_that_waits_or_warns_is_no_failure() -> None:
    assert {code.code: code.outcome for code in catalogue().values()} == {
        code.code: OUTCOMES[code.severity] for code in catalogue().values()
    }
    assert warnings_mask() == mask_of(*(code.code for code in catalogue().values() if code.severity == "warning"))


def test_every_warning_stands_after_every_code_that_stops() -> None:
    stops = [code.bit for code in catalogue().values() if code.severity != "warning"]
    assert max(stops) < min(code.bit for code in catalogue().values() if code.severity == "warning")


@pytest.mark.parametrize("code", list(catalogue()))
def test_a_code_says_what_happened_and_what_to_do(code: str) -> None:
    row = catalogue()[code]
    assert row.fix.endswith(".")
    assert row.message.endswith((".", "{answer}"))
    assert set(re.findall(r"{(\w*)}", row.message)) <= OPEN_WORDS
    assert "{" not in row.fix + re.sub(r"{\w+}", "", row.message)


def test_the_missing_category_is_told_word_for_word() -> None:
    assert catalogue()["CATEGORY_REQUIRED"].message == (
        "A category is required. To sync, first assign a category to this assignment, then sync again."
    )


def test_a_mask_of_a_code_given_twice_is_its_bit() -> None:
    assert mask_of("OPTED_OUT", "OPTED_OUT") == catalogue()["OPTED_OUT"].mask
    assert mask_of() == 0


def test_the_database_has_the_catalogue(database_uri: str) -> None:
    with psycopg.connect(database_uri) as connection:
        rows = connection.execute(
            "select bit, code, kind, severity, owner, message, fix, outcome from passback.code order by bit"
        ).fetchall()
        masks = connection.execute("select passback.mask('LEFT_IN_SIS'), passback.warnings_mask()").fetchone()
    assert rows == [
        (c.bit, c.code, c.kind, c.severity, c.owner, c.message, c.fix, c.outcome) for c in catalogue().values()
    ]
    assert masks == (mask_of("LEFT_IN_SIS"), warnings_mask())
