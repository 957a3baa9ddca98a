"""A run's own facts, kept once: as-of day, settings, sources; and what makes it red beside its items and scores."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any, Protocol
from zoneinfo import ZoneInfo

import psycopg

from passback import database
from passback.database import Connection
from passback.errors import Terminal, Transient
from passback.parts import Part
from passback.settings import to_json

if TYPE_CHECKING:
    from passback.settings import Settings

LATE = timedelta(hours=6)
EVERYTHING = Part()
# How long a step waits for a maintenance that is just deleting its run.
HOLD_WAIT_SECONDS = 120
HOLD_POLL_SECONDS = 0.2


class Requests(Protocol):
    """HTTP requests: all, repeats after an error, answers that asked to wait."""

    total: int
    retried: int
    throttled: int


@dataclass(frozen=True, slots=True)
class Asked:
    """What Airflow says of a run, and what its parameters ask for."""

    dag_id: str
    run_id: str
    scheduled: bool
    interval_start: datetime | None
    created_at: datetime
    parameters: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Run:
    """One run as it is kept: the same in every retry and clear."""

    run_key: int
    dag_id: str
    run_id: str
    as_of: date
    dry_run: bool
    sources: tuple[str, ...]
    schools: list[str] | None
    year: tuple[date, date]
    part: Part


def asked(context: Mapping[str, Any]) -> Asked:
    """What Airflow's task context says of the run. With a null logical date (REST, UI) the context has no interval."""
    run = context["dag_run"]
    run_type = str(getattr(run.run_type, "value", run.run_type))
    return Asked(
        dag_id=run.dag_id,
        run_id=run.run_id,
        scheduled=run_type in ("scheduled", "backfill"),
        interval_start=run.data_interval_start,
        created_at=run.run_after,
        parameters=dict(context["params"]),
    )


def as_of(asked: Asked, settings: Settings) -> date:
    """The school day that the run judges.

    The parameter `as_of` where given; for scheduled and backfilled nights the local date of the interval's start; else
    the local date of the run's creation.
    """
    given = asked.parameters.get("as_of")
    if given:
        try:
            return date.fromisoformat(str(given))
        except ValueError:
            raise Terminal(f"The parameter as_of is no day like 2026-10-15: {given!r}.") from None
    moment = asked.interval_start if asked.scheduled and asked.interval_start else asked.created_at
    return moment.astimezone(ZoneInfo(settings.time_zone)).date()


def register(
    uri: str, asked: Asked, settings: Settings, sources: list[str], part: Part = EVERYTHING,
    schools: list[str] | None = None,
) -> Run:  # fmt: skip
    """Keeps the run, once: a cleared task gets the same as-of, and the settings as they are now.

    `schools` are those of the part, else the parameter's.
    """
    day = as_of(asked, settings)
    year = settings.school_year(day)
    schools = schools or sorted({str(school) for school in asked.parameters.get("schools") or []}) or None
    with database.connect(uri) as connection:
        row = database.one(
            connection,
            "run_register",
            dag_id=asked.dag_id,
            run_id=asked.run_id,
            as_of=day,
            dry_run=bool(asked.parameters.get("dry_run")),
            parameters=json.dumps(dict(asked.parameters), default=str),
            settings=json.dumps(to_json(settings)),
            sources=sources,
            schools=schools,
            year_first_day=year[0],
            year_last_day=year[1],
            **asdict(part),
        )
        run = _run(row)
        database.run(connection, "run_sources_register", run_key=run.run_key, sources=list(run.sources))
    return run


def joins(uri: str, asked: Asked, part: Part, is_under_way: Callable[[str], bool]) -> str | None:
    """The run id of an earlier run of the same part that is under way, if there is one: this one joins it.

    `is_under_way` asks Airflow by run id: a run that was killed stays open here, and nobody joins it.
    """
    with database.connect(uri) as connection:
        found = database.rows(
            connection, "run_same_part", dag_id=asked.dag_id, run_id=asked.run_id,
            dry_run=bool(asked.parameters.get("dry_run")), **asdict(part),
        )  # fmt: skip
    return next((row["run_id"] for row in found if is_under_way(row["run_id"])), None)


def find(uri: str, dag_id: str, run_id: str) -> Run:
    """The run as it is kept; raises Terminal where `open_run` has not kept it, or its rows are kept no longer."""
    try:
        with database.connect(uri) as connection:
            found = database.rows(connection, "run_find", dag_id=dag_id, run_id=run_id)
    except psycopg.errors.UndefinedTable:  # the very first run, stopped before the schema was made
        found = []
    if not found:
        raise Terminal(f"The run {run_id} of {dag_id} was never opened: look at its task open_run.")
    if found[0]["rows_deleted_at"] is not None:
        raise Terminal(
            f"What the run {run_id} of {dag_id} judged and sent is kept no longer (maintenance deleted it on "
            f"{found[0]['rows_deleted_at']:%Y-%m-%d}, [retention] report_days): nothing was done, and its report stays "
            "as it was. Clear the run from open_run on, or start a new one."
        )
    return _run(found[0])


