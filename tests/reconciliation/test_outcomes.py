"""Each way an item or a score can end, as the books and the lines tell it."""

from typing import Any

import pytest
from tests.reconciliation.world import World


def counts(summary: dict[str, Any], level: str) -> dict[str, int]:
    """The outcomes of Otus that are not 0."""
    return {name: count for name, count in summary["sources"]["otus"][level].items() if count and name != "staged"}


def codes(summary: dict[str, Any]) -> dict[tuple[str, str], int]:
    return {(row["code"], row["level"]): row["count"] for row in summary["codes"]}


def test_an_item_without_a_plan_is_unchanged_and_has_no_line(world: World) -> None:
    run = world.run()
    world.score(run, world.item(run), "s1")
    report = world.reconcile(run)
    assert counts(report.summary, "items") == {"unchanged": 1}
    assert counts(report.summary, "scores") == {"unchanged": 1}
    assert report.lines() == []


def test_a_created_item_and_its_confirmed_score_balance(world: World) -> None:
    run = world.run()
    item = world.item(run)
    world.plan_item(run, item)
    world.score(run, item, "s1")
    world.plan_score(run, item, "s1")
    world.call(run, item)
    summary = world.reconcile(run).summary
    assert counts(summary, "items") == {"created": 1}
    assert counts(summary, "scores") == {"created": 1}
    assert summary["verified"] == {"confirmed": 2, "mismatched": 0}
    assert summary["balanced"] is True


def test_a_changed_score_of_an_unchanged_item_is_updated(world: World) -> None:
    run = world.run()
    item = world.item(run)
    world.plan_item(run, item, "scores", "done")
    world.score(run, item, "s1")
    world.score(run, item, "s2")
    world.plan_score(run, item, "s1", "update")
    world.call(run, item)
    summary = world.reconcile(run).summary
    assert counts(summary, "items") == {"unchanged": 1}
    assert counts(summary, "scores") == {"updated": 1, "unchanged": 1}


def test_scores_of_a_failing_item_take_its_outcome_and_primary_code_only(world: World) -> None:
    run = world.run()
    item = world.item(run, "A1", "CATEGORY_UNMAPPED", "TITLE_TRUNCATED")
    world.score(run, item, "s1")
    world.score(run, item, "s2", "NO_SCORE")
    report = world.reconcile(run)
    assert counts(report.summary, "scores") == {"failed": 2}
    assert codes(report.summary) == {
        ("CATEGORY_UNMAPPED", "item"): 1,
        ("TITLE_TRUNCATED", "item"): 1,
        ("CATEGORY_UNMAPPED", "score"): 2,
    }
    [line] = report.lines()
    assert (line["code"], line["other_codes"]) == ("CATEGORY_UNMAPPED", "TITLE_TRUNCATED")
    assert line["message"].endswith(" 2 scores wait with it.")


def test_one_waiting_score_is_said_in_the_singular(world: World) -> None:
    run = world.run()
    world.score(run, world.item(run, "A1", "OPTED_OUT"), "s1")
    assert world.reconcile(run).line("A1")["message"].endswith(" 1 score waits with it.")


def test_scores_of_an_item_that_waits_for_its_first_score_keep_their_own_reason(world: World) -> None:
    run = world.run()
    item = world.item(run, "A1", "NO_SCORES_YET")
    world.score(run, item, "s1", "NO_SCORE")
    world.score(run, item, "s2", "STUDENT_NOT_ENROLLED", "NO_SCORE")
    report = world.reconcile(run)
    assert counts(report.summary, "scores") == {"skipped": 1, "failed": 1}
    assert report.line("A1", "s2")["other_codes"] == "NO_SCORE"
    assert report.line("A1")["message"].endswith("first score.")


def test_a_quarantined_score_is_always_itself(world: World) -> None:
    run = world.run()
    item = world.item(run, "A1", "OPTED_OUT")
    world.score(run, item, "s1", "SOURCE_RECORD_INVALID", student="", points=None)
    report = world.reconcile(run)
    assert counts(report.summary, "scores") == {"failed": 1}
    assert [line["code"] for line in report.lines()] == ["OPTED_OUT", "SOURCE_RECORD_INVALID"]


def test_a_refused_create_fails_the_item_and_its_passing_scores_inherit(world: World) -> None:
    run = world.run()
    item = world.item(run, "A1", "DUE_DATE_DEFAULTED")
    world.plan_item(
        run, item, "create", "refused", code="DUE_DATE_REJECTED", message="Refused: before the term.", attempts=2
    )
    world.score(run, item, "s1")
    world.score(run, item, "s2", "NO_SCORE")
    world.plan_score(run, item, "s1")
    report = world.reconcile(run)
    assert codes(report.summary) == {
        ("DUE_DATE_REJECTED", "item"): 1,
        ("DUE_DATE_REJECTED", "score"): 1,
        ("NO_SCORE", "score"): 1,
    }
    line = report.line("A1")
    assert line["message"] == "Refused: before the term. 1 score waits with it."
    assert line["attempts"] == "2"


def test_a_refused_update_keeps_scores_unchanged_that_were_not_to_be_sent(world: World) -> None:
    run = world.run()
    item = world.item(run)
    world.plan_item(run, item, "update", "refused", code="CATEGORY_REJECTED")
    for student in ("s1", "s2"):
        world.score(run, item, student)
    world.plan_score(run, item, "s1", "update")
    summary = world.reconcile(run).summary
    assert counts(summary, "items") == {"failed": 1}
    assert counts(summary, "scores") == {"failed": 1, "unchanged": 1}
    assert summary["balanced"] is True


