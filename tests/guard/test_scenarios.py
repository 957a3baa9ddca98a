"""What must trip the guard, and what must not: whole nights over sixty items."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.guard.conftest import ITEMS, STUDENTS, Guarded, made, sixty_items

from sandbox.district import Enrollment, GradingPeriod, Section, SectionTeacher, TeacherCategory

NEXT = 95001


@pytest.fixture
def years(passback_db: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Guarded]:
    """The sixty items, and a section of the next school year, which nothing is in yet."""
    district = sixty_items()
    first, leave, last = "2027-08-09", "2028-06-03", "2028-06-02"
    district.sections.append(Section(NEXT, NEXT - 80000, 101, 3700, "Next year", "1", first, last))
    district.section_teachers.append(SectionTeacher(NEXT, 8301, "T8301", "lead", "2026-08-01"))
    district.enrollments += [Enrollment(NEXT, int(number) + 80000, first, leave) for number in STUDENTS]
    district.teacher_categories += [TeacherCategory(8301, 93010, "Quizzes", 37)]
    district.grading_periods.append(GradingPeriod(101, 3700, "Q1", "2027-08-16", "2027-10-15"))
    yield from made(district, passback_db, tmp_path, monkeypatch)


def test_a_roster_that_loses_its_teachers_changes_nothing_in_the_gradebook(nights: Guarded) -> None:
    nights.night("2026-10-14")
    before = nights.powerschool.state()
    for section in (85001, 85002):
        nights.powerschool.do("remove_teacher", section_dcid=section, users_dcid=8301)
    nights.score(1, ITEMS[30:], number=100)
    night = nights.night("2026-10-15")
    assert (night.writes, night.red) == ([], [])
    assert nights.powerschool.state()["sections"] == before["sections"]
    assert night.totals("items") == {"failed": 30, "unchanged": 30}
    assert night.totals("scores") == {"failed": 150, "held": 100, "unchanged": 50}
    assert nights.figures(night.run_id)["items_newly_failing_share", "otus"] == (30, 60, True)


def test_a_wrong_time_zone_moves_no_due_date(nights: Guarded) -> None:
    nights.night("2026-10-14")
    before = nights.powerschool.state()
    nights.limits(('"America/Chicago"', '"Pacific/Kiritimati"'))
    night = nights.night("2026-10-15")
    assert (night.writes, nights.powerschool.state()) == ([], before)
    assert night.held() == [(item, "") for item in ITEMS[::2]]
    nights.limits()
    assert nights.night("2026-10-15").totals("items") == {"unchanged": 60}


@pytest.mark.parametrize("category", ["Tests", "Quizes"])
def test_a_wrong_category_map_moves_no_item_to_another_category(nights: Guarded, category: str) -> None:
    nights.night("2026-10-14")
    before = nights.powerschool.state()
    nights.limits(('Quiz = "Quizzes"', f'Quiz = "{category}"'))
    night = nights.night("2026-10-15")
    assert (night.writes, nights.powerschool.state()) == ([], before)
    # School 102 has an entry of its own; «Quizes» is no category of any teacher.
    told = {"held": 45, "unchanged": 15} if category == "Tests" else {"failed": 45, "unchanged": 15}
    assert night.totals("items") == told


def test_a_first_night_an_ordinary_one_a_new_period_and_a_new_school_year_hold_nothing(years: Guarded) -> None:
    first = years.night("2026-10-14")
    assert (first.totals("items"), first.held()) == ({"created": 60}, [])
    years.score(7, number=12)
    years.score(0, ITEMS[20:], number=3)
    for item in ITEMS[:3]:
        years.otus.edit("assessments", f"as-{item}", title=f"Better {item}")
    years.otus.edit("assessments", f"as-{ITEMS[50]}", assessment_type="Poster")
    years.powerschool.student_leaves(85101, STUDENTS[4])
    ordinary = years.night("2026-10-15")
    assert ordinary.held() == []
    assert ordinary.totals("items") == {"updated": 3, "unchanged": 56, "failed": 1}
    for item in ITEMS[:2]:  # two are handed in later: due in the new period
        years.otus.edit("assignments", item, due_date="2026-10-21")
        years.otus.edit("scores", f"{item}.1001", points=9)
    for number in range(5):
        due(years, f"new-{number}", "class-85001", "2026-10-21")
    for day in ("2026-10-19", "2026-10-20"):
        new_period = years.night(day)
        assert new_period.held() == []
        assert new_period.totals("items")["skipped"] == 57
    assert years.powerschool.assignments("new-0") != []
    years.otus.upsert("classes", {"id": "next", "deleted": False, "name": "Next", "school_id": "101",
                                  "sis_section_id": str(NEXT), "teacher_ids": []})  # fmt: skip
    for number in range(60):
        due(years, f"next-{number}", "next", "2027-09-01", assigned_at="2027-08-20T15:00:00Z")
    rollover = years.night("2027-09-10")
    assert (rollover.held(), rollover.totals("items")) == ([], {"created": 60})


def due(nights: Guarded, key: str, of: str, day: str, **more: str) -> None:
    """A new item with one score."""
    nights.otus.upsert("assessments", {
        "id": f"as-{key}", "deleted": False, "identifier": f"S{key}", "title": key, "kind": "assessment",
        "assessment_type": "Quiz", "grading_scale": "points", "points_possible": 10,
        "created_at": "2026-09-01T15:00:00Z",
    })  # fmt: skip
    nights.otus.upsert("assignments", {
        "id": key, "deleted": False, "assessment_id": f"as-{key}", "class_id": of, "assigned_by": "lead",
        "assigned_at": "2026-09-10T15:00:00Z", "due_date": day, "submission_date": None,
        "include_in_final_grade": True, **more,
    })  # fmt: skip
    nights.otus.upsert("scores", {
        "id": f"{key}.1001", "deleted": False, "assignment_id": key, "student_id": "st-1001", "status": "graded",
        "points": 8, "excluded": False, "excused": False, "missing": False,
    })  # fmt: skip


def test_a_backfill_a_preview_and_a_sync_are_never_the_night_that_is_compared_with(nights: Guarded) -> None:
    nights.night("2026-10-13")
    for item in ITEMS[:7]:
        nights.otus.edit("assessments", f"as-{item}", assessment_type="Poster")
    failing = {("items_newly_failing_share", "otus"): (7, 60, True)}
    assert nights.preview("2026-10-14") == failing
    night = nights.night("2026-10-14")
    assert nights.figures(night.run_id) == failing
    for changes in ("run_id = 'backfill__2026-10-14'", "dag_id = 'passback_sync'", "dry_run = true"):
        nights.do("update passback.run set run_id = %s, dag_id = 'passback_nightly', dry_run = false where run_id = %s",
                  night.run_id, night.run_id)  # fmt: skip
        assert nights.preview("2026-10-15") == {}
        nights.do(f"update passback.run set {changes} where run_id = %s", night.run_id)
        assert nights.preview("2026-10-15") == failing
        nights.do("update passback.run set run_id = %s where run_id = 'backfill__2026-10-14'", night.run_id)


def test_nights_of_some_schools_stand_beside_the_last_whole_one(nights: Guarded) -> None:
    nights.night("2026-10-12")
    for item in (*ITEMS[:4], *ITEMS[57:]):
        nights.otus.edit("assessments", f"as-{item}", assessment_type="Poster")
    nights.night("2026-10-13", schools=["102"])
    # Of school 102 the night of the 13th counts, of school 101 that of the 12th.
    assert nights.preview("2026-10-14") == {("items_newly_failing_share", "otus"): (4, 57, False)}
    assert nights.preview("2026-10-14", schools=["101"]) == {("items_newly_failing_share", "otus"): (4, 45, False)}
