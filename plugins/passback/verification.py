"""Verification: what was written in a run is read back, section by section, and confirmed or taken back."""

from __future__ import annotations

import asyncio
import json
import logging
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from passback import database, runs
from passback.database import Connection
from passback.delivery.engine import budget_of
from passback.delivery.listing import normalised
from passback.delivery.locks import KeptOut, sections_locked, work_for
from passback.delivery.scores import theirs_of
from passback.errors import Terminal, Transient, mask_of
from passback.payloads import Fields
from passback.powerschool.budget import SharedBudget
from passback.powerschool.client import PowerSchool, Refused
from passback.stop import Stopped
from passback.three_way import NAMES

if TYPE_CHECKING:
    from passback.hooks.powerschool import PowerSchoolHook
    from passback.settings import Settings

log = logging.getLogger(__name__)

GROUP_SECTIONS = 10


def verify(uri: str, run_key: int, settings: Settings, hook: PowerSchoolHook) -> dict[str, int]:
    """Reads back every section in which this run wrote, and settles each write by what PowerSchool holds.

    As sent: confirmed. As before, or absent: VERIFY_MISMATCH, and base goes back. Anything else is a teacher's edit
    made after delivery: confirmed, with TEACHER_EDIT_KEPT. Returns the sections read, and those that could not be
    read.
    """
    budget = budget_of(uri, settings)
    client = hook.client(budget)
    with database.connect(uri) as connection:
        sections = [row["section_dcid"] for row in database.rows(connection, "verify_sections", run_key=run_key)]
    unread: list[str] = []
    kept_out: list[str] = []
    try:
        asyncio.run(_verify(uri, run_key, settings, client, budget, deque(sections), unread, kept_out))
    except* Terminal as stopped:
        raise stopped.exceptions[0] from None
    except* Transient as passing:
        raise passing.exceptions[0] from None
    finally:
        budget.close()
        runs.add_requests(uri, run_key, "verify", client.requests, "powerschool")
    if kept_out:
        raise Transient(" ".join(dict.fromkeys(kept_out)))
    log.info("%s sections read back, %s could not be read", f"{len(sections) - len(unread):,}", f"{len(unread):,}")
    return {"sections": len(sections), "unread": len(unread)}


async def _verify(
    uri: str,
    run_key: int,
    settings: Settings,
    client: PowerSchool,
    budget: SharedBudget,
    sections: deque[int],
    unread: list[str],
    kept_out: list[str],
) -> None:
    async def work() -> None:
        with database.connect(uri, autocommit=True) as connection:
            work_for(connection, run_key)
            while sections:
                async with budget.slot(connection):
                    if not sections:
                        return
                    reader = _Reader(connection, run_key, client, settings.batches.powerquery_page)
                    group = sorted(sections.popleft() for _ in range(min(GROUP_SECTIONS, len(sections))))
                    try:
                        await _read_back(reader, group, unread)
                    except KeptOut as error:
                        kept_out.append(str(error))

    async with client, asyncio.TaskGroup() as group:
        for _ in range(min(settings.delivery.in_flight, len(sections))):
            group.create_task(work())


@dataclass(frozen=True, slots=True)
class _Reader:
    """One worker: its connection holds its slot and the section's lock."""

    connection: Connection
    run_key: int
    client: PowerSchool
    query_page: int


async def _read_back(reader: _Reader, sections: list[int], unread: list[str]) -> None:
    """Reads a few sections under their locks, and settles them in one transaction; one that cannot be read waits."""
    connection = reader.connection
    rows: list[dict[str, str]] = []
    read: list[int] = []
    async with sections_locked(connection, sections):
        for section in sections:
            try:
                rows += await reader.client.section_scores(section, reader.query_page)
                read.append(section)
            except Stopped:
                raise
            except (Transient, Refused) as error:
                log.warning("Section %s could not be read back: %s", section, error)
                unread.append(str(error))
        await asyncio.to_thread(settle_sections, connection, reader.run_key, read, rows)


def settle_sections(connection: Connection, run_key: int, sections: list[int], rows: list[dict[str, str]]) -> None:
    """Settles the run's writes in these sections by their rows of `section_scores`, in one transaction."""
    scope = {"run_key": run_key, "sections": sections}
    with connection.transaction():
        database.run(connection, "theirs_table")
        columns = ("assignment_section_id", "student_dcid", "points", "flags")
        database.copy_in(connection, "theirs", columns, theirs_of(rows))
        connection.execute("analyze theirs")
        database.run(connection, "verify_scores", **scope)
        sent = database.rows(connection, "verify_items", **scope)
        verdicts = list(_item_verdicts(sent, _assignments(connection, rows)))
        database.run(connection, "verify_items_settle", **scope, verdicts=json.dumps(verdicts, default=str))


def _assignments(connection: Connection, rows: Iterable[dict[str, str]]) -> dict[tuple[str, int], Fields]:
    """The assignments that the sections hold, by assignmentsectionid, and by assignmentid where that is not known."""
    found = {row["assignment_section_id"]: row for row in rows if row.get("assignment_section_id")}
    ids = {int(row["category_id"]) for row in found.values() if row.get("category_id")}
    names = {row["id"]: row["name"] for row in database.rows(connection, "category_names", ids=list(ids))}
    there: dict[tuple[str, int], Fields] = {}
    for row in found.values():
        fields = Fields(
            row.get("name", ""),
            # Where a teacher has taken the day away that is an edit: no day of ours is the first one.
            date.fromisoformat(row["due_date"][:10]) if row.get("due_date") else date.min,
            float(row.get("total_points") or 0),
            names.get(int(row.get("category_id") or 0), ""),
        )
        there["section", int(row["assignment_section_id"])] = fields
        there["assignment", int(row["assignment_id"])] = fields
    return there


def _item_verdicts(sent: list[dict[str, Any]], there: dict[tuple[str, int], Fields]) -> Iterator[dict[str, Any]]:
    """What the read-back says of each item that the run created or updated."""
    for row in sent:
        known = row["powerschool_assignment_section_id"]
        theirs = there.get(("section", known) if known else ("assignment", row["powerschool_assignment_id"]))
        attempted = row["attempted"]
        changed = NAMES if row["kind"] == "create" else attempted["changed"]
        verdict: dict[str, Any] = {
            "item_key": row["item_key"],
            "write_id": row["write_id"],
            "mismatch": False,
            "warnings": 0,
        }
        if theirs is None:
            yield {**verdict, "mismatch": True}
            continue
        theirs = theirs if theirs.category else Fields(theirs.name, theirs.due_on, theirs.total, attempted["category"])
        kept = {name: _text(theirs, name) for name in changed}
        wanted = {name: _same(attempted[name], name) for name in changed}
        if kept == wanted:
            yield {**verdict, "held": kept}
            continue
        before = row["before"]
        if before is not None and all(kept[name] == _same(before[name], name) for name in changed):
            yield {**verdict, "mismatch": True}
            continue
        edits = {name: kept[name] for name in changed if kept[name] != wanted[name]}
        only_normalised = set(edits) == {"name"} and normalised(wanted["name"], kept["name"])
        warning = mask_of("NORMALISED_BY_SIS" if only_normalised else "TEACHER_EDIT_KEPT")
        yield {**verdict, "held": kept, "warnings": warning, "theirs": "; ".join(edits.values())}


def _text(fields: Fields, name: str) -> str:
    return _same(getattr(fields, name), name)


def _same(value: object, name: str) -> str:
    return f"{float(str(value)):g}" if name == "total" else str(value)