@pytest.mark.parametrize("code", ["DELETED_IN_SIS", "MARKER_FOUND"])
def test_an_item_held_whole_holds_all_its_passing_scores(world: World, code: str) -> None:
    run = world.run()
    item = world.item(run)
    world.plan_item(run, item, "update", "held", code=code)
    world.score(run, item, "s1")
    assert counts(world.reconcile(run).summary, "scores") == {"held": 1}


def test_a_refused_student_fails_alone(world: World) -> None:
    run = world.run()
    item = world.item(run)
    world.plan_item(run, item, "scores", "done")
    for student in ("s1", "s2"):
        world.score(run, item, student)
        world.plan_score(run, item, student)
    world.call(run, item)
    world.exception(run, item, "s2", "refused", code="STUDENT_REJECTED", message="Not enrolled.", attempts=3)
    report = world.reconcile(run)
    assert counts(report.summary, "scores") == {"created": 1, "failed": 1}
    line = report.line("A1", "s2")
    assert (line["owner"], line["message"], line["attempts"], line["value_sent"]) == (
        "office",
        "Not enrolled.",
        "3",
        "",
    )


def test_a_refused_call_fails_each_of_its_scores(world: World) -> None:
    run = world.run()
    item = world.item(run)
    world.plan_item(run, item, "scores", "done")
    for student in ("s1", "s2"):
        world.score(run, item, student)
        world.plan_score(run, item, student)
    world.call(run, item, "refused", code="ASSIGNMENT_LOCKED", message="The term is locked.")
    report = world.reconcile(run)
    assert codes(report.summary) == {("ASSIGNMENT_LOCKED", "score"): 2}
    assert counts(report.summary, "items") == {"unchanged": 1}


def test_a_mismatch_is_failed_and_counted_as_mismatched(world: World) -> None:
    run = world.run()
    item = world.item(run)
    world.plan_item(run, item, "scores", "done")
    world.score(run, item, "s1")
    world.plan_score(run, item, "s1", "update")
    world.call(run, item)
    world.exception(run, item, "s1", "mismatch")
    report = world.reconcile(run)
    assert report.summary["verified"] == {"confirmed": 0, "mismatched": 1}
    assert report.summary["balanced"] is True
    assert report.line("A1", "s1")["code"] == "VERIFY_MISMATCH"


def test_a_kept_edit_is_unchanged_with_its_warning_and_the_teachers_value(world: World) -> None:
    run = world.run()
    item = world.item(run)
    world.plan_item(run, item, "update")
    world.score(run, item, "s1", points=7.5)
    world.plan_score(run, item, "s1", "resend", points=7.5)
    world.call(run, item)
    world.exception(run, item, "s1", "kept", warnings=kept_mask(), theirs="9")
    report = world.reconcile(run)
    assert counts(report.summary, "scores") == {"unchanged": 1}
    line = report.line("A1", "s1")
    assert (line["outcome"], line["code"], line["severity"]) == ("unchanged", "TEACHER_EDIT_KEPT", "warning")
    assert (line["value_source"], line["value_sis_before"], line["value_sent"]) == ("7.5", "9", "")


def test_a_warned_score_is_sent_and_has_a_line_with_its_value(world: World) -> None:
    run = world.run()
    item = world.item(run)
    world.plan_item(run, item, "scores", "done")
    world.score(run, item, "s1", "SCORE_ABOVE_TOTAL", points=12.0)
    world.plan_score(run, item, "s1", points=12.0)
    world.call(run, item)
    line = world.reconcile(run).line("A1", "s1")
    assert (line["outcome"], line["code"], line["value_sent"]) == ("created", "SCORE_ABOVE_TOTAL", "12")


@pytest.mark.parametrize(("stopped_by", "code"), [(None, "SIS_UNAVAILABLE"), ("AUTH_FAILED", "AUTH_FAILED")])
def test_what_was_still_planned_at_the_end_has_the_reason_of_the_stop(
    world: World, stopped_by: str | None, code: str
) -> None:
    run = world.run(stopped_by=stopped_by)
    new, old = world.item(run, "A1"), world.item(run, "A2")
    world.plan_item(run, new, "create", "planned")
    world.plan_item(run, old, "scores", "planned")
    world.score(run, new, "s1")
    world.plan_score(run, new, "s1")
    world.score(run, old, "s2")
    world.plan_score(run, old, "s2", "update")
    summary = world.reconcile(run).summary
    assert codes(summary) == {(code, "item"): 1, (code, "score"): 2}
    assert summary["balanced"] is True


def test_a_score_whose_item_is_unknown_stands_in_the_group_without_a_school(world: World) -> None:
    run = world.run()
    world.score(run, None, "s1", "SOURCE_RECORD_INVALID", student="")
    report = world.reconcile(run)
    assert report.summary["schools"][""]["otus"]["scores"]["failed"] == 1
    assert not list((report.folder / "schools").iterdir())
    assert len(report.lines()) == 1


def kept_mask() -> int:
    from passback.errors import mask_of

    return mask_of("TEACHER_EDIT_KEPT")
