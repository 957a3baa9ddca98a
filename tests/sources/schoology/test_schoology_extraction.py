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


def test_fifty_sections_are_read_by_two_multigets(database_uri: str, serve: Serve, extract: Extract) -> None:
    world.roster(database_uri, range(85001, 85051))
    sandbox = serve(*(world.section(number, items=[], grades=[]) for number in range(1, 51)))
    assert extract()["read"] == 50
    assert sandbox.control.schoology.counts() == {"multiget": 2, "sections": 1}


def test_all_pages_are_read_whatever_limit_is_granted(database_uri: str, serve: Serve, extract: Extract) -> None:
    world.roster(database_uri, [85001, 85002])
    grades = [world.grade(enrollment_id=number) for number in range(1, 46)]
    items = [world.item(number) for number in range(5001, 5031)]
    serve(world.section(1, grades=grades, items=items), world.section(2), page_cap=10)
    found = extract()["collections"]
    assert found["grades"] == {"declared": 46, "received": 46, "quarantined": 0}
    assert found["grade_items"] == {"declared": 31, "received": 31, "quarantined": 0}
    assert column(database_uri, "select count(*) from staging.schoology_grade") == [46]


def test_the_page_size_of_the_settings_is_asked_for(database_uri: str, serve: Serve, extract: Extract) -> None:
    world.roster(database_uri, [85001])
    sandbox = serve(world.section())
    extract(page=7, multiget=1)
    log = sandbox.control.schoology.log()
    assert {entry["query"]["limit"] for entry in log} == {"7"}
    assert "multiget" not in sandbox.control.schoology.counts()


def test_a_multiget_never_asks_for_more_paths_than_the_settings_say(
    database_uri: str, serve: Serve, extract: Extract
) -> None:
    world.roster(database_uri, range(85001, 85008))
    sandbox = serve(*(world.section(number, items=[], grades=[]) for number in range(1, 8)))
    extract(multiget=3)
    sizes = [len(entry["body"]) for entry in sandbox.control.schoology.log(kind="multiget")]
    assert sizes == [3, 3, 3, 3, 2]


def test_grades_are_asked_for_from_300_seconds_before_the_servers_last_answer(
    database_uri: str, serve: Serve, extract: Extract
) -> None:
    world.roster(database_uri, [85001])
    control = serve(world.section()).control.schoology
    control.do("set_clock", at="2026-10-05T06:00:00Z")
    extract(multiget=1)
    assert [str(at) for at in column(database_uri, "select grades_since from passback.schoology_place")] == [
        "2026-10-05 06:00:00+00:00"
    ]
    control.do("advance", seconds=60)
    control.do("grade", section=4001, item_id=5001, enrollment_id=701, grade=90)
    control.clear_log()
    again = extract(multiget=1)
    (asked,) = control.log(kind="grades")
    assert int(asked["query"]["timestamp"]) == 1_791_180_000 - 300
    assert again["collections"]["grades"]["received"] == 1
    changed = staged(database_uri, "select grade, seq from staging.schoology_grade")
    assert changed == [{"grade": 90.0, "seq": again["seq"]}]


def test_what_did_not_change_keeps_its_number(database_uri: str, serve: Serve, extract: Extract) -> None:
    world.roster(database_uri, [85001])
    serve(world.section(items=[world.item(), world.item(5002, due="")]))
    first = extract()["seq"]
    extract(full_sweep_days=0)
    for table in ("section", "item", "grade", "enrollment", "category", "grading_period"):
        assert set(column(database_uri, f"select seq from staging.schoology_{table}")) == {first}


def test_a_night_without_changes_asks_for_no_enrolments_categories_or_periods(
    database_uri: str, serve: Serve, extract: Extract
) -> None:
    world.roster(database_uri, [85001])
    control = serve(world.section()).control.schoology
    extract()
    control.clear_log()
    found = extract()
    assert control.counts() == {"multiget": 1, "sections": 1}
    assert found["full"] is False


