"""PowerSchool's roster in memory, indexed for the questions that a write asks."""

from collections import defaultdict
from datetime import date
from typing import Any

import msgspec

from sandbox.district import (
    District,
    Enrollment,
    GradingPeriod,
    School,
    Section,
    SectionTeacher,
    TeacherCategory,
)


class Roster:
    """Schools, sections, teachers, students, enrolments, categories and grading periods, with their indexes."""

    def __init__(self, district: District) -> None:
        """Index a district's roster; its lists are copied, so that the district can be served again."""
        self.today: str | None = None
        self.version = 0
        self.schools: dict[int, School] = {row.school_number: row for row in district.schools}
        self.sections: dict[int, Section] = {row.section_dcid: row for row in district.sections}
        self.students: dict[int, str] = {row.student_dcid: row.student_number for row in district.students}
        self.teachers: dict[int, list[SectionTeacher]] = defaultdict(list)
        for teacher in district.section_teachers:
            self.teachers[teacher.section_dcid].append(msgspec.structs.replace(teacher))
        self.enrollments: dict[int, list[Enrollment]] = defaultdict(list)
        for stay in district.enrollments:
            self.enrollments[stay.section_dcid].append(stay)
        self.categories: dict[int, TeacherCategory] = {
            row.teacher_category_id: msgspec.structs.replace(row) for row in district.teacher_categories
        }
        self.grading_periods: list[GradingPeriod] = list(district.grading_periods)
        self.locked_sections: set[int] = set()
        self._classmates: dict[int, set[int]] = {}
        self._teaching: dict[int, set[int]] = {}
        self._teaching_on = ""

    def changed(self) -> None:
        """Forget what was derived: somebody has edited the roster."""
        self.version += 1
        self._classmates = {}
        self._teaching = {}

    def teaches(self, users_dcid: int, section_dcid: int) -> bool:
        """Say whether a teacher teaches a section today, lead or co: PowerSchool judges a write by its own clock."""
        today = self.today or date.today().isoformat()
        if today != self._teaching_on:
            self._teaching, self._teaching_on = {}, today
        current = self._teaching.get(section_dcid)
        if current is None:
            current = {
                row.users_dcid
                for row in self.teachers.get(section_dcid, ())
                if row.start_date <= today and (row.end_date is None or today <= row.end_date)
            }
            self._teaching[section_dcid] = current
        return users_dcid in current

    def classmates(self, section_dcid: int) -> set[int]:
        """Give the students whom PowerSchool takes scores for: every one with a stay that was not dropped.

        Whether PowerSchool refuses a student whose stay has ended is unpublished; a student who `leaves` is dropped.
        """
        mates = self._classmates.get(section_dcid)
        if mates is None:
            mates = {row.student_dcid for row in self.enrollments.get(section_dcid, ()) if not row.dropped}
            self._classmates[section_dcid] = mates
        return mates

    def year_of(self, section_dcid: int) -> int:
        """Give a section's year id, `term_id // 100`."""
        return self.sections[section_dcid].term_id // 100

    def copies(self, users_dcid: int, year_id: int) -> list[TeacherCategory]:
        """List a teacher's categories of one school year, by id."""
        found = [row for row in self.categories.values() if row.users_dcid == users_dcid and row.year_id == year_id]
        return sorted(found, key=lambda row: row.teacher_category_id)

    def student_dcid(self, student_number: str) -> int:
        """Find a student's DCID by number; raises `KeyError` with the number."""
        for dcid, number in self.students.items():
            if number == student_number:
                return dcid
        raise KeyError(f"no student {student_number}")

    def as_builtins(self) -> dict[str, Any]:
        """Give the roster's sizes, for the control interface."""
        return {
            "schools": len(self.schools),
            "sections": len(self.sections),
            "students": len(self.students),
            "enrollments": sum(map(len, self.enrollments.values())),
            "teacher_categories": len(self.categories),
        }
