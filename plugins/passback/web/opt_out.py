"""Opt-outs switched on the pages: a section or an item that is not to be passed back, with who and when kept."""

from __future__ import annotations

import os
from typing import Literal, Self

from fastapi import APIRouter, Depends, HTTPException
from pydantic import BaseModel, ConfigDict, model_validator

from passback import database
from passback.errors import Terminal
from passback.settings import Settings, load, settings_path
from passback.web.access import AllowedDep, may_opt_out
from passback.web.sync import Dcid, ItemId

router = APIRouter()


class Switch(BaseModel):
    """One section or one item, and whether it is to be opted out."""

    model_config = ConfigDict(extra="forbid", strict=True)

    section_dcid: Dcid | None = None
    source: Literal["otus", "schoology"] | None = None
    source_item_id: ItemId | None = None
    opted_out: bool

    @model_validator(mode="after")
    def one_thing(self) -> Self:
        """Refuses none, both, and half an item."""
        if (self.source is None) != (self.source_item_id is None):
            raise ValueError("an item is named by both source and source_item_id")
        if (self.section_dcid is None) == (self.source is None):
            raise ValueError("give either section_dcid or source with source_item_id")
        return self


class Switched(BaseModel):
    """How it stands now."""

    opted_out: bool
    changed: bool
    message: str


@router.post("/api/opt-out", dependencies=[Depends(may_opt_out)])
def switch(wanted: Switch, may: AllowedDep) -> Switched:
    """Switch one opt-out; 409 for one that the settings state, 404 for what was never seen."""
    if _is_in_settings(wanted):
        raise HTTPException(
            409, "The district's settings opt this out: it can be switched only there, under [[opt_outs]]."
        )
    key = {name: getattr(wanted, name) for name in ("section_dcid", "source", "source_item_id")}
    with database.connect() as connection:
        database.run(connection, "extraction_lock", lock="web:opt-out", wait="10s")
        found = database.one(connection, "opt_out_state", **key)
        if not found["known"]:
            raise HTTPException(404, "There is no such section or item.")
        changed = found["opted_out"] != wanted.opted_out
        if changed:
            database.run(connection, "opt_out_add", **key, opted_out=wanted.opted_out, switched_by=may.name)
    return Switched(opted_out=wanted.opted_out, changed=changed, message=_told(wanted))


def _is_in_settings(wanted: Switch) -> bool:
    settings = _settings()
    if settings is None:
        return False
    if wanted.section_dcid is not None:
        return str(wanted.section_dcid) in settings.opted_out_sections
    return (wanted.source, wanted.source_item_id) in settings.opted_out_items


def _settings() -> Settings | None:
    """The settings in force; None where they are wrong: then no run begins at all, and says so."""
    try:
        return load(settings_path(os.environ))
    except Terminal:
        return None


def _told(wanted: Switch) -> str:
    what = "section" if wanted.section_dcid is not None else "item"
    if wanted.opted_out:
        return f"The {what} is opted out: from the next run on nothing of it is sent. What PowerSchool has stays there."
    return f"The {what} is no longer opted out: the next run judges it again."