def test_a_new_enrolment_is_read_as_soon_as_a_grade_needs_it(database_uri: str, serve: Serve, extract: Extract) -> None:
    world.roster(database_uri, [85001], students=["100234", "100235"])
    control = serve(world.section()).control.schoology
    extract()
    control.do("upsert", section=4001, collection="enrollments", record=world.enrollment(702, "100235"))
    control.do("grade", section=4001, item_id=5001, enrollment_id=702, grade=5)
    extract()
    found = column(database_uri, "select student_number from staging.schoology_enrollment order by id")
    assert found == ["100234", "100235"]


def test_a_student_number_that_is_put_right_is_seen_the_next_night(
    database_uri: str, serve: Serve, extract: Extract
) -> None:
    world.roster(database_uri, [85001])
    control = serve(world.section(enrollments=[world.enrollment(school_uid="999")])).control.schoology
    extract()
    control.do("edit", section=4001, collection="enrollments", id=701, school_uid="100234")
    extract()
    assert column(database_uri, "select student_number from staging.schoology_enrollment") == ["100234"]


def test_a_category_that_is_not_known_is_asked_for_again(database_uri: str, serve: Serve, extract: Extract) -> None:
    world.roster(database_uri, [85001])
    control = serve(world.section()).control.schoology
    extract()
    control.do("upsert", section=4001, collection="categories", record={"id": 4372, "title": "Homework"})
    control.do("upsert", section=4001, collection="items", record=world.item(5002, grading_category="4372"))
    extract()
    found = column(database_uri, "select title from staging.schoology_category order by id")
    assert found == ["Tests", "Homework"]


def test_categories_and_periods_are_read_again_within_seven_days(
    database_uri: str, serve: Serve, extract: Extract
) -> None:
    world.roster(database_uri, [85001])
    control = serve(world.section(items=[world.item(due="")])).control.schoology
    control.do("set_clock", at="2026-10-05T06:00:00Z")
    extract()
    control.do("edit", section=4001, collection="categories", id=4371, title="Exams")
    control.do("edit", section=4001, collection="periods", id=435, end="2026-10-30 00:00:00")
    extract()
    assert column(database_uri, "select title from staging.schoology_category") == ["Tests"]
    control.do("advance", seconds=7 * 86_400)
    extract()
    assert column(database_uri, "select title from staging.schoology_category") == ["Exams"]
    assert str(column(database_uri, "select end_on from staging.schoology_grading_period")[0]) == "2026-10-30"


def test_categories_and_periods_are_not_asked_for_where_no_item_needs_them(
    database_uri: str, serve: Serve, extract: Extract
) -> None:
    world.roster(database_uri, [85001])
    control = serve(world.section(items=[world.item(grading_category="0", due="", grading_period="0")])).control
    extract()
    assert not {"grading_categories", "grading_periods"} & set(control.schoology.counts())


def test_sections_that_share_a_code_are_each_their_own(database_uri: str, serve: Serve, extract: Extract) -> None:
    world.roster(database_uri, [85001])
    twin = world.section(2)
    twin.section_school_code, twin.active = "85001", False
    serve(world.section(1), twin)
    extract()
    found = staged(database_uri, "select id, section_dcid, active from staging.schoology_section order by id")
    assert found == [
        {"id": "4001", "section_dcid": 85001, "active": True}, {"id": "4002", "section_dcid": 85001, "active": False},
    ]  # fmt: skip
    assert column(database_uri, "select id from staging.schoology_item order by id") == ["4001:5001", "4002:5001"]


def test_a_section_that_lost_its_code_is_deleted_and_one_that_has_another_moves(
    database_uri: str, serve: Serve, extract: Extract
) -> None:
    world.roster(database_uri, [85001, 85002, 85003])
    control = serve(world.section(1), world.section(2)).control.schoology
    extract()
    control.do("edit_section", section=4001, section_school_code="")
    control.do("edit_section", section=4002, section_school_code="85003")
    extract()
    found = staged(database_uri, "select id, section_dcid, deleted from staging.schoology_section order by id")
    assert found == [
        {"id": "4001", "section_dcid": 85001, "deleted": True}, {"id": "4002", "section_dcid": 85003, "deleted": False},
    ]  # fmt: skip
    assert column(database_uri, "select deleted from staging.schoology_item order by id") == [False, False]
    control.do("edit_section", section=4001, section_school_code="85001")
    extract()
    assert column(database_uri, "select deleted from staging.schoology_section") == [False, False]


