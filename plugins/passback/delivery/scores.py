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
from passback.powerschool.client import Refused, Stopped

RESENDS = 2


async def send_scores(courier: Courier, items: list[Item]) -> None:
    """Sends the planned scores of these items, whose assignments PowerSchool holds under known ids."""
    ready = [item for item in items if not item.ended and item.base is not None and item.base.assignment_section_id]
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
    finally:
        for call in calls[asked:]:
            proofs.add(_not_asked(call))
        proofs.flush()


async def settle_calls(courier: Courier, section_dcid: int, calls: list[int]) -> None:
    """Settles score calls without an answer by what the section holds now."""
    await courier.db(courier.records.read_theirs, theirs_of(await courier.powerschool.section_scores(section_dcid)))
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
    rows = await courier.powerschool.section_scores(section_dcid)
    there = {row.get("assignment_section_id") for row in rows}
    missing = [item for item in members if item.base and str(item.base.assignment_section_id) not in there]
    if missing:
        await gone(courier, missing)
    return rows


def theirs_of(rows: Iterable[dict[str, str]]) -> Iterable[tuple[int, int, float | None, int]]:
    """Score rows of either read as assignmentsectionid, student DCID, points and flags; an assignment without scores has none."""
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
    """One call to its end: accepted, refused, in parts where students are refused, or settled by a look where no answer came."""
    waiting: deque[list[int]] = deque([list(call["students"])])
    budget = 2 * math.ceil(math.log2(max(len(call["students"]), 2))) + 8
    attempts, accepted, whole_refusal, losses, named_before = 0, False, None, 0, False
    body = call["body"]
    while waiting:
        students = waiting.popleft()
        if budget <= 0:
            await _refuse(courier, call, students, "SIS_REFUSED", "PowerSchool refused the call and named no student.")
            continue
        budget -= 1
        body = body or await courier.db(courier.records.score_body, call["call_id"], students)
        answer = await courier.powerschool.write_scores(item.users_dcid, item.term_id, body)
        body = None
        attempts += answer.attempts
        if answer.accepted:
            accepted = True
        elif answer.lost:
            proofs.flush()
            if await _settled_by_look(courier, item, call):
                return
            losses += 1
            if losses > RESENDS:
                whole_refusal = answer
                break
            waiting.appendleft(students)
        elif answer.code == "STUDENT_REJECTED":
            named = sorted(answer.rejected_students & set(students)) or (students if len(students) == 1 else [])
            if named:
                await _refuse(courier, call, named, "STUDENT_REJECTED", answer.message, answer.attempts)
            left = [student for student in students if student not in set(named)]
            waiting.extendleft(reversed(_halves(left) if named_before or not named else [left] if left else []))
            named_before = named_before or bool(named)
        else:
            whole_refusal = answer
            break
    if whole_refusal is not None and whole_refusal.code == "DELETED_IN_SIS":
        await gone(courier, [item])
    refused = whole_refusal is not None and not accepted
    if whole_refusal is not None and accepted:
        await _refuse(
            courier,
            call,
            students + [one for rest in waiting for one in rest],
            whole_refusal.code,
            whole_refusal.message,
        )
    proofs.add(
        {
            "call_id": call["call_id"], "attempts": attempts, "state": "accepted" if accepted else "refused",
            "code": whole_refusal.code if refused and whole_refusal else "" if accepted else "STUDENT_REJECTED",
            "message": _words(whole_refusal.code, whole_refusal.message) if refused and whole_refusal else None,
        }
    )  # fmt: skip


async def _settled_by_look(courier: Courier, item: Item, call: dict[str, Any]) -> bool:
    """Whether a look at PowerSchool shows that the call without an answer was done; where the look fails, it stays open."""
    try:
        rows = await courier.powerschool.item_scores((item.base.assignment_section_id if item.base else 0) or 0)
    except Stopped:
        raise
    except (Transient, Refused):
        return True
    await courier.db(courier.records.read_theirs, theirs_of(rows))
    await courier.db(courier.records.settle_calls, [call["call_id"]])
    if await courier.db(courier.records.call_state, call["call_id"]) == "accepted":
        return True
    await courier.db(courier.records.reopen_call, call["call_id"])
    return False


async def _refuse(
    courier: Courier, call: dict[str, Any], students: list[int], code: str, message: str, attempts: int = 0
) -> None:
    words = _words(code, message)
    await courier.db(courier.records.refuse_rows, call["call_id"], students, code, words, attempts)


def _words(code: str, answer: str) -> str | None:
    return told(code, answer) if "{" in catalogue()[code].message else None


def _halves(students: list[int]) -> list[list[int]]:
    middle = (len(students) + 1) // 2
    return [half for half in (students[:middle], students[middle:]) if half]


def _not_asked(call: dict[str, Any]) -> dict[str, Any]:
    return {"call_id": call["call_id"], "state": "not_done"}
