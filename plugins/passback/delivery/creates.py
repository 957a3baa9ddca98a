"""Creates, exactly once: the section's listing first, every POST on record, and the marker where an answer was lost."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import Any

from passback.delivery.courier import Courier
from passback.delivery.listing import Listing, normalised
from passback.delivery.records import Proofs
from passback.delivery.work import Item, as_json, told
from passback.errors import catalogue, mask_of
from passback.payloads import create_body, marker
from passback.powerschool.answers import Answer
from passback.stop import Stopped

# Creates put on record at once: as many as half a second sends, so that a crash leaves few in doubt.
FIRST_GROUP, LARGEST_GROUP = 5, 100
GROUP_SECONDS = 0.5
# A group that PowerSchool makes slow has its time on record renewed: a create in doubt is timed from its own POST.
RENEWED_SECONDS = 1.0


async def create(courier: Courier, items: list[Item]) -> None:
    """Creates the items that their sections do not hold yet, and learns their ids.

    Before the first create of a section it is listed once: an assignment with an item's marker that neither ledger nor
    an open write knows is held as MARKER_FOUND. An item whose earlier create is still in doubt is held as IN_DOUBT and
    not posted.
    """
    await courier.end_all([item for item in items if item.in_doubt], "IN_DOUBT")
    new = [item for item in items if not item.in_doubt]
    if new:
        listing = await _listing(courier, new)
        new = [item for item in new if not await _is_there(courier, item, listing)]
    ready = [(item, category) for item in new if (category := await _category(courier, item)) is not None]
    proofs = Proofs(lambda group: _commit(courier, group))
    size = FIRST_GROUP
    while ready:
        begun = time.monotonic()
        await _post(courier, proofs, ready[:size])
        ready = ready[size:]
        if time.monotonic() - begun < GROUP_SECONDS / 2:
            size = min(2 * size, LARGEST_GROUP)
    await courier.db(proofs.flush)


async def _is_there(courier: Courier, item: Item, listing: Listing) -> bool:
    """Whether the section holds the item already: from an earlier stay, taken up again, or unknown to us."""
    found = listing.with_marker(item.marker, item.section_dcid)
    for assignment_id in found:
        if await courier.db(courier.records.restore, item, assignment_id):
            return True
    if found:
        await courier.end(item, "MARKER_FOUND")
    return bool(found)


async def learn_ids(courier: Courier, items: list[Item]) -> None:
    """Lists the sections once more: ids and text of what was just created, and the creates whose answer was lost.

    A lost create whose marker the listing shows is accepted; one that it does not show stays in doubt, until a listing
    begun `settle_seconds` after it.
    """
    lacking = [item for item in items if not item.ended and _lacks_id(item)]
    doubtful = [
        write for write in await courier.db(courier.records.open_writes, courier.unit) if write["kind"] == "create"
    ]
    if not lacking and not doubtful:
        return
    wanted = {write["item_key"] for write in doubtful}
    involved = [item for item in items if item in lacking or item.item_key in wanted]
    listing = await _listing(courier, involved)
    await settle_by_marker(courier, doubtful, listing, begun_at(doubtful))
    await _keep_ids(courier, lacking + [item for item in items if item.item_key in wanted], listing)


def begun_at(writes: list[dict[str, Any]]) -> datetime:
    """When a listing that followed the reading of these open writes began at the earliest, by the database's clock."""
    return min((write["now"] for write in writes), default=datetime.min.replace(tzinfo=UTC))


async def settle_by_marker(courier: Courier, writes: list[dict[str, Any]], listing: Listing, begun: datetime) -> None:
    """Settles creates in doubt by a listing that began at `begun` (the database's clock, as `opened_at` is)."""
    settled = []
    proved = []
    for write in writes:
        found = listing.with_marker(marker(write["source"], write["source_item_id"]), write["section_dcid"])
        if found:
            settled.append({"write_id": write["write_id"], "state": "accepted", "assignment_id": found[0]})
            if write["run_key"] == courier.records.run_key:
                proved.append({"item_key": write["item_key"], "state": "accepted", "proved": "create"})
        elif begun >= write["opened_at"] + timedelta(seconds=courier.settle_seconds):
            settled.append({"write_id": write["write_id"], "state": "not_done"})
    if settled:
        await courier.db(courier.records.answer_item_writes, settled)
        await courier.db(courier.records.settle_plan, proved)


def _lacks_id(item: Item) -> bool:
    return item.just_created or (
        item.base is not None and not item.base.deleted and item.base.assignment_section_id is None
    )


async def _listing(courier: Courier, items: list[Item]) -> Listing:
    sections = sorted({item.section_dcid for item in items}) or list(courier.unit.sections)
    return Listing(await courier.powerschool.list_assignments(courier.unit.users_dcid, sections))


