"""Each limit just below, at and above, with the plans of real previews over a delivered ledger of 300 scores."""

from collections.abc import Callable, Iterator

import pytest
from tests.guard.conftest import ITEMS, STUDENTS, Guarded

Figures = dict[tuple[str, str], tuple[int, int | None, bool]]


@pytest.fixture
def tonight(delivered: Guarded) -> Iterator[Guarded]:
    """The delivered ledger; after the test Otus is as it was."""
    delivered.limits()
    yield delivered
    delivered.score(8, number=len(ITEMS) * len(STUDENTS) // 2)
    for item in ITEMS[:15]:
        delivered.otus.edit("assignments", item, due_date=None if int(item[-2:]) % 2 == 0 else "2026-09-18")
        delivered.otus.edit("assessments", f"as-{item}", assessment_type="Quiz")


@pytest.mark.parametrize(("changed", "passed"), [(59, False), (60, False), (61, True)])
def test_more_changed_scores_than_their_share_pass_the_limit(tonight: Guarded, changed: int, passed: bool) -> None:
    tonight.score(7, number=changed)
    assert tonight.preview() == {("scores_changed_share", ""): (changed, 300, passed)}


@pytest.mark.parametrize(("halved", "passed"), [(15, False), (16, True)])
def test_more_scores_below_half_than_their_share_pass_the_limit(tonight: Guarded, halved: int, passed: bool) -> None:
    tonight.score(3.999999, number=halved)
    assert tonight.preview() == {
        ("scores_changed_share", ""): (halved, 300, False),
        ("scores_halved_share", ""): (halved, 300, passed),
    }


def test_exactly_half_is_not_below_half(tonight: Guarded) -> None:
    tonight.score(4, number=16)
    assert tonight.preview() == {("scores_changed_share", ""): (16, 300, False)}


@pytest.mark.parametrize(("zeros", "passed"), [(10, False), (11, True)])
def test_more_scores_that_become_0_than_their_number_pass_the_limit(tonight: Guarded, zeros: int, passed: bool) -> None:
    tonight.limits(new_zeros="10")
    tonight.score(0, number=zeros)
    assert tonight.preview()["new_zeros", ""] == (zeros, None, passed)


@pytest.mark.parametrize(("changed", "passed"), [(11, False), (12, False), (13, True)])
def test_more_changed_items_than_their_share_pass_the_limit(tonight: Guarded, changed: int, passed: bool) -> None:
    for item in ITEMS[:changed]:
        tonight.otus.edit("assignments", item, due_date="2026-09-21")
    assert tonight.preview() == {("items_changed_share", ""): (changed, 60, passed)}


def test_a_name_a_total_and_a_category_are_changes_of_an_item_and_what_they_resend_is_no_change(
    tonight: Guarded,
) -> None:
    for number, change in enumerate(({"title": "Another"}, {"points_possible": 20}, {"assessment_type": "Test"})):
        tonight.otus.edit("assessments", f"as-{ITEMS[number]}", **change)
    try:
        assert tonight.preview() == {("items_changed_share", ""): (3, 60, False)}
    finally:
        tonight.otus.edit("assessments", f"as-{ITEMS[0]}", title="Item 00")
        tonight.otus.edit("assessments", f"as-{ITEMS[1]}", points_possible=10)


@pytest.mark.parametrize(("failing", "passed"), [(5, False), (6, False), (7, True)])
def test_more_newly_failing_items_than_their_share_pass_the_limit(tonight: Guarded, failing: int, passed: bool) -> None:
    for item in ITEMS[:failing]:
        tonight.otus.edit("assessments", f"as-{item}", assessment_type="Poster")
    assert tonight.preview() == {("items_newly_failing_share", "otus"): (failing, 60, passed)}


def test_items_that_fail_by_design_are_no_newly_failing_ones(tonight: Guarded) -> None:
    for item in ITEMS[:7]:
        tonight.otus.edit("assignments", item, include_in_final_grade=False)
    try:
        assert tonight.preview() == {}
    finally:
        for item in ITEMS[:7]:
            tonight.otus.edit("assignments", item, include_in_final_grade=True)


def _many_due_dates(nights: Guarded) -> None:
    for item in ITEMS[45:]:
        nights.otus.edit("assignments", item, due_date="2026-09-21")


def _many_unmapped(nights: Guarded) -> None:
    for item in ITEMS[45:]:
        nights.otus.edit("assessments", f"as-{item}", assessment_type="Poster")


@pytest.mark.parametrize("change", [_many_due_dates, _many_unmapped])
def test_below_fifty_items_no_share_of_items_is_taken(delivered: Guarded, change: Callable[[Guarded], None]) -> None:
    delivered.limits()
    change(delivered)
    try:
        one_school = delivered.preview(schools=["102"])
        both = delivered.preview()
    finally:
        for item in ITEMS[45:]:
            delivered.otus.edit("assignments", item, due_date=None if int(item[-2:]) % 2 == 0 else "2026-09-18")
            delivered.otus.edit("assessments", f"as-{item}", assessment_type="Quiz")
    assert [told[1:] for told in one_school.values()] == [(15, False)]
    assert [told[1:] for told in both.values()] == [(60, True)]


def test_shares_are_of_the_ledger_of_the_schools_that_the_run_judges(tonight: Guarded) -> None:
    tonight.score(7, ITEMS[45:], number=16)
    assert tonight.preview(schools=["102"]) == {("scores_changed_share", ""): (16, 75, True)}
    assert tonight.preview() == {("scores_changed_share", ""): (16, 300, False)}
    assert tonight.preview(schools=["101"]) == {}
    tonight.score(8, ITEMS[45:], number=16)


def test_shares_are_of_what_is_due_in_a_current_period(tonight: Guarded) -> None:
    tonight.score(7, number=61)
    assert tonight.preview("2026-10-20") == {}
    for item in ITEMS[:3]:
        tonight.otus.edit("assignments", item, due_date="2026-10-20")
    # Three items were moved into the new period: nothing that the ledger holds there changes.
    assert tonight.preview("2026-10-20") == {}
