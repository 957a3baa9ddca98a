"""Scores on the wire: the bulk write, all or nothing, and the table by which they are read back."""

from typing import Any

import msgspec

from sandbox.powerschool import errors
from sandbox.powerschool.gradebook import FLAGS, AssignmentSection, Gradebook, Score, shortest
from sandbox.powerschool.roster import Roster
from sandbox.powerschool.switches import Switches
from sandbox.wire import Answer, Call, Refusal, json_answer


class SectionReference(msgspec.Struct, gc=False):
    """The assignment's section that a score belongs to."""

    assignmentsectionid: int


class ScoreBody(msgspec.Struct, gc=False):
    """One score as it is sent; a value field that is null clears the score, one that is left out is kept."""

    assignment_section: SectionReference = msgspec.field(name="_assignmentsection")
    studentsdcid: int
    actualscoreentered: str | msgspec.UnsetType | None = msgspec.UNSET
    actualscorekind: str | msgspec.UnsetType | None = msgspec.UNSET
    scoretype: str | msgspec.UnsetType | None = msgspec.UNSET
    scorepoints: float | msgspec.UnsetType | None = msgspec.UNSET
    isexempt: bool | msgspec.UnsetType | None = msgspec.UNSET
    ismissing: bool | msgspec.UnsetType | None = msgspec.UNSET
    isincomplete: bool | msgspec.UnsetType | None = msgspec.UNSET
    islate: bool | msgspec.UnsetType | None = msgspec.UNSET
    iscollected: bool | msgspec.UnsetType | None = msgspec.UNSET
    isabsent: bool | msgspec.UnsetType | None = msgspec.UNSET


class ScoresBody(msgspec.Struct):
    """The body of a score write."""

    assignment_scores: list[ScoreBody]


decode_scores = msgspec.json.Decoder(ScoresBody).decode
NO_FLAGS: frozenset[str] = frozenset()


class ScoreCalls:
    """The score resource of xte."""

    def __init__(self, gradebook: Gradebook, roster: Roster, switches: Switches) -> None:
        """Serve one gradebook; the switches may change at any time."""
        self.gradebook = gradebook
        self.roster = roster
        self.switches = switches

    def write(self, call: Call, users_dcid: int, store: bool = True) -> Answer:
        """Write every score of the call, or refuse it whole; `store` false is the fault that keeps nothing."""
        if self.switches.forbidden_score_fields:
            raise errors.no_field_access(self.switches.forbidden_score_fields)
        if not call.query.get("status"):
            raise errors.bad_request("status is required")
        try:
            rows = decode_scores(call.body).assignment_scores
        except msgspec.DecodeError as error:
            raise errors.bad_request(f"The body cannot be read: {error}") from None
        targets = [self._target(row) for row in rows]
        self._judge(call, users_dcid, rows, targets)
        if store:
            for row, held in zip(rows, targets, strict=True):
                self._store(row, held)
        return self._reply(len(rows))

    def _target(self, row: ScoreBody) -> AssignmentSection:
        key = row.assignment_section.assignmentsectionid
        held = self.gradebook.by_section_id.get(key)
        if held is None:
            if key in self.gradebook.deleted_sections:
                raise errors.assignment_section_gone(key)
            raise errors.does_not_teach(f"of assignment section {key}")
        return held

    def _judge(self, call: Call, users_dcid: int, rows: list[ScoreBody], targets: list[AssignmentSection]) -> None:
        for held in {held.assignment_section_id: held for held in targets}.values():
            if not self.roster.teaches(users_dcid, held.section_dcid):
                raise errors.does_not_teach(held.section_dcid)
            if held.is_locked or held.section_dcid in self.roster.locked_sections:
                raise errors.locked(held.section_dcid)
            if call.query.get("term_id") != str(self.roster.sections[held.section_dcid].term_id):
                raise errors.validation("Term.id", "term_id is not the section's")
        strangers = [
            (held.assignment_section_id, row.studentsdcid)
            for row, held in zip(rows, targets, strict=True)
            if row.studentsdcid not in self.roster.classmates(held.section_dcid)
        ]
        if strangers:
            raise self._students_refused(strangers)
        for row in rows:
            _judge_values(row)

    def _students_refused(self, strangers: list[tuple[int, int]]) -> Refusal:
        switches = self.switches
        if switches.refusal_names == "none":
            return errors.refusal(409, "One or more students do not have an AssignmentStudentAssociation")
        named = strangers[:1] if switches.refusal_names == "one" else strangers
        listed: list[dict[str, Any]] = []
        for section, student in named:
            who = f"Student.id [{student}]" if switches.refusal_text else "A student"
            error: dict[str, Any] = {
                "field": f"{who} does not have an AssignmentStudentAssociation for AssignmentSection.id [{section}]"
            }
            if switches.refusal_params:
                error["params"] = {"assignment_section_id": section, "student_dcid": student}
            listed.append(error)
        return errors.refusal(409, "Validation failed", listed)

    def _store(self, row: ScoreBody, held: AssignmentSection) -> None:
        score = held.scores.get(row.studentsdcid)
        if score is None:
            score = held.scores[row.studentsdcid] = Score(self.gradebook.next_id("score"))
        if row.scorepoints is not msgspec.UNSET:
            score.points = None if row.scorepoints is None else round(row.scorepoints, 6)
        if row.actualscoreentered is not msgspec.UNSET:
            score.entered = row.actualscoreentered
        if row.actualscorekind is not msgspec.UNSET:
            score.kind = row.actualscorekind
        before = score.flags if self.switches.omitted_flags == "kept" else NO_FLAGS
        sent = (row.isexempt, row.ismissing, row.isincomplete, row.islate, row.iscollected, row.isabsent)
        # Nearly every row has no flag on: do not look at each.
        score.flags = _flags(sent, before) if before or True in sent else NO_FLAGS

    def _reply(self, rows: int) -> Answer:
        shape = self.switches.score_reply
        if shape == "empty":
            return Answer(200)
        return json_answer([] if shape == "array" else {"assignment_scores": [], "updated": rows})

    def table(self, call: Call, count_only: bool) -> Answer:
        """Read `assignmentscore` by `q`, page by page, or count it; the page size is capped by the metadata."""
        conditions = parse_q(call.query.get("q", ""))
        rows = [wire for wire in self._candidates(conditions) if _meets(wire, conditions)]
        if count_only:
            return json_answer({"count": len(rows)})
        projection = [name for name in call.query.get("projection", "").lower().split(",") if name]
        if not projection:
            raise errors.bad_request("projection is required")
        unknown = set(projection) - set(COLUMNS) - {"*"}
        if unknown:
            raise errors.no_field_access(f"ASSIGNMENTSCORE.{name.upper()}" for name in sorted(unknown))
        size, page = page_of(call, self.switches.page_cap)
        shown = [self._table_row(wire, projection) for wire in rows[(page - 1) * size : page * size]]
        return json_answer({"name": "assignmentscore", **({"record": shown} if shown else {})})

    def _candidates(self, conditions: list[tuple[str, str, str]]) -> list[dict[str, Any]]:
        """Give the rows that can match: of one assignment section where `q` names it, else all, by id."""
        named = [value for name, operator, value in conditions if (name, operator) == ("assignmentsectionid", "==")]
        books = self.gradebook.by_section_id
        held = [books[int(value)] for value in named[:1] if value.isdigit() and int(value) in books]
        rows = [
            _row(row, dcid, score) for row in (held if named else books.values()) for dcid, score in row.scores.items()
        ]
        return sorted(rows, key=lambda row: int(row["assignmentscoreid"]))

    def _table_row(self, row: dict[str, Any], projection: list[str]) -> dict[str, Any]:
        names = COLUMNS if "*" in projection else projection
        form = self.switches.booleans
        values: dict[str, str] = {}
        for name in names:
            value = row[name]
            if isinstance(value, bool):
                if value or form != "missing":
                    values[name] = str(value).lower() if form != "digits" else str(int(value))
            elif value is not None:
                values[name] = value
        return {"id": int(row["assignmentscoreid"]), "name": "assignmentscore", "tables": {"assignmentscore": values}}


