"""What PowerSchool refuses, throttles or changes: the rest goes on, and nothing is doubled or lost."""

from typing import Any

import pytest

from passback.errors import Terminal


@pytest.mark.parametrize("names", ["all", "one", "none"])
def test_a_refused_student_is_isolated_without_losing_the_rest(nights: Any, names: str) -> None:
    nights.powerschool.switches(
        refusal_names=names, **({"refusal_params": False, "refusal_text": False} if names == "none" else {})
    )
    nights.powerschool.hook(
        "create", "student_leaves", {"section_dcid": 85001, "student_number": "1002"}, when="before", n=1
    )
    report = nights.run()
    assert report.totals("items") == {"created": 3}
    assert report.totals("scores") == {"created": 7, "failed": 2}
    assert report.line("quiz", "1002")["code"] == "STUDENT_REJECTED"
    assert nights.points("quiz") == {"1001": 8, "1003": 8}
    assert report.red == []
    nights.powerschool.clear()
    assert nights.run().line("quiz", "1002")["code"] == "STUDENT_NOT_ENROLLED"


def test_a_locked_section_refuses_the_items_and_the_next_night_tries_again(nights: Any) -> None:
    nights.powerschool.do("lock_section", section_dcid=85001, locked=True)
    report = nights.run()
    assert report.totals("items") == {"created": 1, "failed": 2}
    assert report.totals("scores") == {"created": 3, "failed": 6}
    assert report.line("quiz")["code"] == "ASSIGNMENT_LOCKED"
    assert report.red == []
    nights.powerschool.do("lock_section", section_dcid=85001, locked=False)
    assert nights.run().totals("items") == {"created": 2, "unchanged": 1}
    assert nights.one_each()


def test_a_section_locked_after_the_create_fails_the_scores_and_not_the_item(nights: Any) -> None:
    nights.powerschool.fault("status", kind="score", status=409, message="The class is locked", times=None)
    report = nights.run()
    assert report.totals("items") == {"created": 3}
    assert report.totals("scores") == {"failed": 9}
    assert report.line("quiz", "1001")["code"] == "ASSIGNMENT_LOCKED"
    nights.powerschool.clear()
    assert nights.run().totals("scores") == {"created": 9}


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ("The due date is outside of the term", "DUE_DATE_REJECTED"),
        ("The category is not valid", "CATEGORY_REJECTED"),
        ("Something else", "SIS_REFUSED"),
    ],
)
def test_a_refused_create_fails_the_item_and_its_scores_follow(nights: Any, message: str, code: str) -> None:
    nights.powerschool.fault("status", kind="create", status=409, message=message, section_dcid=85002)
    report = nights.run()
    assert report.totals("items") == {"created": 2, "failed": 1}
    assert report.totals("scores") == {"created": 6, "failed": 3}
    line = report.line("lab")
    assert line["code"] == code
    assert message in line["message"] or code == "SIS_REFUSED"
    assert "3 scores" in line["message"]
    assert nights.run().totals("items") == {"created": 1, "unchanged": 2}


def test_a_refused_update_fails_the_item_and_only_the_scores_that_would_have_gone(nights: Any) -> None:
    nights.run()
    nights.otus.edit("assignments", "quiz", due_date="2026-09-25")
    nights.otus.edit("scores", "quiz.1001", points=6)
    nights.powerschool.fault("status", kind="update", status=409, message="The due date is wrong")
    report = nights.run()
    assert report.totals("items") == {"failed": 1, "unchanged": 2}
    assert report.totals("scores") == {"failed": 1, "unchanged": 8}
    assert nights.run().totals("scores") == {"updated": 1, "unchanged": 8}


def test_a_category_switched_off_between_roster_and_create_fails_the_item(nights: Any) -> None:
    nights.powerschool.hook(
        "categories", "set_category", {"users_dcid": 8301, "name": "Quizzes", "is_active": False}, when="before"
    )
    report = nights.run()
    assert report.line("quiz")["code"] == "CATEGORY_INACTIVE"
    assert report.writes == []


