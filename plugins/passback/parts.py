"""The part of the district that a sync asks for: everything, one teacher's sections, one section, or one item."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from passback import database
from passback.errors import Terminal


@dataclass(frozen=True, slots=True)
class Part:
    """What a run is limited to; all None is everything. `section_dcid` is SECTIONS.DCID, `users_dcid` USERS.DCID."""

    section_dcid: int | None = None
    users_dcid: int | None = None
    source: str | None = None
    source_item_id: str | None = None

    @property
    def is_everything(self) -> bool:
        """Whether nothing is left out."""
        return self == Part()

    def __str__(self) -> str:
        """The part in words."""
        if self.section_dcid is not None:
            return f"section {self.section_dcid}"
        if self.users_dcid is not None:
            return f"the sections of teacher {self.users_dcid}"
        if self.source_item_id is not None:
            return f"item {self.source_item_id} of {self.source}"
        return "everything"


@dataclass(frozen=True, slots=True)
class Reach:
    """What a part reaches in the roster as last read: section DCIDs and school numbers, None for all."""

    sections: list[int] | None
    schools: list[str] | None


def asked_for(parameters: Mapping[str, Any]) -> Part:
    """The part that a run's parameters name; raises Terminal where they name two, or half of one."""
    given = {name: _text(parameters.get(name)) for name in ("section_dcid", "users_dcid", "source", "source_item_id")}
    kinds = [name for name in ("section_dcid", "users_dcid", "source_item_id") if given[name]]
    if len(kinds) > 1:
        raise Terminal(f"A sync takes one of section_dcid, users_dcid and source_item_id, not {' and '.join(kinds)}.")
    if bool(given["source"]) != bool(given["source_item_id"]):
        raise Terminal("An item is named by both source and source_item_id.")
    return Part(
        section_dcid=_dcid("section_dcid", given["section_dcid"]),
        users_dcid=_dcid("users_dcid", given["users_dcid"]),
        source=given["source"] or None,
        source_item_id=given["source_item_id"] or None,
    )


def reach(uri: str, part: Part, today: dt.date) -> Reach:
    """The sections and schools of the part, by the roster and the sources as they are staged now.

    `today` says who teaches. A section that the roster does not know reaches all schools: it may be new. Raises
    Terminal where the item is not staged.
    """
    if part.is_everything:
        return Reach(None, None)
    with database.connect(uri) as connection:
        found = database.one(connection, "part_reach", today=today, **asdict(part))
    if part.source_item_id is not None and not found["item_known"]:
        raise Terminal(
            f"The item {part.source_item_id} of {part.source} has never been read: sync its section, or wait for the "
            "night."
        )
    return Reach(found["sections"], found["schools"] or None)


def _text(value: object) -> str:
    return str(value).strip() if value is not None else ""


def _dcid(name: str, text: str) -> int | None:
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= 18):
        raise Terminal(f"The parameter {name} is a PowerSchool DCID, a number: {text[:40]!r}.")
    return int(text)
