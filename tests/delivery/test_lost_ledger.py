"""The district's database is lost: nothing is doubled, and the ledger is rebuilt from PowerSchool by the markers."""

import csv
import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from tests.delivery.databases import lose

from passback import database, steps
from passback.errors import Terminal
from passback.local.postgres import Postgres
from passback.runs import Asked
from passback.steps.rebuilding import asked_by_hand

ITEMS = ("quiz", "essay", "lab")
GIVEN = {"1001": 8, "1002": 8, "1003": 8}


def rebuild(**parameters: Any) -> dict[str, Any]:
    """One rebuild, as the command does it."""
    return steps.rebuild_ledger(asked_by_hand(parameters))


def found(told: dict[str, Any]) -> dict[tuple[str, str], int]:
    """What a rebuild found, by level and word."""
    return {(row["level"], row["what"]): row["count"] for row in told["found"]}


def unverified(nights: Any) -> tuple[int, int]:
    """How many items and scores of the ledger are unverified."""
    with database.connect(nights.uri) as connection:
        totals = database.one(connection, "rebuild_totals")
    return totals["items_unverified"], totals["scores_unverified"]


def lines_with(report: Any, code: str) -> list[tuple[str, str]]:
    """The item and student of each line with a code."""
    return [(line["source_item_id"], line["student_number"]) for line in report.lines if line["code"] == code]


@pytest.fixture
def after_a_loss(nights: Any, postgres: Postgres) -> Any:
    """A night was delivered, and the database is lost after it."""
    nights.run()
    lose(postgres, nights.uri)
    return nights


def test_a_night_without_its_ledger_finds_the_markers_and_doubles_nothing(after_a_loss: Any) -> None:
    report = after_a_loss.run()
    assert report.writes == []
    assert report.totals("items") == {"held": 3}
    assert report.totals("scores") == {"held": 9}
    assert {code["code"] for code in report.summary["codes"]} == {"MARKER_FOUND"}
    assert [len(after_a_loss.powerschool.assignments(item)) for item in ITEMS] == [1, 1, 1]


def test_a_rebuilt_ledger_sends_nothing_and_is_ordinary_from_the_next_night_on(after_a_loss: Any) -> None:
    told = rebuild()
    assert found(told) == {("item", "not in the ledger"): 3, ("score", "not in the ledger"): 9}
    assert told["ledger"] == {
        "items": 3, "scores": 9, "items_unverified": 3, "scores_unverified": 9, "items_elsewhere": 0,
    }  # fmt: skip
    report = after_a_loss.run()
    assert report.writes == []
    assert report.totals("items") == {"unchanged": 3}
    assert report.totals("scores") == {"unchanged": 9}
    assert report.red == []
    assert unverified(after_a_loss) == (0, 0)
    after_a_loss.otus.edit("scores", "quiz.1001", points=5)
    report = after_a_loss.run()
    assert report.totals("scores") == {"updated": 1, "unchanged": 8}
    assert after_a_loss.points("quiz") == {**GIVEN, "1001": 5}


def test_a_second_rebuild_changes_nothing(after_a_loss: Any) -> None:
    rebuild()
    before = ledger(after_a_loss)
    assert found(rebuild()) == {}
    assert ledger(after_a_loss) == before


def test_a_preview_of_a_rebuild_only_says_what_it_would_do(after_a_loss: Any) -> None:
    told = rebuild(dry_run=True)
    assert found(told)["item", "not in the ledger"] == 3
    assert ledger(after_a_loss) == []
    with (Path(told["folder"]) / "rebuild.csv").open(encoding="utf-8", newline="") as file:
        lines = list(csv.DictReader(file))
    assert {line["source_item_id"] for line in lines} == set(ITEMS)
    assert {line["powerschool"] for line in lines if line["level"] == "score"} == {"8"}


def test_a_teachers_edit_before_the_rebuild_is_held_and_not_overwritten(after_a_loss: Any) -> None:
    after_a_loss.powerschool.edit_score("quiz", "1002", points=3)
    after_a_loss.powerschool.edit_assignment("lab", name="Lab, second try")
    rebuild()
    for _ in range(2):
        report = after_a_loss.run()
        assert report.writes == []
        assert report.totals("items") == {"unchanged": 2, "held": 1}
        assert report.totals("scores") == {"unchanged": 5, "held": 4}  # the lab's would go along with its name
        assert set(lines_with(report, "UNVERIFIED")) == {("quiz", "1002"), ("lab", "")}
        assert report.summary["balanced"] is True
    assert after_a_loss.points("quiz")["1002"] == 3
    assert unverified(after_a_loss) == (1, 1)


