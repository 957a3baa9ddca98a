"""The bodies that PowerSchool is sent: creates, updates of the whole object as read, and scores."""

import copy
import json
from datetime import date
from typing import Any

import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from passback.payloads import (
    Fields,
    create_body,
    marker,
    marker_words,
    number,
    primary_category_id,
    section_of,
    update_body,
)

WANTED = Fields(name="Unit 3 test (S130545)", due_on=date(2026, 9, 28), total=12.0, category="Tests")


def entry(section_dcid: int, **changes: Any) -> dict[str, Any]:
    """A section of an assignment as PowerSchool gives it."""
    return {
        "_id": 77001, "assignmentsectionid": 77001, "sectionsdcid": section_dcid, "name": "A teacher's name",
        "description": "Passback otus a1", "duedate": "2026-09-28", "scoretype": "POINTS", "scoreentrypoints": 12.0,
        "weight": 1.0, "totalpointvalue": 12.0, "extracreditpoints": 3.0, "iscountedinfinalgrade": False,
        "publishoption": "Immediately", "islocked": False,
        "_assignmentcategoryassociations": [
            {"assignmentcategoryassocid": 9001, "teachercategoryid": 4302, "isprimary": True},
            {"assignmentcategoryassocid": 9002, "teachercategoryid": 4307, "isprimary": False},
        ],
    } | changes  # fmt: skip


def assignment(*sections: int) -> dict[str, Any]:
    return {
        "_name": "assignment", "assignmentid": 501, "createdbyplugin": "passback", "unknown": {"kept": [1, None]},
        "_assignmentsections": [entry(section) for section in sections or (85001,)],
    }  # fmt: skip


def updated(as_read: dict[str, Any], changed: dict[str, Any], category: int | None = None) -> dict[str, Any]:
    before = copy.deepcopy(as_read)
    body = json.loads(update_body(as_read, 85001, changed, category))
    assert as_read == before
    return body


def test_a_create_states_points_weight_category_and_one_section() -> None:
    assert json.loads(create_body(85001, "Passback otus a1", WANTED, 4302)) == {
        "_assignmentsections": [
            {
                "sectionsdcid": 85001, "name": "Unit 3 test (S130545)", "description": "Passback otus a1",
                "duedate": "2026-09-28", "scoretype": "POINTS", "scoreentrypoints": 12, "totalpointvalue": 12,
                "weight": 1, "iscountedinfinalgrade": True, "isscoringneeded": True, "publishoption": "Immediately",
                "_assignmentcategoryassociations": [{"teachercategoryid": 4302, "isprimary": True}],
            }
        ]
    }  # fmt: skip


def test_an_update_of_nothing_is_the_object_as_read() -> None:
    assert updated(assignment(85001, 85002), {}) == assignment(85001, 85002)


def test_name_total_and_category_go_to_every_section_and_the_due_date_to_ours() -> None:
    changed = {"name": "Essay (S1)", "total": 20.0, "due_on": date(2026, 10, 2), "category": "Tests"}
    ours, other = updated(assignment(85001, 85002), changed, 4399)["_assignmentsections"]
    for one in (ours, other):
        assert (one["name"], one["scoreentrypoints"], one["totalpointvalue"]) == ("Essay (S1)", 20, 20)
        assert primary_category_id(one) == 4399
    assert (ours["duedate"], other["duedate"]) == ("2026-10-02", "2026-09-28")


def test_an_update_keeps_what_it_does_not_change() -> None:
    changed = updated(assignment(), {"due_on": date(2026, 10, 2)})
    assert changed == {**assignment(), "_assignmentsections": [entry(85001, duedate="2026-10-02")]}


