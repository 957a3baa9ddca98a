"""Names in PowerSchool: folded, cut only where needed, and always with the whole suffix."""

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from passback.rules.titles import has_older_twin, names, otus_suffixes, schoology_suffixes

TITLES = st.text(st.characters(exclude_categories=("Cs",)), max_size=80) | st.text("ab \t\n \u3000é😀", max_size=80)
IDENTIFIERS = st.text("S0123456789", min_size=1, max_size=12) | st.text(min_size=1, max_size=46)


def name(title: str | None, identifier: str = "S130545") -> tuple[str, bool]:
    made = names(pd.Series([title], dtype=object), otus_suffixes(pd.Series([identifier], dtype=object)))
    return str(made["name"][0]), bool(made["truncated"][0])


@pytest.mark.parametrize(
    ("title", "named", "cut"),
    [
        ("Unit 3 test", "Unit 3 test (S130545)", False),
        ("  Unit \t3\n\ntest ", "Unit 3 test (S130545)", False),
        ("x" * 40, "x" * 40 + " (S130545)", False),
        ("x" * 41, "x" * 39 + "… (S130545)", True),
        ("x" * 38 + " yz", "x" * 38 + "… (S130545)", True),
        ("x" * 37 + "  yz", "x" * 37 + " yz (S130545)", False),
        ("😀" * 41, "😀" * 39 + "… (S130545)", True),
        ("é" * 40, "é" * 40 + " (S130545)", False),
        ("", "(S130545)", False),
        (" \n ", "(S130545)", False),
        (None, "(S130545)", False),
    ],
)
def test_a_title_is_folded_and_cut_to_fifty_characters(title: str | None, named: str, cut: bool) -> None:
    assert name(title) == (named, cut)


def test_an_identifier_is_whole_however_long_it_is() -> None:
    made, cut = name("A long enough title", "S" * 47)
    assert (made, cut) == ("… (" + "S" * 47 + ")", True)


@settings(max_examples=60)
@given(st.lists(st.tuples(TITLES, IDENTIFIERS), min_size=1, max_size=30))
def test_names_fit_and_end_in_the_whole_suffix(pairs: list[tuple[str, str]]) -> None:
    titles, suffixes = [title for title, _ in pairs], [f" ({identifier})" for _, identifier in pairs]
    made = names(pd.Series(titles, dtype=object), otus_suffixes(pd.Series([one for _, one in pairs], dtype=object)))
    for title, suffix, named, cut in zip(titles, suffixes, made["name"], made["truncated"], strict=True):
        folded = " ".join(title.split())
        assert len(named) <= 50
        assert named.endswith(suffix if folded else suffix.lstrip())
        assert cut == (bool(folded) and len(folded) + len(suffix) > 50)
        if not cut:
            assert named == (folded + suffix if folded else suffix.lstrip())
        else:
            kept = named.removesuffix("…" + suffix)
            assert kept == folded[: 49 - len(suffix)].rstrip()


@settings(max_examples=60)
@given(st.lists(TITLES, min_size=1, max_size=30))
def test_folding_a_folded_title_changes_nothing(titles: list[str]) -> None:
    suffixes = otus_suffixes(pd.Series(["S1"] * len(titles), dtype=object))
    once = names(pd.Series(titles, dtype=object), suffixes)
    again = names(pd.Series([" ".join(title.split()) for title in titles], dtype=object), suffixes)
    pd.testing.assert_frame_equal(once, again)


def test_a_schoology_title_ends_in_its_id_only_where_it_has_an_older_twin() -> None:
    titles = ["Quiz", "Quiz ", "\u3000Quiz", "quiz", "Quiz", "", None, "Quiz 1"]
    sections = ["1", "1", "1", "1", "2", "1", "2", "1"]
    facts = pd.DataFrame({"section_id": sections, "title": pd.Series(titles, dtype=object)})
    facts["grade_item_id"] = [str(number) for number in range(len(titles))]
    facts["has_older_twin"] = has_older_twin(facts)
    assert facts["has_older_twin"].tolist() == [False, True, True, False, False, False, False, False]
    made = names(facts["title"], schoology_suffixes(facts))["name"]
    assert made.tolist() == ["Quiz", "Quiz (#1)", "Quiz (#2)", "quiz", "Quiz", "(#5)", "(#6)", "Quiz 1"]


@settings(max_examples=60)
@given(st.lists(st.tuples(st.sampled_from(["1", "2"]), st.text("ab ", max_size=3)), min_size=1, max_size=30))
def test_every_title_has_one_oldest_that_keeps_it(pairs: list[tuple[str, str]]) -> None:
    items = pd.DataFrame(pairs, columns=["section_id", "title"]).astype(object)
    found = has_older_twin(items)
    folded = [(section, " ".join(title.split())) for section, title in pairs]
    assert found.tolist() == [one in folded[:place] for place, one in enumerate(folded)]
