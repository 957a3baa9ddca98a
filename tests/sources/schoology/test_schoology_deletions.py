"""What is gone from Schoology is marked, and only where a whole listing proves it."""

from typing import Any

import pytest
from tests.sources.schoology import world
from tests.sources.schoology.conftest import Extract, Serve
from tests.sources.schoology.world import column, execute, staged

GONE = "select id from staging.schoology_{} where deleted order by id"
NOTE = "select message from passback.run_note order by recorded_at desc"


def two_of_each() -> world.SchoologySection:
    """Two items, two students, and their four grades."""
    return world.section(
        items=[world.item(5001), world.item(5002)],
        grades=[world.grade(item, student) for item in (5001, 5002) for student in (701, 702)],
        enrollments=[world.enrollment(701), world.enrollment(702, "100235")],
    )


@pytest.fixture(autouse=True)
def roster(database_uri: str) -> None:
    world.roster(database_uri, [85001], students=["100234", "100235"])


def test_an_item_that_a_whole_list_lacks_is_deleted_and_may_come_back(
    database_uri: str, serve: Serve, extract: Extract
) -> None:
    control = serve(two_of_each()).control.schoology
    extract()
    control.do("delete_item", section=4001, id=5002)
    found = extract()
    assert staged(database_uri, "select id, seq from staging.schoology_item where deleted") == [
        {"id": "4001:5002", "seq": found["seq"]}
    ]
    control.do("upsert", section=4001, collection="items", record=world.item(5002))
    extract()
    assert column(database_uri, GONE.format("item")) == []


@pytest.mark.parametrize(
    "switches",
    [
        {"total": "wrong"}, {"total": "wrong", "total_off_by": -1}, {"torn_pages": 1}, {"shift_pages": 1},
        {"repeat_page": True}, {"repeat_next": True},
    ],
)  # fmt: skip
def test_a_list_that_does_not_come_whole_deletes_nothing_and_moves_nothing(
    switches: dict[str, Any], database_uri: str, serve: Serve, extract: Extract
) -> None:
    control = serve(two_of_each(), page_cap=2).control.schoology
    extract()
    before = staged(database_uri, "select grades_since, swept_at, items_read_at from passback.schoology_place")
    control.do("delete_item", section=4001, id=5002)
    control.do("upsert", section=4001, collection="items", record=world.item(5003))
    control.do("upsert", section=4001, collection="items", record=world.item(5004))
    control.do("grade", section=4001, item_id=5003, enrollment_id=701, grade=1)
    control.do("grade", section=4001, item_id=5003, enrollment_id=702, grade=2)
    control.do("vanish_grade", section=4001, item_id=5001, enrollment_id=701)
    control.switches(**switches)
    found = extract(full_sweep_days=0)
    assert found["incomplete"] == 1
    assert column(database_uri, GONE.format("item")) == []
    assert column(database_uri, GONE.format("grade")) == []
    assert staged(database_uri, "select grades_since, swept_at, items_read_at from passback.schoology_place") == before
    assert "1 section (4001) of Schoology never came whole" in column(database_uri, NOTE)[0]
    assert {"4001:5003", "4001:5004"} & set(column(database_uri, "select id from staging.schoology_item"))
    control.switches(total="true", torn_pages=0, shift_pages=0, repeat_page=False, repeat_next=False)
    assert extract(full_sweep_days=0)["incomplete"] == 0
    assert column(database_uri, GONE.format("item")) == ["4001:5002"]
    assert column(database_uri, GONE.format("grade")) == ["4001:5001:701", "4001:5002:701", "4001:5002:702"]


def test_a_list_that_shifts_while_it_is_read_is_read_again(database_uri: str, serve: Serve, extract: Extract) -> None:
    items = [world.item(number) for number in range(5001, 5008)]
    control = serve(world.section(items=items), page_cap=3).control.schoology
    extract()
    control.hook("grade_items", "delete_item", {"section": 4001, "id": 5001})
    assert extract(multiget=1)["incomplete"] == 0
    assert column(database_uri, GONE.format("item")) == ["4001:5001"]


@pytest.mark.parametrize("total", ["missing", "null"])
def test_without_a_total_a_list_is_whole_where_it_ends(
    total: str, database_uri: str, serve: Serve, extract: Extract
) -> None:
    control = serve(two_of_each(), total=total).control.schoology
    assert extract()["collections"]["grade_items"]["declared"] is None
    control.do("delete_item", section=4001, id=5002)
    extract()
    assert column(database_uri, GONE.format("item")) == ["4001:5002"]


def test_a_grade_that_vanished_or_was_emptied_is_seen_by_the_sweep_and_by_no_delta(
    database_uri: str, serve: Serve, extract: Extract
) -> None:
    control = serve(two_of_each()).control.schoology
    extract()
    control.do("vanish_grade", section=4001, item_id=5001, enrollment_id=701)
    control.do("empty_grade", section=4001, item_id=5001, enrollment_id=702)
    assert extract()["swept"] == 0
    assert column(database_uri, GONE.format("grade")) == []
    assert extract(full_sweep_days=0)["swept"] == 1
    assert column(database_uri, GONE.format("grade")) == ["4001:5001:701"]
    assert column(database_uri, "select id from staging.schoology_grade where grade is null") == ["4001:5001:702"]


def test_the_sweep_sees_an_enrolment_that_is_gone(database_uri: str, serve: Serve, extract: Extract) -> None:
    control = serve(two_of_each()).control.schoology
    extract()
    control.do("remove", section=4001, collection="enrollments", id=702)
    extract()
    assert column(database_uri, GONE.format("enrollment")) == []
    extract(full_sweep_days=0)
    assert column(database_uri, GONE.format("enrollment")) == ["702"]


def test_a_section_is_swept_within_the_days_by_the_clock(database_uri: str, serve: Serve, extract: Extract) -> None:
    control = serve(two_of_each()).control.schoology
    control.do("set_clock", at="2026-10-05T06:00:00Z")
    assert extract()["swept"] == 1
    assert extract()["swept"] == 0
    swept = 0
    for _ in range(7):
        control.do("advance", seconds=86_400)
        swept += extract()["swept"]
    assert swept == 1


def test_sweeps_are_spread_over_the_days(database_uri: str, serve: Serve, extract: Extract) -> None:
    world.roster(database_uri, range(85002, 85031))
    sections = [world.section(number, items=[], grades=[]) for number in range(2, 31)]
    control = serve(two_of_each(), *sections).control.schoology
    control.do("set_clock", at="2026-10-05T06:00:00Z")
    assert extract()["swept"] == 30
    nights = []
    for _ in range(7):
        control.do("advance", seconds=86_400)
        nights.append(extract()["swept"])
    assert sum(nights) >= 30
    assert max(nights) < 15
    oldest = column(database_uri, "select min(swept_at) from passback.schoology_place")[0]
    assert str(oldest) >= "2026-10-05 06:00:00+00:00"


def test_a_swept_section_that_is_due_by_its_place_is_swept(database_uri: str, serve: Serve, extract: Extract) -> None:
    serve(two_of_each())
    extract()
    execute(database_uri, "update passback.schoology_place set swept_at = swept_at - interval '7 days'")
    assert extract()["swept"] == 1
