"""Base, ours, theirs of an assignment's fields: what is sent again, and who wins."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from passback.payloads import Fields
from passback.three_way import NAMES, Merge, differs, merge

BASE = Fields(name="Quiz (S1)", due_on=date(2026, 10, 15), total=10.0, category="Quizzes")
OTHERS: dict[str, list[Any]] = {
    "name": ["Essay (S1)", "A teacher's name"],
    "due_on": [date(2026, 10, 16), date(2026, 10, 19)],
    "total": [12.0, 20.0],
    "category": ["Tests", "Homework"],
}
FIELDS = st.builds(
    Fields, **{name: st.sampled_from([getattr(BASE, name), *others]) for name, others in OTHERS.items()}
)  # fmt: skip


def after(sent: Fields, ours: Fields, theirs: Fields, merged: Merge) -> tuple[Fields, Fields]:
    """The ledger (sent, held) once the update was accepted; a kept category makes base ours."""
    now = replace(theirs, **merged.changed)
    return ours, now


@pytest.mark.parametrize("name", NAMES)
def test_what_did_not_change_in_the_source_is_not_sent_whatever_theirs_is(name: str) -> None:
    theirs = replace(BASE, **{name: OTHERS[name][1]})
    assert merge(BASE, BASE, BASE, theirs) == Merge()


@pytest.mark.parametrize("name", NAMES)
def test_a_change_in_the_source_goes_where_nobody_edited(name: str) -> None:
    ours = replace(BASE, **{name: OTHERS[name][0]})
    assert merge(BASE, BASE, ours, BASE) == Merge({name: OTHERS[name][0]})
    assert merge(BASE, BASE, ours, ours) == Merge({name: OTHERS[name][0]})


@pytest.mark.parametrize("name", ["name", "due_on", "total"])
def test_the_source_wins_and_says_so(name: str) -> None:
    wanted, edited = OTHERS[name]
    merged = merge(BASE, BASE, replace(BASE, **{name: wanted}), replace(BASE, **{name: edited}))
    assert merged == Merge({name: wanted}, {name: edited})


def test_the_teacher_wins_for_the_category() -> None:
    merged = merge(BASE, BASE, replace(BASE, category="Tests"), replace(BASE, category="Homework"))
    assert merged == Merge({}, {}, "Homework")
    assert not merged.resends_scores


def test_the_teachers_category_stays_until_the_sources_changes_again() -> None:
    ours, theirs = replace(BASE, category="Tests"), replace(BASE, category="Homework")
    sent, held = after(BASE, ours, theirs, merge(BASE, BASE, ours, theirs))
    assert merge(sent, held, ours, theirs) == Merge()
    again = replace(BASE, category="Quizzes")
    assert merge(sent, held, again, theirs) == Merge({"category": "Quizzes"})


def test_a_teachers_renaming_survives_a_change_of_due_date() -> None:
    moved = date(2026, 10, 16)
    merged = merge(BASE, BASE, replace(BASE, due_on=moved), replace(BASE, name="A teacher's name"))
    assert merged == Merge({"due_on": moved})


def test_what_powerschool_keeps_otherwise_than_it_was_sent_is_no_edit() -> None:
    sent, held = replace(BASE, name="Quiz  (S1)"), BASE
    assert merge(sent, held, sent, held) == Merge()
    assert merge(sent, held, replace(BASE, name="Essay (S1)"), held) == Merge({"name": "Essay (S1)"})


@pytest.mark.parametrize(("name", "resends"), [("name", True), ("total", True), ("category", True), ("due_on", False)])
def test_all_but_a_new_due_date_sends_the_scores_again(name: str, resends: bool) -> None:
    assert merge(BASE, BASE, replace(BASE, **{name: OTHERS[name][0]}), BASE).resends_scores is resends


@settings(max_examples=300)
@given(sent=FIELDS, held=FIELDS, theirs=FIELDS)
def test_ours_as_sent_never_changes_anything(sent: Fields, held: Fields, theirs: Fields) -> None:
    assert merge(sent, held, sent, theirs) == Merge()
    assert not differs(sent, replace(sent))


@settings(max_examples=500)
@given(sent=FIELDS, held=FIELDS, ours=FIELDS, theirs=FIELDS)
def test_only_what_changed_in_the_source_is_sent_and_every_edit_is_told(
    sent: Fields, held: Fields, ours: Fields, theirs: Fields
) -> None:
    merged = merge(sent, held, ours, theirs)
    for name in NAMES:
        base, kept, wanted, there = (getattr(one, name) for one in (sent, held, ours, theirs))
        changed = base != wanted
        edited = changed and there not in (kept, wanted)
        stays = edited and name == "category"
        assert (name in merged.changed) == (changed and not stays)
        assert merged.changed.get(name, wanted) == wanted
        assert merged.overwritten.get(name) == (there if edited and not stays else None)
        if name == "category":
            assert merged.category_kept == (there if stays else None)


@settings(max_examples=300)
@given(sent=FIELDS, held=FIELDS, ours=FIELDS, theirs=FIELDS)
def test_a_second_merge_sends_nothing_and_keeps_every_edit(
    sent: Fields, held: Fields, ours: Fields, theirs: Fields
) -> None:
    sent_now, held_now = after(sent, ours, theirs, merge(sent, held, ours, theirs))
    assert merge(sent_now, held_now, ours, held_now) == Merge()
    assert all(getattr(held_now, name) in (getattr(ours, name), getattr(theirs, name)) for name in NAMES)
