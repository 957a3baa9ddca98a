"""The generator: sizes, determinism, references and shares, of Otus and of Schoology."""

import json
from collections import Counter
from datetime import date
from typing import Any

import pytest

from sandbox.district import SCHOOLOGY_COLLECTIONS, District
from sandbox.generator import CLEAN, generate


def schoology_records(district: District, collection: str) -> list[dict[str, Any]]:
    return [json.loads(record) for section in district.schoology for record in getattr(section, collection)]


def test_the_generator_gives_the_same_bytes_for_the_same_seed() -> None:
    assert generate(7, scores=3000) == generate(7, scores=3000)
    assert generate(7, scores=3000).otus["scores"] != generate(8, scores=3000).otus["scores"]


@pytest.mark.parametrize("scores", [1, 24, 25, 26, 10_007])
def test_the_generator_makes_exactly_so_many_scores(scores: int) -> None:
    district = generate(1, scores=scores)
    assert len(district.otus["scores"]) == scores
    assert len(district.otus["assignments"]) == -(-scores // 25)


def test_the_generator_makes_full_sections_by_schools() -> None:
    district = generate(1, schools=3, sections_per_school=4, students_per_section=5, items_per_section=2)
    assert len(district.schools) == 3
    assert len(district.sections) == 12
    assert len(district.otus["scores"]) == 12 * 5 * 2
    assert Counter(section.school_number for section in district.sections) == {101: 4, 102: 4, 103: 4}


def test_generated_references_all_lead_somewhere() -> None:
    district = generate(3, scores=2_000, as_of="2027-02-10")
    records = {name: [json.loads(record) for record in held] for name, held in district.otus.items()}
    keys = {name: {record["id"] for record in held} for name, held in records.items()}
    for item in records["assignments"]:
        assert item["assessment_id"] in keys["assessments"]
        assert item["class_id"] in keys["classes"]
        assert item["assigned_by"] in keys["users"]
        assert item["due_date"] is None or date(2027, 1, 5) <= date.fromisoformat(item["due_date"]) <= date(2027, 3, 13)
    sections = {record["id"]: int(record["sis_section_id"]) for record in records["classes"]}
    of = {item["id"]: sections[item["class_id"]] for item in records["assignments"]}
    numbers = {record["id"]: record["sis_id"] for record in records["students"]}
    known = {student.student_dcid: student.student_number for student in district.students}
    seats = {(stay.section_dcid, known[stay.student_dcid]) for stay in district.enrollments}
    assert all((of[score["assignment_id"]], numbers[score["student_id"]]) in seats for score in records["scores"])


def test_a_clean_district_has_nothing_that_fails() -> None:
    district = generate(1, scores=2_000, mix=CLEAN)
    scores = [json.loads(record) for record in district.otus["scores"]]
    assert {score["status"] for score in scores} == {"graded"}
    assert not any(score["excluded"] or score["points"] is None for score in scores)
    assert {json.loads(record)["grading_scale"] for record in district.otus["assessments"]} == {"points"}


def test_two_hundred_thousand_scores_are_of_twenty_thousand_students() -> None:
    district = generate(1, scores=200_000)
    assert len(district.students) == len(district.enrollments) == 20_000


def test_the_generator_gives_schoology_its_share_of_every_sections_items() -> None:
    alone, mixed = generate(7, scores=3007), generate(7, scores=3007, schoology=0.3)
    assert mixed == generate(7, scores=3007, schoology=0.3)
    assert alone.schoology == []
    assert {len(section.items) for section in mixed.schoology[:-1]} == {3}
    assert len(mixed.otus["scores"]) + len(schoology_records(mixed, "grades")) == 3007
    assert set(mixed.otus["scores"]) < set(alone.otus["scores"])
    assert mixed.otus["students"] == alone.otus["students"]
    assert not generate(7, scores=3007, schoology=1.0).otus["assignments"]
    with pytest.raises(ValueError, match="share of Schoology"):
        generate(7, scores=3007, schoology=1.5)


def test_generated_schoology_references_all_lead_somewhere() -> None:
    district = generate(3, scores=4_000, as_of="2027-02-10", schoology=0.5)
    assert [section.section_school_code for section in district.schoology] == [
        str(section.section_dcid) for section in district.sections
    ]
    known = {student.student_dcid: student.student_number for student in district.students}
    enrolled = {(str(stay.section_dcid), known[stay.student_dcid]) for stay in district.enrollments}
    for section in district.schoology:
        records = {name: [json.loads(record) for record in getattr(section, name)] for name in SCHOOLOGY_COLLECTIONS}
        seats = {int(record["id"]): record["school_uid"] for record in records["enrollments"]}
        items = {record["id"] for record in records["items"]}
        listed = {"0", *(str(record["id"]) for record in records["categories"])}
        for item in records["items"]:
            assert item["grading_category"] in listed
            assert item["due"] == "" or date(2027, 1, 5) <= date.fromisoformat(item["due"][:10]) <= date(2027, 3, 13)
        for grade in records["grades"]:
            assert grade["assignment_id"] in items
            assert (section.section_school_code, seats[grade["enrollment_id"]]) in enrolled


def test_a_clean_district_has_nothing_that_fails_in_schoology() -> None:
    district = generate(1, scores=2_000, mix=CLEAN, schoology=1.0)
    grades, items = schoology_records(district, "grades"), schoology_records(district, "items")
    assert len(grades) == 2_000
    assert all(grade["grade"] is not None and grade["exception"] == 0 for grade in grades)
    assert all(item["published"] == 1 and item["grading_scale"] == "0" and item["due"] for item in items)
    assert not any("count_in_grade" in item or item["grading_category"] == "0" for item in items)
    mixed = schoology_records(generate(1, scores=20_000, schoology=1.0), "grades")
    assert {grade["exception"] for grade in mixed} == {0, 1, 2, 3}
    assert {type(grade["grade"]) for grade in mixed} == {type(None), int, float, str}
