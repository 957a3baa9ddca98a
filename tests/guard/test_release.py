"""Releases: only what was approved, as it was approved, and only where it still is."""

import datetime as dt
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from tests.guard.conftest import ITEMS, Guarded, Night

from passback import runs, steps
from passback.errors import Terminal
from passback.settings import load
from passback.steps.releasing import waits_until

NOW = dt.datetime.now(dt.UTC)


def held_night(few: Guarded, day: str = "2026-10-15", **points: float) -> Night:
    """A night that holds these changes (two at least)."""
    for name, value in points.items():
        few.otus.edit("scores", name.replace("_", "."), points=value)
    night = few.night(day)
    assert night.writes == []
    return night


def told(few: Guarded, run_id: str) -> tuple[object, ...]:
    """What the view says of a release."""
    columns = "held_run_id, items, scores, decision, decided_by, items_sent, scores_sent"
    return few.rows(f"select {columns} from report.release where run_id = %s", run_id)[0]


def test_an_approved_release_sends_what_waited_with_books_and_a_report_of_its_own(few: Guarded) -> None:
    night = held_night(few, quiz_1001=7, essay_1001=6)
    run_id = few.asked(night)
    done = few.answered(run_id, approved=True)
    assert few.points("quiz") == {"1001": 7, "1002": 8, "1003": 8} == few.ledger("quiz")
    assert few.points("essay") == {"1001": 6, "1002": 8, "1003": 8}
    assert [write["kind"] for write in done.writes] == ["score", "score"]
    assert (done.summary["dag_id"], done.summary["as_of"]) == ("passback_release", "2026-10-15")
    # The lab has nothing that waits: it is not judged.
    assert done.totals("items") == {"unchanged": 2}
    assert done.totals("scores") == {"updated": 2, "unchanged": 4}
    assert done.summary["verified"] == {"confirmed": 2, "mismatched": 0}
    assert done.red == []
    assert "release: Approved by admin at 2026-10-16 07:00:00 CDT." in done.page
    assert "plan: Of 2 approved changes 2 were still as approved" in done.page
    assert told(few, run_id) == (night.run_id, 0, 2, "approved", "admin", 0, 2)
    assert few.night("2026-10-16").writes == []


def test_the_question_shows_the_figures_and_a_sample_and_escapes_what_it_shows(few: Guarded) -> None:
    few.otus.edit("assessments", "as-quiz", title="![x](http://evil.example) | <b>")
    few.night("2026-10-14")
    night = held_night(few, quiz_1001=7, essay_1001=6)
    few.asked(night)
    assert few.question.subject == "Release 2 scores held as of 2026-10-15?"
    body = few.question.body
    counted = "0.222222: 2 of 9 delivered scores would change"
    assert f"| `scores_changed_share` | {counted} | 0.2 | **over the limit** |" in body
    assert "| `new_zeros` | 0: 0 scores would become 0 | 500 |  |" in body
    assert "| 101 North High | otus | 0 | 2 |" in body
    assert r"| Algebra 1 1 | \!\[x\]\(http\:\/\/evil\.example\) \| \<b\> | 1001 | score | 8 | 7 |" in body
    assert f"/dags/passback_nightly/runs/{night.run_id}" in body
    assert "http://evil" not in body


@pytest.mark.parametrize(("who", "decision"), [("office", "rejected"), (None, "unanswered")])
def test_a_release_that_is_rejected_or_not_answered_sends_nothing_and_is_green(
    few: Guarded, who: str | None, decision: str
) -> None:
    night = held_night(few, quiz_1001=7, essay_1001=6)
    run_id = few.asked(night)
    done = few.answered(run_id, approved=False, who=who)
    assert (done.writes, done.red, done.summary["sources"]) == ([], [], {})
    words = f"Rejected by {who} at" if who else "Nobody answered until"
    assert f"release: {words} 2026-10-16 07:00:00 CDT: nothing was sent." in done.page
    assert told(few, run_id)[3:5] == (decision, who or "")
    assert steps.verdict("passback_release", run_id, {}) == "green"
    assert held_night(few, "2026-10-16").held() == [("essay", "1001"), ("quiz", "1001")]


