"""Base, ours, theirs: what of an assignment is sent again, and who wins. Pure.

*Base* is what was last delivered: `sent` is compared with ours, `held` (as PowerSchool kept it) with theirs. *Ours* is
wanted now, *theirs* is in PowerSchool now.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Any

from passback.payloads import Fields

NAMES = tuple(one.name for one in fields(Fields))


@dataclass(frozen=True, slots=True)
class Merge:
    """What an update sends (`changed`), and the teacher's values that it replaces or keeps; by field."""

    changed: dict[str, Any] = field(default_factory=dict)
    overwritten: dict[str, Any] = field(default_factory=dict)
    category_kept: str | None = None

    @property
    def resends_scores(self) -> bool:
        """Whether the scores go along: with all but a new due date.

        PowerSchool keeps a percentage beside the points, and shows a renamed item anew.
        """
        return bool(self.changed.keys() - {"due_on"})


def merge(sent: Fields, held: Fields, ours: Fields, theirs: Fields) -> Merge:
    """What to send of `ours` over `theirs`.

    A field whose ours equals `sent` is submitted as read. Else ours goes; where the teacher has edited the field since
    (`theirs` is neither `held` nor ours), the source wins for name, total and due date, and the teacher for the
    category.
    """
    changed: dict[str, Any] = {}
    overwritten: dict[str, Any] = {}
    category_kept = None
    for name in NAMES:
        wanted, there = getattr(ours, name), getattr(theirs, name)
        if wanted == getattr(sent, name):
            continue
        edited = there not in (getattr(held, name), wanted)
        if edited and name == "category":
            category_kept = there
            continue
        if edited:
            overwritten[name] = there
        changed[name] = wanted
    return Merge(changed, overwritten, category_kept)


def differs(sent: Fields, ours: Fields) -> bool:
    """Whether anything of the item is to be sent at all."""
    return sent != ours
