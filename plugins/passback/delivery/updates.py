"""Updates of assignments: read, merge by base, ours and theirs, write on record, submit the whole object."""

from __future__ import annotations

from datetime import date
from typing import Any

from passback.delivery.courier import Courier
from passback.delivery.work import Item, as_json, from_json, told
from passback.errors import catalogue, mask_of
from passback.payloads import Fields, primary_category_id, section_of, update_body
from passback.powerschool.answers import Answer
from passback.powerschool.client import Refused
from passback.three_way import NAMES, Merge, merge


async def update(courier: Courier, item: Item) -> None:
    """Sends what changed of an item over what PowerSchool holds now, and decides whether its scores go along."""
    base = item.base
    if base is None:
        raise ValueError(f"item {item.item_key} has nothing to update")
    courier.check_window()
    found = await read_theirs(courier, item)
    if found is None:
        await gone(courier, [item])
        return
    assignment, theirs = found
    decision = merge(base.sent, base.held, item.ours, theirs)
    category = await courier.active_category(item) if "category" in decision.changed else None
    if "category" in decision.changed and category is None:
        await courier.end(item, "CATEGORY_INACTIVE", message=_inactive(item))
        return
    if decision.changed:
        body = update_body(assignment, item.section_dcid, decision.changed, category)
        await _submit(courier, item, body, theirs, decision)
    else:
        held = decision.category_kept or base.held.category
        await courier.db(courier.records.leave_item, item, held, _edits(item, decision))


async def settle_update(
    courier: Courier, write: dict[str, Any], item: Item | None, attempts: int | None = None
) -> None:
    """Settles an update without an answer, of whatever run, by the fields that it was to change, which tell together.

    One that is as attempted proves it; without any such one, one that is still as before disproves it; where all are
    neither (PowerSchool normalises names, a teacher has edited since) it was done.
    """
    attempted, before = write["attempted"], from_json(write["before"])
    changed, ours = attempted["changed"], from_json(attempted)
    reader = item or Item(
        write["item_key"],
        write["source"],
        write["source_item_id"],
        write["section_dcid"],
        write["users_dcid"],
        0,
        ours,
        0,
        None,
        None,
        in_doubt=False,
    )
    found = await read_theirs(courier, reader, write["powerschool_assignment_id"])
    if found is None:
        await courier.db(courier.records.answer_item_writes, [{"write_id": write["write_id"], "state": "not_done"}])
        await gone(courier, [reader])
        return
    theirs = found[1]
    arrived = any(getattr(theirs, name) == getattr(ours, name) for name in changed)
    done = arrived or all(getattr(theirs, name) != getattr(before, name) for name in changed)
    held = {name: as_json(theirs if name in changed else from_json(attempted["held"]))[name] for name in NAMES}
    settled = {"state": "accepted" if done else "not_done", "held": held}
    plan = attempted.get("edits") or {"value_sent": attempted["name"]}
    await courier.db(courier.records.settle_update, write, settled, {**plan, "attempts": attempts})


async def read_theirs(
    courier: Courier, item: Item, assignment_id: int | None = None
) -> tuple[dict[str, Any], Fields] | None:
    """The assignment whole, and its fields in our section; None where the teacher has taken it away."""
    wanted = assignment_id or (item.base.assignment_id if item.base else 0)
    try:
        assignment = await courier.powerschool.read_assignment(wanted, item.users_dcid)
    except Refused as refusal:
        if refusal.code == "DELETED_IN_SIS":
            return None
        raise
    entry = section_of(assignment, item.section_dcid)
    return None if entry is None else (assignment, await _fields(courier, item, entry))


async def gone(courier: Courier, items: list[Item]) -> None:
    """The teacher deleted these assignments: they are held, and not made again unless the settings say so."""
    await courier.db(courier.records.deleted, items)
    await courier.end_all(items, "DELETED_IN_SIS")


