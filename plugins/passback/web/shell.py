"""What all pages share: the frame with its tabs, the user's rights, the red dot, and times as people read them."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import jinja2
from fastapi import Depends, Request
from fastapi.responses import HTMLResponse
from markupsafe import Markup

from passback import database, schedule
from passback.web.access import Allowed, AllowedDep
from passback.web.queries import Reading

FOLDER = Path(__file__).parent
# The tabs: route, name. Routes lie side by side, so that every address is relative and Airflow may live anywhere.
TABS = (("", "Status log"), ("errors", "Error guide"), ("configuration", "Configuration"))
STATUS_NAMES = {
    "successful": "Successful",
    "error": "Error",
    "queued": "Queued",
    "not_yet_synced": "Not Yet Synced",
    "skipped": "Skipped",
    "held": "Held",
}
SOURCE_NAMES = {"otus": "Otus", "schoology": "Schoology"}
OWNER_NAMES = {
    "teacher": "Teacher",
    "office": "Office",
    "admin": "Gradebook administrator",
    "data engineer": "Data engineer",
    "": "nobody",
}


class Shell:
    """One request's frame: renders a template with the user's rights, the open tab and the red dot."""

    def __init__(self, request: Request, may: Allowed, reading: Reading) -> None:
        self.request = request
        self.may = may
        self.reading = reading

    def page(self, template: str, tab: str, title: str, status_code: int = 200, **context: Any) -> HTMLResponse:
        """A whole page of `templates/<template>`; `tab` is the route of the open tab (one of `TABS`), if any."""
        shown = {"tab": tab, "title": title, "tabs": TABS, "errors_stand": self._errors_stand()}
        return HTMLResponse(render(template, **self._rights(), **shown, **context), status_code)

    def fragment(self, template: str, status_code: int = 200, **context: Any) -> HTMLResponse:
        """A piece of a page, for a script to put in its place."""
        return HTMLResponse(render(template, **self._rights(), **context), status_code)

    def _rights(self) -> dict[str, Any]:
        return {"may_sync": self.may.sync, "may_opt_out": self.may.opt_out, "user_name": self.may.name}

    def _errors_stand(self) -> bool:
        return bool(database.one(self.reading, "status_errors_stand")["errors_stand"])


def shell(request: Request, may: AllowedDep, reading: Reading) -> Shell:
    """The frame of this request."""
    return Shell(request, may, reading)


ShellDep = Annotated[Shell, Depends(shell)]


def render(template: str, **context: Any) -> str:
    """The template as text, every value escaped."""
    return _environment().get_template(template).render(**context)


def address(route: str, **parameters: object) -> str:
    """A relative address with its parameters; those that are None or empty are left out."""
    given = {name: value for name, value in parameters.items() if value not in (None, "")}
    return f"{route or './'}?{urlencode(given)}" if given else route or "./"


def item_address(source: str, source_item_id: str) -> str:
    """The address of an item's page."""
    return address("item", source=source, id=source_item_id)


def short_time(moment: datetime | None, now: datetime | None = None) -> str:
    """The district's local time: `11:06 PM` today, with the date on another day, with the year in another year."""
    if moment is None:
        return ""
    zone = ZoneInfo(schedule.zone())
    local, today = moment.astimezone(zone), (now or datetime.now(UTC)).astimezone(zone).date()
    clock = f"{local:%I:%M %p}".lstrip("0")
    if local.date() == today:
        return clock
    day = f"{local:%b} {local.day}"
    return f"{day}, {clock}" if local.year == today.year else f"{day}, {local.year}, {clock}"


def full_time(moment: datetime | None) -> str:
    """The district's local time in full, with the name of its zone."""
    if moment is None:
        return ""
    return f"{moment.astimezone(ZoneInfo(schedule.zone())):%Y-%m-%d %H:%M:%S %Z} ({schedule.zone()})"


def time_element(moment: datetime | None, empty: str = "") -> Markup:
    """A `<time>` with the short time, and the full one as its title; `empty` where there is none."""
    if moment is None:
        return Markup("{}").format(empty)
    return Markup('<time datetime="{}" title="{}">{}</time>').format(
        moment.isoformat(), full_time(moment), short_time(moment)
    )


@cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(FOLDER / "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals |= {
        "address": address,
        "item_address": item_address,
        "status_names": STATUS_NAMES,
        "source_names": SOURCE_NAMES,
        "owner_names": OWNER_NAMES,
        "static": static_address,
        "zone": schedule.zone,
    }
    environment.filters |= {"moment": time_element, "short_time": short_time, "full_time": full_time}
    return environment


@cache
def static_address(name: str) -> str:
    """The relative address of a static file, with its content's mark, so that a browser may keep it."""
    mark = hashlib.sha256((FOLDER / "static" / name).read_bytes()).hexdigest()[:12]
    return f"static/{name}?v={mark}"
