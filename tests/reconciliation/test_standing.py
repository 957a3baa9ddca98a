"""Since when a reason stands: `first_seen` and `nights_open`, whatever the order in which nights ran."""

import itertools
from datetime import date

import pytest
from tests.reconciliation.world import Report, World


def october(day: int) -> date:
    return date(2026, 10, day)


def night(world: World, day: int, *codes: str, item: str = "A1", **run: object) -> Report:
    """A night in which the item has these codes, reconciled."""
    key = world.run(october(day), **run)
    world.item(key, item, *codes)
    return world.reconcile(key)


def standing(report: Report, item: str = "A1", student: str = "") -> tuple[str, int]:
    line = report.line(item, student)
    return line["first_seen"], int(line["nights_open"])


def test_a_first_night_has_seen_its_reasons_that_day(world: World) -> None:
    assert standing(night(world, 1, "CATEGORY_UNMAPPED")) == ("2026-10-01", 1)


def test_a_reason_that_stays_is_counted_by_nights_not_by_calendar_days(world: World) -> None:
    night(world, 1, "CATEGORY_UNMAPPED")
    night(world, 2, "CATEGORY_UNMAPPED")
    assert standing(night(world, 5, "CATEGORY_UNMAPPED")) == ("2026-10-01", 3)


def test_a_night_without_the_reason_starts_it_anew(world: World) -> None:
    night(world, 1, "CATEGORY_UNMAPPED")
    night(world, 2)
    night(world, 3, "CATEGORY_UNMAPPED")
    assert standing(night(world, 4, "CATEGORY_UNMAPPED")) == ("2026-10-03", 2)


def test_another_code_is_another_reason(world: World) -> None:
    night(world, 1, "CATEGORY_UNMAPPED")
    assert standing(night(world, 2, "OPTED_OUT")) == ("2026-10-02", 1)


def test_a_code_that_stood_beside_another_was_there_already(world: World) -> None:
    night(world, 1, "OPTED_OUT", "CATEGORY_UNMAPPED")
    night(world, 2, "OPTED_OUT", "CATEGORY_UNMAPPED")
    assert standing(night(world, 3, "CATEGORY_UNMAPPED")) == ("2026-10-01", 3)


def test_a_night_that_did_not_judge_the_key_makes_no_gap_and_counts(world: World) -> None:
    night(world, 1, "CATEGORY_UNMAPPED")
    night(world, 2, "CATEGORY_UNMAPPED", item="A2")
    assert standing(night(world, 3, "CATEGORY_UNMAPPED")) == ("2026-10-01", 3)


def test_a_score_is_followed_by_its_own_id(world: World) -> None:
    for day, codes in ((1, ["NO_SCORE"]), (2, ["NO_SCORE"]), (3, []), (4, ["NO_SCORE"])):
        run = world.run(october(day))
        item = world.item(run)
        world.score(run, item, "s1", *codes)
        world.score(run, item, "s2", "NO_SCORE")
        report = world.reconcile(run)
    assert standing(report, student="s1") == ("2026-10-04", 1)
    assert standing(report, student="s2") == ("2026-10-01", 4)


def test_a_score_that_only_inherited_did_not_have_its_own_reason(world: World) -> None:
    for day, codes in ((1, []), (2, ["OPTED_OUT"]), (3, [])):
        run = world.run(october(day))
        world.score(run, world.item(run, "A1", *codes), "s1", "NO_SCORE")
        report = world.reconcile(run)
    assert standing(report, student="s1") == ("2026-10-03", 1)


def test_previews_syncs_and_other_dags_are_no_nights(world: World) -> None:
    night(world, 1, "CATEGORY_UNMAPPED")
    night(world, 2, dry_run=True)
    night(world, 3, dag_id="passback_sync")
    assert standing(night(world, 4, "CATEGORY_UNMAPPED")) == ("2026-10-01", 2)


def test_a_sync_reads_its_history_from_the_nights_before(world: World) -> None:
    night(world, 1, "CATEGORY_UNMAPPED")
    night(world, 2, "CATEGORY_UNMAPPED")
    assert standing(night(world, 2, "CATEGORY_UNMAPPED", dag_id="passback_sync")) == ("2026-10-01", 2)


def test_a_day_is_told_by_its_last_run(world: World) -> None:
    night(world, 1, "CATEGORY_UNMAPPED")
    night(world, 2, "CATEGORY_UNMAPPED")
    night(world, 2)
    assert standing(night(world, 3, "CATEGORY_UNMAPPED")) == ("2026-10-03", 1)
    night(world, 2, "CATEGORY_UNMAPPED")
    assert standing(night(world, 4, "CATEGORY_UNMAPPED")) == ("2026-10-01", 4)


def test_an_empty_run_of_a_day_does_not_hide_the_one_that_judged(world: World) -> None:
    night(world, 1, "CATEGORY_UNMAPPED")
    world.reconcile(world.run(october(1), sources={"otus": "unreadable"}))
    assert standing(night(world, 2, "CATEGORY_UNMAPPED")) == ("2026-10-01", 2)


@pytest.mark.parametrize("order", list(itertools.permutations([1, 2, 3])), ids=str)
@pytest.mark.parametrize(("gap", "expected"), [(False, ("2026-10-01", 4)), (True, ("2026-10-03", 2))])
def test_nights_out_of_order_tell_the_last_night_the_same(
    world: World, order: tuple[int, ...], gap: bool, expected: tuple[str, int]
) -> None:
    for day in order:
        night(world, day, *([] if gap and day == 2 else ["CATEGORY_UNMAPPED"]))
    assert standing(night(world, 4, "CATEGORY_UNMAPPED")) == expected


def test_an_earlier_night_that_is_run_late_is_seen_two_nights_later(world: World) -> None:
    for day in (1, 3, 4):
        night(world, day, "CATEGORY_UNMAPPED")
    night(world, 2)
    assert standing(night(world, 5, "CATEGORY_UNMAPPED")) == ("2026-10-03", 3)
    assert standing(night(world, 6, "CATEGORY_UNMAPPED")) == ("2026-10-03", 4)


def test_a_late_night_looks_back_and_never_ahead(world: World) -> None:
    night(world, 3, "CATEGORY_UNMAPPED")
    assert standing(night(world, 2, "CATEGORY_UNMAPPED")) == ("2026-10-02", 1)


def test_a_night_cleared_and_reconciled_again_tells_the_same(world: World) -> None:
    night(world, 1, "CATEGORY_UNMAPPED")
    run = world.run(october(2))
    world.item(run, "A1", "CATEGORY_UNMAPPED")
    assert standing(world.reconcile(run)) == standing(world.reconcile(run)) == ("2026-10-01", 2)


def test_records_without_an_id_share_one_history(world: World) -> None:
    for day in (1, 2):
        run = world.run(october(day))
        for _ in range(3):
            world.item(
                run, "", "SOURCE_RECORD_INVALID", school_number=None, section_dcid=None, users_dcid=None, title=""
            )
        report = world.reconcile(run)
    assert [(line["first_seen"], line["nights_open"]) for line in report.lines()] == [("2026-10-01", "2")] * 3
