"""The small district itself: its cases, its expectations, and its file form."""

import json
from pathlib import Path

import msgspec
import pytest

from sandbox.district import District, dump_district, load_district
from sandbox.small import SmallDistrict, small_district

# Codes that one source alone has, and those of both, by level.
ITEM_CODES = {
    "SOURCE_RECORD_INVALID", "BEFORE_EFFECTIVE_DATE", "TEACHER_NOT_IN_SECTION", "NOT_POINTS_SCALE", "TOTAL_INVALID",
    "NOT_IN_FINAL_GRADE", "OPTED_OUT", "CATEGORY_UNMAPPED", "CATEGORY_INACTIVE", "DUE_DATE_OUTSIDE_PERIOD",
    "DUE_DATE_DEFAULTED", "TITLE_TRUNCATED",
}  # fmt: skip
# A Schoology item is deleted, and a section's code lost, on a later night only.
ITEM_CODES_OF = {
    "otus": {
        "SOURCE_DELETED", "SECTION_NOT_FOUND", "ASSIGNED_BY_ADMIN", "ASSIGNER_NOT_IN_GROUP", "TOTAL_NOT_WHOLE",
        "NO_SCORES_YET",
    },
    "schoology": {"NOT_PUBLISHED", "FINAL_GRADE_COLUMN", "CATEGORY_REQUIRED"},
}  # fmt: skip
SCORE_CODES = {
    "SOURCE_RECORD_INVALID", "SUPERSEDED", "STUDENT_NOT_FOUND", "STUDENT_NOT_ENROLLED", "NO_SCORE", "SCORE_INVALID",
    "SCORE_ABOVE_TOTAL",
}  # fmt: skip
SCORE_CODES_OF = {
    "otus": {"SOURCE_DELETED", "EXCLUDED_SCORE", "NOT_FULLY_GRADED"},
    "schoology": {"NOT_ASSIGNED_TO_STUDENT", "EXCEPTION_UNMAPPED"},
}
WARNINGS = {"DUE_DATE_DEFAULTED", "TITLE_TRUNCATED", "SCORE_ABOVE_TOTAL"}
ACTION = {
    "SOURCE_RECORD_INVALID", "SECTION_NOT_FOUND", "TEACHER_NOT_IN_SECTION", "TOTAL_INVALID", "CATEGORY_REQUIRED",
    "CATEGORY_UNMAPPED", "CATEGORY_INACTIVE", "STUDENT_NOT_FOUND", "STUDENT_NOT_ENROLLED", "SCORE_INVALID",
    "EXCEPTION_UNMAPPED",
}  # fmt: skip
SOURCES = pytest.mark.parametrize("source", ["otus", "schoology"])


def otus_keys(district: District, collection: str) -> list[str]:
    records = [json.loads(record) for record in district.otus[collection]]
    return [record["id"] for record in records if isinstance(record, dict) and "id" in record]


def schoology_keys(district: District, collection: str) -> list[str]:
    """The keys of the items or grades that have one."""
    names = ("id",) if collection == "items" else ("assignment_id", "enrollment_id")
    return [
        ":".join((section.id, *(str(record[name]) for name in names)))
        for section in district.schoology
        for record in map(json.loads, getattr(section, collection))
        if isinstance(record, dict) and all(name in record for name in names)
    ]


def keys(small: SmallDistrict, source: str) -> dict[str, list[str]]:
    """The keys of a source's items and scores, as they are served."""
    if source == "otus":
        return {"items": otus_keys(small.district, "assignments"), "scores": otus_keys(small.district, "scores")}
    return {"items": schoology_keys(small.district, "items"), "scores": schoology_keys(small.district, "grades")}


@SOURCES
def test_the_small_district_has_a_case_of_every_code(small: SmallDistrict, source: str) -> None:
    said = small.expected[source]
    assert {code for expected in said.items.values() for code in expected.codes} == ITEM_CODES | ITEM_CODES_OF[source]
    wanted = SCORE_CODES | SCORE_CODES_OF[source]
    assert {code for expected in said.scores.values() for code in expected.codes} >= wanted


@SOURCES
def test_every_record_with_an_id_has_one_expectation_and_no_other(small: SmallDistrict, source: str) -> None:
    said = small.expected[source]
    for level, found in keys(small, source).items():
        expected = said.items if level == "items" else said.scores
        assert len(found) == len(set(found))
        assert set(found) == set(expected) | {key for key in said.not_staged if key in found}
    assert not set(said.items) & set(said.scores)


@SOURCES
def test_records_without_an_id_are_counted(small: SmallDistrict, source: str) -> None:
    district, found = small.district, keys(small, source)
    served = {"items": len(district.otus["assignments"]), "scores": len(district.otus["scores"])}
    if source == "schoology":
        served = {
            "items": sum(len(section.items) for section in district.schoology),
            "scores": sum(len(section.grades) for section in district.schoology),
        }
    for level, count in served.items():
        assert count - len(found[level]) == small.expected[source].unkeyed[level] == 2


@SOURCES
def test_outcomes_agree_with_their_primary_code(small: SmallDistrict, source: str) -> None:
    said = small.expected[source]
    for key, expected in {**said.items, **said.scores}.items():
        primary = expected.codes[0] if expected.codes else None
        wanted = "created" if primary is None or primary in WARNINGS else "failed" if primary in ACTION else "skipped"
        assert expected.outcome == wanted, key


def test_scores_of_items_that_fail_take_the_items_code_alone(small: SmallDistrict) -> None:
    item_of = {
        record["id"]: record["assignment_id"]
        for record in map(json.loads, small.district.otus["scores"])
        if isinstance(record, dict) and "id" in record
    }
    item_of |= {key: key.rpartition(":")[0] for key in small.schoology.scores}
    for said in small.expected.values():
        for key, score in said.scores.items():
            item = said.items.get(item_of[key])
            if item is None or item.outcome == "created" or item.codes[0] == "NO_SCORES_YET":
                continue
            assert score in ((item.outcome, item.codes[:1]), ("failed", ("SOURCE_RECORD_INVALID",))), key


def test_bad_records_stay_under_the_gates_share(small: SmallDistrict) -> None:
    bad = {"users": 2, "students": 2, "classes": 2, "assessments": 3, "assignments": 5, "scores": 9}
    for collection, count in bad.items():
        assert count / len(small.district.otus[collection]) < 0.04, collection
    bad = {"items": 8, "grades": 8, "categories": 2, "periods": 1, "enrollments": 3}
    for collection, count in bad.items():
        served = sum(len(getattr(section, collection)) for section in small.district.schoology)
        assert count / served < 0.04, collection


def test_the_small_district_leaves_schoology_out_where_it_is_told_to(small: SmallDistrict) -> None:
    without = small_district(schoology=False)
    assert without.district == msgspec.structs.replace(small.district, schoology=[])
    assert without.expected == {"otus": small.otus}


def test_the_small_district_is_the_same_every_time(small: SmallDistrict) -> None:
    assert small_district() == small


def test_a_district_survives_its_file(small: SmallDistrict, tmp_path: Path) -> None:
    dump_district(small.district, tmp_path / "district.json")
    read = load_district(tmp_path / "district.json")
    assert read == small.district
    (tmp_path / "wrong.json").write_text('{"roster": {"schools": 1}, "otus": {}}')
    with pytest.raises(msgspec.ValidationError, match=r"roster\.schools"):
        load_district(tmp_path / "wrong.json")
