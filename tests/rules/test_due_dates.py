"""The due date that PowerSchool is given, by example and for any dates at all."""

import datetime as dt
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.rules.facts import context, day, items, schoology_items

from passback.rules.due_dates import describe_windows, in_windows, resolve_otus, resolve_schoology

WEEK = dt.timedelta(days=7)
DAYS = st.dates(dt.date(1900, 1, 1), dt.date(2900, 1, 1))
MAYBE = st.none() | DAYS
FACTS = st.fixed_dictionaries(
    {
        "kind": st.sampled_from(["assessment", "plus", None]), "due_date": MAYBE, "submission_date": MAYBE,
        "assigned_on": MAYBE, "created_on": MAYBE,
    }
)  # fmt: skip


def resolve(*rows: dict[str, Any]) -> list[tuple[dt.date | None, str | None]]:
    texts = [{name: one.isoformat() if isinstance(one, dt.date) else one for name, one in row.items()} for row in rows]
    found = resolve_otus(items(*texts))
    return [
        (None if pd.isna(due) else due.date(), None if pd.isna(basis) else basis)
        for due, basis in zip(found["due_on"], found["basis"], strict=True)
    ]


@pytest.mark.parametrize(
    ("facts", "due_on", "basis"),
    [
        ({"due_date": "2026-10-15"}, "2026-10-15", None),
        ({"due_date": "2026-10-15", "submission_date": "2026-10-01"}, "2026-10-15", None),
        ({"due_date": None, "assigned_on": "2026-10-01"}, "2026-10-08", "7 days after it was assigned on 2026-10-01"),
        ({"due_date": None, "assigned_on": None, "created_on": "2026-12-28"}, "2027-01-04",
         "7 days after it was created on 2026-12-28"),
        ({"kind": "plus", "due_date": "2026-10-15", "submission_date": "2026-10-01"}, "2026-10-08", None),
        ({"kind": "plus", "due_date": None, "submission_date": None, "assigned_on": "2028-02-25"}, "2028-03-03",
         "7 days after it was assigned on 2028-02-25"),
        ({"kind": None, "due_date": "2026-10-15"}, None, None),
    ],
)  # fmt: skip
def test_a_due_date_is_the_sources_or_a_week_after(
    facts: dict[str, Any], due_on: str | None, basis: str | None
) -> None:
    assert resolve(facts) == [(day(due_on), basis)]


@settings(max_examples=25)
@given(st.lists(FACTS, max_size=30))
def test_every_due_date_is_the_given_one_or_a_week_after_a_given_one(rows: list[dict[str, Any]]) -> None:
    for facts, (due_on, basis) in zip(rows, resolve(*rows), strict=True):
        own = (
            facts["due_date"]
            if facts["kind"] != "plus"
            else facts["submission_date"] and facts["submission_date"] + WEEK
        )
        start = facts["assigned_on"] or facts["created_on"]
        if facts["kind"] is None:
            assert (due_on, basis) == (None, None)
        else:
            assert due_on == (own or (start and start + WEEK))
            assert (basis is not None) == (own is None and start is not None)


@settings(max_examples=25)
@given(st.lists(FACTS, min_size=1, max_size=20), st.randoms(use_true_random=False))
def test_a_due_date_depends_on_no_other_item(rows: list[dict[str, Any]], random: Any) -> None:
    order = random.sample(range(len(rows)), len(rows))
    apart = resolve(*rows)
    assert resolve(*(rows[place] for place in order)) == [apart[place] for place in order]


@settings(max_examples=25)
@given(st.lists(st.tuples(st.integers(0, 2), DAYS), max_size=20),
       st.lists(st.tuples(st.integers(0, 2), DAYS, st.integers(0, 400)), max_size=6))  # fmt: skip
def test_a_window_holds_both_its_ends_and_what_lies_between(
    asked: list[tuple[int, dt.date]], given_windows: list[tuple[int, dt.date, int]]
) -> None:
    windows = [(term, first, first + dt.timedelta(days=length)) for term, first, length in given_windows]
    dues = pd.DataFrame({"term_id": [term or None for term, _ in asked], "due_on": [due for _, due in asked]})
    frame = dues.astype({"term_id": "Int64", "due_on": "datetime64[s]"}).assign(school_number="101")
    table = pd.DataFrame(
        [("101", term, "Q1", first, last) for term, first, last in windows],
        columns=["school_number", "term_id", "store_code", "first_day", "last_day"],
    ).astype({"term_id": "Int64", "first_day": "datetime64[s]", "last_day": "datetime64[s]"})
    expected = [
        any(term == own and first <= due <= last for own, first, last in windows) if term else False
        for term, due in asked
    ]
    assert in_windows(frame, table).tolist() == expected


def test_windows_are_told_in_the_order_of_their_days() -> None:
    told = describe_windows(context().windows).set_index("school_number")["windows"]
    assert told["101"] == "Q1 (2026-08-24 to 2026-10-23), Q2 (2026-10-26 to 2026-12-18)"
    assert list(told.index) == ["101", "102", "103", "105"]


SECTIONS_END = "the section's last day in PowerSchool"
QUARTER_1 = "the last day of Schoology's grading period “Quarter 1”"


@pytest.mark.parametrize(
    ("facts", "due_on", "basis"),
    [
        ({}, "2026-10-15", None),
        ({"due_date": None}, "2026-10-22", QUARTER_1),
        ({"due_date": None, "period_last_day": None}, "2027-06-04", SECTIONS_END),
        ({"due_date": None, "period_last_day": None, "period_title": None}, "2027-06-04", SECTIONS_END),
        ({"due_date": None, "period_last_day": None, "section_last_day": None}, None, None),
        ({"due_date": None, "section_last_day": None}, "2026-10-22", QUARTER_1),
        ({"reads": False, "due_date": None}, None, None),
        ({"reads": False}, "2026-10-15", None),
    ],
)
def test_a_schoology_due_date_is_its_own_or_its_periods_or_its_sections_last_day(
    facts: dict[str, Any], due_on: str | None, basis: str | None
) -> None:
    found = resolve_schoology(schoology_items(facts)).iloc[0]
    assert (None if pd.isna(found["due_on"]) else found["due_on"].date()) == day(due_on)
    assert (None if pd.isna(found["basis"]) else found["basis"]) == basis
