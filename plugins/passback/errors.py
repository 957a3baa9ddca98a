"""Two kinds of failure, and the catalogue of codes: what happened to an item or score, whose it is, how to mend it."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

CATALOGUE = Path(__file__).with_name("codes.csv")


class PassbackError(Exception):
    """A failure that has a code of the catalogue and a message that says where, what and what to do."""

    def __init__(self, message: str, code: str = "") -> None:
        super().__init__(message)
        self.code = code


class Transient(PassbackError):
    """May pass by itself (a server that is down, a lock that is held): Airflow tries the task again later."""


class Terminal(PassbackError):
    """Stays until somebody acts (a wrong setting, a revoked credential): Airflow fails the task at once."""


@dataclass(frozen=True, slots=True)
class Code:
    """One row of the catalogue: the `bit` is the code's place in the order, and its bit in a mask of codes."""

    bit: int
    code: str
    kind: str
    severity: str
    owner: str
    message: str
    fix: str

    @property
    def mask(self) -> int:
        """The code as a bit of a 63-bit mask: the lowest bit set in a mask is the primary code."""
        return 1 << self.bit

    @property
    def outcome(self) -> str:
        """What an item or a score with this primary code ends as: `skipped`, `failed`, `held`, or '' for a warning."""
        return {"design": "skipped", "action": "failed", "held": "held", "warning": ""}[self.severity]


@cache
def catalogue() -> dict[str, Code]:
    """Every code by its name, in the order in which codes stand where several apply."""
    with CATALOGUE.open(encoding="utf-8", newline="") as file:
        rows = [Code(bit=bit, **row) for bit, row in enumerate(csv.DictReader(file))]
    return {row.code: row for row in rows}


def mask_of(*codes: str) -> int:
    """The bit mask of these codes."""
    known = catalogue()
    return sum(known[code].mask for code in set(codes))


@cache
def warnings_mask() -> int:
    """The bits of all codes that do not stop delivery."""
    return sum(row.mask for row in catalogue().values() if row.severity == "warning")
