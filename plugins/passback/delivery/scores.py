"""Scores: theirs read where a base exists, every call on record, a refused student isolated without losing the rest."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterable
from typing import Any

from passback.delivery.courier import Courier
from passback.delivery.records import Proofs
from passback.delivery.updates import gone
from passback.delivery.work import Item, told
from passback.errors import Transient, catalogue
from passback.powerschool.answers import Answer
from passback.powerschool.client import Refused
from passback.stop import Stopped

RESENDS = 2


async def send_scores(courier: Courier, items: list[Item]) -> None:
    """Sends the planned scores of these items, whose assignments PowerSchool holds under known ids."""
    there = [item for item in items if not item.ended and item.is_in_its_section]
    ready = [item for item in there if item.base is not None and item.base.assignment_section_id]
    await _look_at_theirs(courier, [item for item in ready if not item.just_created])
    ready = [item for item in ready if not item.ended]
    by_key = {item.item_key: item for item in ready}
    calls = await courier.db(courier.records.open_score_calls, ready)
    proofs = Proofs(courier.records.answer_score_calls)
    asked = 0
    try:
        for call in calls:
            courier.check_window()
            asked += 1
            item = by_key[call["item_key"]]
            if not item.ended:
                await _send(courier, proofs, item, call)
            else:
                proofs.add(_not_asked(call))
            if proofs.due:
                await courier.db(proofs.flush)
    except BaseException:
        for call in calls[asked:]:
            proofs.add(_not_asked(call))
        proofs.flush()
        raise
    await courier.db(proofs.flush)


async def settle_calls(courier: Courier, section_dcid: int, calls: list[int]) -> None:
    """Settles score calls without an answer by what the section holds now."""
    await courier.db(
        courier.records.read_theirs,
        theirs_of(await courier.powerschool.section_scores(section_dcid, courier.query_page)),
    )
    await courier.db(courier.records.settle_calls, calls)


async def _look_at_theirs(courier: Courier, items: list[Item]) -> None:
    """Reads what PowerSchool holds of these items, and decides who wins; by section where it has several of them."""
    sections: dict[int, list[Item]] = {}
    for item in items:
        sections.setdefault(item.section_dcid, []).append(item)
    for section_dcid, members in sections.items():
        rows = await _read(courier, section_dcid, members)
        await courier.db(courier.records.read_theirs, theirs_of(rows))
        await courier.db(courier.records.decide_scores, [item for item in members if not item.ended])


async def _read(courier: Courier, section_dcid: int, members: list[Item]) -> list[dict[str, str]]:
    if len(members) == 1 and members[0].base and members[0].base.assignment_section_id:
        rows = await courier.powerschool.item_scores(members[0].base.assignment_section_id)
        if rows:
            return rows
    rows = await courier.powerschool.section_scores(section_dcid, courier.query_page)
    there = {row.get("assignment_section_id") for row in rows}
    missing = [item for item in members if item.base and str(item.base.assignment_section_id) not in there]
    if missing:
        await gone(courier, missing)
    return rows


def theirs_of(rows: Iterable[dict[str, str]]) -> Iterable[tuple[int, int, float | None, int]]:
    """Score rows of either read as assignmentsectionid, student DCID, points and flags."""
    for row in rows:
        if row.get("student_dcid"):
            points = float(row["score_points"]) if row.get("score_points") else None
            flags = (
                (row["is_exempt"] == "true")
                | (row["is_incomplete"] == "true") << 1
                | (row["is_missing"] == "true") << 2
            )
            yield int(row["assignment_section_id"]), int(row["student_dcid"]), points, flags


async def _send(courier: Courier, proofs: Proofs, item: Item, call: dict[str, Any]) -> None:
    """One call to its end: accepted, refused, or in parts where students are refused."""
    sending = _Sending(courier, item, call)
    while sending.waiting:
        answer = await sending.ask()
        if answer is None:
            continue
        if answer.lost:
            await courier.db(proofs.flush)
            if not await _look_again(courier, item):
                return
            if sending.is_in_parts:
                if await sending.part_arrived():
                    continue
            elif await _settled(courier, call):
                return
        if not await sending.judge(answer):
            break
    if sending.refusal is not None and sending.refusal.code == "DELETED_IN_SIS":
        await gone(courier, [item])
    proofs.add(await sending.proof())


class _Sending:
    """The rows of one score call on their way: whole, then without the students that PowerSchool named, then by halves.

    At most 2 log2(rows) + 8 calls (the limit for isolating); what is left then is SIS_REFUSED.
    """

    def __init__(self, courier: Courier, item: Item, call: dict[str, Any]) -> None:
        self.courier, self.item, self.call = courier, item, call
        self.waiting: deque[list[int]] = deque([list(call["students"])])
        self.refusal: Answer | None = None
        self._body: str | None = call["body"]
        self._students: list[int] = []
        self._calls_left = 2 * math.ceil(math.log2(max(len(call["students"]), 2))) + 8
        self._attempts = self._losses = 0
        self._accepted = self._has_named = False

    async def ask(self) -> Answer | None:
        """Sends the next rows; None where no more calls are to be spent on them."""
        self._students = self.waiting.popleft()
        if self._calls_left <= 0:
            await self._refuse(self._students, "SIS_REFUSED", "it refused the call and named no student.")
            return None
        self._calls_left -= 1
        body, self._body = self._body, None
        if body is None:
            records = self.courier.records
            body = await self.courier.db(records.score_body, self.call["call_id"], self._students)
        answer = await self.courier.powerschool.write_scores(self.item.users_dcid, self.item.term_id, body)
        self._attempts += answer.attempts
        return answer

    @property
    def is_in_parts(self) -> bool:
        """Whether the rows on their way are some of the call's only."""
        return len(self._students) < len(self.call["students"])

    async def part_arrived(self) -> bool:
        """Whether a look at PowerSchool shows that the rows without an answer arrived; they are accepted then."""
        arrived = bool(await self.courier.db(self.courier.records.part_arrived, self.call["call_id"], self._students))
        self._accepted = self._accepted or arrived
        return arrived

    async def judge(self, answer: Answer) -> bool:
        """Takes one answer in; whether the rest is to be sent."""
        if answer.accepted:
            self._accepted = True
        elif answer.lost and self._losses < RESENDS:
            self._losses += 1
            self.waiting.appendleft(self._students)
        elif answer.code == "STUDENT_REJECTED":
            await self._isolate(answer)
        else:
            self.refusal = answer
            return False
        return True

    async def proof(self) -> dict[str, Any]:
        """How the call ends: accepted where any of its rows was."""
        if self._accepted and self.refusal is not None:
            left = [*self._students, *(student for rest in self.waiting for student in rest)]
            await self._refuse(left, self.refusal.code, self.refusal.message)
        proof = {"call_id": self.call["call_id"], "attempts": self._attempts}
        if self._accepted:
            return {**proof, "state": "accepted"}
        code = self.refusal.code if self.refusal else "STUDENT_REJECTED"
        return {**proof, "state": "refused", "code": code, "message": _words(code, self._said())}

    def _said(self) -> str:
        return self.refusal.message if self.refusal else ""

    async def _isolate(self, answer: Answer) -> None:
        """Drops the named students; halves the rest where none was named, or where naming goes on one by one."""
        alone = self._students if len(self._students) == 1 else []
        named = sorted(answer.rejected_students & set(self._students)) or alone
        if named:
            await self._refuse(named, "STUDENT_REJECTED", answer.message, answer.attempts)
        left = [student for student in self._students if student not in set(named)]
        whole = bool(named) and not self._has_named
        self.waiting.extendleft(reversed(([left] if left else []) if whole else _halves(left)))
        self._has_named = self._has_named or bool(named)

    async def _refuse(self, students: list[int], code: str, message: str, attempts: int = 0) -> None:
        words = _words(code, message)
        await self.courier.db(self.courier.records.refuse_rows, self.call["call_id"], students, code, words, attempts)


async def _look_again(courier: Courier, item: Item) -> bool:
    """Reads what PowerSchool holds of an item after a call without an answer; where that fails, the call stays open."""
    try:
        rows = await courier.powerschool.item_scores((item.base.assignment_section_id if item.base else 0) or 0)
    except Stopped:
        raise
    except (Transient, Refused):
        return False
    await courier.db(courier.records.read_theirs, theirs_of(rows))
    return True


async def _settled(courier: Courier, call: dict[str, Any]) -> bool:
    """Whether the look shows that the call was done; where not, it is on record again, to be repeated."""
    await courier.db(courier.records.settle_calls, [call["call_id"]])
    if await courier.db(courier.records.call_state, call["call_id"]) == "accepted":
        return True
    await courier.db(courier.records.reopen_call, call["call_id"])
    return False


def _words(code: str, answer: str) -> str | None:
    return told(code, answer) if "{" in catalogue()[code].message else None


def _halves(students: list[int]) -> list[list[int]]:
    middle = (len(students) + 1) // 2
    return [half for half in (students[:middle], students[middle:]) if half]


def _not_asked(call: dict[str, Any]) -> dict[str, Any]:
    return {"call_id": call["call_id"], "state": "not_done"}
