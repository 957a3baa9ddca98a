"""A run over a part: only its items are judged, and they see all that they are judged by."""

from typing import Any

import pytest
from tests.rules.schoology_staged import SECTION, StagedSchoology
from tests.rules.staged import Staged


def two_sections_of_otus(staged: Staged) -> None:
    staged.section(85002, school="102", term_id=3600)
    staged.school_class("c2", "85002")
    staged.school_class("c9", "85999")
    for item, class_id in {"a": "c1", "b": "c1", "c": "c2", "d": "c9"}.items():
        staged.item(item, class_id=class_id)
    staged.score("of_nothing", "nothing")


def two_sections_of_schoology(schoology: StagedSchoology) -> None:
    schoology.section(85002, school="102", term_id=3600)
    schoology.course("other", 85002)
    schoology.course("gone", 85999)
    for item, section in {"1": SECTION, "2": SECTION, "3": "other", "4": "gone"}.items():
        schoology.grade_item(item, section)
        schoology.grade(item, "e1", section)


PARTS: tuple[tuple[dict[str, Any], set[str]], ...] = (
    ({}, {"a", "b", "c", "d"}),
    ({"sections": [85001]}, {"a", "b"}),
    ({"sections": [85001, 85002]}, {"a", "b", "c"}),
    ({"sections": [85999]}, {"d"}),
    ({"sections": []}, set()),
    ({"item": "b"}, {"b"}),
    ({"item": "nothing"}, set()),
    ({"item": "b", "sections": [85002]}, set()),
    ({"schools": ["101"]}, {"a", "b"}),
    ({"schools": ["101"], "sections": [85002]}, set()),
)


@pytest.mark.parametrize(("part", "judged"), PARTS)
def test_only_the_items_of_the_part_and_their_scores_are_judged(
    part: dict[str, Any], judged: set[str], staged: Staged
) -> None:
    two_sections_of_otus(staged)
    run_key = staged.evaluate(**part)
    assert set(staged.items(run_key)) == judged
    assert set(staged.scores(run_key)) == {f"{item}-s1" for item in judged} | (set() if part else {"of_nothing"})


@pytest.mark.parametrize(("part", "judged"), PARTS)
def test_a_part_of_schoology_is_its_sections_or_its_item(
    part: dict[str, Any], judged: set[str], schoology: StagedSchoology
) -> None:
    two_sections_of_schoology(schoology)
    keys = {"a": "1", "b": "2", "c": "other:3", "d": "gone:4"}
    if part.get("item") == "b":
        part = {**part, "item": f"{SECTION}:2"}
    run_key = schoology.evaluate(**part)
    assert set(schoology.items(run_key)) == {keys[item] for item in judged}
    assert set(schoology.scores(run_key)) == {f"{keys[item].replace(':', '-')}-e1" for item in judged}


@pytest.mark.parametrize("part", [{"sections": [85001]}, {"item": f"{SECTION}:1"}, {"schools": ["101"]}])
def test_records_without_a_key_count_only_in_a_run_over_everything(
    part: dict[str, Any], schoology: StagedSchoology
) -> None:
    for collection, source_id, seq in (
        ("grade_items", "", 7), ("grades", "", 7), ("grades", "", 7), ("sections", "", 7), ("grades", "", 6),
        ("grade_items", "known", 7),
    ):  # fmt: skip
        schoology.add("staging.quarantine", source="schoology", collection=collection, seq=seq, source_id=source_id,
                      place="section 1", reason="no object")  # fmt: skip
    schoology.grade_item("1")
    everything = schoology.evaluate(seq=7)
    assert schoology.items(everything) == {"": ["SOURCE_RECORD_INVALID"], "1": []}
    (scores,) = schoology.row("select count(*) from passback.run_score where run_key = %s", everything)
    assert scores == 2
    in_part = schoology.evaluate(seq=7, **part)
    assert schoology.items(in_part) == {"1": []}
    assert schoology.scores(in_part) == {}


def test_a_record_without_a_key_stands_until_its_section_is_read_again(schoology: StagedSchoology) -> None:
    schoology.course("gone", 85999, deleted=True)
    for section_id, collection in ((SECTION, "grade_items"), (SECTION, "grades"), ("gone", "grades")):
        schoology.add("staging.quarantine", source="schoology", collection=collection, seq=6, section_id=section_id,
                      place="section 1", reason="no object")  # fmt: skip
    run_key = schoology.evaluate(seq=7)
    assert schoology.items(run_key) == {"": ["SOURCE_RECORD_INVALID"]}
    assert schoology.row("select count(*) from passback.run_score where run_key = %s", run_key) == (1,)


@pytest.mark.parametrize("part", [{}, {"sections": [85001]}, {"item": f"{SECTION}:1"}])
def test_a_second_evaluation_gives_the_same_rows(part: dict[str, Any], schoology: StagedSchoology) -> None:
    two_sections_of_schoology(schoology)
    run_key = schoology.evaluate(**part)
    looks = (
        "select * from passback.run_item where run_key = %s order by item_no",
        "select * from passback.run_score where run_key = %s order by source_score_id",
    )
    before = [schoology.rows(look, run_key) for look in looks]
    assert all(before)
    schoology.evaluate(run_key=run_key, **part)
    assert [schoology.rows(look, run_key) for look in looks] == before


def test_one_run_judges_both_sources_side_by_side(schoology: StagedSchoology) -> None:
    two_sections_of_schoology(schoology)
    otus = Staged(schoology.uri)
    otus.item("a")
    run_key = schoology.evaluate()
    otus.evaluate(run_key=run_key)
    otus.connection.close()
    assert set(schoology.items(run_key)) == {"1", "2", "other:3", "gone:4", "a"}
    assert schoology.row(
        "select count(distinct item_no), count(*) from passback.run_item where run_key = %s", run_key
    ) == (5, 5)  # fmt: skip
    (scores,) = schoology.row(
        "select count(*) from passback.run_score as s join passback.run_item as i using (run_key, item_no, item_key) "
        "where run_key = %s and s.source = i.source", run_key,
    )  # fmt: skip
    assert scores == 5
