"""What is staged and was never judged stands on the status page, and what a run said of an item stays."""

from typing import Any

from tests.rules.schoology_staged import SECTION, StagedSchoology
from tests.rules.staged import DAY, Staged


def registered(staged: Staged) -> dict[str, tuple[Any, ...]]:
    rows = staged.rows(
        "select s.source_item_id, s.source, s.school_number, s.section_dcid, s.title, s.due_on, s.status "
        "from passback.item_status as s join passback.item as i using (item_key, source, source_item_id)"
    )
    return {row[0]: row[1:] for row in rows}


def test_every_staged_item_is_not_yet_synced(schoology: StagedSchoology) -> None:
    schoology.course("gone", 85999)
    schoology.course("elsewhere", 85001, deleted=True)
    schoology.grade_item("1", title="Segments")
    schoology.grade_item("2", due_on=None)
    schoology.unreadable("3")
    schoology.grade_item("4", "gone", title="Lost")
    schoology.grade_item("5", "elsewhere", title="Moved")
    schoology.evaluate(item=f"{SECTION}:1")
    new = "not_yet_synced"
    assert registered(schoology) == {
        f"{SECTION}:1": ("schoology", "101", 85001, "Segments", DAY, new),
        f"{SECTION}:2": ("schoology", "101", 85001, "Worksheet 2", None, new),
        f"{SECTION}:3": ("schoology", "101", 85001, "", None, new),
        "gone:4": ("schoology", None, None, "Lost", DAY, new),
        "elsewhere:5": ("schoology", None, None, "Moved", DAY, new),
    }


def test_deleted_items_and_those_of_other_years_are_left_out(schoology: StagedSchoology) -> None:
    schoology.grade_item("1", deleted=True)
    schoology.grade_item("2", due_on="2026-06-30")
    schoology.grade_item("3", due_on="2027-07-01")
    schoology.grade_item("4", due_on="2026-07-01")
    schoology.evaluate()
    assert set(registered(schoology)) == {f"{SECTION}:4"}


def test_otus_items_are_dated_by_their_own_day(staged: Staged) -> None:
    staged.item("a", of={"title": "Unit 3 test"})
    staged.item("old", due_date="2026-06-30")
    staged.item("old_plus", of={"kind": "plus"}, submission_date="2026-06-20")
    staged.item("plus", of={"kind": "plus"}, submission_date="2026-06-24", due_date="2026-06-01")
    staged.item("undated", due_date=None, assigned_at="2026-06-30T12:00:00Z")
    staged.item("its_class", class_id="gone")
    staged.school_class("gone", "85001", deleted=True)
    staged.item("deleted", deleted=True)
    staged.item("its_assessment", of={"deleted": True})
    staged.assignment("nothing_known", None, due_date=None, assigned_at=None, class_id=None)
    staged.evaluate()
    found = registered(staged)
    assert set(found) == {"a", "plus", "nothing_known"}
    assert found["a"] == ("otus", "101", 85001, "Unit 3 test", DAY, "not_yet_synced")
    assert found["nothing_known"] == ("otus", None, None, "", None, "not_yet_synced")


def test_what_a_run_said_of_an_item_stays(schoology: StagedSchoology) -> None:
    schoology.grade_item("1")
    run_key = schoology.evaluate()
    schoology.connection.execute(
        "update passback.item_status set outcome = 'created', run_key = %s, title = 'as synced'", [run_key]
    )
    schoology.grade_item("2")
    schoology.evaluate()
    assert {item: row[-1] for item, row in registered(schoology).items()} == {
        f"{SECTION}:1": "successful", f"{SECTION}:2": "not_yet_synced",
    }  # fmt: skip
