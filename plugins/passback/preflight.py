"""What must hold before anything is read: sources that are on, the time zone of the schedule, known schools."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from passback import database, schedule
from passback.errors import Terminal
from passback.settings.district import SOURCES

if TYPE_CHECKING:
    from passback.runs import Asked
    from passback.settings import Settings


def sources_on(wanted: list[str] | None) -> list[str]:
    """The sources that have a connection; raises Terminal where one is asked for by name and has none."""
    from airflow.sdk import BaseHook
    from airflow.sdk.exceptions import AirflowNotFoundException

    on = []
    for source in SOURCES:
        try:
            BaseHook.get_connection(source)
        except AirflowNotFoundException:
            continue
        on.append(source)
    if missing := [source for source in wanted or [] if source not in on]:
        raise Terminal(
            f"The run asks for {', '.join(missing)}, which has no Airflow connection: "
            f"set AIRFLOW_CONN_{missing[0].upper()}."
        )
    return [source for source in on if not wanted or source in wanted]


def check_schedule(asked: Asked, settings: Settings) -> None:
    """Raises Terminal where a night that the schedule started is not cut by the district's own midnight."""
    zone = schedule.zone()
    if asked.scheduled and zone != settings.time_zone:
        raise Terminal(
            f"The schedule runs by PASSBACK_TIME_ZONE={zone}, the settings say time_zone = {settings.time_zone!r}: "
            "make them the same and restart the scheduler and the dag-processor."
        )


def known_schools(uri: str) -> list[str]:
    """The numbers of the roster's schools."""
    with database.connect(uri) as connection:
        return [row["school_number"] for row in database.rows(connection, "schools_known")]


def home() -> Path:
    """The folder of all local state: PASSBACK_HOME, else `.passback` in the project."""
    return Path(os.environ.get("PASSBACK_HOME") or Path(__file__).resolve().parents[2] / ".passback").absolute()
