"""One unit's delivery under its sections' locks: settle what is open, look again, create, update, send scores."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from passback import stop
from passback.delivery.courier import Courier
from passback.delivery.creates import begun_at, create, learn_ids, settle_by_marker
from passback.delivery.listing import Listing
from passback.delivery.locks import give_back, sections_locked, try_sections
from passback.delivery.scores import send_scores, settle_calls
from passback.delivery.updates import settle_update, update
from passback.delivery.work import Item, Need, WindowClosed
from passback.errors import Transient, catalogue
from passback.powerschool.client import Refused
from passback.powerschool.patience import STOP_POLL_SECONDS
from passback.stop import Stopped

log = logging.getLogger(__name__)

NO_SECTION = "The section has left PowerSchool's roster since this run judged it: nothing was sent."
# A request takes so long to arrive at most once it was sent; and so long a run is silent at most while it sends.
LONGEST_ARRIVAL_SECONDS = 30
LONGEST_SILENCE_SECONDS = 120


async def deliver_unit(courier: Courier) -> int | None:
    """Delivers one unit; whatever PowerSchool answers, every item of it ends with an outcome.

    Where another run works in one of its sections nothing is begun, and that section is given.
    Raises Stopped on a stop, Terminal where the whole run must stop.
    """
    async with _locked_at_once(courier) as held_by_another:
        if held_by_another is not None:
            return held_by_another
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
    return None


async def give_up(courier: Courier, message: str) -> None:
    """Ends what could not be sent since another run kept the sections too long: it goes first the next time."""
    await _leave(courier, await courier.db(courier.records.items, courier.unit), "WINDOW_CLOSED", "", message)


async def _deliver(courier: Courier, items: list[Item]) -> None:
    strangers = [item for item in items if not item.term_id]  # another run has read a roster without the section
    await courier.end_all(strangers, "SECTION_NOT_FOUND", message=NO_SECTION)
    await courier.db(courier.records.refuse_unsent_scores, strangers, "SECTION_NOT_FOUND", NO_SECTION)
    items = [item for item in items if item.term_id]
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
        {"item_key": item.item_key, "state": "accepted" if item.proved else "done", "proved": item.proved}
        for item in items
        if needs[item.item_key] == "none" and not item.ended
    ]
    await courier.db(courier.records.settle_plan, done)
    await courier.db(courier.records.keep_proved, courier.unit)


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
    await _let_it_arrive(courier)
    writes = await courier.db(courier.records.open_writes, courier.unit)
    creates = [write for write in writes if write["kind"] == "create"]
    if creates:
        sections = sorted({write["section_dcid"] for write in creates})
        listing = Listing(await courier.powerschool.list_assignments(courier.unit.users_dcid, sections))
        await settle_by_marker(courier, creates, listing, begun_at(creates))
    for write in writes:
        if write["kind"] == "update":
            await settle_update(courier, write, None)
    for section_dcid, calls in (await courier.db(courier.records.open_calls, courier.unit)).items():
        await settle_calls(courier, section_dcid, calls)


async def _let_it_arrive(courier: Courier) -> None:
    """Waits until an update or score call whose sender has just died has arrived, if it ever will, before looking.

    A lock is free the moment its holder is dead, while PowerSchool may still be at work on its last request: looked at
    too early it would count as not done, and then land on top of what is sent now.
    """
    quiet = await courier.db(courier.records.quiet_seconds, courier.unit)
    arriving = min(courier.settle_seconds, LONGEST_ARRIVAL_SECONDS)
    if quiet is None or not arriving:
        return
    wait = min(LONGEST_SILENCE_SECONDS + arriving - quiet, arriving)
    if wait > 0:
        log.info("Sections %s: a run ended in the middle of a request; waiting %.0f s for it to arrive",
                 ", ".join(map(str, courier.unit.sections)), wait)  # fmt: skip
        ends_at = time.monotonic() + wait
        while (left := ends_at - time.monotonic()) > 0:
            if stop.requested():
                raise Stopped
            await asyncio.sleep(min(left, STOP_POLL_SECONDS))


async def _leave(courier: Courier, items: list[Item], code: str, answer: str, message: str | None = None) -> None:
    """Ends with one code what was not sent: items to be created or updated, and the scores of the others."""
    words = message or (answer if "{" in catalogue()[code].message else None)
    fresh = {item.item_key: item for item in await courier.db(courier.records.items, courier.unit)}
    unsent = [
        item for item in items
        if not item.ended and not item.just_created and not item.proved
        and not fresh[item.item_key].proved and fresh[item.item_key].needs(courier.recreate_deleted) in ("create",
        "update")
    ]  # fmt: skip
    await courier.end_all(unsent, code, answer, message=message)
    ended = {item.item_key for item in unsent}
    others = [item for item in items if item.item_key not in ended and not item.ended]
    await courier.db(courier.records.refuse_unsent_scores, others, code, words)


@asynccontextmanager
async def locked(courier: Courier) -> AsyncIterator[None]:
    """The unit's sections, as long as it takes to get them (see `sections_locked`)."""
    async with sections_locked(courier.records.connection, courier.unit.sections):
        yield


@asynccontextmanager
async def _locked_at_once(courier: Courier) -> AsyncIterator[int | None]:
    """The unit's sections where nobody has one of them (None); else none, and one that another run holds."""
    connection = courier.records.connection
    held_by_another = await courier.db(try_sections, connection, courier.unit.sections)
    try:
        yield held_by_another
    finally:
        if held_by_another is None:
            give_back(connection, courier.unit.sections)
