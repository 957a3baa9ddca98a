"""The small district: hand-written cases of every rule of Otus and Schoology, each with its first night's outcome.

Written for the night of as-of 2026-10-15 and the settings of the example district: effective date 2026-08-24, school
years from 1 July, periods Q1 to Q4; Otus's types Quiz, Test and Homework mapped to Quizzes, Tests and Homework (school
102: Quiz to Daily Work), Schoology's categories Tests, Quizzes and Homework to their namesakes and Classwork to Daily
Work (school 102: Quizzes to Daily Work); section 85004, Otus's `opted-out-item` and Schoology's 4318405:9123 opted out;
Schoology's exceptions 1 and 2 passed as flags, 3 skipped.
"""

from typing import NamedTuple

from sandbox.district import District, SchoologySection
from sandbox.small.builder import Cases, Expectations, Expected
from sandbox.small.dates_and_titles import add_due_dates, add_titles
from sandbox.small.items import add_item_cases
from sandbox.small.people import add_ordinary_work, add_people
from sandbox.small.quarantine import add_bad_records
from sandbox.small.roster import small_roster
from sandbox.small.schoology_builder import SchoologyCases
from sandbox.small.schoology_dates_and_titles import add_due_dates as add_schoology_due_dates
from sandbox.small.schoology_dates_and_titles import add_titles as add_schoology_titles
from sandbox.small.schoology_items import add_item_cases as add_schoology_item_cases
from sandbox.small.schoology_quarantine import add_bad_records as add_bad_schoology_records
from sandbox.small.schoology_scores import add_score_cases as add_schoology_score_cases
from sandbox.small.schoology_sections import add_ordinary_work as add_ordinary_schoology_work
from sandbox.small.schoology_sections import add_sections, add_sections_cases
from sandbox.small.scores import add_enrollment_cases, add_score_cases, add_superseded_cases

AS_OF = "2026-10-15"

__all__ = ["AS_OF", "Expectations", "Expected", "SmallDistrict", "small_district"]


class SmallDistrict(NamedTuple):
    """The district and what its first night must say of each source, by the source's own ids."""

    district: District
    otus: Expectations
    schoology: Expectations

    @property
    def expected(self) -> dict[str, Expectations]:
        """Give the expectations by source, of the sources that the district has."""
        sources = {"otus": self.otus, "schoology": self.schoology}
        return {source: said for source, said in sources.items() if said.items}


def small_district(schoology: bool = True) -> SmallDistrict:
    """Build the small district anew, with or without Schoology; every call gives an equal value."""
    district = small_roster()
    district.otus, otus = _otus()
    district.schoology, said = _schoology() if schoology else ([], Expectations())
    return SmallDistrict(district, otus, said)


def _otus() -> tuple[dict[str, list[bytes]], Expectations]:
    cases = Cases()
    add_people(cases)
    add_item_cases(cases)
    add_due_dates(cases)
    add_titles(cases)
    add_enrollment_cases(cases)
    add_score_cases(cases)
    add_superseded_cases(cases)
    add_bad_records(cases)
    add_ordinary_work(cases)
    return cases.records, cases.said


def _schoology() -> tuple[list[SchoologySection], Expectations]:
    cases = SchoologyCases()
    add_sections(cases)
    add_schoology_item_cases(cases)
    add_schoology_due_dates(cases)
    add_schoology_titles(cases)
    add_schoology_score_cases(cases)
    add_sections_cases(cases)
    add_bad_schoology_records(cases)
    add_ordinary_schoology_work(cases)
    return cases.sections, cases.said
