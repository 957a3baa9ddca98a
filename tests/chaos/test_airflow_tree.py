"""A few nights under a real Airflow in which something dies: PowerSchool, ledger and books end as after a clean night.

Hundreds more, drawn by seed, run in `make chaos`.
"""

from collections.abc import Iterator

import pytest
from chaos.airflow_night import Night
from chaos.airflow_world import EDITS, World, opened
from chaos.schedules import Blow, Schedule, drawn, label

pytestmark = [pytest.mark.scheduler, pytest.mark.timeout(900)]

SCHEDULES = {
    "a delivering task dies with its create stored, and later a score call's connection": (
        Blow("task", "write create #2 unheard"),
        Blow("connection to PowerSchool", "write score #9 unheard"),
    ),
    "the scheduler dies while scores are sent": (Blow("scheduler", "write score #5 before"),),
    "the database dies with an answer on its way into it, and later its connections": (
        Blow("database", "commit score_calls_answered #1 before"),
        Blow("all connections to the database", "commit verify_scores+verify_items_settle #1 unheard"),
    ),
}


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    """One process tree for all schedules."""
    with opened() as tree:
        yield tree


@pytest.mark.parametrize("blows", SCHEDULES.values(), ids=SCHEDULES)
def test_a_struck_night_ends_like_a_clean_one(world: World, blows: tuple[Blow, ...]) -> None:
    night = Night(world, Schedule(0, EDITS, blows), base_seconds=20)
    outcome = night.run()
    assert len(outcome.struck) == len(blows), outcome
    assert outcome.problems == []


def test_a_seed_is_always_the_same_schedule_and_all_its_places_exist(world: World) -> None:
    schedules = [drawn(seed, world.places) for seed in range(200)]
    assert schedules == [drawn(seed, world.places) for seed in range(200)]
    for schedule in schedules:
        there = {label(place) for place in world.places[schedule.state]}
        assert all(blow.place in there for blow in schedule.blows if blow.place)
    assert {blow.way for schedule in schedules for blow in schedule.blows} == {"write", "commit", "instant"}
