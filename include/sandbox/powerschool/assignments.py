"""Assignments on the wire: create, list, read, update and delete, with every refusal of the contract."""

from datetime import date

import msgspec

from sandbox.powerschool import errors
from sandbox.powerschool.assignment_forms import (
    SCORING_FIELDS,
    WIRE_FIELDS,
    AssignmentBody,
    LinkBody,
    SectionBody,
    as_wire,
    decode_assignment,
)
from sandbox.powerschool.gradebook import Assignment, AssignmentSection, CategoryLink, Gradebook, normalised
from sandbox.powerschool.roster import Roster
from sandbox.powerschool.switches import Switches
from sandbox.wire import Answer, Call, json_answer

PLUGIN = "passback"


class AssignmentCalls:
    """The assignment resource of xte."""

    def __init__(self, gradebook: Gradebook, roster: Roster, switches: Switches) -> None:
        """Serve one gradebook; the switches may change at any time."""
        self.gradebook = gradebook
        self.roster = roster
        self.switches = switches

    def create(self, call: Call, users_dcid: int) -> Answer:
        """Make a new assignment; nothing tells a repeated create from a new one."""
        body = _decoded(call)
        dcids = [section.sectionsdcid for section in body.sections]
        if not dcids or len(set(dcids)) != len(dcids):
            raise errors.bad_request("An assignment needs its sections, each once")
        held = [self._new_section(section, users_dcid) for section in body.sections]
        _same_across(held)
        assignment = self.gradebook.add(held, PLUGIN)
        return Answer(201, b"", {"Location": self._location(call, assignment.assignment_id)})

    def pretend_create(self, call: Call) -> Answer:
        """Answer a create as if it had been stored (a fault: the id leads to nothing)."""
        return Answer(201, b"", {"Location": self._location(call, self.gradebook.next_id("assignment"))})

    @staticmethod
    def _location(call: Call, assignment_id: int) -> str:
        return f"http://{call.host}/ws/xte/section/assignment/{assignment_id}"

    def _new_section(self, sent: SectionBody, users_dcid: int) -> AssignmentSection:
        if sent.sectionsdcid is None:
            raise errors.bad_request("sectionsdcid is required")
        self._may_write(users_dcid, sent.sectionsdcid)
        for wire in ("name", "duedate", "scoreentrypoints", "totalpointvalue"):
            if getattr(sent, wire) in (None, msgspec.UNSET):
                raise errors.validation("AssignmentSection." + wire, f"{wire} is required")
        held = AssignmentSection(0, 0, sent.sectionsdcid, "", "", 0, 0, [], scores={})
        self._apply(held, sent, users_dcid)
        return held

    def _may_write(self, users_dcid: int, section_dcid: int) -> None:
        if section_dcid not in self.roster.sections or not self.roster.teaches(users_dcid, section_dcid):
            raise errors.does_not_teach(section_dcid)
        if section_dcid in self.roster.locked_sections:
            raise errors.locked(section_dcid)

    def _apply(self, held: AssignmentSection, sent: SectionBody, users_dcid: int) -> None:
        """Overwrite every submitted value, then judge the whole."""
        for wire, own in WIRE_FIELDS.items():
            value = getattr(sent, wire)
            if value is not msgspec.UNSET:
                setattr(held, own, value)
        if sent.links is not msgspec.UNSET:
            self._apply_links(held, sent.links, users_dcid)
        elif not held.links:
            raise errors.category("An assignment needs exactly one primary category")
        self._judge(held)
        if self.switches.normalise:
            held.name = normalised(held.name, 50)
            held.description = normalised(held.description, 4000) if held.description else held.description

    def _apply_links(self, held: AssignmentSection, sent: list[LinkBody], users_dcid: int) -> None:
        if sum(link.isprimary for link in sent) != 1:
            raise errors.category("An assignment needs exactly one primary category")
        before = {link.teacher_category_id: link.link_id for link in held.links}
        year = self.roster.year_of(held.section_dcid)
        for link in sent:
            copy = self.roster.categories.get(link.teachercategoryid)
            if link.teachercategoryid in before:
                continue
            if copy is None or copy.users_dcid != users_dcid or copy.year_id != year:
                raise errors.category("The teacher has no such category", link.teachercategoryid)
            if not copy.is_active:
                raise errors.category("The category is not active", link.teachercategoryid)
        held.links = [
            CategoryLink(
                before.get(link.teachercategoryid) or self.gradebook.next_id("link"),
                link.teachercategoryid,
                link.isprimary,
            )
            for link in sent
        ]

    def _judge(self, held: AssignmentSection) -> None:
        if not held.name or not held.name.strip() or len(held.name) > 50:
            raise errors.validation("AssignmentSection.name", "The name must have 1 to 50 characters")
        if held.description is not None and len(held.description) > 4000:
            raise errors.validation("AssignmentSection.description", "The description has over 4000 characters")
        numbers = (held.entry_points, held.total_points, held.weight, held.extra_credit_points)
        if any(number is None or number < 0 for number in numbers):
            raise errors.validation("AssignmentSection.totalpointvalue", "The points must be 0 or more")
        if max(held.total_points, held.entry_points) * held.weight + held.extra_credit_points > 9999:
            raise errors.validation("AssignmentSection.totalpointvalue", "The points must not exceed 9999")
        section = self.roster.sections[held.section_dcid]
        if not _is_day(held.due_date) or not section.first_day <= held.due_date <= section.last_day:
            raise errors.due_date(held.due_date, section.first_day, section.last_day)

    def _owned(self, assignment_id: int, users_dcid: int) -> Assignment:
        assignment = self.gradebook.assignments.get(assignment_id)
        if assignment is None:
            raise errors.assignment_gone(assignment_id)
        if not any(self.roster.teaches(users_dcid, held.section_dcid) for held in assignment.sections):
            raise errors.does_not_teach(assignment.sections[0].section_dcid)
        return assignment

    def read(self, assignment_id: int, users_dcid: int) -> Answer:
        """Give one assignment with all its sections."""
        return json_answer(as_wire(self._owned(assignment_id, users_dcid)))

    def listing(self, call: Call, users_dcid: int) -> Answer:
        """List the assignments of the given sections, never paged; each with all the sections that it is in."""
        found: dict[int, Assignment] = {}
        for section_dcid in section_ids(call):
            if section_dcid not in self.roster.sections or not self.roster.teaches(users_dcid, section_dcid):
                raise errors.does_not_teach(section_dcid)
            for assignment_id in self.gradebook.by_section.get(section_dcid, ()):
                found[assignment_id] = self.gradebook.assignments[assignment_id]
        return json_answer([as_wire(found[assignment_id]) for assignment_id in sorted(found)])

    def update(self, call: Call, assignment_id: int, users_dcid: int) -> Answer:
        """Overwrite an assignment with the whole object as it was read and changed."""
        assignment = self._owned(assignment_id, users_dcid)
        body = _decoded(call)
        sent = {key: section for section in body.sections for key in [self._sent_id(assignment, section)]}
        if set(sent) != {held.assignment_section_id for held in assignment.sections}:
            raise errors.refusal(412, "Every section of the assignment must be in the body")
        after = []
        for held in assignment.sections:
            changed = msgspec.structs.replace(held, links=list(held.links))
            if held.is_locked or held.section_dcid in self.roster.locked_sections:
                raise errors.locked(held.section_dcid)
            self._apply(changed, sent[held.assignment_section_id], users_dcid)
            after.append(changed)
        _same_across(after)
        self._store(assignment, after, call.query.get("update_scores"))
        return Answer(self.switches.update_status)

    @staticmethod
    def _sent_id(assignment: Assignment, sent: SectionBody) -> int:
        if sent.assignmentsectionid is not None:
            return sent.assignmentsectionid
        for held in assignment.sections:
            if held.section_dcid == sent.sectionsdcid:
                return held.assignment_section_id
        return -1

    def _store(self, assignment: Assignment, after: list[AssignmentSection], update_scores: str | None) -> None:
        for held, changed in zip(assignment.sections, after, strict=True):
            rescored = any(getattr(held, name) != getattr(changed, name) for name in SCORING_FIELDS)
            if rescored and held.scores and update_scores not in ("true", "false"):
                raise errors.refusal(412, "Scores exist: update_scores must be given")
        for held, changed in zip(assignment.sections, after, strict=True):
            if update_scores == "true" and held.total_points and held.total_points != changed.total_points:
                factor = changed.total_points / held.total_points
                for score in held.scores.values():
                    score.points = None if score.points is None else round(score.points * factor, 6)
            for own in (*WIRE_FIELDS.values(), "links"):
                setattr(held, own, getattr(changed, own))

    def delete(self, call: Call, assignment_id: int, users_dcid: int) -> Answer:
        """Delete an assignment; with scores only where `force` is set."""
        assignment = self._owned(assignment_id, users_dcid)
        if any(held.scores for held in assignment.sections) and call.query.get("force") != "true":
            raise errors.refusal(412, "Scores exist: force must be set")
        self.gradebook.remove(assignment_id)
        return Answer(204)


def section_ids(call: Call) -> list[int]:
    """Read the `section_ids` of a listing: DCIDs joined by commas."""
    try:
        return [int(part) for part in call.query["section_ids"].split(",") if part]
    except (KeyError, ValueError):
        raise errors.bad_request("section_ids must be section DCIDs joined by commas") from None


def _decoded(call: Call) -> AssignmentBody:
    try:
        return decode_assignment(call.body)
    except msgspec.DecodeError as error:
        raise errors.bad_request(f"The body cannot be read: {error}") from None


def _is_day(text: str | None) -> bool:
    try:
        return text is not None and len(text) == 10 and bool(date.fromisoformat(text))
    except ValueError:
        return False


def _same_across(sections: list[AssignmentSection]) -> None:
    """Refuse sections that differ in more than their due date."""
    first = sections[0]
    for other in sections[1:]:
        for own in WIRE_FIELDS.values():
            if own != "due_date" and getattr(first, own) != getattr(other, own):
                raise errors.validation("AssignmentSection." + own, "Values must be the same across sections")
