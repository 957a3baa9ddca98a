"""What happens in Schoology between two nights, and that a district is kept as it is."""

import json
from pathlib import Path
from typing import Any

import pytest

from sandbox.district import District, dump_district, load_district
from sandbox.server import running

from .conftest import App, schoology_section

SECTION = "sections/4310001"


def items(app: App) -> dict[str, dict[str, Any]]:
    return {str(item["id"]): item for item in app.everything(f"{SECTION}/grade_items")}


def grade_of(app: App, item: str, enrollment: str) -> dict[str, Any] | None:
    for grade in app.everything(f"{SECTION}/grades"):
        if (str(grade["assignment_id"]), str(grade["enrollment_id"])) == (item, enrollment):
            return grade
    return None


def test_an_item_is_edited_published_inserted_and_deleted(app: App) -> None:
    app.control.edit_item(85001, "101", title="Renamed", max_points="50", due="2026-10-01 23:59:00")
    app.control.publish("4310001", 102, published=False)
    app.control.upsert("4310001", "items", {"id": "99", "title": "First"}, place=0)
    app.control.upsert("4310001", "items", {"id": "999", "title": "Last"})
    app.control.delete_item("4310001", "103")
    held = items(app)
    assert (held["101"]["title"], held["101"]["max_points"]) == ("Renamed", "50")
    assert held["102"]["published"] == 0
    order = list(held)
    assert (order[0], order[-1]) == ("99", "999")
    assert "103" not in held
    assert grade_of(app, "103", "9000") is None
    assert grade_of(app, "104", "9000") is not None


def test_an_edit_after_an_insert_finds_its_record(app: App) -> None:
    app.control.upsert("4310001", "items", {"id": "99", "title": "First"}, place=0)
    app.control.edit_item("4310001", "140", title="Found")
    app.control.delete_item("4310001", "110", keep_grades=True)
    app.control.edit_item("4310001", "99", title="Still first")
    held = items(app)
    assert (held["140"]["title"], held["99"]["title"], held["139"]["title"]) == ("Found", "Still first", "Item 39")
    assert grade_of(app, "110", "9000") is not None


def test_the_two_flags_are_served_only_where_they_are_not_the_default(app: App) -> None:
    changed = app.control.edit_item("4310001", "101", count_in_grade=0, collected_only=1)
    assert (changed["count_in_grade"], changed["collected_only"]) == (0, 1)
    changed = app.control.edit_item("4310001", "101", count_in_grade=1, collected_only="0")
    assert not {"count_in_grade", "collected_only"} & set(changed)
    assert not {"count_in_grade", "collected_only"} & set(items(app)["101"])


def test_an_exception_takes_the_grade_away(app: App) -> None:
    now = app.control.set_clock("2026-10-16T07:00:00Z")
    app.control.grade("4310001", 101, 9000, grade="88", exception=3, comment="absent")
    grade = grade_of(app, "101", "9000")
    assert grade is not None
    assert (grade["grade"], grade["exception"], grade["timestamp"], grade["comment"]) == (None, 3, now, "absent")


def test_a_new_grade_has_every_field(app: App) -> None:
    made = app.control.grade("4310002", 201, 9555, grade=12.5)
    fields = "assignment_id comment enrollment_id exception grade is_final max_points timestamp type"
    assert sorted(made) == fields.split()
    assert (made["grade"], made["max_points"]) == (12.5, "100")
    assert len(app.everything("sections/4310002/grades")) == 5


def test_emptied_and_vanished_grades_do_not_show_in_a_delta(app: App) -> None:
    since = app.control.set_clock("2026-10-16T07:00:00Z")
    app.control.empty_grade("4310001", 101, 9000)
    app.control.vanish_grade("4310001", 101, 9001)
    assert app.everything(f"{SECTION}/grades", timestamp=since) == []
    emptied = grade_of(app, "101", "9000")
    assert emptied is not None
    assert emptied["grade"] is None
    assert grade_of(app, "101", "9001") is None
    assert len(app.everything(f"{SECTION}/grades")) == 45 * 6 - 1


def test_a_share_of_all_grades_can_be_changed(app: App) -> None:
    since = app.control.set_clock("2026-10-16T07:00:00Z")
    assert app.control.do("change_grades", share=0.1, seed=3) == 51
    found = [
        grade
        for number in range(1, 61)
        for grade in app.everything(f"sections/{4310000 + number}/grades", timestamp=since)
    ]
    assert len(found) == 51
    assert all(float(grade["grade"]) % 1 == 0.5 for grade in found)


