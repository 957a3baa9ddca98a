"""The configuration page: what the pipeline sees, beside what is staged, with its problems highlighted."""

import os
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import psycopg
import pytest
from tests.reconciliation.world import SECTION, World
from tests.web.conftest import Visitor

from passback import database
from passback.settings import Settings, load
from passback.web import category_map, configuration, district
from passback.web.paging import Place

PAGES = dict.fromkeys(("otus", "schoology", "schools", "file_opt_outs", "opt_outs", "history"), 1)
TOML = """
name = "Example Unified"
time_zone = "America/Chicago"
effective_date = 2026-08-24
[categories.otus]
Quiz = "Quizzes"
Test = "Tests"
[categories.schoology]
Labs = "Labs"
[schools.102.categories.otus]
Quiz = "Daily Work"
Project = "Projects"
[[opt_outs]]
section_dcid = "85001"
[[opt_outs]]
source = "otus"
source_item_id = "A7"
"""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    path = tmp_path / "district.toml"
    path.write_text(TOML, encoding="utf-8")
    return load(path)


@pytest.fixture
def world(database_uri: str, tmp_path: Path) -> Iterator[World]:
    made = World(database_uri, tmp_path / "reports")
    made.roster()
    made.insert("staging.school", school_number="102", school_name="Elm", seq=1)
    yield made
    made.connection.close()


def assigned(world: World, kind: str, count: int = 1, section: int | None = SECTION, **columns: Any) -> None:
    """`count` staged Otus assignments of an assessment type in a section."""
    for _ in range(count):
        number = world.value("select count(*) from staging.otus_assignment")
        names = {"id": f"X{number}", "seq": 1}
        world.insert("staging.otus_assessment", assessment_type=kind, **names)
        world.insert("staging.otus_class", sis_section_id=str(section) if section else None, **names)
        world.insert("staging.otus_assignment", assessment_id=f"X{number}", class_id=f"X{number}", **names, **columns)


def item_of(world: World, teacher: int, *codes: str, school: str = "101", category: str = "Quizzes") -> None:
    """An item whose acting teacher is `teacher`, as a night left it."""
    run_key = world.value("select max(run_key) from passback.run") or world.run()
    number = world.value("select count(*) from passback.run_item")
    world.item(run_key, f"I{number}", *codes, users_dcid=teacher, school_number=school, category=category)
    world.reconcile(run_key)


def copy(world: World, teacher: int, name: str, active: bool = True) -> None:
    world.insert(
        "staging.teacher_category", school_number="101", users_dcid=teacher, teacher_category_id=teacher, name=name,
        is_active=active, seq=1,
    )  # fmt: skip


def maps(world: World, settings: Settings) -> dict[str, category_map.Row]:
    places = {source: (1, Place("configuration", {}, source)) for source in ("otus", "schoology")}
    with database.connect(world.uri) as reading:
        return {one["source"]: one for one in category_map.maps(reading, settings, places)}


def of_settings(world: World, settings: Settings) -> configuration.Row:
    with database.connect(world.uri) as reading:
        return configuration.of_settings(reading, settings, PAGES)


def test_each_type_stands_with_its_category_its_schools_and_how_often_it_is_used(
    world: World, settings: Settings
) -> None:
    assigned(world, "Quiz", 3)
    _, quiz, test = maps(world, settings)["otus"]["names"].rows
    assert (quiz["category"], quiz["overrides"], quiz["items"], quiz["unmapped"]) == (
        "Quizzes", [("102", "Daily Work")], 3, 0,
    )  # fmt: skip
    assert (test["category"], test["items"]) == ("Tests", 0)


def test_a_type_in_use_without_a_category_is_a_problem_and_stands_first(world: World, settings: Settings) -> None:
    assigned(world, "Exit slip", 2)
    assigned(world, "Exit slip", section=None)
    assigned(world, "Project")
    found = maps(world, settings)["otus"]
    first, second = found["names"].rows[:2]
    assert (first["name"], first["unmapped"], first["schools"]) == ("Exit slip", 3, ["", "101"])
    assert (second["name"], second["unmapped"], second["overrides"]) == ("Project", 1, [("102", "Projects")])
    assert found["unmapped"] == 2


def test_deleted_and_unreadable_assignments_use_no_type(world: World, settings: Settings) -> None:
    assigned(world, "Exit slip", deleted=True)
    assigned(world, "Exit slip", invalid="points_possible is a text")
    assert "Exit slip" not in [row["name"] for row in maps(world, settings)["otus"]["names"].rows]


def test_schoologys_categories_in_use_are_found_by_their_sections_titles(world: World, settings: Settings) -> None:
    world.insert("staging.schoology_section", id="1", seq=1, section_school_code="85001", section_dcid=SECTION)
    world.insert("staging.schoology_category", section_id="1", id="71", seq=1, title="Essays")
    for number, category in enumerate(("71", "71", "99", "0", "")):
        world.insert(
            "staging.schoology_item", id=f"1:{number}", seq=1, section_id="1", grade_item_id=str(number),
            grading_category=category,
        )  # fmt: skip
    found = maps(world, settings)["schoology"]
    assert [(row["name"], row["unmapped"]) for row in found["names"].rows] == [("Essays", 2), ("Labs", 0)]
    assert (found["unmapped"], found["unlisted"]) == (1, 1)


