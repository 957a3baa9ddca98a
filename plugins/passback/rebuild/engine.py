"""The rebuild's engine: every section of the roster, a teacher's together, listed and read under its lock."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from passback import database, runs
from passback.delivery.courier import Courier
from passback.delivery.engine import budget_of
from passback.delivery.locks import work_for
from passback.delivery.records import Records
from passback.delivery.unit import locked, settle_open
from passback.delivery.work import Unit
from passback.errors import PassbackError, Terminal, Transient
from passback.powerschool.budget import SharedBudget
from passback.powerschool.client import PowerSchool, Refused, Requests
from passback.powerschool.reads import Row
from passback.rebuild import holdings
from passback.rebuild.holdings import Holdings
from passback.stop import Stopped

if TYPE_CHECKING:
    from passback.hooks.powerschool import PowerSchoolHook
    from passback.settings import Settings

log = logging.getLogger(__name__)

# A rebuild has no night's end: what it settles is settled whenever it comes.
NO_END = datetime.max.replace(tzinfo=UTC)
NOBODY = 0


@dataclass(slots=True)
class Reading:
    """How far a rebuild is: `counts` by level and what was found; `unread` sections by the reason."""

    units: int = 0
    sections: int = 0
    done: int = 0
    sections_read: int = 0
    counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    unread: dict[int, str] = field(default_factory=dict)
    requests: Requests = field(default_factory=Requests)


@dataclass(frozen=True, slots=True)
class Rebuild:
    """One rebuild: `keep` takes a unit's differences, `tell` is called after each unit; `dry_run` keeps nothing."""

    uri: str
    run_key: int
    settings: Settings
    today: Any
    dry_run: bool
    sections: list[int] | None
    keep: Callable[[list[dict[str, Any]]], None]
    tell: Callable[[Reading], None]
    reading: Reading


def read_everything(rebuild: Rebuild, hook: PowerSchoolHook) -> None:
    """Reads every section in scope and brings the ledger to what PowerSchool holds; `reading` tells how far it came.

    Raises Terminal where PowerSchool refuses the plugin, Transient on a stop. A section that cannot be read is left as
    it is, and told in `unread`.
    """
    reading = rebuild.reading
    budget = budget_of(rebuild.uri, rebuild.settings)
    client = hook.client(budget)
    with database.connect(rebuild.uri) as connection:
        units = database.rows(connection, "rebuild_units", today=rebuild.today, sections=rebuild.sections)
    reading.units, reading.sections = len(units), sum(len(unit["sections"]) for unit in units)
    reading.requests = client.requests
    waiting = deque(Unit(unit["users_dcid"] or NOBODY, tuple(unit["sections"]), 0) for unit in units)
    try:
        asyncio.run(_all(rebuild, client, budget, waiting))
    except* (Terminal, Transient) as failed:
        raise _worst(failed) from None
    finally:
        budget.close()
        runs.add_requests(rebuild.uri, rebuild.run_key, "rebuild", client.requests, "powerschool")


async def _all(rebuild: Rebuild, client: PowerSchool, budget: SharedBudget, waiting: deque[Unit]) -> None:
    async def work() -> None:
        with database.connect(rebuild.uri, autocommit=True) as connection:
            work_for(connection, rebuild.run_key)
            records = Records(connection, rebuild.run_key, rebuild.settings.batches.score_rows)
            while waiting:
                async with budget.slot(connection):
                    if not waiting:
                        return
                    await _unit(rebuild, _courier(rebuild, client, records, waiting.popleft()))
                rebuild.tell(rebuild.reading)

    async with client, asyncio.TaskGroup() as group:
        for _ in range(min(rebuild.settings.delivery.in_flight, len(waiting))):
            group.create_task(work())


def _courier(rebuild: Rebuild, client: PowerSchool, records: Records, unit: Unit) -> Courier:
    return Courier(
        unit=unit,
        records=records,
        powerschool=client,
        window_ends_at=NO_END,
        settle_seconds=rebuild.settings.delivery.settle_seconds,
        recreate_deleted=rebuild.settings.delivery.recreate_deleted,
        query_page=rebuild.settings.batches.powerquery_page,
    )


