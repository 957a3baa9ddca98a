"""A handful of the stage driver's schedules: whatever dies, a night and its next one end like a night without death."""

import pytest
from chaos.cases import CASES
from chaos.mutations import MUTATIONS
from chaos.places import Place
from chaos.sabotage import sabotage
from chaos.stages import Result, Schedule, Stages, campaign, chosen, parser, schedules

FEW = [
    ("first deliver 1", "write create", 3, "unheard", "process"),
    ("first deliver 1", "write create", 2, "unheard", "connection"),
    ("first deliver 1", "commit item_writes_answered", 1, "unheard", "database"),
    ("first deliver 1", "write score", 2, "unheard", "process"),
    ("second deliver 1", "write update", 1, "unheard", "process"),
    ("second deliver 1", "commit item_writes_answered", 1, "unheard", "process"),
    ("first verify", "commit verify_scores", 1, "unheard", "process"),
]


def meant(driver: Stages, scope: str, what: str, number: int, moment: str) -> Place:
    """The first place of a scope whose name begins so: what else a transaction wrote may change."""
    return next(
        place
        for place in driver.places
        if (place.scope, place.number, place.moment) == (scope, number, moment) and place.what.startswith(what)
    )


@pytest.mark.parametrize(("scope", "what", "number", "moment", "blow"), FEW)
def test_a_night_struck_anywhere_ends_like_one_that_was_not(
    driver: Stages, scope: str, what: str, number: int, moment: str, blow: str
) -> None:
    schedule = Schedule(meant(driver, scope, what, number, moment).label, blow)
    result = driver.run(schedule)
    assert result.problems == [], schedule.command


def test_delivery_that_does_not_look_for_its_markers_is_found_out(driver: Stages) -> None:
    (mutation,) = [one for one in MUTATIONS if one.name == "markers are not looked for"]
    found = sabotage(driver, mutation)
    assert found.trial == mutation.trials[0], found.said
    assert "doubled" in found.said


def test_a_plan_that_has_grown_old_overwrites_nothing(driver: Stages) -> None:
    assert CASES["an_older_plan"](driver) == []


def test_a_night_passes_every_kind_of_place(driver: Stages) -> None:
    kinds = {place.what.split()[1] for place in driver.places if place.system == "write"}
    assert kinds == {"create", "update", "score"}
    steps = {place.scope.split()[1] for place in driver.places if place.system == "commit"}
    assert steps == {
        "open_run", "extract_roster", "extract_otus", "extract_schoology", "evaluate", "plan", "deliver", "verify",
        "reconcile",
    }  # fmt: skip
    assert len({place.label for place in driver.places}) == len(driver.places)


def test_a_seed_is_the_same_schedule_every_time(driver: Stages) -> None:
    places = driver.places
    assert [chosen(places, seed) for seed in range(20)] == [chosen(places, seed) for seed in range(20)]
    assert len({chosen(places, seed) for seed in range(20)}) > 10


def test_the_command_of_a_failure_repeats_its_schedule(driver: Stages, capsys: pytest.CaptureFixture[str]) -> None:
    place = driver.places[0]
    options = parser().parse_args(["--place", place.label, "--blow", "process"])
    (schedule,) = schedules(options, driver.places)
    assert f'--place "{place.label}" --blow process' in schedule.command
    assert schedule.act == "first"


def test_a_campaign_says_how_a_failure_is_repeated(driver: Stages, capsys: pytest.CaptureFixture[str]) -> None:
    schedule = Schedule(driver.places[0].label, "process")
    assert campaign(lambda asked: Result(asked, problems=["lost: a score"]), [schedule]) == 1
    said = capsys.readouterr().out
    assert f"FAILED {schedule.command}\n  lost: a score" in said
    assert "1 schedules at 1 places" in said
    assert campaign(Result, [schedule]) == 0