def test_412_is_repeated_once_and_then_given_up(nights: Any) -> None:
    nights.powerschool.fault("status", kind="score", status=412, section_dcid=85002)
    report = nights.run()
    assert report.totals("scores") == {"created": 9}
    nights.otus.edit("scores", "lab.1001", points=7)
    nights.powerschool.fault("status", kind="score", status=412, times=2)
    report = nights.run()
    assert report.line("lab", "1001")["code"] == "RESUBMIT_EXHAUSTED"
    assert nights.run().totals("scores") == {"updated": 1, "unchanged": 8}


def test_an_assignment_deleted_between_plan_and_score_call_is_held(nights: Any) -> None:
    nights.run()
    nights.otus.edit("scores", "quiz.1001", points=7)
    nights.powerschool.hook("score", "delete_assignment", {"assignment": "quiz"}, when="before")
    report = nights.run()
    assert report.line("quiz")["code"] == "DELETED_IN_SIS"
    assert report.totals("scores") == {"held": 3, "unchanged": 6}


def test_a_write_that_was_accepted_and_not_stored_is_a_mismatch_and_goes_again(nights: Any) -> None:
    nights.run()
    nights.otus.edit("scores", "quiz.1001", points=7)
    nights.powerschool.fault("not_stored", kind="score")
    report = nights.run()
    assert report.line("quiz", "1001")["code"] == "VERIFY_MISMATCH"
    assert report.totals("scores") == {"failed": 1, "unchanged": 8}
    assert report.summary["verified"] == {"confirmed": 0, "mismatched": 1}
    assert any("VERIFY_MISMATCH" in reason for reason in report.red)
    assert nights.run().totals("scores") == {"updated": 1, "unchanged": 8}
    assert nights.points("quiz")["1001"] == 7


def test_an_update_that_was_accepted_and_not_stored_is_a_mismatch_and_goes_again(nights: Any) -> None:
    nights.run()
    nights.otus.edit("assignments", "quiz", due_date="2026-09-25")
    nights.powerschool.fault("not_stored", kind="update")
    assert nights.run().line("quiz")["code"] == "VERIFY_MISMATCH"
    assert nights.run().totals("items") == {"updated": 1, "unchanged": 2}
    assert nights.held("quiz")["due_date"] == "2026-09-25"


def test_a_revoked_token_is_renewed_and_costs_nothing(nights: Any) -> None:
    nights.powerschool.hook("create", "revoke_tokens", {}, n=2)
    report = nights.run()
    assert report.red == []
    assert nights.one_each()


def test_refused_credentials_stop_the_run_before_anything_more_is_sent(nights: Any) -> None:
    run_id, shards = nights.planned()
    nights.powerschool.switches(lasting_401=True)
    with pytest.raises(Terminal) as stopped:
        nights.deliver(run_id, shards)
    assert stopped.value.code == "AUTH_FAILED"
    nights.powerschool.switches(lasting_401=False)
    report = nights.finish(run_id)
    assert report.totals("items") == {"failed": 3}
    assert report.line("quiz")["code"] == "AUTH_FAILED"
    assert any("AUTH_FAILED" in reason for reason in report.red)
    assert report.summary["balanced"] is True
    assert nights.run().totals("items") == {"created": 3}


def test_a_missing_field_grant_stops_the_run(nights: Any) -> None:
    run_id, shards = nights.planned()
    nights.powerschool.switches(forbidden_score_fields=["ASSIGNMENTSCORE.SCOREPOINTS"])
    with pytest.raises(Terminal) as stopped:
        nights.deliver(run_id, shards)
    assert stopped.value.code == "FIELD_ACCESS_DENIED"
    nights.powerschool.switches(forbidden_score_fields=[])
    report = nights.finish(run_id)
    assert any("FIELD_ACCESS_DENIED" in reason for reason in report.red)
    assert report.summary["balanced"] is True
    nights.run()
    assert nights.one_each()