async def _category(courier: Courier, item: Item) -> int | None:
    category = await courier.active_category(item)
    if category is None:
        message = f"The acting teacher has no active category “{item.ours.category}” in PowerSchool any more."
        await courier.end(item, "CATEGORY_INACTIVE", message=message)
    return category


async def _post(courier: Courier, proofs: Proofs, ready: list[tuple[Item, int]]) -> None:
    """Puts some creates on record, then posts them one after the other."""
    courier.check_window()
    opened = [
        {
            "item_key": item.item_key,
            "section_dcid": item.section_dcid,
            "users_dcid": item.users_dcid,
            "kind": "create",
            "attempted": {**as_json(item.ours), "seq": item.seq},
        }
        for item, _ in ready
    ]
    ids = await courier.db(courier.records.open_item_writes, opened)
    await courier.end_all([item for item, _ in ready if item.item_key not in ids], "IN_DOUBT")
    ready = [(item, category) for item, category in ready if item.item_key in ids]
    asked: set[int] = set()
    renewed_at = time.monotonic()
    try:
        for item, category in ready:
            if time.monotonic() - renewed_at > RENEWED_SECONDS:
                unsent = [ids[each.item_key] for each, _ in ready if each.item_key not in asked]
                await courier.db(courier.records.still_to_send, unsent)
                renewed_at = time.monotonic()
            body = create_body(item.section_dcid, item.marker, item.ours, category)
            asked.add(item.item_key)
            answer = await courier.powerschool.create_assignment(item.users_dcid, body)
            _judge(proofs, item, ids[item.item_key], answer)
            if proofs.due:
                await courier.db(proofs.flush)
    except BaseException as error:
        if isinstance(error, Stopped):
            asked.discard(item.item_key)  # a stop is raised before a request begins, never inside one
        for unasked, _ in ready:
            if unasked.item_key not in asked:
                proofs.add({"write": {"write_id": ids[unasked.item_key], "state": "not_done"}, "plan": None})
        proofs.flush()
        raise


def _judge(proofs: Proofs, item: Item, write_id: int, answer: Answer) -> None:
    """What one answer to a POST means. A lost one says nothing: its write stays open, until a listing tells."""
    if answer.accepted and answer.location_id is not None:
        item.just_created = True
        proofs.add(
            {
                "write": {
                    "write_id": write_id,
                    "state": "accepted",
                    "assignment_id": answer.location_id,
                    "attempts": answer.attempts,
                },
                "plan": {
                    "item_key": item.item_key,
                    "state": "accepted",
                    "proved": "create",
                    "value_sent": item.ours.name,
                    "attempts": answer.attempts,
                },
            }
        )
    elif answer.accepted or answer.lost:
        item.just_created = True
        plan = {"item_key": item.item_key, "state": "held", "code": "IN_DOUBT", "attempts": answer.attempts}
        proofs.add({"write": None, "plan": plan})
    else:
        item.ended = True
        words = told(answer.code, answer.message)
        state = "held" if catalogue()[answer.code].severity == "held" else "refused"
        write = {
            "write_id": write_id,
            "state": "refused",
            "code": answer.code,
            "message": answer.message,
            "attempts": answer.attempts,
        }
        plan = {
            "item_key": item.item_key,
            "state": state,
            "code": answer.code,
            "message": words,
            "attempts": answer.attempts,
        }
        proofs.add({"write": write, "plan": plan})


def _commit(courier: Courier, group: list[dict[str, Any]]) -> None:
    with courier.records.connection.transaction():
        courier.records.answer_item_writes([proof["write"] for proof in group if proof["write"]])
        courier.records.settle_plan([proof["plan"] for proof in group if proof["plan"]])


async def _keep_ids(courier: Courier, items: list[Item], listing: Listing) -> None:
    """Keeps each assignment's section id and held name; text that PowerSchool keeps otherwise is told once."""
    fresh = {item.item_key: item for item in await courier.db(courier.records.items, courier.unit)}
    ids, told_otherwise = [], []
    for item in items:
        item.base = fresh[item.item_key].base
        entry = listing.entry(item.base.assignment_id, item.section_dcid) if item.base else None
        if item.base is None or entry is None:
            continue
        name = str(entry.get("name") or "")
        ids.append(
            {"item_key": item.item_key, "assignment_section_id": int(entry["assignmentsectionid"]), "name_held": name}
        )
        description = str(entry.get("description") or "")
        if normalised(item.ours.name, name) or description != item.marker:
            warning = {"warnings": mask_of("NORMALISED_BY_SIS"), "value_sis_before": name}
            told_otherwise.append({"item_key": item.item_key, "state": "accepted", **warning})
    await courier.db(courier.records.learn_ids, ids)
    await courier.db(courier.records.settle_plan, told_otherwise)
    fresh = {item.item_key: item for item in await courier.db(courier.records.items, courier.unit)}
    for item in items:
        item.base = fresh[item.item_key].base
        item.ended = item.ended or not item.is_in_its_section
