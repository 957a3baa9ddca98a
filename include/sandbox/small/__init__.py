"""The small district: hand-written cases of every Otus rule, with the first night's outcome beside each.

Written for the night of as-of 2026-10-15 and the settings of the example district: effective date 2026-08-24, school
years from 1 July, periods Q1 to Q4, the types Quiz, Test and Homework mapped to Quizzes, Tests and Homework (school
102: Quiz to Daily Work), section 85004 and the item `opted-out-item` opted out.
"""

from typing import NamedTuple

from sandbox.district import District
from sandbox.small.builder import Cases, Expected
from sandbox.small.dates_and_titles import add_due_dates, add_titles
from sandbox.small.items import add_item_cases
from sandbox.small.people import add_ordinary_work, add_people
from sandbox.small.quarantine import add_bad_records
from sandbox.small.roster import small_roster
from sandbox.small.scores import add_enrollment_cases, add_score_cases, add_superseded_cases

AS_OF = "2026-10-15"

__all__ = ["AS_OF", "Expected", "SmallDistrict", "small_district"]


class SmallDistrict(NamedTuple):
    """The district and what its first night must say of it.

    `expected_items` and `expected_scores` are keyed by Otus's own ids and hold every staged record that has one;
    `unkeyed` counts the failed items and scores without an id; `not_staged` are those of another school year; `why`
    says what a case is about.
    """

    district: District
    expected_items: dict[str, Expected]
    expected_scores: dict[str, Expected]
    unkeyed: dict[str, int]
    not_staged: set[str]
    why: dict[str, str]

    @property
    def expected(self) -> dict[str, Expected]:
        """Give the expectations of items and scores in one: their ids do not overlap."""
        return {**self.expected_items, **self.expected_scores}


def small_district() -> SmallDistrict:
    """Build the small district anew; every call gives an equal value."""
    cases, district = Cases(), small_roster()
    add_people(cases)
    add_item_cases(cases)
    add_due_dates(cases)
    add_titles(cases)
    add_enrollment_cases(cases)
    add_score_cases(cases)
    add_superseded_cases(cases)
    add_bad_records(cases)
    add_ordinary_work(cases)
    district.otus = cases.records
    return SmallDistrict(district, cases.items, cases.scores, cases.unkeyed, cases.not_staged, cases.why)
