"""The named queries of the project's own plugin: flat rows, every value a string, in a fixed order."""

from collections.abc import Callable, Iterable
from typing import NamedTuple

import msgspec

from sandbox.district import Section
from sandbox.powerschool import errors
from sandbox.powerschool.gradebook import AssignmentSection, Gradebook, shortest
from sandbox.powerschool.roster import Roster
from sandbox.powerschool.switches import Switches
from sandbox.wire import Answer, Call

PREFIX = "org.passback.gradebook."
Row = tuple[str | None, ...]


class Asked(NamedTuple):
    """The arguments of a query; null means that it was not given."""

    school_number: int | None
    first_day: str
    last_day: str
    section_dcid: int | None


class Query(NamedTuple):
    """A query's columns, the PowerSchool fields that it needs, and how its rows come about."""

    columns: tuple[str, ...]
    fields: tuple[str, ...]
    rows: Callable[[Asked], Iterable[Row]]


class Queries:
    """The queries over one roster and gradebook; answers to roster queries are kept until the roster is edited."""

    def __init__(self, gradebook: Gradebook, roster: Roster, switches: Switches) -> None:
        """Serve one district; the switches may change at any time."""
        self.gradebook = gradebook
        self.roster = roster
        self.switches = switches
        self._kept: dict[tuple[str, Asked], list[bytes]] = {}
        self._kept_of = (-1, "")
        self.by_name = {
            "schools": Query(
                ("school_number", "school_name"), ("SCHOOLS.SCHOOL_NUMBER", "SCHOOLS.NAME"), self._schools
            ),
            "sections": Query(
                (
                    "section_dcid",
                    "section_id",
                    "school_number",
                    "term_id",
                    "course_name",
                    "section_number",
                    "first_day",
                    "last_day",
                ),
                ("SECTIONS.DCID", "TERMS.FIRSTDAY", "TERMS.LASTDAY", "COURSES.COURSE_NAME"),
                self._sections,
            ),
            "section_teachers": Query(
                ("section_dcid", "users_dcid", "teacher_number", "role", "start_date", "end_date"),
                ("SECTIONS.DCID", "USERS.DCID", "SECTIONTEACHER.START_DATE"),
                self._section_teachers,
            ),
            "teacher_categories": Query(
                ("users_dcid", "teacher_category_id", "name", "is_active"),
                ("USERS.DCID", "TEACHERCATEGORY.NAME", "TEACHERCATEGORY.ISACTIVE"),
                self._teacher_categories,
            ),
            "section_scores": Query(
                (
                    "assignment_id",
                    "assignment_section_id",
                    "name",
                    "description",
                    "due_date",
                    "total_points",
                    "category_id",
                    "is_locked",
                    "student_dcid",
                    "score_points",
                    "is_exempt",
                    "is_missing",
                    "is_incomplete",
                ),
                ("ASSIGNMENTSECTION.NAME", "ASSIGNMENTSCORE.SCOREPOINTS"),
                self._section_scores,
            ),
            "enrollments": Query(
                ("section_dcid", "student_dcid", "student_number", "entry_date", "exit_date", "dropped"),
                ("CC.DATEENROLLED", "CC.DATELEFT", "STUDENTS.STUDENT_NUMBER"),
                self._enrollments,
            ),
            "grading_periods": Query(
                ("school_number", "term_id", "store_code", "first_day", "last_day"),
                ("TERMBINS.STORECODE", "TERMBINS.DATE1", "TERMBINS.DATE2"),
                self._grading_periods,
            ),
        }

    def answer(self, call: Call, full_name: str) -> Answer:
        """Run a named query for one page, or whole with `pagesize=0`."""
        name = full_name.removeprefix(PREFIX)
        query = self.by_name.get(name) if full_name.startswith(PREFIX) else None
        if query is None:
            raise errors.refusal(404, f"Unable to find query {full_name}")
        lacking = [field for field in query.fields if field in self.switches.forbidden_query_fields]
        if lacking:
            raise errors.no_field_access(lacking)
        asked = self._asked(call, name)
        rows = self._page(call, self._rows(name, query, asked))
        record = b',"record":[' + b",".join(rows) + b"]" if rows else b""
        noise = b',"$breach_mitigation":"x"' if self.switches.noise else b""
        return Answer(200, b'{"name":"' + full_name.encode() + b'"' + noise + record + b"}")

    def _rows(self, name: str, query: Query, asked: Asked) -> list[bytes]:
        state = (self.roster.version, self.switches.query_nulls)
        if state != self._kept_of:
            self._kept, self._kept_of = {}, state
        if name == "section_scores":
            return self._encoded(query, asked)
        rows = self._kept.get((name, asked))
        if rows is None:
            rows = self._kept[name, asked] = self._encoded(query, asked)
        return rows

    def _encoded(self, query: Query, asked: Asked) -> list[bytes]:
        encode, columns = msgspec.json.Encoder().encode, query.columns
        if self.switches.query_nulls == "empty":
            return [encode({c: v or "" for c, v in zip(columns, row, strict=True)}) for row in query.rows(asked)]
        return [encode({c: v for c, v in zip(columns, row, strict=True) if v is not None}) for row in query.rows(asked)]

    def _page(self, call: Call, rows: list[bytes]) -> list[bytes]:
        try:
            size, page = int(call.query.get("pagesize", self.switches.page_cap)), int(call.query.get("page", 1))
        except ValueError:
            raise errors.bad_request("pagesize and page must be numbers") from None
        cap = self.switches.query_page_cap
        if cap is not None and not 1 <= size <= cap:
            raise errors.bad_request(f"pagesize must be 1 to {cap}")
        if size < 0 or page < 1:
            raise errors.bad_request("pagesize must be 0 or more, page 1 or more")
        return rows if size == 0 else rows[(page - 1) * size : page * size]

    def _asked(self, call: Call, name: str) -> Asked:
        try:
            sent = msgspec.json.decode(call.body or b"{}", type=dict[str, str | int | None])
            school, section = sent.pop("school_number", None), sent.pop("section_dcid", None)
            asked = Asked(
                None if school in (None, "") else int(school),
                str(sent.pop("first_day", None) or "0000-00-00"),
                str(sent.pop("last_day", None) or "9999-99-99"),
                None if section in (None, "") else int(section),
            )
        except (msgspec.DecodeError, ValueError) as error:
            raise errors.bad_request(f"The arguments cannot be read: {error}") from None
        if sent:
            raise errors.bad_request(f"Unknown arguments: {', '.join(sorted(sent))}")
        if (name == "section_scores") != (asked.section_dcid is not None):
            raise errors.bad_request("section_dcid is the argument of section_scores")
        return asked

    def _touching(self, asked: Asked) -> list[Section]:
        """Give the sections of the asked school that touch the asked days, by DCID."""
        return [
            row
            for _, row in sorted(self.roster.sections.items())
            if asked.school_number in (None, row.school_number)
            and row.first_day <= asked.last_day
            and row.last_day >= asked.first_day
        ]

    def _schools(self, asked: Asked) -> Iterable[Row]:
        for number, row in sorted(self.roster.schools.items()):
            if asked.school_number in (None, number):
                yield str(number), row.school_name

    def _sections(self, asked: Asked) -> Iterable[Row]:
        for row in self._touching(asked):
            yield (
                str(row.section_dcid),
                str(row.section_id),
                str(row.school_number),
                str(row.term_id),
                row.course_name,
                row.section_number,
                row.first_day,
                row.last_day,
            )

    def _section_teachers(self, asked: Asked) -> Iterable[Row]:
        for section in self._touching(asked):
            for row in sorted(self.roster.teachers.get(section.section_dcid, ()), key=lambda row: row.users_dcid):
                yield (
                    str(row.section_dcid),
                    str(row.users_dcid),
                    row.teacher_number,
                    row.role,
                    row.start_date,
                    row.end_date,
                )

    def _teacher_categories(self, asked: Asked) -> Iterable[Row]:
        touching = self._touching(asked)
        teachers = {row.users_dcid for s in touching for row in self.roster.teachers.get(s.section_dcid, ())}
        for _, row in sorted(self.roster.categories.items()):
            start = row.year_id + 1990
            in_range = f"{start}-07-01" <= asked.last_day and f"{start + 1}-06-30" >= asked.first_day
            if in_range and (asked.school_number is None or row.users_dcid in teachers):
                yield (
                    str(row.users_dcid),
                    str(row.teacher_category_id),
                    row.name,
                    "true" if row.is_active else "false",
                )

    def _enrollments(self, asked: Asked) -> Iterable[Row]:
        numbers = self.roster.students
        for section in self._touching(asked):
            dcid = str(section.section_dcid)
            stays = self.roster.enrollments.get(section.section_dcid, ())
            for row in sorted(stays, key=lambda row: (row.student_dcid, row.entry_date)):
                if row.entry_date <= asked.last_day and row.exit_date >= asked.first_day:
                    yield (
                        dcid,
                        str(row.student_dcid),
                        numbers[row.student_dcid],
                        row.entry_date,
                        row.exit_date,
                        "true" if row.dropped else "false",
                    )

    def _grading_periods(self, asked: Asked) -> Iterable[Row]:
        periods = self.roster.grading_periods
        rows = sorted(periods, key=lambda row: (row.school_number, row.term_id, row.first_day, row.store_code))
        for row in rows:
            in_range = row.first_day <= asked.last_day and row.last_day >= asked.first_day
            if in_range and asked.school_number in (None, row.school_number):
                yield str(row.school_number), str(row.term_id), row.store_code, row.first_day, row.last_day

    def _section_scores(self, asked: Asked) -> Iterable[Row]:
        held = self.gradebook.by_section.get(asked.section_dcid or 0, {})
        for _, row in sorted(held.items()):
            yield from _score_rows(row)


def _score_rows(held: AssignmentSection) -> Iterable[Row]:
    """Give one row a score, or one row with an empty student for an assignment without scores."""
    primary = next((str(link.teacher_category_id) for link in held.links if link.is_primary), None)
    head = (
        str(held.assignment_id),
        str(held.assignment_section_id),
        held.name,
        held.description,
        held.due_date,
        shortest(held.total_points),
        primary,
        "true" if held.is_locked else "false",
    )
    if not held.scores:
        yield (*head, None, None, None, None, None)
    for student_dcid, score in sorted(held.scores.items()):
        flags = ("true" if flag in score.flags else "false" for flag in ("isexempt", "ismissing", "isincomplete"))
        yield (*head, str(student_dcid), None if score.points is None else shortest(score.points), *flags)
