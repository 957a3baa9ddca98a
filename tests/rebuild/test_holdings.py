"""What of a section counts as ours: markers compared whole, and what the ledger knows by its id."""

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from passback.delivery.listing import normalised
from passback.payloads import marker
from passback.rebuild.holdings import holdings, made_by, marked, marked_sections


def row(assignment: int, description: str | None, student: int | None = None, **more: str) -> dict[str, str]:
    """A row of `section_scores`."""
    found = {
        "assignment_id": str(assignment), "assignment_section_id": str(assignment + 76000), "name": "Quiz",
        "due_date": "2026-09-28", "total_points": "10", "category_id": "4302",
        "is_exempt": "false", "is_missing": "false", "is_incomplete": "false", **more,
    }  # fmt: skip
    if description is not None:
        found["description"] = description
    return found | ({"student_dcid": str(student), "score_points": "8.5"} if student else {})


@pytest.mark.parametrize(
    ("description", "found"),
    [
        ("Passback otus 8841", ("otus", "8841")),
        ("Passback schoology 4318405:9123\nfor Monday", ("schoology", "4318405:9123")),
        ("  Passback   otus 8841  ", ("otus", "8841")),
        ("Passback otus 8841 and more", ("otus", "8841 and more")),
        ("Passback otus", None),
        ("Passback moodle 8841", None),
        ("passback otus 8841", None),
        ("for Monday\nPassback otus 8841", None),
        ("", None),
        (None, None),
    ],
)
def test_a_marker_is_the_first_line_whole(description: str | None, found: tuple[str, str] | None) -> None:
    assert marked(description) == found


@given(
    st.text(alphabet=st.characters(min_codepoint=33, max_codepoint=0x2FFF, exclude_categories=["Z", "C"]), min_size=1)
)
def test_every_marker_that_we_write_is_found_again(source_item_id: str) -> None:
    assert marked(marker("otus", source_item_id)) == ("otus", source_item_id)


def test_what_has_no_marker_and_is_not_the_ledgers_is_nobody_elses_business() -> None:
    rows = {85001: [row(501, "Passback otus 1", 81001), row(502, "by hand", 81001), row(503, "edited", 81002)]}
    held = holdings(rows, {501: True, 502: False, 503: True}, {(85001, 503), (85002, 502)})
    assert [line[:6] for line in held.assignments] == [
        (85001, 501, 76501, True, "otus", "1"), (85001, 503, 76503, True, None, None),
    ]  # fmt: skip
    assert held.scores == [(76501, 81001, 8.5, 0), (76503, 81002, 8.5, 0)]


def test_without_a_listing_a_marker_is_our_plugins_word() -> None:
    held = holdings({85001: [row(501, "Passback otus 1", is_exempt="true")]}, None, set())
    assert held.assignments[0][3] is True
    assert held.scores == []


def test_an_assignment_without_a_day_is_no_reason_to_stop() -> None:
    without = row(501, "Passback otus 1")
    del without["due_date"], without["total_points"], without["category_id"]
    (found,) = holdings({85001: [without]}, {}, set()).assignments
    assert [str(value) for value in found[7:]] == ["0001-01-01", "0.0", "None"]


def test_a_listing_tells_who_made_what_and_where_our_markers_are() -> None:
    listing = [
        {
            "assignmentid": assignment,
            "createdbyplugin": plugin,
            "_assignmentsections": [{"sectionsdcid": section, "description": text}],
        }
        for assignment, plugin, section, text in (
            (501, "passback", 85001, "Passback otus 1"), (502, "other", 85002, "x"), (503, None, 85003, None),
        )
    ]  # fmt: skip
    assert made_by(listing) == {501: True, 502: False, 503: False}
    assert marked_sections(listing) == {85001}


@pytest.mark.parametrize(
    ("sent", "held"),
    [
        ("Quiz  1 (S1)", "Quiz 1 (S1)"),
        ("Prüfung “Brüche” (S1)", "Prufung 'Bruche' (S1)"),
        ("Quiz 1 (S1)", "Quiz 2 (S1)"),
        ("Quiz 1 (S1)", "Quiz"),
        ("A" * 50, "A" * 46),
        ("…" * 20 + " (S130545)", "... (S130545)"),
    ],
)
def test_the_database_and_delivery_agree_on_what_is_only_kept_otherwise(
    database_uri: str, sent: str, held: str
) -> None:
    with psycopg.connect(database_uri) as connection:
        (same,) = connection.execute("select passback.same_letters(%s, %s)", [sent, held]).fetchone() or (None,)
    assert same == normalised(sent, held)
