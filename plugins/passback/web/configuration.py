"""The configuration as the pipeline sees it: the settings beside what is staged, its problems, and the opt-outs."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from passback import database
from passback.database import Connection
from passback.errors import PassbackError
from passback.settings import SOURCES, Settings, check, check_schools
from passback.web import category_map, district
from passback.web.paging import Listed, PageNumber, Place, listed
from passback.web.shell import ShellDep

router = APIRouter()

ROUTE = "configuration"
LISTED = 25
CONNECTIONS = ("otus", "schoology", "powerschool", database.CONNECTION_ID)
EXCEPTION_NAMES = {1: "excused", 2: "incomplete", 3: "missing"}

Row = dict[str, Any]


@router.get("/configuration")
def configuration(
    shell: ShellDep,
    otus: PageNumber = 1,
    schoology: PageNumber = 1,
    schools: PageNumber = 1,
    file_opt_outs: PageNumber = 1,
    opt_outs: PageNumber = 1,
    history: PageNumber = 1,
) -> HTMLResponse:
    """The page; settings that cannot be read are its first problem, and what needs them is left out."""
    pages = {"otus": otus, "schoology": schoology, "schools": schools}
    pages |= {"file_opt_outs": file_opt_outs, "opt_outs": opt_outs, "history": history}
    settings, broken = district.settings()
    on = connections()
    shown: Row = {"settings": settings, "broken": broken, "connections": read_times(shell.reading, on)}
    if settings is not None:
        shown |= of_settings(shell.reading, settings, pages) | {"problems": problems(shell.reading, settings, on)}
    for name in ("opt_outs", "history"):
        statement = {"opt_outs": "configuration_opt_outs", "history": "configuration_opt_out_history"}[name]
        shown[name] = _paged(shell.reading, statement, pages, name)
    return shell.page("configuration.html", ROUTE, "Configuration", **shown)


def of_settings(reading: Connection, settings: Settings, pages: dict[str, int]) -> Row:
    """What the settings say, each part beside what is staged."""
    today = datetime.now(ZoneInfo(settings.time_zone)).date()
    group = database.one(reading, "configuration_teacher_group", group=settings.teacher_group)
    items = sorted(settings.opted_out_items)
    file_opt_outs = _paged(
        reading, "configuration_file_opt_outs", pages, "file_opt_outs", sections=sorted(settings.opted_out_sections),
        sources=[source for source, _ in items], items=[item for _, item in items],
    )  # fmt: skip
    codes = list(settings.grading_periods)
    return {
        "today": today,
        "year": settings.school_year(today),
        "maps": category_map.maps(reading, settings, {one: (pages[one], _place(pages, one)) for one in SOURCES}),
        "schools": _paged(reading, "configuration_periods", pages, "schools", store_codes=codes, today=today),
        "group": group,
        "exceptions": [
            {"code": code, "name": EXCEPTION_NAMES.get(code, ""), "meaning": meaning}
            for code, meaning in sorted(settings.exceptions.items())
        ],
        "file_opt_outs": file_opt_outs,
    }


def problems(reading: Connection, settings: Settings, on: dict[str, str]) -> list[str]:
    """What would stop a run, in its words: a map that is missing, a school that the roster does not have."""
    schools = [row["school_number"] for row in database.rows(reading, "configuration_schools")]
    found = []
    try:
        check(settings, [source for source in SOURCES if source in on])
    except PassbackError as error:
        found.append(str(error))
    try:
        check_schools(settings, schools)
    except PassbackError as error:
        # Before the first roster every school is unknown, and no run has asked yet.
        found += [str(error)] if schools else []
    return found


def connections() -> dict[str, str]:
    """The Airflow connections of ours that exist, by id: their type, and nothing else of them."""
    from airflow.sdk import BaseHook
    from airflow.sdk.exceptions import AirflowNotFoundException

    found = {}
    for name in CONNECTIONS:
        try:
            found[name] = BaseHook.get_connection(name).conn_type or ""
        except AirflowNotFoundException:
            continue
    return found


def read_times(reading: Connection, on: dict[str, str]) -> list[Row]:
    """One row a connection of ours, whether it exists, with when the last complete reading of it ended."""
    read_at = {row["source"]: row["read_at"] for row in database.rows(reading, "configuration_sources")}
    return [
        {"name": name, "exists": name in on, "kind": on.get(name, ""), "read_at": read_at.get(name)}
        for name in CONNECTIONS
    ]


def _place(pages: dict[str, int], name: str) -> Place:
    """The place of one of the page's lists: its addresses keep where the others stand."""
    others = {other: number for other, number in pages.items() if other != name and number > 1}
    return Place(ROUTE, others, name)


def _paged(reading: Connection, statement: str, pages: dict[str, int], name: str, **inputs: object) -> Listed:
    def fetch(limit: int, offset: int) -> list[Row]:
        return database.rows(reading, statement, limit=limit, offset=offset, **inputs)

    return listed(fetch, _place(pages, name), pages[name], LISTED)