def test_a_new_category_takes_the_primary_ones_place_and_stands_once() -> None:
    (kept,) = updated(assignment(), {"category": "Tests"}, 4399)["_assignmentsections"]
    assert kept["_assignmentcategoryassociations"] == [
        {"assignmentcategoryassocid": 9001, "teachercategoryid": 4399, "isprimary": True},
        {"assignmentcategoryassocid": 9002, "teachercategoryid": 4307, "isprimary": False},
    ]
    (promoted,) = updated(assignment(), {"category": "Tests"}, 4307)["_assignmentsections"]
    assert promoted["_assignmentcategoryassociations"] == [
        {"assignmentcategoryassocid": 9001, "teachercategoryid": 4307, "isprimary": True}
    ]
    bare = {**assignment(), "_assignmentsections": [{"sectionsdcid": 85001}]}
    (first,) = updated(bare, {"category": "Tests"}, 4302)["_assignmentsections"]
    assert first["_assignmentcategoryassociations"] == [{"isprimary": True, "teachercategoryid": 4302}]


def test_our_section_is_found_among_the_teachers() -> None:
    assert section_of(assignment(85002, 85001), 85001) == entry(85001)
    assert section_of(assignment(85002), 85001) is None
    assert section_of({}, 85001) is None
    assert section_of({"_assignmentsections": [{"sectionsdcid": "85001"}]}, 85001) == {"sectionsdcid": "85001"}
    assert primary_category_id({"_assignmentcategoryassociations": [{"teachercategoryid": 1}]}) is None


@pytest.mark.parametrize(
    ("description", "found"),
    [
        ("Passback otus a1", True),
        ("  Passback  otus a1 \r\nRead chapter 3.", True),
        ("Passback otus a12", False),
        ("Passback otus a1 and more", False),
        ("Read chapter 3.\nPassback otus a1", False),
        ("passback otus a1", False),
        ("", False),
        (None, False),
    ],
)
def test_a_marker_is_the_whole_first_line(description: str | None, found: bool) -> None:
    assert (marker_words(description) == marker_words(marker("otus", "a1"))) is found


@settings(max_examples=100)
@given(st.text("abc01 :-_#é", min_size=1, max_size=12), st.text("abc01 :-_#é", min_size=1, max_size=12))
def test_a_marker_finds_its_own_item_and_no_other(one: str, other: str) -> None:
    assert (marker_words(marker("otus", one)) == marker_words(marker("otus", other))) == (one.split() == other.split())
    assert marker_words(marker("otus", one)) != marker_words(marker("schoology", one))


def test_whole_points_are_sent_without_a_fraction() -> None:
    assert json.dumps([number(12.0), number(9.5), number(0.0)]) == "[12, 9.5, 0]"


def test_a_score_states_its_points_in_the_shortest_form_and_all_three_flags(database_uri: str) -> None:
    points, flags = [9.5, 7.0, 0.0, 9.123456, None, None, None, 100.0], [0, 0, 0, 0, 1, 2, 4, 4]
    students = list(range(81001, 81009))
    with psycopg.connect(database_uri) as connection:
        row = connection.execute(
            "select passback.score_body(77001, %s::bigint[], %s::float8[], %s::smallint[])", [students, points, flags]
        ).fetchone()
    assert row is not None
    rows = json.loads(row[0])["assignment_scores"]
    assert rows[0] == {
        "_assignmentsection": {"assignmentsectionid": 77001}, "studentsdcid": 81001, "actualscoreentered": "9.5",
        "actualscorekind": "REAL_SCORE", "scoretype": "POINTS", "scorepoints": 9.5, "isexempt": False,
        "isincomplete": False, "ismissing": False,
    }  # fmt: skip
    told = [(one["actualscoreentered"], one["actualscorekind"], one["scorepoints"]) for one in rows]
    given_points = [("9.5", 9.5), ("7", 7), ("0", 0), ("9.123456", 9.123456)]
    assert told[:4] == [(text, "REAL_SCORE", value) for text, value in given_points]
    assert told[4:] == [(None, None, None)] * 3 + [("100", "REAL_SCORE", 100)]
    assert [(one["isexempt"], one["isincomplete"], one["ismissing"]) for one in rows[3:]] == [
        (False, False, False), (True, False, False), (False, True, False), (False, False, True), (False, False, True),
    ]  # fmt: skip