def test_a_section_comes_loses_its_code_closes_and_goes(app: App) -> None:
    app.control.do("add_section", id="777", section_school_code="90001", items=[{"id": 1, "title": "New"}])
    assert app.everything("sections/777/grade_items")[0]["title"] == "New"
    app.control.edit_section("85001", section_school_code="")
    app.control.edit_section("85002", active=False)
    app.control.do("remove_section", section="85003")
    found = app.everything("sections", section_school_codes="85001,85002,85003,90001")
    assert [(str(each["id"]), each["active"]) for each in found] == [("4310002", 0), ("777", 1)]
    assert app.get(SECTION).status_code == 200
    assert app.get("sections/4310003/grades").status_code == 404


def test_categories_and_enrolments_change(app: App) -> None:
    app.control.upsert("4310001", "categories", {"id": 4372, "title": "Labs"})
    app.control.edit("4310001", "enrollments", 9000, status="5", school_uid="")
    app.control.remove("4310001", "enrollments", "9001")
    assert [each["title"] for each in app.everything(f"{SECTION}/grading_categories")] == ["Tests", "Labs"]
    enrolled = {str(each["id"]): each for each in app.everything(f"{SECTION}/enrollments")}
    assert enrolled["9000"]["school_uid"] == ""
    assert "9001" not in enrolled


@pytest.mark.parametrize("bad", ["a text", 17, None, [1], {"title": "no id"}, {"id": [1]}, {"id": None}])
def test_a_bad_record_is_served_as_it_is(app: App, bad: Any) -> None:
    app.control.upsert("4310001", "items", bad)
    assert app.everything(f"{SECTION}/grade_items")[-1] == bad
    app.control.upsert("4310001", "grades", bad)
    held = app.everything(f"{SECTION}/grades")[-1]
    assert held == ({**bad, "timestamp": held["timestamp"]} if isinstance(bad, dict) else bad)


def test_a_record_can_lose_a_field_in_its_place(app: App) -> None:
    since = app.control.set_clock("2026-10-16T07:00:00Z")
    app.control.do("remove_field", section="4310001", collection="items", id="101", field="title")
    app.control.do("remove_field", section="4310001", collection="grades", id="101:9000", field="timestamp")
    assert set(app.everything(f"{SECTION}/grade_items")[0]) == {"id", "max_points", "type"}
    assert [str(each["assignment_id"]) for each in app.everything(f"{SECTION}/grades", timestamp=since)] == ["101"]


def test_unknown_sections_collections_records_and_edits_are_refused(app: App) -> None:
    for action, arguments in [
        ("edit_item", {"section": "1", "id": "101"}),
        ("edit_item", {"section": "4310001", "id": "no"}),
        ("upsert", {"section": "4310001", "collection": "users", "record": {}}),
        ("edit_section", {"section": "4310001", "items": []}),
        ("set_clock", {"at": "2026-10-16T07:00:00"}),
        ("_held", {"section": "4310001", "collection": "items"}),
        ("switches", {"multiget": "sometimes"}),
        ("switches", {"page_cap": 0}),
    ]:
        with pytest.raises(ValueError):
            app.control.do(action, **arguments)


def test_a_district_with_schoology_is_dumped_and_loaded_whole(tmp_path: Path) -> None:
    section = schoology_section(1, items=3, students=2)
    section.items += [b'"no object"', b'{"id":[1]}']
    district = District([], [], [], [], [], [], [], schoology=[section])
    dump_district(district, tmp_path / "district.json")
    assert json.loads((tmp_path / "district.json").read_text())["schoology"][0]["records"]["items"][-2] == "no object"
    assert load_district(tmp_path / "district.json") == district


def test_a_district_can_be_served_again_from_its_beginning(classes: District) -> None:
    lists = []
    for _ in range(2):
        with running(classes, schoology={"requests_per_5_seconds": 0}) as box:
            app = App(box)
            lists.append((items(app), app.everything(f"{SECTION}/grades"), app.everything(f"{SECTION}/enrollments")))
            app.control.grade("4310001", 101, 9000, grade=1)
            app.control.delete_item("4310001", 102)
            app.control.edit_section("4310001", section_school_code="1")
    assert lists[0] == lists[1]