async def _fields(courier: Courier, item: Item, entry: dict[str, Any]) -> Fields:
    category_id = primary_category_id(entry)
    names = await courier.db(courier.records.category_names, [category_id] if category_id else [])
    if category_id and category_id not in names and item.term_id:
        known = await courier.categories(item.users_dcid, item.year_id)
        names = {int(one["teachercategoryid"]): str(one.get("name")) for one in known}
    return Fields(
        name=str(entry.get("name") or ""),
        # Where a teacher has taken the day away that is an edit: no day of ours is the first one.
        due_on=date.fromisoformat(entry["duedate"][:10]) if entry.get("duedate") else date.min,
        total=float(entry.get("totalpointvalue") or entry.get("scoreentrypoints") or 0),
        category=names.get(category_id or 0, f"category {category_id}"),
    )


async def _submit(courier: Courier, item: Item, body: bytes, theirs: Fields, decision: Merge) -> None:
    """Puts the update on record and sends it; what it means for the item's scores is on record with it."""
    base = item.base
    if base is None:
        raise ValueError(f"item {item.item_key} has nothing to update")
    write: dict[str, Any] = {
        "item_key": item.item_key,
        "section_dcid": item.section_dcid,
        "users_dcid": item.users_dcid,
        "kind": "update",
        "before": as_json(theirs),
        "attempted": _attempted(item, decision, base.held),
        "powerschool_assignment_id": base.assignment_id,
    }
    write |= {
        "write_id": (await courier.db(courier.records.open_item_writes, [write]))[item.item_key],
        "run_key": courier.records.run_key,
        "source": item.source,
        "source_item_id": item.source_item_id,
    }
    answer = await courier.powerschool.update_assignment(base.assignment_id, item.users_dcid, body)
    if answer.lost:
        await settle_update(courier, write, item, answer.attempts)
        if not await courier.db(courier.records.write_accepted, write["write_id"]):
            await courier.end(item, "SIS_UNAVAILABLE", answer.message, answer.attempts)
    elif not answer.accepted:
        await _refuse(courier, item, write["write_id"], answer)
    else:
        plan = {**_edits(item, decision), "attempts": answer.attempts}
        settled = {"state": "accepted", "attempts": answer.attempts}
        await courier.db(courier.records.settle_update, write, settled, plan)


def _attempted(item: Item, decision: Merge, base_held: Fields) -> dict[str, Any]:
    """What is on record of an update: whoever settles it needs no more to say what the run would have said."""
    held = {name: getattr(item.ours if name in decision.changed else base_held, name) for name in NAMES}
    if decision.category_kept is not None:
        held["category"] = decision.category_kept
    return {
        **as_json(item.ours),
        "seq": item.seq,
        "changed": sorted(decision.changed),
        "held": as_json(Fields(**held)),
        "edits": _edits(item, decision),
        "resends": decision.resends_scores,
    }


async def _refuse(courier: Courier, item: Item, write_id: int, answer: Answer) -> None:
    refused = {
        "write_id": write_id,
        "state": "refused",
        "code": answer.code,
        "message": answer.message,
        "attempts": answer.attempts,
    }
    await courier.db(courier.records.answer_item_writes, [refused])
    if answer.code == "DELETED_IN_SIS":
        await gone(courier, [item])
    else:
        words = told(answer.code, answer.message) if "{" in catalogue()[answer.code].message else None
        await courier.end(item, answer.code, answer.message, answer.attempts, words)


def _edits(item: Item, decision: Merge) -> dict[str, Any]:
    """The warnings of a merge, and the teacher's values beside ours."""
    edits = dict(decision.overwritten)
    codes = ["TEACHER_EDIT_OVERWRITTEN"] if edits else []
    if decision.category_kept is not None:
        edits["category"] = decision.category_kept
        codes.append("CATEGORY_KEPT")
    return {
        "warnings": mask_of(*codes),
        "value_sis_before": _said(edits) or None,
        "value_sent": _said({name: getattr(item.ours, name) for name in decision.changed}) or None,
    }


def _said(values: dict[str, Any]) -> str:
    """One value as it is, several each under its field's name."""
    texts = {name: f"{value:g}" if isinstance(value, float) else str(value) for name, value in values.items()}
    if len(texts) == 1:
        return next(iter(texts.values()))
    return "; ".join(f"{name.replace('_on', '')}: {text}" for name, text in sorted(texts.items()))


def _inactive(item: Item) -> str:
    return f"The acting teacher has no active category “{item.ours.category}” in PowerSchool any more."