def test_a_sync_reads_its_sections_only_and_deletes_no_other(database_uri: str, serve: Serve, extract: Extract) -> None:
    world.roster(database_uri, [85001, 85002])
    control = serve(world.section(1), world.section(2)).control.schoology
    extract()
    control.do("remove_section", section=4001)
    control.clear_log()
    found = extract(sections=[85002])
    assert (found["asked"], found["read"]) == (1, 1)
    assert [entry["query"]["section_school_codes"] for entry in control.log(kind="sections")] == ["85002"]
    assert column(database_uri, "select deleted from staging.schoology_section") == [False, False]


def test_only_the_schools_of_the_run_are_asked_for(database_uri: str, serve: Serve, extract: Extract) -> None:
    world.roster(database_uri, [85001], school="101")
    world.roster(database_uri, [85002], school="102")
    serve(world.section(1), world.section(2))
    extract(schools=["102"])
    assert column(database_uri, "select id from staging.schoology_section") == ["4002"]


def test_without_a_roster_nothing_is_asked_and_the_run_says_so(
    database_uri: str, serve: Serve, extract: Extract
) -> None:
    control = serve(world.section()).control.schoology
    assert extract()["asked"] == 0
    assert control.counts() == {}
    assert "no section of this run's part" in column(database_uri, "select message from passback.run_note")[0]


def test_a_preview_refreshes_staging_and_moves_no_place(database_uri: str, serve: Serve, extract: Extract) -> None:
    world.roster(database_uri, [85001])
    control = serve(world.section()).control.schoology
    extract(dry_run=True)
    assert column(database_uri, "select count(*) from staging.schoology_grade") == [1]
    assert staged(database_uri, "select * from passback.schoology_place") == []
    extract()
    before = staged(database_uri, "select * from passback.schoology_place")
    control.do("grade", section=4001, item_id=5001, enrollment_id=701, grade=90)
    extract(dry_run=True)
    assert column(database_uri, "select grade from staging.schoology_grade") == [90.0]
    assert staged(database_uri, "select * from passback.schoology_place") == before


def test_a_grade_may_name_its_item_by_either_id(database_uri: str, serve: Serve, extract: Extract) -> None:
    world.roster(database_uri, [85001])
    grades = [world.grade(5001, 701), world.grade(9002, 701)]
    items = [world.item(5001, grade_item_id=9001), world.item(5002, grade_item_id=9002)]
    serve(world.section(items=items, grades=grades))
    extract()
    assert column(database_uri, "select id from staging.schoology_grade order by id") == [
        "4001:5001:701", "4001:5002:701",
    ]  # fmt: skip


def test_grades_of_unknown_items_and_of_final_columns_are_not_staged_until_they_are_another_thing(
    database_uri: str, serve: Serve, extract: Extract
) -> None:
    world.roster(database_uri, [85001])
    grades = [world.grade(5001), world.grade(5002), world.grade(5003), world.grade(5001, 702, is_final="1")]
    items = [world.item(5001), world.item(5002, is_final=1)]
    control = serve(world.section(items=items, grades=grades)).control.schoology
    extract()
    held = "select id from staging.schoology_grade where not deleted order by id"
    assert column(database_uri, held) == ["4001:5001:701"]
    control.do("edit_item", section=4001, id=5002, is_final=0)
    control.do("upsert", section=4001, collection="items", record=world.item(5003))
    extract()
    assert column(database_uri, held) == ["4001:5001:701", "4001:5002:701", "4001:5003:701"]
    control.clear_log()
    extract()
    assert control.counts() == {"multiget": 1, "sections": 1}


def test_names_comments_and_descriptions_are_nowhere(database_uri: str, serve: Serve, extract: Extract) -> None:
    world.roster(database_uri, [85001])
    serve(world.section(grades=[world.grade(), world.grade(enrollment_id=True)]))
    extract()
    for table in column(
        database_uri, "select table_name from information_schema.tables where table_schema = 'staging'"
    ):
        assert "Anna" not in str(staged(database_uri, f"select * from staging.{table}"))
