"""The engine of a shard: units under way as the budget of all processes gives, each with one request at a time."""

from __future__ import annotations

import asyncio
import logging
import math
import time
from collections import deque
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

import psycopg

from passback import database, runs
from passback.delivery.courier import Courier
from passback.delivery.locks import LOCK_POLL_SECONDS, Wait, work_for
from passback.delivery.records import Records
from passback.delivery.unit import deliver_unit, give_up
from passback.delivery.work import Unit
from passback.errors import PassbackError, Terminal, Transient
from passback.powerschool.budget import SharedBudget
from passback.powerschool.client import PowerSchool, Requests

if TYPE_CHECKING:
    from passback.hooks.powerschool import PowerSchoolHook
    from passback.settings import Settings

log = logging.getLogger(__name__)

PROGRESS_SECONDS = 5.0
FEWEST_WORKERS = 8


@dataclass(frozen=True, slots=True)
class Shard:
    """One mapped task's share of a run."""

    run_key: int
    number: int
    window_ends_at: datetime


def budget_of(uri: str, settings: Settings) -> SharedBudget:
    """The budget of requests to PowerSchool that all processes share."""
    delivery = settings.delivery
    return SharedBudget(
        lambda: psycopg.connect(uri, autocommit=True),
        in_flight=delivery.in_flight,
        min_interval_ms=delivery.min_interval_ms,
    )


def deliver_shard(uri: str, shard: Shard, settings: Settings, hook: PowerSchoolHook) -> Requests:
    """Delivers every unit of the shard, and returns the requests that it took.

    Raises Terminal where the run must stop (AUTH_FAILED, FIELD_ACCESS_DENIED), Transient on a stop or a database that
    went away.
    """
    budget = budget_of(uri, settings)
    client = hook.client(budget)
    try:
        asyncio.run(_deliver(uri, shard, settings, client, budget))
    except* Terminal as stopped:
        raise _first(stopped) from None
    except* Transient as passing:
        raise _first(passing) from None
    except* psycopg.OperationalError as lost:
        raise database.failed(_lost(lost), "during delivery") from None
    finally:
        budget.close()
        runs.add_requests(uri, shard.run_key, "deliver", client.requests, "powerschool")
    return client.requests


async def _deliver(uri: str, shard: Shard, settings: Settings, client: PowerSchool, budget: SharedBudget) -> None:
    with database.connect(uri, autocommit=True) as connection:
        records = Records(connection, shard.run_key, settings.batches.score_rows)
        units = records.units(shard.number)
        most = workers(settings.delivery.in_flight, records.shards())
    progress = _Progress(len(units), client)
    line = _Line(deque(units))
    async with client, asyncio.TaskGroup() as group:
        for _ in range(min(most, len(units))):
            group.create_task(_work(uri, shard, settings, client, budget, line, progress))
    progress.tell()
    if line.given_up:
        raise Transient(" ".join(line.given_up))


def workers(in_flight: int, shards: int) -> int:
    """How many units of one shard are under way at most: each holds a database connection, and shards run side by side.

    Twice the shard's even share of the requests in flight, so that a shard that runs on alone is not slow.
    """
    return min(in_flight, max(2 * math.ceil(in_flight / shards), FEWEST_WORKERS))


async def _work(
    uri: str,
    shard: Shard,
    settings: Settings,
    client: PowerSchool,
    budget: SharedBudget,
    line: _Line,
    progress: _Progress,
) -> None:
    """One worker: its own connection holds its slot and its sections, so that a dead process holds neither.

    A unit in whose sections another run works goes to the end of the line, and no slot is held while it waits there.
    """
    with database.connect(uri, autocommit=True) as connection:
        work_for(connection, shard.run_key)
        records = Records(connection, shard.run_key, settings.batches.score_rows)
        while line.units:
            async with budget.slot(connection):
                if not line.units:
                    return
                courier = _courier(line.units.popleft(), records, client, shard, settings)
                held_by_another = await deliver_unit(courier)
            if held_by_another is None:
                progress.one_done()
            else:
                await line.wait(courier, held_by_another)


def _courier(unit: Unit, records: Records, client: PowerSchool, shard: Shard, settings: Settings) -> Courier:
    return Courier(
        unit=unit,
        records=records,
        powerschool=client,
        window_ends_at=shard.window_ends_at,
        settle_seconds=settings.delivery.settle_seconds,
        recreate_deleted=settings.delivery.recreate_deleted,
        query_page=settings.batches.powerquery_page,
    )


class _Line:
    """The units that wait for a worker; those that were given up, since another run kept their sections too long."""

    def __init__(self, units: deque[Unit]) -> None:
        self.units, self.given_up = units, list[str]()
        self._waits: dict[Unit, Wait] = {}

    async def wait(self, courier: Courier, section: int) -> None:
        """Puts a unit back, in one of whose sections another run works, and gives that run a moment."""
        wait = self._waits.setdefault(courier.unit, Wait())
        said = await courier.db(wait.note, courier.records.connection, section)
        if said is not None:
            log.warning("%s", said)
            await give_up(courier, f"Not sent: {said}")
            self.given_up.append(said)
            return
        self.units.append(courier.unit)
        await asyncio.sleep(LOCK_POLL_SECONDS)


class _Progress:
    """Counts in the task's log, every few seconds."""

    def __init__(self, units: int, client: PowerSchool) -> None:
        self._units, self._client, self._done, self._told_at = units, client, 0, time.monotonic()

    def one_done(self) -> None:
        self._done += 1
        if time.monotonic() - self._told_at >= PROGRESS_SECONDS:
            self.tell()

    def tell(self) -> None:
        self._told_at = time.monotonic()
        requests = self._client.requests
        log.info(
            "%s of %s units delivered; %s requests, %s repeated, %s throttled",
            f"{self._done:,}",
            f"{self._units:,}",
            f"{requests.total:,}",
            f"{requests.retried:,}",
            f"{requests.throttled:,}",
        )


def _lost(group: BaseExceptionGroup[psycopg.OperationalError]) -> psycopg.OperationalError:
    error: BaseException = group
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    if not isinstance(error, psycopg.OperationalError):
        raise error
    return error


def _first(group: BaseExceptionGroup[PassbackError]) -> PassbackError:
    error: BaseException = group
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    if not isinstance(error, PassbackError):
        raise error
    return error
