"""What is queued or under way, by Airflow's own word: the parts that active syncs ask for, and the runs that send."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from airflow.models.dagrun import DagRun
from airflow.sdk import timezone
from airflow.utils.session import create_session
from airflow.utils.state import DagRunState
from sqlalchemy import select

from passback import database, parts, schedule
from passback.database import Connection
from passback.errors import Terminal
from passback.parts import Part
from passback.web.access import SYNC

OURS = "passback_"


@dataclass(frozen=True, slots=True)
class ActiveRun:
    """A run of one of our DAGs that is queued or running; `part` is what a real sync asks for, else None."""

    dag_id: str
    run_id: str
    part: Part | None


@dataclass(frozen=True, slots=True)
class Queued:
    """The items that are queued: all, those of sections, single ones, and what is planned in runs (their keys)."""

    everything: bool = False
    sections: list[int] = field(default_factory=list)
    items: list[tuple[str, str]] = field(default_factory=list)
    runs: list[int] = field(default_factory=list)

    def parameters(self) -> dict[str, Any]:
        """As the statements of the status log take them."""
        return {
            "queued_any": self != Queued(),
            "queued_all": self.everything,
            "queued_sections": self.sections,
            "queued_sources": [source for source, _ in self.items],
            "queued_items": [item for _, item in self.items],
            "queued_runs": self.runs,
        }


def active_runs() -> list[ActiveRun]:
    """The active runs of our DAGs, the oldest first."""
    with create_session() as session:
        found = session.execute(
            select(DagRun.dag_id, DagRun.run_id, DagRun.conf)
            .where(
                DagRun.state.in_([DagRunState.QUEUED, DagRunState.RUNNING]),
                DagRun.dag_id.startswith(OURS),
                DagRun.run_after <= timezone.utcnow(),  # one that is to begin later helps nobody now
            )
            .order_by(DagRun.id)
        ).all()
    return [ActiveRun(dag_id, run_id, _part(dag_id, conf)) for dag_id, run_id, conf in found]


def _part(dag_id: str, conf: object) -> Part | None:
    """What a sync with these parameters sends; None for another DAG, a preview, and parameters that it will refuse."""
    parameters = conf if isinstance(conf, dict) else {}
    if dag_id != SYNC or parameters.get("dry_run"):
        return None
    try:
        return parts.asked_for(parameters)
    except Terminal:
        return None


def queued(reading: Connection) -> Queued:
    """The items that are queued now."""
    active = active_runs()
    if not active:
        return Queued()
    asked = [run.part for run in active if run.part is not None]
    found = database.one(
        reading, "status_queued", dag_ids=[run.dag_id for run in active], run_ids=[run.run_id for run in active],
        teachers=[part.users_dcid for part in asked if part.users_dcid is not None], today=today(),
    )  # fmt: skip
    return Queued(
        everything=any(part.is_everything for part in asked),
        sections=[*found["sections"], *(part.section_dcid for part in asked if part.section_dcid is not None)],
        items=[(part.source or "", part.source_item_id) for part in asked if part.source_item_id is not None],
        runs=found["runs"],
    )


def today() -> dt.date:
    """The local date of the district."""
    return dt.datetime.now(ZoneInfo(schedule.zone())).date()