def test_what_changed_since_it_was_approved_is_not_sent_and_said_so(few: Guarded) -> None:
    few.limits(scores_changed_share="0.1")
    night = held_night(few, quiz_1001=7, quiz_1002=6, essay_1001=5, lab_1001=7)
    run_id = few.asked(night)
    few.otus.edit("scores", "quiz.1002", points=9)  # another new value
    few.otus.edit("scores", "essay.1001", points=8)  # back to what was delivered
    few.otus.edit("scores", "lab.1002", points=7)  # nobody was asked about this one
    few.otus.edit("scores", "lab.1001", status="turned_in")  # passes no more
    few.planned(dry_run=True)  # reads Otus, as a sync would
    done = few.answered(run_id, approved=True)
    assert few.points("quiz") == {"1001": 7, "1002": 8, "1003": 8}
    assert few.points("lab") == {"1001": 8, "1002": 8, "1003": 8}
    assert done.totals("scores") == {"updated": 1, "held": 2, "unchanged": 5, "skipped": 1}
    assert done.held() == [("lab", "1002"), ("quiz", "1002")]
    line = next(line for line in done.read("reconciliation.csv") if line["source_item_id"] == "quiz")
    assert line["message"].startswith("Not sent by this release: its old or new value is not the approved one")
    assert (
        "Of 4 approved changes 1 were still as approved when this release was planned; 1 have another old or new value "
        "by now and wait for the next night; 2 need nothing any more, or no longer pass." in done.page
    )
    few.limits(scores_changed_share="1")
    assert few.night("2026-10-16").totals("scores") == {"updated": 2, "unchanged": 6, "skipped": 1}


def test_an_older_release_sends_nothing_over_what_a_later_night_has_delivered(few: Guarded) -> None:
    night = held_night(few, quiz_1001=7, essay_1001=6)
    run_id = few.asked(night)
    few.limits(scores_changed_share="1")
    few.otus.edit("scores", "quiz.1001", points=9)
    assert few.night("2026-10-16").totals("scores") == {"updated": 2, "unchanged": 7}
    done = few.answered(run_id, approved=True)
    assert (done.writes, done.totals("scores")) == ([], {"unchanged": 6})
    assert few.points("quiz")["1001"] == 9


def test_two_releases_of_one_change_send_it_once(few: Guarded) -> None:
    first = held_night(few, quiz_1001=7, essay_1001=6)
    second = held_night(few, "2026-10-16")
    older, newer = few.asked(first), few.asked(second)
    assert few.answered(newer, approved=True).totals("scores") == {"updated": 2, "unchanged": 4}
    assert few.answered(older, approved=True).writes == []


def test_a_base_that_moves_between_a_releases_plan_and_its_lock_is_not_written_over(few: Guarded) -> None:
    night = held_night(few, quiz_1001=7, essay_1001=6)
    run_id = few.asked(night)
    steps.decide("passback_release", run_id, True, "admin", NOW)
    steps.evaluate_release("passback_release", run_id)
    shards = steps.plan_release("passback_release", run_id)
    few.do("update passback.ledger_score set points_sent = 5, points_held = 5 where student_number = '1001' and "
           "item_key = (select item_key from passback.item where source_item_id = 'quiz')")  # fmt: skip
    few.do(
        "update passback.ledger_item set name_sent = 'As another run named it', name_held = 'As another run named it'"
    )
    few.box.control.clear_logs()
    for shard in shards:
        steps.deliver("passback_release", run_id, shard["shard"])
    done = few.closed("passback_release", run_id)
    assert [write["kind"] for write in done.writes] == ["score"]
    assert (few.points("quiz")["1001"], few.points("essay")["1001"]) == (8, 6)
    assert done.totals("scores") == {"updated": 1, "unchanged": 5}


def test_a_release_is_named_after_its_night_which_a_lost_database_does_not_count_anew(few: Guarded) -> None:
    night = held_night(few, quiz_1001=7, essay_1001=6)
    asked = steps.release_to_ask(night.dag_id, night.run_id)
    assert asked is not None and asked["run_id"] == f"release__{night.dag_id}__{night.run_id}"
    longest = "n" * 250
    few.do("update passback.run set run_id = %s where run_id = %s", longest, night.run_id)
    asked = steps.release_to_ask(night.dag_id, longest)
    assert asked is not None and asked["run_id"].startswith("release__") and len(asked["run_id"]) <= 250


def test_a_release_is_asked_about_once_whatever_its_night_plans_anew(few: Guarded) -> None:
    night = held_night(few, quiz_1001=7, essay_1001=6)
    asked = steps.release_to_ask(night.dag_id, night.run_id)
    run_id = few.asked(night)
    few.otus.edit("scores", "quiz.1001", points=5)
    few.otus.edit("scores", "lab.1001", points=6)
    steps.extract_source(night.dag_id, night.run_id, "otus")
    steps.evaluate(night.dag_id, night.run_id)
    few.deliver(night.run_id, steps.plan(night.dag_id, night.run_id))
    assert steps.release_to_ask(night.dag_id, night.run_id) == asked
    conf = runs.Asked("passback_release", run_id, False, None, NOW, asked["conf"] if asked else {})
    steps.open_release(conf)  # the release's first task is cleared: what was shown stays what is asked
    done = few.answered(run_id, approved=True)
    assert few.points("quiz")["1001"] == 8
    assert few.points("essay")["1001"] == 6
    assert done.totals("scores") == {"updated": 1, "held": 1, "unchanged": 4}


