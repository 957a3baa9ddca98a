"""PowerSchool's faults over whole nights: which code, what the next night carries on, and that nothing goes twice."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.delivery.conftest import EXIT, FIRST, LAST, STUDENTS, YEAR, Nights

from sandbox.district import (
    District,
    Enrollment,
    GradingPeriod,
    School,
    Section,
    SectionTeacher,
    Student,
    TeacherCategory,
)
from sandbox.server import running
from sandbox.small.builder import CREATED, Cases

TEACHERS = 14


def many_teachers() -> District:
    """One school; every teacher has a section of their own with one item, so that each is a unit of delivery."""
    cases, numbers = Cases(), range(TEACHERS)
    for number in STUDENTS:
        cases.student(f"st-{number}", number)
    for n in numbers:
        cases.user(f"t{n}", str(8301 + n), groups=("PowerSchool Gradebook Passback",))
        cases.school_class(f"c{n}", str(85101 + n), f"st-{STUDENTS[0]}")
        cases.item(f"item-{n}", CREATED, "", of=f"c{n}", by=f"t{n}", scored=False)
        for number in STUDENTS:
            cases.score(f"item-{n}", f"st-{number}", CREATED)
    return District(
        schools=[School(101, "North High")],
        sections=[Section(85101 + n, 5101 + n, 101, YEAR, f"Course {n}", "1", FIRST, LAST) for n in numbers],
        section_teachers=[SectionTeacher(85101 + n, 8301 + n, f"T{n}", "lead", FIRST) for n in numbers],
        students=[Student(int(number) + 80000, number) for number in STUDENTS],
        enrollments=[Enrollment(85101 + n, int(number) + 80000, FIRST, EXIT) for n in numbers for number in STUDENTS],
        teacher_categories=[
            TeacherCategory(8301 + n, 83010 + n * 10 + place, name, YEAR // 100)
            for n in numbers
            for place, name in enumerate(("Quizzes", "Tests", "Homework", "Daily Work"))
        ],
        grading_periods=[GradingPeriod(101, YEAR, "Q1", "2026-08-17", "2026-10-16")],
        otus=cases.records,
    )


@pytest.fixture
def wide_nights(passback_db: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, impatient: None) -> Iterator[Nights]:
    """Nights over the district of many teachers, with little patience."""
    with running(many_teachers()) as box:
        for name, value in box.connections().items():
            monkeypatch.setenv(name, value)
        monkeypatch.setenv("PASSBACK_HOME", str(tmp_path))
        monkeypatch.setenv("PASSBACK_REPORTS", str(tmp_path / "reports"))
        monkeypatch.setenv("PASSBACK_DISTRICT", "")
        made = Nights(passback_db, box, tmp_path)
        made.settings(("in_flight = 8", "in_flight = 2"))
        yield made


@pytest.mark.parametrize("switches", [{"maintenance": 503}, {"random_rate": 1.0, "random_kinds": ["500"]}])
def test_while_powerschool_is_down_the_run_stops_asking_and_the_next_one_carries_on(
    wide_nights: Nights, switches: dict[str, Any]
) -> None:
    run_id, shards = wide_nights.planned()
    wide_nights.box.control.clear_logs()
    wide_nights.powerschool.switches(**switches)
    wide_nights.deliver(run_id, shards)
    asked = {entry["query"].get("users_dcid") for entry in wide_nights.powerschool.log() if entry["kind"] == "list"}
    # Five calls in a row, one more that was under way, and a probe now and then.
    assert 1 <= len(asked) < TEACHERS
    report = wide_nights.finish(run_id)
    assert report.totals("items") == {"failed": TEACHERS}
    assert report.line("item-0")["code"] == "SIS_UNAVAILABLE"
    assert any("SIS_UNAVAILABLE" in reason for reason in report.red)
    assert report.summary["balanced"] is True
    wide_nights.powerschool.switches(maintenance=None, random_rate=0.0)
    again = wide_nights.run()
    assert again.totals("items") == {"created": TEACHERS}
    assert again.red == []
    assert wide_nights.one_each([f"item-{n}" for n in range(TEACHERS)])


def test_short_bursts_of_5xx_are_repeated_and_the_night_is_green(nights: Nights) -> None:
    for kind, status in (("query", 500), ("list", 502), ("categories", 503), ("metadata", 504)):
        nights.powerschool.fault("status", kind=kind, status=status, times=2)
    nights.powerschool.fault("status", kind="token", status=500)
    report = nights.run()
    assert report.red == []
    assert report.summary["requests"]["retried"] >= 6
    assert nights.one_each()


@pytest.mark.parametrize("effect", ["truncate", "not_json", "wrong_shape"])
def test_a_torn_or_foreign_answer_costs_a_repeat_and_nothing_else(nights: Nights, effect: str) -> None:
    for kind in ("query", "list", "categories", "create", "score"):
        nights.powerschool.fault(effect, kind=kind)
    report = nights.run()
    assert report.totals("items") == {"created": 3}
    assert report.red == []
    assert nights.one_each()
    assert len(report.writes) == 6
    assert nights.run().writes == []


@pytest.mark.parametrize("effect", ["duplicate", "strangers"])
def test_rows_that_came_twice_or_are_not_ours_change_nothing(nights: Nights, effect: str) -> None:
    for kind in ("query", "list", "categories"):
        nights.powerschool.fault(effect, kind=kind, times=None)
    assert nights.run().totals("items") == {"created": 3}
    nights.otus.edit("scores", "quiz.1001", points=6)
    nights.otus.edit("assignments", "essay", due_date="2026-09-25")
    report = nights.run()
    assert report.totals("items") == {"updated": 1, "unchanged": 2}
    assert report.totals("scores") == {"updated": 1, "unchanged": 8}
    assert report.red == []
    assert report.summary["verified"] == {"confirmed": 2, "mismatched": 0}
    assert len(nights.powerschool.assignments()) == 3


# What happens in PowerSchool between two requests of the first night: the hook, the edit and its arguments, the item's
# code that night and the outcomes of the items; what undoes it, and the outcomes of the next night.
MEANWHILE = {
    "the class is locked before the scores": (
        "score", "lock_section", {"section_dcid": 85002}, ("lab", "1001", "ASSIGNMENT_LOCKED"), {"created": 3},
        ("lock_section", {"section_dcid": 85002, "locked": False}), {"unchanged": 3},
    ),
    "the teacher is taken out of the section": (
        "create", "remove_teacher", {"section_dcid": 85002, "users_dcid": 8301},
        ("lab", "", "TEACHER_NOT_IN_SECTION"), {"created": 2, "failed": 1},
        ("set_teacher", {"section_dcid": 85002, "users_dcid": 8301}), {"created": 1, "unchanged": 2},
    ),
    "the category is switched off": (
        "create", "set_category", {"users_dcid": 8301, "name": "Quizzes", "is_active": False},
        ("quiz", "", "CATEGORY_REJECTED"), None,
        ("set_category", {"users_dcid": 8301, "name": "Quizzes"}), None,
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", MEANWHILE)
def test_what_changes_in_powerschool_during_the_run_is_told_and_carried_on(nights: Nights, what: str) -> None:
    kind, edit, arguments, (item, student, code), items, (undo, back), then = MEANWHILE[what]
    nights.powerschool.hook(kind, edit, arguments, when="before")
    report = nights.run()
    assert report.line(item, student)["code"] == code
    assert items is None or report.totals("items") == items
    assert report.summary["balanced"] is True
    assert report.red == []
    nights.powerschool.do(undo, **back)
    again = nights.run()
    assert then is None or again.totals("items") == then
    assert again.red == []
    assert nights.one_each()


def test_a_section_removed_during_the_run_fails_its_item_that_night_and_is_not_found_the_next(nights: Nights) -> None:
    nights.powerschool.hook("create", "remove_section", {"section_dcid": 85002}, when="before")
    report = nights.run()
    assert report.summary["balanced"] is True
    assert report.line("lab")["outcome"] in ("failed", "held")
    assert nights.points("quiz") == nights.points("essay") == nights.complete
    assert nights.run().line("lab")["code"] == "SECTION_NOT_FOUND"


@pytest.mark.parametrize("kind", ["read", "update"])
def test_an_assignment_deleted_between_plan_and_update_is_held(nights: Nights, kind: str) -> None:
    nights.run()
    nights.otus.edit("assignments", "quiz", due_date="2026-09-25")
    nights.powerschool.hook(kind, "delete_assignment", {"assignment": "quiz"}, when="before")
    report = nights.run()
    assert report.line("quiz")["code"] == "DELETED_IN_SIS"
    assert report.totals("items") == {"held": 1, "unchanged": 2}
    assert report.red == []


def test_a_category_switched_off_before_its_change_fails_the_item_until_it_is_back(nights: Nights) -> None:
    nights.run()
    nights.otus.edit("assessments", "as-quiz", assessment_type="Test")
    off = {"users_dcid": 8301, "name": "Tests", "is_active": False}
    nights.powerschool.hook("read", "set_category", off, when="before")
    report = nights.run()
    assert report.line("quiz")["code"] == "CATEGORY_INACTIVE"
    assert report.totals("items") == {"failed": 1, "unchanged": 2}
    nights.powerschool.do("set_category", users_dcid=8301, name="Tests")
    assert nights.run().totals("items") == {"updated": 1, "unchanged": 2}


def test_pages_that_shift_under_the_roster_lose_nobody(nights: Nights) -> None:
    nights.settings(("powerquery_page = 0", "powerquery_page = 2"))
    nights.powerschool.switches(query_page_cap=2)
    newcomer = {"section_dcid": 85001, "student_number": "0999", "entry_date": FIRST, "exit_date": EXIT}
    nights.powerschool.hook("query:enrollments", "enroll", newcomer)
    report = nights.run()
    assert report.red == []
    assert nights.one_each()
    assert nights.run().writes == []


def test_a_token_that_expires_again_and_again_costs_requests_and_nothing_else(nights: Nights) -> None:
    nights.powerschool.switches(token_seconds=1, latency_ms=60)
    report = nights.run()
    assert report.red == []
    assert nights.powerschool.counts()["token"] > 1
    assert nights.one_each()
