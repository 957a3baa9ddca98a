"""What PowerSchool does not answer: a listing or a look settles it, and nothing is doubled or lost."""

from typing import Any

import pytest


def test_a_create_whose_answer_was_lost_leads_to_exactly_one_assignment(nights: Any) -> None:
    nights.powerschool.fault("commit_then_drop", kind="create")
    report = nights.run()
    assert report.totals("items") == {"created": 3}
    assert report.red == []
    assert nights.one_each()
    assert nights.run().writes == []


def test_a_create_that_never_arrived_is_in_doubt_until_a_later_listing_settles_it(nights: Any) -> None:
    nights.powerschool.fault("drop_before_commit", kind="create")
    report = nights.run()
    assert report.totals("items") == {"created": 2, "held": 1}
    assert report.totals("scores") == {"created": 6, "held": 3}
    assert any("IN_DOUBT" in reason for reason in report.red)
    again = nights.run()
    assert again.totals("items") == {"unchanged": 2, "held": 1}
    assert [write["kind"] for write in again.writes] == []
    nights.settings(("settle_seconds = 300", "settle_seconds = 0"))
    settled = nights.run()
    assert settled.totals("items") == {"created": 1, "unchanged": 2}
    assert settled.red == []
    assert nights.one_each()


def test_score_calls_whose_answer_was_lost_are_settled_by_a_look_and_not_doubled(nights: Any) -> None:
    nights.powerschool.fault("commit_then_drop", kind="score")
    report = nights.run()
    assert report.totals("scores") == {"created": 9}
    assert report.red == []
    assert nights.one_each()
    assert len([write for write in report.writes if write["kind"] == "score"]) == 3


def test_score_calls_that_never_arrived_are_sent_again(nights: Any) -> None:
    nights.powerschool.fault("drop_before_commit", kind="score")
    report = nights.run()
    assert report.totals("scores") == {"created": 9}
    assert nights.one_each()


def test_scores_that_only_go_along_prove_nothing_of_a_call_that_never_arrived(nights: Any) -> None:
    """With a new total all scores of an item go once more: those that have not changed are there before the call."""
    nights.run()
    nights.otus.edit("assessments", "as-quiz", points_possible=30)
    nights.otus.edit("scores", "quiz.1001", points=5)
    nights.powerschool.fault("drop_before_commit", kind="score")
    report = nights.run()
    assert nights.points("quiz") == {**nights.complete, "1001": 5} == nights.ledger("quiz")
    assert report.totals("scores") == {"updated": 3, "unchanged": 6}
    assert nights.run().writes == []


def test_an_edit_while_a_call_is_lost_is_no_proof_of_the_call(nights: Any) -> None:
    nights.run()
    for student in ("1001", "1002"):
        nights.otus.edit("scores", f"quiz.{student}", points=5)
    nights.powerschool.fault("drop_before_commit", kind="score")
    edit = {"assignment": "quiz", "student_number": "1001", "points": 3}
    nights.powerschool.hook("table", "edit_score", edit, n=2, when="before")
    nights.run()
    assert nights.points("quiz")["1002"] == 5
    nights.run()
    assert nights.points("quiz")["1002"] == 5


def test_a_score_put_back_after_a_lost_call_is_a_mismatch_and_goes_again(nights: Any) -> None:
    """The call's other row proves that it arrived; what stands as before all the same did not stay."""
    nights.run()
    for student in ("1001", "1002"):
        nights.otus.edit("scores", f"quiz.{student}", points=5)
    nights.powerschool.fault("commit_then_drop", kind="score")
    back = {"assignment": "quiz", "student_number": "1002", "points": 8}
    nights.powerschool.hook("table", "edit_score", back, n=2, when="before")
    report = nights.run()
    assert report.line("quiz", "1002")["code"] == "VERIFY_MISMATCH"
    assert report.totals("scores") == {"updated": 1, "failed": 1, "unchanged": 7}
    assert report.red
    assert nights.run().totals("scores") == {"updated": 1, "unchanged": 8}
    assert nights.points("quiz") == {"1001": 5, "1002": 5, "1003": 8} == nights.ledger("quiz")


@pytest.mark.parametrize("part", [3, 4, 5], ids=["the first student", "who is refused", "the last student"])
@pytest.mark.parametrize("effect", ["commit_then_drop", "drop_before_commit"])
def test_a_lost_part_of_a_call_is_settled_by_its_own_students(nights: Any, effect: str, part: int) -> None:
    """A refusal without a name: the whole, a half, and each student alone are the five calls of the first item."""
    nights.powerschool.switches(refusal_names="none", refusal_params=False, refusal_text=False)
    gone = {"section_dcid": 85001, "student_number": "1002"}
    nights.powerschool.hook("create", "student_leaves", gone, when="before", n=1)
    nights.powerschool.fault(effect, kind="score", section_dcid=85001, skip=part - 1)
    report = nights.run()
    assert report.totals("scores") == {"created": 7, "failed": 2}
    for item in ("quiz", "essay"):
        assert report.line(item, "1002")["code"] == "STUDENT_REJECTED"
        assert nights.points(item) == {"1001": 8, "1003": 8} == nights.ledger(item)
    assert report.red == []


def test_an_update_whose_answer_was_lost_is_settled_by_a_look(nights: Any) -> None:
    nights.run()
    nights.otus.edit("assignments", "quiz", due_date="2026-09-25")
    nights.powerschool.fault("commit_then_drop", kind="update")
    report = nights.run()
    assert report.totals("items") == {"updated": 1, "unchanged": 2}
    assert nights.held("quiz")["due_date"] == "2026-09-25"
    assert nights.run().writes == []


def test_an_edit_while_an_update_is_lost_is_no_proof_of_the_update(nights: Any) -> None:
    nights.run()
    nights.otus.edit("assignments", "quiz", due_date="2026-09-25")
    nights.otus.edit("assessments", "as-quiz", title="Quiz on light")
    nights.powerschool.fault("drop_before_commit", kind="update")
    edit = {"assignment": "quiz", "name": "My own name"}
    nights.powerschool.hook("read", "edit_assignment", edit, n=2, when="before")
    assert nights.run().line("quiz")["code"] == "SIS_UNAVAILABLE"
    assert nights.held("quiz")["name"] == "My own name"
    nights.run()
    assert nights.held("quiz")["due_date"] == "2026-09-25"


def test_a_500_on_a_create_is_no_proof_of_either(nights: Any) -> None:
    nights.powerschool.fault("status_after_commit", kind="create", status=500)
    nights.powerschool.fault("status", kind="create", status=502, skip=1)
    report = nights.run()
    assert report.totals("items") == {"created": 2, "held": 1}
    nights.settings(("settle_seconds = 300", "settle_seconds = 0"))
    nights.run()
    assert nights.one_each()


def test_creates_whose_ids_could_not_be_listed_stay_created_and_get_their_scores_the_next_night(nights: Any) -> None:
    run_id, shards = nights.planned()
    nights.powerschool.fault("status", kind="list", status=404, skip=1, times=None)
    nights.deliver(run_id, shards)
    nights.powerschool.clear()
    report = nights.finish(run_id)
    assert report.totals("items") == {"created": 3}
    assert report.totals("scores") == {"failed": 9}
    assert report.line("quiz", "1001")["code"] == "SIS_REFUSED"
    assert report.summary["balanced"] is True
    assert nights.run().totals("scores") == {"created": 9}
    assert nights.one_each()
