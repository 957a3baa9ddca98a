"""School years of any start."""

import calendar
import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.settings.files import made


@pytest.mark.parametrize(
    ("starts", "day", "first", "last"),
    [
        ("07-01", "2026-06-30", "2025-07-01", "2026-06-30"),
        ("07-01", "2026-07-01", "2026-07-01", "2027-06-30"),
        ("01-01", "2026-12-31", "2026-01-01", "2026-12-31"),
        ("03-01", "2024-02-29", "2023-03-01", "2024-02-29"),
        ("02-29", "2024-02-28", "2023-03-01", "2024-02-28"),
        ("02-29", "2024-02-29", "2024-02-29", "2025-02-28"),
        ("02-29", "2025-02-28", "2024-02-29", "2025-02-28"),
        ("02-29", "2025-03-01", "2025-03-01", "2026-02-28"),
    ],
)
def test_a_school_year_holds_the_days_from_its_start_to_the_next(starts: str, day: str, first: str, last: str) -> None:
    found = made(year_starts=starts).school_year(dt.date.fromisoformat(day))
    assert found == (dt.date.fromisoformat(first), dt.date.fromisoformat(last))


starts_of_years = st.builds(lambda day: f"{day:%m-%d}", st.dates(dt.date(2000, 1, 1), dt.date(2000, 12, 31)))
ordinary_days = st.dates(dt.date(1900, 1, 1), dt.date(2199, 12, 31))


@given(starts_of_years, ordinary_days)
def test_every_day_is_in_its_school_year_and_years_join_without_gap(starts: str, day: dt.date) -> None:
    settings = made(year_starts=starts)
    first, last = settings.school_year(day)
    assert first <= day <= last
    assert settings.school_year(first) == settings.school_year(last) == (first, last)
    one = dt.timedelta(days=1)
    assert settings.school_year(last + one)[0] == last + one
    assert settings.school_year(first - one)[1] == first - one
    assert (last - first).days + 1 in {365, 366}


@given(starts_of_years, ordinary_days)
def test_a_school_year_starts_on_the_day_that_the_settings_name(starts: str, day: dt.date) -> None:
    first, _ = made(year_starts=starts).school_year(day)
    shifted = starts == "02-29" and not calendar.isleap(first.year)
    assert f"{first:%m-%d}" == ("03-01" if shifted else starts)


@given(starts_of_years, st.sampled_from([dt.date.min, dt.date.max]))
def test_the_ends_of_the_calendar_have_a_school_year_too(starts: str, day: dt.date) -> None:
    first, last = made(year_starts=starts).school_year(day)
    assert first <= day <= last