def test_a_change_in_the_source_since_waits_until_a_person_releases_it(after_a_loss: Any) -> None:
    after_a_loss.otus.edit("scores", "quiz.1001", points=5)
    rebuild()
    with pytest.raises(Terminal):
        steps.release_unverified("both", "anna")
    assert steps.release_unverified("source", "anna") == {"items": 0, "scores": 0}  # no run has shown it yet
    report = after_a_loss.run()
    assert report.writes == []
    assert lines_with(report, "UNVERIFIED") == [("quiz", "1001")]
    (change,) = steps.unverified_changes()
    assert (change["student_number"], change["powerschool"], change["source_value"]) == ("1001", "8", "5")
    assert steps.release_unverified("source", "anna", [85002]) == {"items": 0, "scores": 0}
    assert steps.release_unverified("source", "anna", [85001]) == {"items": 0, "scores": 1}
    report = after_a_loss.run()
    assert report.totals("scores") == {"updated": 1, "unchanged": 8}
    assert after_a_loss.points("quiz") == {**GIVEN, "1001": 5}
    assert after_a_loss.run().writes == []


@pytest.mark.parametrize("approved", [True, False])
def test_what_waits_is_asked_about_like_what_the_guard_holds(after_a_loss: Any, approved: bool) -> None:
    after_a_loss.powerschool.edit_score("quiz", "1002", points=3)
    rebuild()
    after_a_loss.run()
    to_ask = steps.release_to_ask("passback_nightly", "night-2")
    assert to_ask is not None
    now = dt.datetime.now(dt.UTC)
    release = ("passback_release", to_ask["run_id"])
    after_a_loss.box.control.clear_logs()
    steps.open_release(Asked(*release, False, None, now, to_ask["conf"]))
    steps.decide(*release, approved, "anna", now)
    steps.evaluate_release(*release)
    for shard in steps.plan_release(*release):
        steps.deliver(*release, shard["shard"])
    assert len(after_a_loss.box.control.writes()) == approved
    assert after_a_loss.points("quiz")["1002"] == (8 if approved else 3)
    report = after_a_loss.run()
    assert report.writes == []
    assert report.totals("scores") == ({"unchanged": 9} if approved else {"unchanged": 8, "held": 1})


def test_a_preview_shows_what_waits_and_makes_nothing_ordinary(after_a_loss: Any) -> None:
    after_a_loss.otus.edit("scores", "quiz.1001", points=5)
    rebuild()
    report = after_a_loss.run(dry_run=True)
    assert lines_with(report, "UNVERIFIED") == [("quiz", "1001")]
    assert unverified(after_a_loss) == (3, 9)
    assert steps.release_unverified("source", "anna") == {"items": 0, "scores": 1}
    assert after_a_loss.run().totals("scores") == {"updated": 1, "unchanged": 8}


def test_powerschools_value_is_kept_until_the_source_changes_again(after_a_loss: Any) -> None:
    after_a_loss.powerschool.edit_score("quiz", "1002", points=3)
    after_a_loss.powerschool.edit_assignment("lab", name="Lab, second try")
    rebuild()
    after_a_loss.run()
    assert steps.release_unverified("powerschool", "anna") == {"items": 1, "scores": 1}
    report = after_a_loss.run()
    assert (report.writes, report.totals("scores")) == ([], {"unchanged": 9})
    assert unverified(after_a_loss) == (0, 0)
    after_a_loss.otus.edit("scores", "quiz.1002", points=9)
    assert after_a_loss.run().totals("scores") == {"updated": 1, "unchanged": 8}
    assert after_a_loss.points("quiz")["1002"] == 9
    assert after_a_loss.held("lab")["name"] == "Lab, second try"


def test_what_is_new_goes_beside_what_waits(after_a_loss: Any) -> None:
    after_a_loss.powerschool.edit_assignment("lab", name="Lab, second try")
    after_a_loss.powerschool.do("delete_score", assignment="lab", student_number="1003")
    rebuild()
    report = after_a_loss.run()
    assert report.totals("items") == {"unchanged": 2, "held": 1}
    assert report.totals("scores") == {"created": 1, "unchanged": 6, "held": 2}
    assert after_a_loss.points("lab") == GIVEN


