"""An older version never goes over a newer one, in whatever order runs deliver."""

import datetime as dt
import time
from typing import Any

import pytest

from passback import database, runs, steps
from passback.errors import Terminal, Transient

NIGHTLY, SYNC = "passback_nightly", "passback_sync"
NOON = dt.datetime(2026, 10, 15, 17, tzinfo=dt.UTC)


@pytest.fixture
def delivered(nights: Any) -> Any:
    """The small gradebook after its first night."""
    nights.created_at = NOON
    nights.run()
    return nights


def grade(nights: Any, points: float) -> None:
    nights.otus.edit("scores", "quiz.1001", points=points)


def wrote(nights: Any) -> list[str]:
    return [write["kind"] for write in nights.box.control.writes()]


def test_a_value_that_the_source_took_back_is_not_sent_by_the_run_that_planned_it(delivered: Any) -> None:
    grade(delivered, 3)
    older = delivered.planned()
    grade(delivered, 8)
    assert delivered.run().writes == []  # 8 is what the ledger has: nothing moves, and nothing says so there
    delivered.deliver(*older)
    assert wrote(delivered) == []
    report = delivered.finish(older[0])
    assert delivered.points("quiz")["1001"] == 8
    assert report.totals("scores") == {"unchanged": 9}
    assert (report.summary["balanced"], report.red) == (True, [])


def test_a_run_that_is_behind_says_so_in_its_report(delivered: Any) -> None:
    grade(delivered, 3)
    run_id, shards = delivered.planned()
    grade(delivered, 5)
    delivered.sync(section_dcid="85001")
    delivered.deliver(run_id, shards)
    report = delivered.finish(run_id)
    assert delivered.points("quiz")["1001"] == 5
    assert report.summary["balanced"] is True
    with database.connect(delivered.uri) as connection:
        (said,) = connection.execute(
            "select message from passback.run_note join passback.run using (run_key) where run_id = %s", [run_id]
        ).fetchall()
    assert said == ("1 planned score was not sent: another run has delivered or judged the same item since.",)


def test_a_name_that_the_source_took_back_is_not_sent_by_the_run_that_planned_it(delivered: Any) -> None:
    title = delivered.held("quiz")["name"]
    delivered.otus.edit("assessments", "as-quiz", title="Another name")
    older = delivered.planned()
    delivered.otus.edit("assessments", "as-quiz", title="Quiz")
    assert delivered.run().writes == []
    delivered.deliver(*older)
    assert wrote(delivered) == []
    assert delivered.finish(older[0]).totals("items") == {"unchanged": 3}
    assert delivered.held("quiz")["name"] == title


def test_a_score_that_was_excluded_since_is_not_sent_by_the_run_that_planned_it(delivered: Any) -> None:
    grade(delivered, 3)
    older = delivered.planned()
    delivered.otus.edit("scores", "quiz.1001", excluded=True)
    delivered.run()
    delivered.deliver(*older)
    assert wrote(delivered) == []
    assert delivered.points("quiz")["1001"] == 8


def test_a_new_item_that_was_deleted_since_is_not_created_by_the_run_that_planned_it(nights: Any) -> None:
    nights.otus.delete("assignments", "lab")
    nights.run()
    nights.otus.edit("assignments", "lab", deleted=False)
    older = nights.planned()
    nights.otus.delete("assignments", "lab")
    nights.run()
    nights.deliver(*older)
    assert nights.powerschool.assignments("lab") == []
    assert nights.finish(older[0]).summary["balanced"] is True


def test_a_night_of_another_period_keeps_no_other_night_from_sending(delivered: Any) -> None:
    delivered.otus.edit("assignments", "quiz", due_date="2026-10-20")
    tonight = delivered.planned("2026-10-20")
    delivered.run("2026-10-15")  # for which the quiz is outside its period
    delivered.deliver(*tonight)
    assert delivered.finish(tonight[0]).totals("items") == {"updated": 1, "skipped": 2}


def test_what_was_judged_by_a_newer_state_than_its_run_read_counts_as_that_newer_state(delivered: Any) -> None:
    reading = [delivered.planned(), delivered.planned()]  # the second has the higher number
    first, second = (run_id for run_id, _ in reading)
    grade(delivered, 4)
    delivered.planned()
    steps.evaluate(NIGHTLY, second)
    second_shards = steps.plan(NIGHTLY, second)
    grade(delivered, 6)
    delivered.planned()
    steps.evaluate(NIGHTLY, first)  # judges 6, though what it read itself was older than all others
    delivered.deliver(first, steps.plan(NIGHTLY, first))
    assert delivered.points("quiz")["1001"] == 6
    delivered.deliver(second, second_shards)
    assert delivered.points("quiz")["1001"] == 6


def test_a_class_that_moved_is_not_written_to_by_the_run_that_knew_its_old_section(nights: Any) -> None:
    older = nights.planned()
    nights.otus.edit("classes", "biology", sis_section_id="85003")
    grade(nights, 5)
    nights.otus.edit("scores", "lab.1001", points=5)
    nights.run()
    before = nights.points("lab")
    nights.deliver(*older)
    nights.finish(older[0])
    assert len(nights.powerschool.assignments("lab")) == 1
    assert nights.points("lab") == before == {"1001": 5, "1002": 8, "1003": 8}
    assert nights.run().writes == []


