"""The database goes back to yesterday's backup: nothing is doubled, and no teacher is overwritten."""

from pathlib import Path
from typing import Any

import pytest
from tests.delivery.databases import back_up, restore
from tests.delivery.test_lost_ledger import GIVEN, ITEMS, found, lines_with, rebuild, unverified

from passback import database
from passback.local.postgres import Postgres


@pytest.fixture
def backup(nights: Any, postgres: Postgres, tmp_path: Path) -> Any:
    """Called once to back the database up, and again to go back to it."""
    path = tmp_path / "passback.dump"
    return lambda: restore(postgres, nights.uri, path) if path.exists() else back_up(nights.uri, path)


def test_what_was_delivered_since_the_backup_is_known_again_and_not_sent_twice(nights: Any, backup: Any) -> None:
    nights.otus.edit("scores", "lab.1003", status="turned_in")
    nights.otus.edit("assignments", "essay", include_in_final_grade=False)
    nights.run()
    backup()
    nights.otus.edit("assignments", "essay", include_in_final_grade=True)
    nights.otus.edit("assignments", "quiz", due_date="2026-10-02")
    nights.otus.edit("scores", "quiz.1001", points=5)
    nights.otus.edit("scores", "lab.1003", status="graded")
    nights.run()
    backup()
    assert found(rebuild()) == {
        ("item", "not in the ledger"): 1, ("item", "differs"): 1,
        ("score", "not in the ledger"): 4, ("score", "differs"): 1,
    }  # fmt: skip
    assert unverified(nights) == (2, 5)
    report = nights.run()
    assert report.writes == []
    assert report.totals("items") == {"unchanged": 3}
    assert report.totals("scores") == {"unchanged": 9}
    assert unverified(nights) == (0, 0)
    assert [len(nights.powerschool.assignments(item)) for item in ITEMS] == [1, 1, 1]
    nights.otus.edit("scores", "quiz.1001", points=6)
    assert nights.run().totals("scores") == {"updated": 1, "unchanged": 8}
    assert nights.points("quiz") == {**GIVEN, "1001": 6}


def test_what_a_teacher_did_since_the_backup_waits_for_a_person(nights: Any, backup: Any) -> None:
    nights.run()
    backup()
    nights.powerschool.edit_score("quiz", "1002", points=3)
    nights.powerschool.do("delete_score", assignment="quiz", student_number="1003")
    nights.powerschool.edit_assignment("essay", name="Essay, second try")
    nights.powerschool.delete_assignment("lab")
    backup()
    assert found(rebuild()) == {("item", "differs"): 1, ("item", "gone"): 1, ("score", "differs"): 2}
    nights.otus.edit("scores", "quiz.1001", points=5)  # of a row that stayed as it was: verified, and sent
    report = nights.run()
    assert set(lines_with(report, "UNVERIFIED")) == {("quiz", "1002"), ("quiz", "1003"), ("essay", "")}
    assert lines_with(report, "DELETED_IN_SIS") == [("lab", "")]
    assert report.totals("scores") == {"updated": 1, "held": 8}
    assert nights.points("quiz") == {"1001": 5, "1002": 3}
    assert nights.held("essay")["name"] == "Essay, second try"
    assert nights.powerschool.assignments("lab") == []
    assert report.summary["balanced"] is True


def test_a_ledger_that_is_complete_stays_verified(nights: Any, backup: Any) -> None:
    nights.run()
    backup()
    backup()
    assert found(rebuild()) == {}
    assert unverified(nights) == (0, 0)
    assert nights.run().writes == []


def test_a_marker_that_a_teacher_took_out_hides_nothing_that_the_ledger_knows(nights: Any, backup: Any) -> None:
    nights.run()
    backup()
    nights.powerschool.edit_assignment("quiz", description="for Monday")
    backup()
    assert found(rebuild()) == {}
    assert nights.run().writes == []


@pytest.mark.parametrize(
    ("effect", "settled", "then"),
    [
        ("commit_then_drop", "accepted", {"unchanged": 3}),
        ("drop_before_commit", "not_done", {"created": 1, "unchanged": 2}),
    ],
)
def test_an_open_create_is_settled_by_the_rebuilds_listing(
    nights: Any, backup: Any, effect: str, settled: str, then: dict[str, int]
) -> None:
    nights.settings(("settle_seconds = 300", "settle_seconds = 0"))
    nights.powerschool.fault(effect, kind="create")
    nights.powerschool.fault("status", kind="list", status=500, skip=1, times=None)
    assert any("IN_DOUBT" in reason for reason in nights.run().red)
    nights.powerschool.clear()
    backup()
    backup()
    rebuild()
    with database.connect(nights.uri) as connection:
        states = connection.execute("select distinct state from passback.item_write").fetchall()
    assert {state for (state,) in states} == {"accepted", settled}
    assert nights.run().totals("items") == then
    assert [len(nights.powerschool.assignments(item)) for item in ITEMS] == [1, 1, 1]
    assert [nights.points(item) for item in ITEMS] == [GIVEN, GIVEN, GIVEN]


def test_an_item_that_moved_since_the_backup_is_taken_up_where_it_is_now(nights: Any, backup: Any) -> None:
    nights.run()
    backup()
    nights.otus.edit("classes", "biology", sis_section_id="85003")
    nights.run()
    backup()
    rebuild()
    for _ in range(2):
        report = nights.run()
        assert report.writes == []
        assert report.totals("scores") == {"unchanged": 9}
    assert sorted(row["section_dcid"] for row in nights.powerschool.assignments("lab")) == [85002, 85003]
    nights.otus.edit("scores", "lab.1001", points=5)
    assert nights.run().totals("scores") == {"updated": 1, "unchanged": 8}


def test_a_rebuild_in_the_middle_of_a_night_leaves_its_books_in_balance(nights: Any) -> None:
    run_id, shards = nights.planned()
    nights.deliver(run_id, shards)
    nights.powerschool.edit_score("quiz", "1001", points=3)
    assert found(rebuild()) == {("score", "differs"): 1}
    report = nights.finish(run_id)
    assert report.summary["balanced"] is True
    assert report.totals("scores") == {"created": 9}
    report = nights.run()
    assert lines_with(report, "UNVERIFIED") == [("quiz", "1001")]


def test_a_night_planned_before_the_rebuild_sends_nothing_over_rebuilt_rows(nights: Any, backup: Any) -> None:
    nights.run()
    backup()
    nights.powerschool.edit_score("quiz", "1001", points=3)
    backup()
    nights.otus.edit("scores", "quiz.1001", points=5)
    planned = nights.planned()
    nights.box.control.clear_logs()
    rebuild()
    nights.deliver(*planned)
    nights.finish(planned[0])
    assert nights.box.control.writes() == []
    assert nights.points("quiz")["1001"] == 3
    assert lines_with(nights.run(), "UNVERIFIED") == [("quiz", "1001")]
