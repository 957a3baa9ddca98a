"""The districts themselves: the small one's cases, the generator's sizes, and the file form of both."""

import json
import time
from collections import Counter
from datetime import date
from pathlib import Path

import msgspec
import pytest

from sandbox.district import dump_district, load_district
from sandbox.generator import CLEAN, generate
from sandbox.small import SmallDistrict, small_district

ITEM_CODES = {
    "SOURCE_RECORD_INVALID",
    "SOURCE_DELETED",
    "SECTION_NOT_FOUND",
    "BEFORE_EFFECTIVE_DATE",
    "ASSIGNED_BY_ADMIN",
    "ASSIGNER_NOT_IN_GROUP",
    "TEACHER_NOT_IN_SECTION",
    "NOT_POINTS_SCALE",
    "TOTAL_INVALID",
    "TOTAL_NOT_WHOLE",
    "NOT_IN_FINAL_GRADE",
    "OPTED_OUT",
    "CATEGORY_UNMAPPED",
    "CATEGORY_INACTIVE",
    "DUE_DATE_OUTSIDE_PERIOD",
    "NO_SCORES_YET",
    "DUE_DATE_DEFAULTED",
    "TITLE_TRUNCATED",
}
SCORE_CODES = {
    "SOURCE_RECORD_INVALID",
    "SOURCE_DELETED",
    "SUPERSEDED",
    "STUDENT_NOT_FOUND",
    "STUDENT_NOT_ENROLLED",
    "EXCLUDED_SCORE",
    "NOT_FULLY_GRADED",
    "NO_SCORE",
    "SCORE_INVALID",
    "SCORE_ABOVE_TOTAL",
}


def ids(district: SmallDistrict, collection: str) -> list[str]:
    records = [json.loads(record) for record in district.district.otus[collection]]
    return [record["id"] for record in records if isinstance(record, dict) and "id" in record]


def test_the_small_district_has_a_case_of_every_otus_code(small: SmallDistrict) -> None:
    assert {code for expected in small.expected_items.values() for code in expected.codes} == ITEM_CODES
    assert {code for expected in small.expected_scores.values() for code in expected.codes} >= SCORE_CODES


def test_every_record_with_an_id_has_one_expectation_and_no_other(small: SmallDistrict) -> None:
    for collection, expected in (("assignments", small.expected_items), ("scores", small.expected_scores)):
        found = ids(small, collection)
        assert len(found) == len(set(found))
        assert set(found) == set(expected) | {key for key in small.not_staged if key in found}
    assert not set(small.expected_items) & set(small.expected_scores)


def test_records_without_an_id_are_counted(small: SmallDistrict) -> None:
    for collection, level in (("assignments", "items"), ("scores", "scores")):
        without = len(small.district.otus[collection]) - len(ids(small, collection))
        assert without == small.unkeyed[level] == 2


def test_outcomes_agree_with_their_primary_code(small: SmallDistrict) -> None:
    warnings = {"DUE_DATE_DEFAULTED", "TITLE_TRUNCATED", "SCORE_ABOVE_TOTAL"}
    action = {
        "SOURCE_RECORD_INVALID",
        "SECTION_NOT_FOUND",
        "TEACHER_NOT_IN_SECTION",
        "TOTAL_INVALID",
        "CATEGORY_UNMAPPED",
        "CATEGORY_INACTIVE",
        "STUDENT_NOT_FOUND",
        "STUDENT_NOT_ENROLLED",
        "SCORE_INVALID",
    }
    for key, expected in small.expected.items():
        primary = expected.codes[0] if expected.codes else None
        wanted = "created" if primary is None or primary in warnings else "failed" if primary in action else "skipped"
        assert expected.outcome == wanted, key


def test_scores_of_items_that_fail_take_the_items_code_alone(small: SmallDistrict) -> None:
    for record in map(json.loads, small.district.otus["scores"]):
        if not isinstance(record, dict) or record.get("id") not in small.expected_scores:
            continue
        item, score = small.expected_items.get(record["assignment_id"]), small.expected_scores[record["id"]]
        if item is None or item.outcome == "created" or item.codes[0] == "NO_SCORES_YET":
            continue
        assert score in ((item.outcome, item.codes[:1]), ("failed", ("SOURCE_RECORD_INVALID",))), record["id"]


def test_bad_records_stay_under_the_gates_share(small: SmallDistrict) -> None:
    bad = {"users": 2, "students": 2, "classes": 2, "assessments": 3, "assignments": 5, "scores": 9}
    for collection, count in bad.items():
        assert count / len(small.district.otus[collection]) < 0.04, collection


def test_the_small_district_is_the_same_every_time(small: SmallDistrict) -> None:
    again = small_district()
    assert again.district == small.district
    assert again.expected == small.expected


def test_a_district_survives_its_file(small: SmallDistrict, tmp_path: Path) -> None:
    dump_district(small.district, tmp_path / "district.json")
    read = load_district(tmp_path / "district.json")
    assert read == small.district
    (tmp_path / "wrong.json").write_text('{"roster": {"schools": 1}, "otus": {}}')
    with pytest.raises(msgspec.ValidationError, match=r"roster\.schools"):
        load_district(tmp_path / "wrong.json")


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


def test_two_hundred_thousand_scores_take_a_moment() -> None:
    started = time.monotonic()
    district = generate(1, scores=200_000)
    assert time.monotonic() - started < 10
    assert len(district.students) == len(district.enrollments) == 20_000