def test_a_sync_that_takes_over_between_a_nights_delivery_and_read_back_leaves_its_books_balanced(nights: Any) -> None:
    nights.created_at = NOON
    run_id, shards = nights.planned()
    nights.deliver(run_id, shards)
    nights.otus.edit("assessments", "as-quiz", title="Another name")
    grade(nights, 5)
    assert nights.sync(section_dcid="85001").red == []
    report = nights.finish(run_id)
    assert report.totals("items") == {"created": 3}
    assert (report.summary["balanced"], report.red) == (True, [])


def test_what_a_cleared_night_proved_stays_proved_where_a_sync_is_quicker_with_the_new_value(delivered: Any) -> None:
    grade(delivered, 4)
    first = delivered.run()
    run_id = first.summary["run_id"]
    assert first.totals("scores") == {"updated": 1, "unchanged": 8}
    grade(delivered, 5)
    delivered.planned()
    steps.evaluate(NIGHTLY, run_id)
    shards = steps.plan(NIGHTLY, run_id)
    assert delivered.sync(section_dcid="85001").totals("scores")["updated"] == 1
    delivered.deliver(run_id, shards)
    report = delivered.finish(run_id)
    assert report.totals("scores") == {"updated": 1, "unchanged": 8}
    assert (report.summary["balanced"], report.red) == (True, [])


STEPS = {
    "extract_roster": lambda run_id: steps.extract_roster(NIGHTLY, run_id),
    "extract_source": lambda run_id: steps.extract_source(NIGHTLY, run_id, "otus"),
    "evaluate": lambda run_id: steps.evaluate(NIGHTLY, run_id),
    "plan": lambda run_id: steps.plan(NIGHTLY, run_id),
    "deliver": lambda run_id: steps.deliver(NIGHTLY, run_id, 1),
    "verify": lambda run_id: steps.verify(NIGHTLY, run_id),
}


def statuses(nights: Any) -> list[Any]:
    with database.connect(nights.uri) as connection:
        return connection.execute(
            "select source_item_id, status, as_of::text, run_key from passback.item_status order by 1"
        ).fetchall()


@pytest.mark.parametrize("cleared", [*STEPS, "all"])
def test_a_task_of_a_week_old_night_that_is_cleared_sends_nothing_older(nights: Any, cleared: str) -> None:
    grade(nights, 4)
    old = nights.run("2026-10-08")
    run_id = old.summary["run_id"]
    for day, points in (("2026-10-14", 5), ("2026-10-15", 6)):
        grade(nights, points)
        nights.run(day)
    nights.powerschool.edit_score("lab", "1002", points=2)  # a teacher's own edit
    before, shown = nights.powerschool.state(), statuses(nights)
    nights.box.control.clear_logs()
    for step in STEPS if cleared == "all" else [cleared]:
        STEPS[step](run_id)
    report = nights.finish(run_id)
    assert wrote(nights) == []
    assert nights.powerschool.state() == before
    assert (report.summary["balanced"], report.red) == (True, [])
    assert report.totals("items") == {"created": 3}  # what it proved stays proved
    assert statuses(nights) == shown
    (previous,) = (nights.home / "reports" / NIGHTLY / "2026-10-08" / run_id).glob("previous/1/summary.json")
    assert previous.is_file()


@pytest.mark.parametrize("cleared", [*STEPS, "reconcile", "verdict"])
def test_a_task_of_a_night_whose_rows_are_kept_no_longer_says_so_and_does_nothing(nights: Any, cleared: str) -> None:
    run_id = nights.run("2026-10-15").summary["run_id"]
    with database.connect(nights.uri) as connection:
        connection.execute("update passback.run set rows_deleted_at = now() where run_id = %s", [run_id])
    nights.box.control.clear_logs()
    step = STEPS.get(cleared) or (
        lambda run_id: (
            steps.reconcile(NIGHTLY, run_id) if cleared == "reconcile" else steps.verdict(NIGHTLY, run_id, {})
        )
    )
    with pytest.raises(Terminal, match=r"kept no longer.*Clear the run from open_run on"):
        step(run_id)
    assert wrote(nights) == []
    assert not list((nights.home / "reports").glob("*/*/*/previous"))


def test_a_run_that_is_under_way_again_is_left_by_maintenance(nights: Any) -> None:
    from passback.maintenance import rows

    run_id = nights.run("2026-09-01").summary["run_id"]
    run = runs.find(nights.uri, NIGHTLY, run_id)
    old = rows.OldRun(run.run_key, NIGHTLY, run_id, run.as_of)
    with database.connect(nights.uri, autocommit=True) as connection:
        with runs.in_use(nights.uri, run):
            assert rows._delete_run(connection, old) == 0
        deadline = time.monotonic() + 30  # the server frees a closed session's locks when it comes to it
        while not rows._delete_run(connection, old):
            assert time.monotonic() < deadline, "the run's rows stay"
            time.sleep(0.05)
        with pytest.raises(Terminal, match="kept no longer"), runs.in_use(nights.uri, run):
            raise AssertionError("the rows are gone")


def test_two_syncs_that_begin_at_once_wait_for_each_other_with_an_end(
    nights: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("passback.steps.opening.JOIN_WAIT", "200ms")
    with database.connect(nights.uri) as connection:
        database.run(connection, "extraction_lock", lock=f"join:{SYNC}:section 85001", wait="1s")
        asked = runs.Asked(SYNC, "press", False, None, NOON, {"section_dcid": "85001"})
        with pytest.raises(Transient, match="Another sync of section 85001"):
            steps.joins(asked, lambda run_id: True)