@contextmanager
def in_use(uri: str, run: Run) -> Iterator[None]:
    """Keeps maintenance from the run's rows while a step works on them; raises as `find` where they are gone."""
    with _session(uri) as connection:
        ends_at = time.monotonic() + HOLD_WAIT_SECONDS
        while not _holds(connection, run.run_key):
            if time.monotonic() > ends_at:
                raise Transient(f"Maintenance has been deleting the run {run.run_id} for over {HOLD_WAIT_SECONDS} s.")
            time.sleep(HOLD_POLL_SECONDS)
        find(uri, run.dag_id, run.run_id)
        yield


def _holds(connection: Connection, run_key: int) -> bool:
    try:
        return bool(database.one(connection, "run_hold", run_key=run_key)["held"])
    except psycopg.OperationalError as error:
        raise database.failed(error) from error


@contextmanager
def _session(uri: str) -> Iterator[Connection]:
    """A connection that only holds locks: where the server ends it meanwhile, there is nothing to tell."""
    with database.connect(uri):
        pass  # a server that is not there is told in the usual words
    connection = psycopg.connect(uri, autocommit=True)
    try:
        yield connection
    finally:
        connection.close()


def add_problem(uri: str, run_key: int, step: str, message: str, code: str = "") -> None:
    """Keeps a cause that makes the run red."""
    with database.connect(uri) as connection:
        database.run(connection, "run_problem_add", run_key=run_key, step=step, code=code, message=message)


def note(uri: str, run_key: int, step: str, message: str | None) -> None:
    """Keeps what the run's reader should know of a step, in place of what its last attempt said; None: nothing."""
    with database.connect(uri) as connection:
        database.run(connection, "run_notes_clear", run_key=run_key, step=step)
        if message:
            database.run(connection, "run_note_add", run_key=run_key, step=step, message=message)


def clear_problems(uri: str, run_key: int, step: str) -> None:
    """Takes out what an earlier attempt of the step kept."""
    with database.connect(uri) as connection:
        database.run(connection, "run_problems_clear", run_key=run_key, step=step)


def has_problem(uri: str, run_key: int, step: str) -> bool:
    """Whether the step failed in this run, and was not done again since."""
    with database.connect(uri) as connection:
        return bool(database.one(connection, "run_has_problem", run_key=run_key, step=step)["found"])


def set_source(uri: str, run_key: int, source: str, state: str, reason: str = "") -> None:
    """Keeps what became of a source in the run: `on`, `read`, `unreadable` or `refused`."""
    with database.connect(uri) as connection:
        database.run(connection, "run_source_set", run_key=run_key, source=source, state=state, reason=reason)


def sources_in(uri: str, run_key: int, state: str) -> dict[str, int]:
    """The extraction that the run judges of each source in a state, in the sources' order."""
    with database.connect(uri) as connection:
        found = database.rows(connection, "run_sources_in", run_key=run_key, state=state)
    return {row["source"]: row["seq"] for row in found}


def add_requests(uri: str, run_key: int, step: str, requests: Requests, system: str) -> None:
    """Adds a task's HTTP requests to the run's."""
    with database.connect(uri) as connection:
        database.run(
            connection, "requests_add", run_key=run_key, system=system, step=step,
            total=requests.total, retried=requests.retried, throttled=requests.throttled,
        )  # fmt: skip


def stop(uri: str, run_key: int, code: str) -> None:
    """The run stops: what it has not sent ends with this code."""
    with database.connect(uri) as connection:
        database.run(connection, "run_stop", run_key=run_key, code=code)


def stopped_by(uri: str, run_key: int) -> str | None:
    """The code that stopped the run, if one did."""
    with database.connect(uri) as connection:
        code = database.one(connection, "run_stopped_by", run_key=run_key)["stopped_by"]
    return str(code) if code else None


def open_window(uri: str, run_key: int, minutes: int) -> datetime:
    """When sending ends: set by the first task that delivers, and anew where an old task is cleared hours later."""
    now = datetime.now(UTC)
    with database.connect(uri) as connection:
        row = database.one(
            connection, "run_window", run_key=run_key, ends_at=now + timedelta(minutes=minutes), stale_before=now - LATE
        )
    ends_at: datetime = row["window_ends_at"]
    return ends_at


def _run(row: dict[str, Any]) -> Run:
    return Run(
        run_key=row["run_key"],
        dag_id=row["dag_id"],
        run_id=row["run_id"],
        as_of=row["as_of"],
        dry_run=row["dry_run"],
        sources=tuple(row["sources"]),
        schools=row["schools"],
        year=(row["year_first_day"], row["year_last_day"]),
        part=Part(*(row[f"part_{name.name}"] for name in fields(Part))),
    )