def test_an_emptied_score_is_a_teachers_edit_too(after_a_loss: Any) -> None:
    after_a_loss.powerschool.edit_score("lab", "1003", points=None)
    rebuild()
    report = after_a_loss.run()
    assert report.writes == []
    assert lines_with(report, "UNVERIFIED") == [("lab", "1003")]


def test_an_assignment_that_the_teacher_deleted_is_made_anew_as_nothing_knows_of_it(after_a_loss: Any) -> None:
    after_a_loss.powerschool.delete_assignment("lab")
    assert found(rebuild())["item", "not in the ledger"] == 2
    assert after_a_loss.run().totals("items") == {"created": 1, "unchanged": 2}


def test_of_several_assignments_with_one_marker_our_plugins_lowest_is_the_one(after_a_loss: Any) -> None:
    ours = after_a_loss.held("quiz")
    copies = {
        after_a_loss.powerschool.do(
            "create_assignment", section_dcid=85001, users_dcid=8301, name="Copy", due_date=ours["due_date"],
            total_points=10, category="Quizzes", description=ours["marker"], by_plugin=by_plugin,
        )
        for by_plugin in (False, True)
    }  # fmt: skip
    rebuild()
    assert dict(row[:2] for row in ledger(after_a_loss))["quiz"] not in copies
    assert after_a_loss.run().writes == []


def test_a_name_that_powerschool_only_keeps_otherwise_does_not_wait(after_a_loss: Any) -> None:
    name = after_a_loss.held("quiz")["name"]
    after_a_loss.powerschool.edit_assignment("quiz", name=name.replace(" ", "  ").upper())
    rebuild()
    report = after_a_loss.run()
    assert (report.writes, report.totals("items")) == ([], {"unchanged": 3})
    after_a_loss.otus.edit("assignments", "quiz", due_date="2026-10-02")
    assert after_a_loss.run().totals("items") == {"updated": 1, "unchanged": 2}
    assert after_a_loss.held("quiz")["name"] == name.replace(" ", "  ").upper()


def test_an_item_that_had_moved_to_another_section_is_found_in_both(nights: Any, postgres: Postgres) -> None:
    nights.run()
    nights.otus.edit("classes", "biology", sis_section_id="85003")
    nights.run()
    lose(postgres, nights.uri)
    rebuild()
    for _ in range(2):
        report = nights.run()
        assert report.writes == []
        assert report.totals("scores") == {"unchanged": 9}
    assert unverified(nights) == (0, 0)
    assert sorted(row["section_dcid"] for row in nights.powerschool.assignments("lab")) == [85002, 85003]
    nights.otus.edit("scores", "lab.1001", points=5)
    assert nights.run().totals("scores") == {"updated": 1, "unchanged": 8}


def test_a_section_that_nobody_teaches_today_is_rebuilt_too(after_a_loss: Any) -> None:
    for teacher in (8301, 8302):
        after_a_loss.powerschool.do("remove_teacher", section_dcid=85002, users_dcid=teacher)
    assert found(rebuild()) == {("item", "not in the ledger"): 3, ("score", "not in the ledger"): 9}


def test_an_interrupted_rebuild_is_finished_by_the_next(after_a_loss: Any) -> None:
    after_a_loss.powerschool.do("remove_teacher", section_dcid=85002, users_dcid=8301)
    after_a_loss.powerschool.fault("status", kind="query:section_scores", status=500, times=None)
    with pytest.raises(Exception, match="could not be read"):
        rebuild()
    after_a_loss.powerschool.clear()
    rebuild()
    assert after_a_loss.run().writes == []


def ledger(nights: Any) -> list[tuple[Any, ...]]:
    """The ledger's items and their values, without times."""
    with database.connect(nights.uri) as connection:
        return connection.execute(
            "select i.source_item_id, l.powerschool_assignment_id, l.name_held, l.seq, l.unverified, "
            "(select array_agg((c.student_number, c.points_held, c.seq)::text order by 1) "
            "from passback.ledger_score as c where c.item_key = l.item_key) "
            "from passback.ledger_item as l join passback.item as i using (item_key) order by 1"
        ).fetchall()
