"""What of Schoology reaches staging, by how many requests, and what a night asks for again."""

from tests.sources.schoology import world
from tests.sources.schoology.conftest import Extract, Serve
from tests.sources.schoology.world import column, staged


def test_a_section_reaches_staging_with_everything_that_it_has(
    database_uri: str, serve: Serve, extract: Extract
) -> None:
    world.roster(database_uri, [85001])
    sandbox = serve(world.section(items=[world.item(due="")]))
    found = extract()
    assert (found["full"], found["asked"], found["read"], found["swept"]) == (True, 1, 1, 1)
    assert {name: each["declared"] for name, each in found["collections"].items()} == dict.fromkeys(
        ("sections", "grade_items", "grades", "enrollments", "grading_categories", "grading_periods"), 1
    )
    (item,) = staged(database_uri, "select * from staging.schoology_item")
    assert item == {
        "id": "4001:5001", "seq": found["seq"], "deleted": False, "invalid": None, "section_id": "4001",
        "grade_item_id": "5001", "other_id": "5001", "title": "Unit 3 test", "kind": "assignment", "due_on": None,
        "grading_scale": "0", "grading_period": "435", "grading_category": "4371", "max_points": 100.0,
        "is_final": False, "published": True, "count_in_grade": True, "collected_only": False, "assignees": None,
    }  # fmt: skip
    (grade,) = staged(database_uri, "select * from staging.schoology_grade")
    assert grade == {
        "id": "4001:5001:701", "seq": found["seq"], "deleted": False, "invalid": None, "section_id": "4001",
        "item_id": "4001:5001", "enrollment_id": "701", "grade": 87.5, "grade_unreadable": False, "exception": 0,
        "changed_at": world.AT,
    }  # fmt: skip
    assert column(database_uri, "select student_number from staging.schoology_enrollment") == ["100234"]
    assert column(database_uri, "select title from staging.schoology_category") == ["Tests"]
    assert [str(day) for day in column(database_uri, "select end_on from staging.schoology_grading_period")] == [
        "2026-10-23"
    ]
    assert sandbox.control.schoology.counts() == {
        "enrollments": 1, "grading_categories": 1, "grading_periods": 1, "multiget": 1, "sections": 1,
    }  # fmt: skip