def test_a_killed_release_goes_on_where_it_was(few: Guarded) -> None:
    night = held_night(few, quiz_1001=7, essay_1001=6)
    run_id = few.asked(night)
    steps.decide("passback_release", run_id, True, "admin", NOW)
    steps.evaluate_release("passback_release", run_id)
    shards = steps.plan_release("passback_release", run_id)
    few.powerschool.fault("commit_then_drop", kind="score")
    for shard in shards:
        steps.deliver("passback_release", run_id, shard["shard"])
    done = few.answered(run_id, approved=True)  # all of it is cleared and done again
    assert done.writes == []
    assert done.totals("scores") == {"updated": 2, "unchanged": 4}


def test_items_go_with_their_resends_and_a_new_item_with_its_scores(nights: Guarded) -> None:
    nights.otus.edit("assignments", ITEMS[59], include_in_final_grade=False)
    nights.night("2026-10-14")
    for item in ITEMS[:7]:
        nights.otus.edit("assessments", f"as-{item}", assessment_type="Poster")
    nights.otus.edit("assignments", ITEMS[59], include_in_final_grade=True)
    nights.otus.edit("assessments", f"as-{ITEMS[40]}", title="Another")
    nights.otus.edit("assessments", f"as-{ITEMS[41]}", title="A third")
    night = nights.night("2026-10-15")
    run_id = nights.asked(night)
    assert nights.question.subject == "Release 3 items and 5 scores held as of 2026-10-15?"
    nights.otus.edit("assessments", f"as-{ITEMS[41]}", title="A fourth")
    nights.planned(dry_run=True)
    done = nights.answered(run_id, approved=True)
    assert done.totals("items") == {"created": 1, "updated": 1, "held": 1}
    assert done.totals("scores") == {"created": 5, "updated": 5, "held": 5}
    assert sorted(write["kind"] for write in done.writes) == ["create", "score", "score", "update"]
    assert nights.held(ITEMS[40])["name"].startswith("Another")
    assert nights.held(ITEMS[41])["name"].startswith("Item 41")
    assert len(nights.held(ITEMS[59])["scores"]) == 5


def test_what_waits_since_the_ledger_was_rebuilt_goes_once_it_is_approved(few: Guarded) -> None:
    few.do("update passback.ledger_score set unverified = true")
    few.otus.edit("scores", "quiz.1001", points=7)
    night = few.night("2026-10-15")
    assert (night.totals("scores"), night.writes) == ({"held": 1, "unchanged": 8}, [])
    (change,) = night.read("preview.csv")
    assert (change["student_number"], change["old"], change["new"]) == ("1001", "8", "7")
    run_id = few.asked(night)
    assert "1 of these changes wait as `UNVERIFIED`" in few.question.body
    assert few.answered(run_id, approved=True).totals("scores") == {"updated": 1, "unchanged": 2}
    assert few.points("quiz")["1001"] == 7
    assert few.rows("select accepted, released_by, scores from passback.unverified_release") == [("source", "admin", 1)]


def test_a_run_that_holds_nothing_asks_for_nothing(few: Guarded) -> None:
    night = few.night("2026-10-15")
    assert steps.release_to_ask(night.dag_id, night.run_id) is None
    asked = runs.Asked("passback_release", "by-hand", False, None, NOW,
                       {"held_dag_id": "passback_nightly", "held_run_id": None})  # fmt: skip
    with pytest.raises(Terminal, match="held_run_id names the run"):
        steps.open_release(asked)


@pytest.mark.parametrize(
    ("now", "until"),
    [
        ("2026-10-16T02:20", "2026-10-16T18:00-05:00"),
        ("2026-10-16T17:59", "2026-10-16T18:00-05:00"),
        ("2026-10-16T18:00", "2026-10-17T18:00-05:00"),
        ("2026-10-31T19:00", "2026-11-01T18:00-06:00"),  # clocks go back in between
        ("2027-03-13T19:00", "2027-03-14T18:00-05:00"),
    ],
)
def test_a_release_waits_until_the_clocks_show_its_time(project: Path, now: str, until: str) -> None:
    settings = load(project / "include" / "district.toml")
    moment = dt.datetime.fromisoformat(now).replace(tzinfo=ZoneInfo("America/Chicago")).astimezone(dt.UTC)
    assert waits_until(moment, settings) == dt.datetime.fromisoformat(until)
