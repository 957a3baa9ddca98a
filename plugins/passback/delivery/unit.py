"""One unit's delivery under its sections' locks: settle what is open, look again, create, update, send scores."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

from passback.delivery.courier import Courier
from passback.delivery.creates import create, learn_ids, settle_by_marker
from passback.delivery.listing import Listing
from passback.delivery.scores import send_scores, settle_calls
from passback.delivery.updates import settle_update, update
from passback.delivery.work import Item, Need, WindowClosed
from passback.errors import Transient, catalogue
from passback.powerschool.client import Refused, Stopped

log = logging.getLogger(__name__)

LOCK_WAIT_SECONDS = 600
LOCK_POLL_SECONDS = 0.2


async def deliver_unit(courier: Courier) -> None:
    """Delivers one unit; whatever PowerSchool answers, every item of it ends with an outcome.

    Raises Stopped on a stop, Terminal where the whole run must stop, Transient where a section stays locked by another
    run.
    """
    async with locked(courier):
        items: list[Item] = []
        try:
            await settle_open(courier)
            await courier.db(courier.records.refresh, courier.unit)
            items = await courier.db(courier.records.items, courier.unit)
            await _deliver(courier, items)
        except Stopped:
            raise
        except WindowClosed:
            await _leave(courier, items, "WINDOW_CLOSED", "")
        except (Transient, Refused) as error:
            code = error.code or "SIS_UNAVAILABLE"
            await _leave(courier, items or await courier.db(courier.records.items, courier.unit), code, str(error))


async def _deliver(courier: Courier, items: list[Item]) -> None:
    needs = {item.item_key: item.needs(courier.recreate_deleted) for item in items}
    await courier.end_all([item for item in items if needs[item.item_key] == "held"], "DELETED_IN_SIS")
    await courier.end_all([item for item in items if needs[item.item_key] == "waits"], "MASS_CHANGE_HELD")
    new = [item for item in items if needs[item.item_key] == "create" and not item.ended]
    await create(courier, new)
    await _take_up(courier, new, needs)
    await learn_ids(courier, items)
    for item in items:
        if needs[item.item_key] == "update":
            await _update(courier, item)
    await send_scores(courier, [item for item in items if not item.ended])
    done = [
        {"item_key": item.item_key, "state": "accepted" if item.proved else "done"}
        for item in items
        if needs[item.item_key] == "none" and not item.ended
    ]
    await courier.db(courier.records.settle_plan, done)


async def _take_up(courier: Courier, new: list[Item], needs: dict[int, Need]) -> None:
    """Items that came back to a section where they were before go on from what the ledger remembers of them."""
    back = [item for item in new if not item.ended and not item.just_created]
    if back:
        await courier.db(courier.records.refresh, courier.unit)
        fresh = {item.item_key: item for item in await courier.db(courier.records.items, courier.unit)}
        for item in back:
            item.base, item.waits = fresh[item.item_key].base, fresh[item.item_key].waits
            needs[item.item_key] = item.needs(courier.recreate_deleted)


async def _update(courier: Courier, item: Item) -> None:
    """One item's update; where PowerSchool does not answer its read, the item fails alone."""
    try:
        await update(courier, item)
    except Stopped:
        raise
    except (Transient, Refused) as error:
        await courier.end(item, error.code or "SIS_UNAVAILABLE", str(error))


async def settle_open(courier: Courier) -> None:
    """Settles what earlier attempts, of whatever run, left without an answer."""
    writes = await courier.db(courier.records.open_writes, courier.unit)
    creates = [write for write in writes if write["kind"] == "create"]
    if creates:
        begun = datetime.now(UTC)
        sections = sorted({write["section_dcid"] for write in creates})
        listing = Listing(await courier.powerschool.list_assignments(courier.unit.users_dcid, sections))
        await settle_by_marker(courier, creates, listing, begun)
    for write in writes:
        if write["kind"] == "update":
            await settle_update(courier, write, None)
    for section_dcid, calls in (await courier.db(courier.records.open_calls, courier.unit)).items():
        await settle_calls(courier, section_dcid, calls)


async def _leave(courier: Courier, items: list[Item], code: str, answer: str) -> None:
    """Ends with one code what was not sent: items to be created or updated, and the scores of the others."""
    words = answer if "{" in catalogue()[code].message else None
    fresh = {item.item_key: item for item in await courier.db(courier.records.items, courier.unit)}
    unsent = [
        item for item in items
        if not item.ended and not item.just_created and not item.proved
        and not fresh[item.item_key].proved and fresh[item.item_key].needs(courier.recreate_deleted) in ("create",
        "update")
    ]  # fmt: skip
    await courier.end_all(unsent, code, answer)
    ended = {item.item_key for item in unsent}
    others = [item for item in items if item.item_key not in ended and not item.ended]
    await courier.db(courier.records.refuse_unsent_scores, others, code, words)


@asynccontextmanager
async def locked(courier: Courier) -> AsyncIterator[None]:
    """The unit's sections, taken in order, so that two runs never wait for each other in a circle."""
    held: list[int] = []
    try:
        for section in courier.unit.sections:
            await _lock(courier, section)
            held.append(section)
        yield
    finally:
        if not courier.records.connection.closed:
            for section in reversed(held):
                courier.records.unlock(section)


async def _lock(courier: Courier, section: int) -> None:
    begun = time.monotonic()
    told = False
    while not await courier.db(courier.records.try_lock, section):
        if time.monotonic() - begun > LOCK_WAIT_SECONDS:
            raise Transient(f"Section {section} has been under delivery by another run for over {LOCK_WAIT_SECONDS} s.")
        if not told:
            log.info("Waiting for section %s: another run delivers there", section)
            told = True
        await asyncio.sleep(LOCK_POLL_SECONDS)
