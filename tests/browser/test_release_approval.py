"""What the guard holds, asked about in Airflow's own pages: seen there, approved there, and sent."""

import time

import pytest
from playwright.sync_api import expect
from tests.browser.conftest import World
from tests.browser.visitor import Visitor

pytestmark = [pytest.mark.scheduler, pytest.mark.timeout(900)]
RELEASE = "passback_release"
CHANGED = [f"essay-{number:03d}" for number in range(70)]


def asked_about(world: World) -> str:
    """A night that holds more than a fifth of all scores; gives the run id of the release that waits for its answer."""
    for essay in CHANGED:
        world.control.otus.edit("scores", f"{essay}.200001", points=7)
    world.airflow.wait_for_dag(RELEASE)
    world.airflow.pause(RELEASE, paused=False)
    held = world.night()
    run_id = f"release__passback_nightly__{held}"
    deadline = time.monotonic() + 300
    while (states := world.airflow.states(RELEASE, run_id)).get("approve") != {"awaiting_input"}:
        assert time.monotonic() < deadline, f"the release never asked: {states}"
        time.sleep(0.5)
    return run_id


def points(world: World, essay: str) -> float | None:
    (held,) = world.control.powerschool.assignments(essay)
    ((_, score),) = held["scores"].items()
    return score["points"]  # type: ignore[no-any-return]


def test_an_administrator_reads_the_figures_in_airflow_and_approves_there(world: World, admin: Visitor) -> None:
    run_id = asked_about(world)
    assert {points(world, essay) for essay in CHANGED} == {8}
    page = admin.page
    page.goto(f"{admin.airflow_url}/dags/{RELEASE}/runs/{run_id}/tasks/approve/required_actions")
    expect(page.get_by_text("scores_changed_share")).to_be_visible()
    admin.keep("release-question", full_page=True)
    expect(page.get_by_text(f"{len(CHANGED)} of 128 delivered scores would change")).to_be_visible()
    page.get_by_role("button", name="Approve").click()
    assert world.airflow.wait(RELEASE, run_id, seconds=240) == "success"
    assert {points(world, essay) for essay in CHANGED} == {7}
    decided = world.execute("select decision, decided_by, scores_sent from report.release where run_id = %s", run_id)
    assert decided == [("approved", "admin", len(CHANGED))]
    page.reload()
    expect(page.get_by_text("from admin")).to_be_visible()
    admin.keep("release-approved", full_page=True)
