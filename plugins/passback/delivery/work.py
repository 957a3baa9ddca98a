"""What delivery works on: units of sections, items with ours and base, and the refusals that end an item."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from passback.errors import catalogue
from passback.payloads import Fields, marker

Need = Literal["create", "update", "held", "waits", "none"]


@dataclass(frozen=True, slots=True)
class Unit:
    """The sections that one teacher's listing covers, with something to send."""

    users_dcid: int
    sections: tuple[int, ...]
    items: int


@dataclass(frozen=True, slots=True)
class Base:
    """What the ledger holds of an item: PowerSchool's ids, what was sent and what PowerSchool held after it."""

    section_dcid: int
    assignment_id: int
    assignment_section_id: int | None
    sent: Fields
    held: Fields
    deleted: bool
    seq: int


@dataclass(slots=True)
class Item:
    """One item of the plan, looked at again under its section's lock."""

    item_key: int
    source: str
    source_item_id: str
    section_dcid: int
    users_dcid: int
    term_id: int
    ours: Fields
    seq: int
    base: Base | None
    proved: str | None
    in_doubt: bool
    waits: bool = False
    outdated: bool = False
    just_created: bool = False
    ended: bool = False

    @property
    def marker(self) -> str:
        """The first line of the item's description."""
        return marker(self.source, self.source_item_id)

    @property
    def year_id(self) -> int:
        """The school year of the section in PowerSchool's count: `term_id // 100`."""
        return self.term_id // 100

    @property
    def is_in_its_section(self) -> bool:
        """Whether the ledger's assignment is one of the section that the item is in now, and is there."""
        return self.base is not None and self.base.section_dcid == self.section_dcid and not self.base.deleted

    def needs(self, recreate_deleted: bool) -> Need:
        """What the item itself needs now, by the ledger as it stands under the lock; scores apart.

        Where its own change waits for a release, an item that PowerSchool holds stays as it is, and its scores go.
        """
        need = self._need(recreate_deleted)
        if self.waits and need in ("create", "update"):
            return "waits" if need == "create" else "none"
        return need

    def _need(self, recreate_deleted: bool) -> Need:
        base = self.base
        if self.outdated or (base is not None and base.seq > self.seq):
            return "none"
        if base is None or base.section_dcid != self.section_dcid or (base.deleted and recreate_deleted):
            return "create"
        if base.deleted:
            return "held"
        return "update" if base.sent != self.ours else "none"


class WindowClosed(Exception):
    """The time for sending is over: what is left waits for the next night."""


def told(code: str, answer: str) -> str:
    """The catalogue's message of a code with PowerSchool's own words in it."""
    return catalogue()[code].message.replace("{answer}", answer or "it gave no reason.")


def item_of(row: dict[str, Any]) -> Item:
    """One row of include/sql/unit_items.sql as an item."""
    base = None
    if row["in_ledger"]:
        base = Base(
            section_dcid=row["ledger_section_dcid"],
            assignment_id=row["powerschool_assignment_id"],
            assignment_section_id=row["powerschool_assignment_section_id"],
            sent=Fields(row["name_sent"], row["due_sent"], row["total_sent"], row["category_sent"]),
            held=Fields(row["name_held"], row["due_held"], row["total_held"], row["category_held"]),
            deleted=row["ledger_state"] == "deleted",
            seq=row["ledger_seq"],
        )
    return Item(
        item_key=row["item_key"],
        source=row["source"],
        source_item_id=row["source_item_id"],
        section_dcid=row["section_dcid"],
        users_dcid=row["users_dcid"],
        term_id=row["term_id"],
        ours=Fields(row["name"], row["due_on"], row["total"], row["category"]),
        seq=row["seq"],
        base=base,
        proved=row["proved"],
        in_doubt=row["in_doubt"],
        waits=row["waits"],
        outdated=row["outdated"],
    )


def as_json(fields: Fields) -> dict[str, Any]:
    """The fields as they are kept with a write on record."""
    return {
        "name": fields.name,
        "due_on": fields.due_on.isoformat(),
        "total": fields.total,
        "category": fields.category,
    }


def from_json(kept: dict[str, Any]) -> Fields:
    """The fields of a write on record."""
    return Fields(kept["name"], date.fromisoformat(kept["due_on"]), float(kept["total"]), kept["category"])
