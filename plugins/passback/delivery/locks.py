"""The locks of sections: at most one run works in a section at a time, and whoever waits says for whom and how long."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import psycopg

from passback import database, stop
from passback.database import Connection
from passback.errors import Transient
from passback.stop import Stopped

log = logging.getLogger(__name__)

LOCK_WAIT_SECONDS = 600
LOCK_POLL_SECONDS = 0.2


def work_for(connection: Connection, run_key: int) -> None:
    """Names the connection after the run that it works for, so that those who wait for its locks can say its name."""
    connection.execute("select set_config('application_name', %s, false)", [f"passback run {run_key}"])


def try_section(connection: Connection, section_dcid: int) -> bool:
    """Takes a section for the connection where nobody has it, until it is given back or the session ends."""
    return bool(database.one(connection, "section_lock_try", section_dcid=section_dcid)["locked"])


def give_back(connection: Connection, sections: Sequence[int]) -> None:
    """Gives sections back; a session that has ended holds none."""
    if connection.closed:
        return
    try:
        for section in reversed(sections):
            database.rows(connection, "section_unlock", section_dcid=section)
    except psycopg.OperationalError:
        if not connection.broken:
            raise


def try_sections(connection: Connection, sections: Sequence[int]) -> int | None:
    """Takes all of the sections, in their order, or none: then gives the one that another run holds."""
    for place, section in enumerate(sections):
        if not try_section(connection, section):
            give_back(connection, sections[:place])
            return section
    return None


def holders(connection: Connection, section_dcid: int) -> str:
    """Who holds a section, in words: DAG and run id where it is a run."""
    found = [row["holder"] for row in database.rows(connection, "section_holders", section_dcid=section_dcid)]
    return ", ".join(found) or "nobody any more"


class KeptOut(Transient):
    """Another run kept a section too long: what was to be done there waits."""


class Wait:
    """One wait for sections: told once in the log, and over after `LOCK_WAIT_SECONDS`."""

    def __init__(self) -> None:
        """It begins now."""
        self._begun = time.monotonic()
        self._told = False

    def note(self, connection: Connection, section: int) -> str | None:
        """Tells whom this waits for, at first; where it has waited too long, gives what is to be said of it."""
        if not self._told:
            log.info("Waiting for section %s, %d s at most: %s works there", section, LOCK_WAIT_SECONDS,
                     holders(connection, section))  # fmt: skip
            self._told = True
        if time.monotonic() - self._begun <= LOCK_WAIT_SECONDS:
            return None
        return (
            f"Section {section} has been under delivery by another run for over {LOCK_WAIT_SECONDS} s "
            f"({holders(connection, section)}): wait for that run or end it, then run the task again."
        )


@asynccontextmanager
async def sections_locked(connection: Connection, sections: Sequence[int]) -> AsyncIterator[None]:
    """The sections, taken in their order, so that two runs never wait for each other in a circle.

    Raises KeptOut where another run holds one for too long, Stopped on a stop.
    """
    held: list[int] = []
    wait = Wait()
    try:
        for section in sections:
            while not await asyncio.to_thread(try_section, connection, section):
                if (said := await asyncio.to_thread(wait.note, connection, section)) is not None:
                    raise KeptOut(said)
                if stop.requested():
                    raise Stopped
                await asyncio.sleep(LOCK_POLL_SECONDS)
            held.append(section)
        yield
    finally:
        give_back(connection, held)
