"""*Sync* of the status pages: one item, one section, one teacher's sections or everything, now; once at a time."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from airflow.api.common.trigger_dag import trigger_dag
from airflow.exceptions import ParamValidationError
from airflow.models.dag import DagModel
from airflow.utils.session import create_session
from airflow.utils.types import DagRunTriggeredByType
from fastapi import APIRouter, Depends, HTTPException
from pydantic import BaseModel, ConfigDict, Field, model_validator
from sqlalchemy import select

from passback import database
from passback.database import Connection
from passback.parts import Part
from passback.web.access import SYNC, AllowedDep, may_sync
from passback.web.queued import active_runs, today

router = APIRouter()

LOCK, PATIENCE = "web:sync", "10s"
Dcid = Annotated[int, Field(ge=1, le=10**18 - 1)]
ItemId = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00]+$")]


class Wanted(BaseModel):
    """What is to be synced: exactly one of a section, a teacher, an item (source and id), and `all`."""

    model_config = ConfigDict(extra="forbid")

    section_dcid: Dcid | None = None
    users_dcid: Dcid | None = None
    source: Literal["otus", "schoology"] | None = None
    source_item_id: ItemId | None = None
    all: Literal[True] | None = None

    @model_validator(mode="after")
    def one_part(self) -> Self:
        """Refuses none, several, and half an item."""
        if (self.source is None) != (self.source_item_id is None):
            raise ValueError("an item is named by both source and source_item_id")
        if sum(given is not None for given in (self.section_dcid, self.users_dcid, self.source, self.all)) != 1:
            raise ValueError("give one of section_dcid, users_dcid, source with source_item_id, and all")
        return self

    def part(self) -> Part:
        """The same as the DAG's parameters name it."""
        return Part(self.section_dcid, self.users_dcid, self.source, self.source_item_id)


class Begun(BaseModel):
    """What happens now: the run that does it, begun for this request or joined."""

    run_id: str
    joined: bool
    message: str


@router.post("/api/sync", status_code=202, dependencies=[Depends(may_sync)])
def sync(wanted: Wanted, may: AllowedDep) -> Begun:
    """Queue a sync of the part, or join the one under way that covers it; 409 where nothing would run."""
    part = wanted.part()
    with database.connect() as connection:
        database.run(connection, "extraction_lock", lock=LOCK, wait=PATIENCE)
        _can_run()
        _is_known(connection, part)
        for run in active_runs():
            if run.part is not None and _covers(connection, run.part, part):
                return Begun(run_id=run.run_id, joined=True, message=f"A sync of {run.part} is under way: joined it.")
        return Begun(run_id=_trigger(part, may.name), joined=False, message=f"Queued: sync of {part}.")


def _can_run() -> None:
    """409 where Airflow would start nothing: a DAG that it has not read, cannot read, or that is paused."""
    with create_session() as session:
        found = session.execute(
            select(DagModel.is_paused, DagModel.has_import_errors).where(
                DagModel.dag_id == SYNC, DagModel.is_stale.is_(False)
            )
        ).first()
    if found is None or found.has_import_errors:
        raise HTTPException(409, f"Airflow has not read the DAG {SYNC}: nothing can be synced now.")
    if found.is_paused:
        raise HTTPException(409, f"The DAG {SYNC} is paused: somebody who may edit it must unpause it first.")


def _is_known(connection: Connection, part: Part) -> None:
    """404 for an item that was never read: its run would end red."""
    if part.source_item_id is not None and not _reach(connection, part)["item_known"]:
        raise HTTPException(404, "This item has never been read: sync its section, or wait for the night.")


def _covers(connection: Connection, active: Part, wanted: Part) -> bool:
    """Whether a sync of `active` does all that a sync of `wanted` would."""
    if active.is_everything or active == wanted:
        return True
    if wanted.is_everything or active.source_item_id is not None:
        return False
    sections = set(_reach(connection, wanted)["sections"] or [])
    return bool(sections) and sections <= set(_reach(connection, active)["sections"] or [])


def _reach(connection: Connection, part: Part) -> dict[str, Any]:
    return database.one(
        connection, "part_reach", today=today(), section_dcid=part.section_dcid, users_dcid=part.users_dcid,
        source=part.source, source_item_id=part.source_item_id,
    )  # fmt: skip


def _trigger(part: Part, user_name: str) -> str:
    """Start a run of the sync DAG for the part, in the user's name; returns its run id."""
    named = {
        "section_dcid": part.section_dcid,
        "users_dcid": part.users_dcid,
        "source": part.source,
        "source_item_id": part.source_item_id,
    }
    conf = {name: str(value) for name, value in named.items() if value is not None}
    try:
        run = trigger_dag(
            SYNC, triggered_by=DagRunTriggeredByType.UI, triggering_user_name=user_name, conf=conf, logical_date=None
        )
    except (ParamValidationError, ValueError) as error:
        raise HTTPException(409, f"Airflow refuses the run: {error}") from None
    if run is None:
        raise HTTPException(409, f"Airflow has not read the DAG {SYNC}: nothing can be synced now.")
    return str(run.run_id)