def test_a_category_that_teachers_lack_says_how_many_and_who(world: World, settings: Settings) -> None:
    for teacher in (501, 502, 503):
        item_of(world, teacher)
    copy(world, 501, "Quizzes")
    copy(world, 502, "Quizzes", active=False)
    rows = {row["category"]: row for row in maps(world, settings)["otus"]["categories"]}
    quizzes = rows["Quizzes"]
    assert (quizzes["teachers"], quizzes["lacking"], quizzes["lacking_teachers"], quizzes["state"]) == (
        3, 2, [502, 503], "some",
    )  # fmt: skip
    assert rows["Tests"]["state"] == "none"
    assert rows["Daily Work"]["teachers"] == 0


def test_items_that_fail_for_a_teachers_category_are_counted_beside_it(world: World, settings: Settings) -> None:
    copy(world, 501, "Quizzes")
    item_of(world, 501)
    item_of(world, 502, "CATEGORY_INACTIVE")
    [quizzes] = [row for row in maps(world, settings)["otus"]["categories"] if row["category"] == "Quizzes"]
    assert (quizzes["state"], quizzes["failing_items"], quizzes["lacking_teachers"]) == ("failing", 1, [502])


def test_a_school_without_a_current_grading_period_stands_first(world: World, settings: Settings) -> None:
    always = {"term_id": 3600, "first_day": date(2000, 1, 1), "last_day": date(2999, 1, 1), "seq": 1}
    world.insert("staging.grading_period", school_number="101", store_code="Q1", **always)
    world.insert("staging.grading_period", school_number="102", store_code="S1", **always)
    schools = of_settings(world, settings)["schools"]
    assert [(row["school_number"], row["has_current"]) for row in schools.rows] == [("102", False), ("101", True)]
    assert [period["store_code"] for period in schools.rows[1]["periods"]] == ["Q1"]
    assert (schools.rows[0]["periods"], schools.rows[0]["without_current"]) == ([], 1)


def test_the_teacher_group_is_counted(world: World, settings: Settings) -> None:
    for number, groups in enumerate((["PowerSchool Gradebook Passback"], ["Others"], None)):
        world.insert("staging.otus_user", id=str(number), seq=1, role="teacher", groups=groups)
    assert of_settings(world, settings)["group"] == {"users": 3, "in_group": 1}


def test_opt_outs_of_the_file_and_of_the_pages_stand_apart_with_who_and_when(world: World, settings: Settings) -> None:
    world.item_key("otus", "A9")
    for out, who in ((True, "anna"), (False, "ben"), (True, "carl")):
        world.insert("passback.opt_out", source="otus", source_item_id="A9", opted_out=out, switched_by=who)
    file = of_settings(world, settings)["file_opt_outs"]
    assert [(row["section_dcid"], row["section_name"], row["source_item_id"]) for row in file.rows] == [
        ("85001", "Algebra 1 2", None), (None, "", "A7"),
    ]  # fmt: skip
    with database.connect(world.uri) as reading:
        standing = database.rows(reading, "configuration_opt_outs", limit=5, offset=0)
        history = database.rows(reading, "configuration_opt_out_history", limit=5, offset=0)
    assert [(row["source_item_id"], row["switched_by"]) for row in standing] == [("A9", "carl")]
    assert [(row["switched_by"], row["opted_out"]) for row in history] == [
        ("carl", True), ("ben", False), ("anna", True),
    ]  # fmt: skip


def test_settings_that_would_stop_a_run_are_told_in_its_words(world: World, settings: Settings, tmp_path: Path) -> None:
    with database.connect(world.uri) as reading:
        assert configuration.problems(reading, settings, {"otus": "http"}) == []
        world.connection.execute("delete from staging.school where school_number = '102'")
        [unknown] = configuration.problems(reading, settings, {"otus": "http"})
    assert "[schools.102]" in unknown


def test_a_broken_settings_file_is_a_reason_and_no_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "district.toml"
    monkeypatch.setenv("PASSBACK_DISTRICT", str(path))
    for text in ("name = ", 'name = 7\ntime_zone = "Mars/Olympus"'):
        path.write_text(text, encoding="utf-8")
        settings, broken = district.settings()
        assert settings is None
        assert str(path) in broken
    path.unlink()
    assert "cannot be read" in district.settings()[1]


def test_connections_tell_their_type_and_nothing_else(passback_db: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AIRFLOW_CONN_SCHOOLOGY", "AIRFLOW_CONN_POWERSCHOOL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AIRFLOW_CONN_OTUS", '{"conn_type": "http", "host": "h", "password": "top-secret"}')
    assert configuration.connections() == {"otus": "http", "passback_db": "postgres"}


@pytest.mark.scheduler
def test_the_page_shows_switches_to_those_who_may_edit(
    viewer: Visitor, admin: Visitor, district: psycopg.Connection
) -> None:
    district.execute("insert into staging.school values ('101', 'Oak', 1)")
    district.execute(
        "insert into passback.opt_out (section_dcid, opted_out, switched_by) values (85009, true, '<b>anna</b>')"
    )
    reading, writing = viewer.get("configuration"), admin.get("configuration")
    assert (reading.status_code, writing.status_code) == (200, 200)
    assert "&lt;b&gt;anna&lt;/b&gt;" in reading.text
    assert 'role="switch"' not in reading.text
    assert 'role="switch"' in writing.text
    assert "opt-out-section-form" in writing.text
    assert os.environ.get("AIRFLOW_CONN_PASSBACK_DB", "no secret") not in reading.text
