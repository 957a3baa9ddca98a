"""What must be true after a night that was killed: the same as after one that was not.

`look` takes down what PowerSchool, the ledger and the books say; `differences` compares that with a clean run's. No id
that depends on the order of arrival is compared, so both may have taken different ways to the same end.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import psycopg
from psycopg.rows import dict_row

from sandbox.powerschool.gradebook import AssignmentSection, Gradebook
from sandbox.server import Sandbox

LOST, DOUBLED, WRONG, OPEN, BOOKS = "lost", "doubled", "wrong", "open", "books"
FLAG_BITS = {"isexempt": 1, "isincomplete": 2, "ismissing": 4}
FIELDS = ("name", "due", "total", "category")

ITEMS = """
select i.item_key, i.source || ' ' || i.source_item_id as key, l.section_dcid, l.powerschool_assignment_id, l.state,
       l.unverified, l.name_sent, l.due_sent::text, l.total_sent, l.category_sent,
       l.name_held, l.due_held::text, l.total_held, l.category_held
from passback.ledger_item as l join passback.item as i using (item_key)
"""
SCORES = """
select item_key, student_number, points_sent, flags_sent, points_held, flags_held, unverified from passback.ledger_score
"""
OPEN_WRITES = """
select kind || ' of ' || i.source || ' ' || i.source_item_id
from passback.item_write as w join passback.item as i using (item_key) where w.state = 'open'
union all
select 'scores of ' || i.source || ' ' || i.source_item_id
from passback.score_call as c join passback.item as i using (item_key) where c.state = 'open'
"""
BALANCE = "select run_id, balanced, finished_at is not null from passback.run where not dry_run order by run_key"
TOTALS = """
select source || ' ' || level, sum(created), sum(updated), sum(unchanged), sum(skipped), sum(held), sum(failed)
from passback.book join passback.run using (run_key) where not dry_run
group by run_key, source, level order by run_key, source, level
"""


class Difference(NamedTuple):
    """Something that is not as it should be: its kind (`lost`, `doubled`, `wrong`, `open`, `books`), and what it is."""

    kind: str
    text: str


@dataclass(frozen=True)
class Found:
    """What is there after a schedule, as compared.

    `gradebook` holds every assignment by section and marker (by hand-made name where there is none), a list each;
    `ledger` every item by its key; `apart` where the ledger and PowerSchool differ (a teacher's edits may);
    `totals` the books of each run, in order.
    """

    gradebook: dict[str, list[dict[str, Any]]]
    ledger: dict[str, dict[str, Any]]
    apart: frozenset[str]
    open_writes: tuple[str, ...]
    unbalanced: tuple[str, ...]
    totals: tuple[tuple[Any, ...], ...] = field(default=(), compare=False)

    @property
    def scores(self) -> int:
        """How many scores PowerSchool holds."""
        return sum(len(held["scores"]) for rows in self.gradebook.values() for held in rows)


def look(box: Sandbox, uri: str) -> Found:
    """Take down what is there now, in the sandbox of this process and in the district's database."""
    with psycopg.connect(uri) as connection:
        items = {row["item_key"]: row for row in connection.cursor(row_factory=dict_row).execute(ITEMS)}
        for row in connection.cursor(row_factory=dict_row).execute(SCORES):
            items[row["item_key"]].setdefault("scores", {})[row["student_number"]] = row
        still_open = tuple(sorted(row[0] for row in connection.execute(OPEN_WRITES)))
        runs = connection.execute(BALANCE).fetchall()
        totals = tuple(connection.execute(TOTALS).fetchall())
    unbalanced = tuple(str(run_id) for run_id, balanced, finished in runs if not (balanced and finished))
    apart = frozenset(_apart(box.powerschool.gradebook, list(items.values())))
    ledger = {row["key"]: _ledger(row) for row in items.values()}
    return Found(_gradebook(box), ledger, apart, still_open, unbalanced, totals)


def differences(clean: Found, found: Found) -> list[Difference]:
    """All that is lost, doubled or otherwise wrong in what was found, measured by a clean run's end."""
    return [
        *_in_gradebook(clean, found),
        *_in_ledger(clean, found),
        *(Difference(WRONG, f"ledger and PowerSchool differ: {text}") for text in sorted(found.apart - clean.apart)),
        *(Difference(OPEN, text) for text in found.open_writes),
        *(Difference(BOOKS, f"{run_id} does not balance") for run_id in found.unbalanced),
    ]


def _gradebook(box: Sandbox) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for section, rows in box.powerschool.gradebook.state()["sections"].items():
        for held in rows:
            found.setdefault(f"{section} {held['marker'] or held['name']}", []).append(held)
    return found


def _in_gradebook(clean: Found, found: Found) -> list[Difference]:
    wrong: list[Difference] = []
    for key in sorted(clean.gradebook.keys() | found.gradebook.keys()):
        wanted, there = clean.gradebook.get(key, []), found.gradebook.get(key, [])
        if len(there) > len(wanted):
            wrong.append(
                Difference(DOUBLED if wanted else WRONG, f"{key}: {len(there)} assignments, not {len(wanted)}")
            )
        elif len(there) < len(wanted):
            wrong.append(Difference(LOST, f"{key}: {len(there)} assignments, not {len(wanted)}"))
        elif there != wanted:
            wrong += [text for one, other in zip(wanted, there, strict=True) for text in _fields(key, one, other)]
    return wrong


def _fields(key: str, wanted: dict[str, Any], there: dict[str, Any]) -> list[Difference]:
    """What differs between two assignments of one marker: a score that is not there or still the old one is lost."""
    wrong = [
        Difference(LOST, f"{key}: {name} is {there[name]!r}, not {wanted[name]!r}")
        for name in wanted
        if name != "scores" and wanted[name] != there[name]
    ]
    for student in sorted(wanted["scores"].keys() | there["scores"].keys()):
        one, other = wanted["scores"].get(student), there["scores"].get(student)
        if one != other:
            kind = LOST if one else WRONG
            wrong.append(
                Difference(kind, f"{key}: the score of {student} is {json.dumps(other)}, not {json.dumps(one)}")
            )
    return wrong


def _in_ledger(clean: Found, found: Found) -> list[Difference]:
    return [
        Difference(WRONG, f"the ledger's {key} is {found.ledger.get(key)}, not {clean.ledger.get(key)}")
        for key in sorted(clean.ledger.keys() | found.ledger.keys())
        if clean.ledger.get(key) != found.ledger.get(key)
    ]


def _ledger(row: dict[str, Any]) -> dict[str, Any]:
    """An item of the ledger with its scores, without what depends on the order of arrival."""
    left_out = {"item_key", "key", "powerschool_assignment_id", "scores"}
    scores = {
        number: {name: value for name, value in score.items() if name not in ("item_key", "student_number")}
        for number, score in sorted(row.get("scores", {}).items())
    }
    return {name: value for name, value in row.items() if name not in left_out} | {"scores": scores}


def _apart(gradebook: Gradebook, items: list[dict[str, Any]]) -> list[str]:
    """Where ledger and PowerSchool say different things, both ways."""
    texts: list[str] = []
    known = set()
    for row in items:
        known.add(row["powerschool_assignment_id"])
        held = gradebook.by_section.get(row["section_dcid"], {}).get(row["powerschool_assignment_id"])
        if (held is None) != (row["state"] == "deleted"):
            texts.append(f"{row['key']}: {row['state']} in the ledger, {'not ' if held is None else ''}in PowerSchool")
        if held is not None:
            texts += [f"{row['key']}: {text}" for text in _held_apart(gradebook, row, held)]
    texts += [
        f"{held.marker}: in PowerSchool and not in the ledger"
        for rows in gradebook.by_section.values()
        for held in rows.values()
        if held.marker and held.assignment_id not in known
    ]
    return texts


def _held_apart(gradebook: Gradebook, row: dict[str, Any], held: AssignmentSection) -> list[str]:
    """What differs between an item of the ledger and its assignment."""
    theirs = (held.name, held.due_date, held.total_points, gradebook.category_name(held))
    texts = [
        f"{name} {row[f'{name}_held']!r} and {value!r}"
        for name, value in zip(FIELDS, theirs, strict=True)
        if row[f"{name}_held"] != value
    ]
    if held.marker != f"Passback {row['key']}":
        texts.append(f"its assignment carries the marker {held.marker!r}")
    numbers = {number: dcid for dcid, number in gradebook.roster.students.items()}
    for student, score in row.get("scores", {}).items():
        there = held.scores.get(numbers[student])
        ours = (score["points_held"], score["flags_held"])
        if ours != (there and (there.points, sum(FLAG_BITS.get(flag, 0) for flag in there.flags))):
            texts.append(f"score of {student} {ours} and {there}")
    return texts
