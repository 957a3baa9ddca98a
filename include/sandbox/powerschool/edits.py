"""What people do in PowerSchool beside the plugin: teachers in their gradebooks, the office in the roster."""

from typing import Any

import msgspec

from sandbox.district import Enrollment, GradingPeriod, Section, SectionTeacher, TeacherCategory
from sandbox.powerschool.gradebook import AssignmentSection, CategoryLink, Gradebook, Score, shortest
from sandbox.powerschool.roster import Roster


class Edits:
    """Edits that take effect at once, never appear in the request log, and need no permission.

    An assignment is named by `assignment`: its id, or the source item id of its marker, or (with `section_dcid`) its
    name. Where several fit, all are edited. A student is named by student number. Nothing found raises `KeyError`.
    """

    def __init__(self, gradebook: Gradebook, roster: Roster) -> None:
        """Edit one gradebook and roster."""
        self.gradebook = gradebook
        self.roster = roster

    def find(self, assignment: int | str, section_dcid: int | None = None) -> list[AssignmentSection]:
        """Find an assignment in its sections, or in one of them."""
        books = self.gradebook.by_section_id.values()
        found = [held for held in books if section_dcid in (None, held.section_dcid) and _is_meant(held, assignment)]
        if not found:
            raise KeyError(f"no assignment {assignment!r} in section {section_dcid or 'any'}")
        return found

    def edit_score(
        self,
        assignment: int | str,
        student_number: str,
        points: float | None = None,
        *,
        flags: list[str] | None = None,
        section_dcid: int | None = None,
    ) -> int:
        """Type a score, or flags without one (`points` null); all that stood there is replaced."""
        student = self.roster.student_dcid(student_number)
        targets = [
            held for held in self.find(assignment, section_dcid) if student in self.roster.classmates(held.section_dcid)
        ]
        for held in targets:
            score = held.scores.setdefault(student, Score(self.gradebook.next_id("score")))
            score.points, score.flags = points, frozenset(flags or ())
            score.entered = None if points is None else shortest(points)
            score.kind = None if points is None else "REAL_SCORE"
        return len(targets)

    def delete_score(self, assignment: int | str, student_number: str, section_dcid: int | None = None) -> int:
        """Take a score away, row and all."""
        student = self.roster.student_dcid(student_number)
        gone = [held.scores.pop(student, None) for held in self.find(assignment, section_dcid)]
        return sum(score is not None for score in gone)

    def edit_assignment(
        self,
        assignment: int | str,
        *,
        name: str | None = None,
        due_date: str | None = None,
        total_points: float | None = None,
        description: str | None = None,
        category: str | None = None,
        section_dcid: int | None = None,
    ) -> int:
        """Change an assignment's name, due date, points, description or category (by name; an own copy is made)."""
        found = self.find(assignment, section_dcid)
        for held in found:
            held.name = held.name if name is None else name
            held.due_date = held.due_date if due_date is None else due_date
            held.description = held.description if description is None else description
            if total_points is not None:
                held.total_points = held.entry_points = float(total_points)
            if category is not None:
                held.links = [CategoryLink(self.gradebook.next_id("link"), self._copy(held, category))]
        return len(found)

    def _copy(self, held: AssignmentSection, name: str) -> int:
        """Find or make the copy of a category in the gradebook of the teacher whose category the assignment has."""
        owner = self.roster.categories[held.links[0].teacher_category_id].users_dcid
        year = self.roster.year_of(held.section_dcid)
        for row in self.roster.copies(owner, year):
            if row.name == name:
                return row.teacher_category_id
        made = TeacherCategory(owner, max(self.roster.categories) + 1, name, year)
        self.roster.categories[made.teacher_category_id] = made
        self.roster.changed()
        return made.teacher_category_id

    def create_assignment(
        self,
        section_dcid: int,
        users_dcid: int,
        *,
        name: str,
        due_date: str,
        total_points: float,
        category: str,
        description: str | None = None,
        by_plugin: bool = False,
    ) -> int:
        """Make an assignment by hand (or as the plugin: a ledger that was lost); gives its id."""
        copies = {row.name: row for row in self.roster.copies(users_dcid, self.roster.year_of(section_dcid))}
        links = [CategoryLink(0, copies[category].teacher_category_id)]
        held = AssignmentSection(0, 0, section_dcid, name, due_date, total_points, total_points, links, description)
        return self.gradebook.add([held], "passback" if by_plugin else None).assignment_id

    def delete_assignment(self, assignment: int | str, section_dcid: int | None = None) -> int:
        """Delete an assignment from all its sections, with its scores."""
        ids = {held.assignment_id for held in self.find(assignment, section_dcid)}
        for assignment_id in ids:
            self.gradebook.remove(assignment_id)
        return len(ids)

    def add_section(self, assignment: int | str, section_dcid: int, due_date: str | None = None) -> int:
        """Give an assignment to one more section, as a teacher does; gives the new assignment section's id."""
        first = self.find(assignment)[0]
        held = msgspec.structs.replace(
            first,
            section_dcid=section_dcid,
            due_date=due_date or first.due_date,
            scores={},
            links=[CategoryLink(0, link.teacher_category_id, link.is_primary) for link in first.links],
        )
        owner = self.gradebook.assignments[first.assignment_id]
        owner.sections.append(held)
        self.gradebook.attach(owner, held)
        return held.assignment_section_id

    def lock_assignment(self, assignment: int | str, locked: bool = True) -> int:
        """Lock an assignment, or open it again."""
        found = self.find(assignment)
        for held in found:
            held.is_locked = locked
        return len(found)

    def lock_section(self, section_dcid: int, locked: bool = True) -> None:
        """Lock a class (or its term), or open it again."""
        (self.roster.locked_sections.add if locked else self.roster.locked_sections.discard)(section_dcid)

    def set_category(self, users_dcid: int, name: str, is_active: bool = True, year_id: int | None = None) -> int:
        """Switch a teacher's category on or off (in every year, or one); gives how many copies there were."""
        copies = [
            row
            for row in self.roster.categories.values()
            if (row.users_dcid, row.name) == (users_dcid, name) and year_id in (None, row.year_id)
        ]
        for row in copies:
            row.is_active = is_active
        self.roster.changed()
        return len(copies)

    def student_leaves(self, section_dcid: int, student_number: str) -> int:
        """Drop a student from a section: scores for the student are refused from now on."""
        student = self.roster.student_dcid(student_number)
        stays = [row for row in self.roster.enrollments.get(section_dcid, ()) if row.student_dcid == student]
        self.roster.enrollments[section_dcid] = [
            msgspec.structs.replace(row, dropped=True) if row.student_dcid == student else row
            for row in self.roster.enrollments[section_dcid]
        ]
        self.roster.changed()
        return len(stays)

    def enroll(self, section_dcid: int, student_number: str, entry_date: str, exit_date: str) -> int:
        """Enrol a student (a new one, where the number is new) in a section; gives the student's DCID."""
        try:
            student = self.roster.student_dcid(student_number)
        except KeyError:
            student = max(self.roster.students, default=80000) + 1
            self.roster.students[student] = student_number
        self.roster.enrollments[section_dcid].append(Enrollment(section_dcid, student, entry_date, exit_date))
        self.roster.changed()
        return student

    def set_teacher(
        self,
        section_dcid: int,
        users_dcid: int,
        role: str = "lead",
        start_date: str = "2026-08-01",
        end_date: str | None = None,
    ) -> None:
        """Let a teacher teach a section between two dates, in place of what was there of this teacher."""
        self.remove_teacher(section_dcid, users_dcid)
        row = SectionTeacher(section_dcid, users_dcid, f"T{users_dcid}", role, start_date, end_date)
        self.roster.teachers[section_dcid].append(row)
        self.roster.changed()

    def remove_teacher(self, section_dcid: int, users_dcid: int) -> None:
        """Take a teacher out of a section, dates and all."""
        rows = self.roster.teachers.get(section_dcid, [])
        self.roster.teachers[section_dcid] = [row for row in rows if row.users_dcid != users_dcid]
        self.roster.changed()

    def set_section(self, **row: Any) -> None:
        """Put a section in, whole, in place of the one with its `section_dcid`."""
        section = msgspec.convert(row, Section)
        self.roster.sections[section.section_dcid] = section
        self.roster.changed()

    def remove_section(self, section_dcid: int) -> None:
        """Take a section out of PowerSchool."""
        del self.roster.sections[section_dcid]
        self.roster.changed()

    def set_grading_period(self, **row: Any) -> None:
        """Put a reporting term in, whole, in place of the one of its school, term and store code."""
        period = msgspec.convert(row, GradingPeriod)
        key = (period.school_number, period.term_id, period.store_code)
        self.roster.grading_periods = [
            held for held in self.roster.grading_periods if (held.school_number, held.term_id, held.store_code) != key
        ]
        self.roster.grading_periods.append(period)
        self.roster.changed()

    def empty_roster(self, keep: int = 0) -> int:
        """Keep only the first `keep` sections of the roster (a broken nightly import); gives how many were lost."""
        kept = sorted(self.roster.sections)[:keep]
        lost = len(self.roster.sections) - len(kept)
        self.roster.sections = {dcid: self.roster.sections[dcid] for dcid in kept}
        self.roster.changed()
        return lost


def _is_meant(held: AssignmentSection, assignment: int | str) -> bool:
    if isinstance(assignment, int):
        return held.assignment_id == assignment
    return held.marker.split(" ", 2)[2:] == [assignment] or held.name == assignment