@pytest.mark.parametrize("status", [403, 429, 503])
def test_throttling_is_waited_out(nights: Any, status: int) -> None:
    nights.powerschool.fault("throttle", status=status, retry_after=1, kind="write")
    report = nights.run()
    assert report.red == []
    assert report.summary["requests"]["throttled"] == 1
    assert nights.one_each()


def test_the_plugins_interval_is_kept(nights: Any) -> None:
    nights.settings(("min_interval_ms = 0", "min_interval_ms = 200"))
    nights.powerschool.switches(min_interval_ms=50)
    report = nights.run()
    assert report.summary["requests"]["throttled"] == 0
    assert nights.one_each()


def test_maintenance_pages_leave_a_red_night_and_the_next_one_carries_on(nights: Any) -> None:
    run_id, shards = nights.planned()
    nights.powerschool.fault("html", kind="create", status=200, times=None)
    nights.deliver(run_id, shards)
    report = nights.finish(run_id)
    assert report.totals("items") == {"held": 3}
    nights.powerschool.clear()
    nights.settings(("settle_seconds = 300", "settle_seconds = 0"))
    assert nights.run().totals("items") == {"created": 3}


def test_names_that_powerschool_normalises_are_told_once_and_not_sent_again(nights: Any) -> None:
    nights.powerschool.switches(normalise=True)
    nights.otus.edit("assessments", "as-quiz", title="A “quoted” title that is so long that it has to be cut somewhere")
    report = nights.run()
    line = report.line("quiz")
    assert (line["outcome"], line["code"]) == ("created", "TITLE_TRUNCATED")
    assert "NORMALISED_BY_SIS" in line["other_codes"]
    again = nights.run()
    assert again.writes == []
    assert again.line("quiz")["other_codes"] == ""


def test_when_the_time_for_sending_is_over_the_rest_waits(nights: Any) -> None:
    nights.settings(("max_minutes = 240", "max_minutes = 0"))
    report = nights.run()
    assert report.writes == []
    assert report.totals("items") == {"held": 3}
    assert report.line("quiz")["code"] == "WINDOW_CLOSED"
    assert report.red == []
    nights.settings()
    nights.run()
    assert nights.one_each()


def test_an_assignment_with_our_marker_that_the_ledger_does_not_know_is_held(nights: Any) -> None:
    nights.powerschool.do(
        "create_assignment", section_dcid=85001, users_dcid=8301, name="Quiz", due_date="2026-09-18", total_points=10,
        category="Quizzes", description="Passback otus quiz", by_plugin="passback",
    )  # fmt: skip
    report = nights.run()
    assert report.line("quiz")["code"] == "MARKER_FOUND"
    assert report.totals("scores") == {"created": 6, "held": 3}
    assert len(nights.powerschool.assignments("quiz")) == 1


def test_a_preview_says_what_would_be_and_sends_nothing(nights: Any) -> None:
    preview = nights.run(dry_run=True)
    assert preview.writes == []
    assert preview.totals("items") == {"created": 3}
    assert preview.totals("scores") == {"created": 9}
    assert preview.summary["verified"] == {"confirmed": 0, "mismatched": 0}
    assert nights.run().totals("scores") == {"created": 9}


def test_a_window_that_closes_in_the_middle_leaves_every_score_with_an_outcome(nights: Any) -> None:
    nights.run()
    for item in ("quiz", "essay", "lab"):
        for number in ("1001", "1002"):
            nights.otus.edit("scores", f"{item}.{number}", points=6)
    nights.settings(("max_minutes = 240", "max_minutes = 0"))
    report = nights.run()
    assert report.totals("scores") == {"held": 6, "unchanged": 3}
    assert report.line("quiz", "1001")["code"] == "WINDOW_CLOSED"
    assert report.red == []
    nights.settings()
    assert nights.run().totals("scores") == {"updated": 6, "unchanged": 3}