async def _unit(rebuild: Rebuild, courier: Courier) -> None:
    """One teacher's sections: what is open is settled, then they are listed, read and taken into the ledger."""
    reading = rebuild.reading
    try:
        async with locked(courier):
            if courier.unit.users_dcid != NOBODY and not rebuild.dry_run:
                await settle_open(courier)
            rows, made_by_us = await _read(courier)
            found = await courier.db(_take_in, rebuild, courier, rows, made_by_us)
    except Stopped:
        raise
    except (Transient, Refused) as error:
        reading.unread.update(dict.fromkeys(courier.unit.sections, str(error)))
    else:
        rebuild.keep(found)
        reading.counts.update((row["level"], row["what"]) for row in found)
        reading.sections_read += len(rows)
    reading.done += 1


async def _read(courier: Courier) -> tuple[dict[int, list[Row]], dict[int, bool] | None]:
    """The rows of `section_scores` by section, and who made the assignments where the sections could be listed.

    A section whose listing shows no marker, and of which the ledger knows nothing, is not asked for its scores.
    """
    sections = courier.unit.sections
    listing = await _listing(courier)
    known = {row["section_dcid"] for row in await courier.db(_known, courier.records, sections)}
    wanted = set(sections) if listing is None else holdings.marked_sections(listing) | known
    rows: dict[int, list[Row]] = {}
    for section in sections:
        rows[section] = []
        if section in wanted:
            rows[section] = await courier.powerschool.section_scores(section, courier.query_page)
    return rows, None if listing is None else holdings.made_by(listing)


async def _listing(courier: Courier) -> list[dict[str, Any]] | None:
    """The unit's sections as PowerSchool lists them; None where nobody teaches them, or it says so."""
    if courier.unit.users_dcid == NOBODY:
        return None
    try:
        return await courier.powerschool.list_assignments(courier.unit.users_dcid, courier.unit.sections)
    except Refused as refusal:
        log.warning("Sections %s cannot be listed (%s): read without", courier.unit.sections, refusal)
        return None


def _known(records: Records, sections: tuple[int, ...]) -> list[dict[str, Any]]:
    return database.rows(records.connection, "rebuild_known", sections=list(sections))


def _take_in(
    rebuild: Rebuild, courier: Courier, rows: dict[int, list[Row]], made_by_us: dict[int, bool] | None
) -> list[dict[str, Any]]:
    """Brings the ledger to what these sections hold, in one transaction; what it did not know, in rebuild.csv's words.

    The rows' sequence number is taken here, under the locks: a plan of before is older than it, and is never sent.
    """
    connection = courier.records.connection
    sections = list(rows)
    with connection.transaction(force_rollback=rebuild.dry_run):
        known = {(row["section_dcid"], row["assignment_id"]) for row in _known(courier.records, tuple(sections))}
        held: Holdings = holdings.holdings(rows, made_by_us, known)
        seq = database.one(connection, "rebuild_seq")["seq"]
        database.run(connection, "rebuild_tables")
        database.copy_in(connection, "held_assignment", holdings.ASSIGNMENT_COLUMNS, held.assignments)
        database.copy_in(connection, "held_score", holdings.SCORE_COLUMNS, held.scores)
        connection.execute("analyze held_assignment, held_score")
        scope = {"run_key": rebuild.run_key, "seq": seq}
        database.run(connection, "rebuild_items", **scope, sections=sections, users_dcid=courier.unit.users_dcid)
        database.run(connection, "rebuild_scores", **scope)
        database.run(connection, "rebuild_elsewhere", **scope)
        return database.rows(connection, "rebuild_differences")


def _worst(group: BaseExceptionGroup[PassbackError]) -> PassbackError:
    """Of several workers' failures the one that will not pass by itself, else the first."""
    flat: list[PassbackError] = []

    def gather(each: BaseException) -> None:
        if isinstance(each, BaseExceptionGroup):
            for inner in each.exceptions:
                gather(inner)
        elif isinstance(each, PassbackError):
            flat.append(each)

    gather(group)
    return next((each for each in flat if isinstance(each, Terminal)), flat[0])