COLUMNS = (
    "assignmentscoreid",
    "assignmentsectionid",
    "studentsdcid",
    "scorepoints",
    "actualscoreentered",
    "actualscorekind",
    *FLAGS,
)
OPERATORS = ("=gt=", "=ge=", "=lt=", "=le=", "==")


def _flags(sent: tuple[bool | msgspec.UnsetType | None, ...], before: frozenset[str]) -> frozenset[str]:
    """Give the flags that are on: as sent, and as before where they were left out."""
    return frozenset(
        flag for flag, value in zip(FLAGS, sent, strict=True) if (flag in before if value is msgspec.UNSET else value)
    )


def _judge_values(row: ScoreBody) -> None:
    entered, points = row.actualscoreentered, row.scorepoints
    if isinstance(entered, str) and len(entered) > 30:
        raise errors.validation("AssignmentScore.actualScoreEntered", "The entered score has over 30 characters")
    if isinstance(points, float) and not 0 <= points < 1e9:
        raise errors.validation("AssignmentScore.scorePoints", "The score is out of range")


def _row(held: AssignmentSection, student_dcid: int, score: Score) -> dict[str, Any]:
    return {
        "assignmentscoreid": str(score.score_id),
        "assignmentsectionid": str(held.assignment_section_id),
        "studentsdcid": str(student_dcid),
        "scorepoints": None if score.points is None else shortest(score.points),
        "actualscoreentered": score.entered,
        "actualscorekind": score.kind,
        **{flag: flag in score.flags for flag in FLAGS},
    }


def parse_q(q: str) -> list[tuple[str, str, str]]:
    """Read a table query, conditions joined by `;`, into (column, operator, value)."""
    conditions = []
    for part in filter(None, q.split(";")):
        operator = next((sign for sign in OPERATORS if sign in part), None)
        if operator is None:
            raise errors.bad_request(f"q cannot be read: {part}")
        name, _, value = part.partition(operator)
        name = name.lower().removeprefix("assignmentscore.")
        if name not in COLUMNS:
            raise errors.no_field_access([f"ASSIGNMENTSCORE.{name.upper()}"])
        conditions.append((name, operator, value))
    return conditions


def _meets(row: dict[str, Any], conditions: list[tuple[str, str, str]]) -> bool:
    return all(_compare(row[name], operator, value) for name, operator, value in conditions)


def _compare(held: Any, operator: str, asked: str) -> bool:
    if held is None:
        return False
    if isinstance(held, bool):
        return operator == "==" and held == (asked.lower() in ("1", "true"))
    try:
        left: Any = float(held)
        right: Any = float(asked)
    except ValueError:
        left, right = held, asked
    return bool(
        {"==": left == right, "=gt=": left > right, "=ge=": left >= right, "=lt=": left < right, "=le=": left <= right}[
            operator
        ]
    )


def page_of(call: Call, cap: int) -> tuple[int, int]:
    """Read page size (capped, 100 by default) and page number of a table query."""
    try:
        size, page = int(call.query.get("pagesize") or cap), int(call.query.get("page") or 1)
    except ValueError:
        raise errors.bad_request("pagesize and page must be numbers") from None
    if size < 1 or page < 1:
        raise errors.bad_request("pagesize and page must be 1 or more")
    return min(size, cap), page
