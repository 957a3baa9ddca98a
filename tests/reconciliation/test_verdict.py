"""Red or green: what needs a look at the run itself, apart from people's work."""

import pytest
from tests.reconciliation.world import World

from passback.reconciliation import red_reasons


def test_rule_failures_and_refusals_leave_a_run_green(world: World) -> None:
    run = world.run()
    world.item(run, "A1", "CATEGORY_UNMAPPED")
    world.plan_item(run, world.item(run, "A2"), "create", "refused", code="SIS_REFUSED")
    assert "Green." in world.reconcile(run).page
    assert red_reasons(world.uri, run) == []


@pytest.mark.parametrize(
    "code", ["AUTH_FAILED", "FIELD_ACCESS_DENIED", "SIS_UNAVAILABLE", "IN_DOUBT", "VERIFY_MISMATCH"]
)
def test_a_code_of_the_system_makes_a_run_red_with_its_counts(world: World, code: str) -> None:
    run = world.run()
    item = world.item(run)
    world.plan_item(run, item, "create", "refused", code=code)
    for student in ("s1", "s2"):
        world.score(run, item, student)
    report = world.reconcile(run)
    [reason] = red_reasons(world.uri, run)
    assert reason.startswith(f"{code}: 1 item and 2 scores. ")
    assert report.told["red"] == [reason]
    assert "Red: somebody has to look at this run." in report.page


@pytest.mark.parametrize(("state", "said"), [("unreadable", "could not be read"), ("refused", "quality gate")])
def test_a_source_that_did_not_come_makes_a_run_red(world: World, state: str, said: str) -> None:
    run = world.run(sources={"otus": state})
    world.connection.execute("update passback.run_source set reason = 'a third of the records is bad'")
    report = world.reconcile(run)
    [reason] = red_reasons(world.uri, run)
    assert said in reason
    assert "a third of the records is bad" in reason
    assert report.summary["sources"] == {}


def test_every_problem_of_the_run_makes_it_red(world: World) -> None:
    run = world.run()
    world.insert("passback.run_problem", run_key=run, step="gate", message="The roster is empty.")
    page = world.reconcile(run).page
    assert red_reasons(world.uri, run) == ["gate: The roster is empty."]
    assert "The roster is empty." in page


def test_a_reason_is_told_once_with_its_code_and_all_who_have_it(world: World) -> None:
    run = world.run(sources={"otus": "unreadable"})
    world.connection.execute("update passback.run_source set reason = 'The token was refused.'")
    world.insert(
        "passback.run_problem", run_key=run, step="extract otus", code="AUTH_FAILED", message="The token was refused."
    )
    for step in ("open_run", "verify"):
        world.insert("passback.run_problem", run_key=run, step=step, message="Nothing is set.")
    world.reconcile(run)
    assert red_reasons(world.uri, run) == [
        "otus could not be read: AUTH_FAILED: The token was refused.",
        "open_run, verify: Nothing is set.",
    ]


def test_a_run_that_was_stopped_says_by_what(world: World) -> None:
    run = world.run(stopped_by="AUTH_FAILED")
    world.reconcile(run)
    assert red_reasons(world.uri, run)[0].startswith("The run was stopped by AUTH_FAILED: Check the client id")


def test_a_run_whose_books_were_never_drawn_up_is_red(world: World) -> None:
    [reason] = red_reasons(world.uri, world.run())
    assert reason.startswith("The books were not drawn up")
