"""Ledgers and judged items for planning, written as many rows at once, and the plan that came of them, read."""

import dataclasses
import itertools
from collections.abc import Sequence
from typing import Any

import psycopg
from psycopg.rows import dict_row
from tests.rules.staged import SETTINGS, Staged, insert

from passback import database
from passback.payloads import Fields
from passback.planning import plan
from passback.settings import Batches, Delivery

SEQ = 5
SCHOOLS = {85001: "101", 85002: "102", 85003: "102"}
Value = tuple[float | None, int]
_runs = itertools.count(1_000_001)  # beyond the runs that evaluation is tested with


@dataclasses.dataclass(frozen=True, slots=True)
class Delivered:
    """What the ledger holds of an item."""

    sent: Fields
    section_dcid: int
    state: str = "live"
    seq: int = SEQ - 1


@dataclasses.dataclass(frozen=True, slots=True)
class Score:
    """One score: ours (None: it fails its rules), and what the ledger holds of it, sent and held."""

    ours: Value | None
    sent: Value | None = None
    held: Value | None = None
    seq: int = SEQ - 1


@dataclasses.dataclass(frozen=True, slots=True)
class Case:
    """One item of a run, with its scores; the students are numbered by place."""

    ours: Fields
    section_dcid: int = 85001
    users_dcid: int = 8301
    passes: bool = True
    delivered: Delivered | None = None
    scores: Sequence[Score] = ()


class Planned:
    """One run's items, its plan, and the ledger that it was planned on."""

    def __init__(self, staged: Staged, cases: Sequence[Case]) -> None:
        self.uri = staged.uri
        self.connection = staged.connection
        self.run_key = next(_runs)
        self.keys = [
            row[0]
            for row in staged.rows(
                "insert into passback.item (source, source_item_id) select 'otus', %s || '-' || n "
                "from generate_series(1, %s) as n order by n returning item_key", self.run_key, len(cases),
            )
        ]  # fmt: skip
        for item_key, case in zip(self.keys, cases, strict=True):
            self._write(item_key, case)

    def _write(self, item_key: int, case: Case) -> None:
        ours, outcome = case.ours, None if case.passes else "skipped"
        self.insert(
            "passback.run_item", run_key=self.run_key, item_no=item_key, item_key=item_key, source="otus",
            source_item_id=str(item_key), school_number=SCHOOLS[case.section_dcid], section_dcid=case.section_dcid,
            users_dcid=case.users_dcid, title="t", name=ours.name, due_on=ours.due_on, total=ours.total,
            category=ours.category, codes=0, outcome=outcome, seq=SEQ,
        )  # fmt: skip
        if case.delivered:
            self.deliver(item_key, case.delivered)
        for number, score in enumerate(case.scores):
            points, flags = score.ours or (None, 0)
            self.insert(
                "passback.run_score", run_key=self.run_key, item_no=item_key, item_key=item_key, source="otus",
                source_score_id=f"{item_key}-{number}", source_item_id=str(item_key), student_number=str(number),
                student_dcid=number, points=points, flags=flags, codes=0,
                outcome=None if score.ours else "skipped",
            )  # fmt: skip
            if score.sent:
                self.deliver_score(item_key, number, score.sent, score.held or score.sent, score.seq)

    def deliver(self, item_key: int, given: Delivered) -> None:
        """The ledger holds the item."""
        sent = given.sent
        self.insert(
            "passback.ledger_item", item_key=item_key, section_dcid=given.section_dcid, users_dcid=8301,
            powerschool_assignment_id=item_key, powerschool_assignment_section_id=70000 + item_key,
            name_sent=sent.name, name_held="as kept", due_sent=sent.due_on, due_held=sent.due_on, total_sent=sent.total,
            total_held=sent.total, category_sent=sent.category, category_held="as kept", state=given.state,
            seq=given.seq, run_key=1, created_run_key=1,
        )  # fmt: skip

    def deliver_score(self, item_key: int, student: int, sent: Value, held: Value, seq: int = SEQ - 1) -> None:
        """The ledger holds the score, in place of what it held."""
        self.connection.execute(
            "delete from passback.ledger_score where item_key = %s and student_number = %s", [item_key, str(student)]
        )
        self.insert(
            "passback.ledger_score", item_key=item_key, student_number=str(student), student_dcid=student,
            points_sent=sent[0], flags_sent=sent[1], points_held=held[0], flags_held=held[1], seq=seq, run_key=1,
        )  # fmt: skip

    def insert(self, table: str, **columns: Any) -> None:
        insert(self.connection, table, columns)

    def plan(self, *, score_rows: int = 200, recreate_deleted: bool = False) -> list[dict[str, Any]]:
        """Plans, and returns the shards; the counts are in `counts`."""
        settings = dataclasses.replace(
            SETTINGS, batches=Batches(score_rows=score_rows), delivery=Delivery(recreate_deleted=recreate_deleted)
        )
        self.counts, shards = plan(self.uri, self.run_key, settings)
        return shards

    def items(self, *columns: str) -> dict[int, Any]:
        """These columns of the plan's items, by the place of their case."""
        return self._read("plan_item", ("item_key",), columns)

    def scores(self, *columns: str) -> dict[tuple[int, int], Any]:
        """These columns of the plan's scores, by the places of item and student."""
        found = self._read("plan_score", ("item_key", "student_number"), columns)
        return {(item, int(student)): values for (item, student), values in found.items()}

    def exceptions(self) -> dict[tuple[int, int], tuple[str, int, str | None]]:
        """What was decided of single scores: state, warnings, and theirs."""
        found = self._read("score_exception", ("item_key", "student_number"), ("state", "warnings", "theirs"))
        return {(item, int(student)): values for (item, student), values in found.items()}

    def run(self, name: str, **parameters: object) -> None:
        """One named statement for this run, in a transaction of its own."""
        with database.connect(self.uri) as connection:
            database.run(connection, name, run_key=self.run_key, **parameters)

    def _read(self, table: str, key: tuple[str, ...], columns: tuple[str, ...]) -> dict[Any, Any]:
        place = {item_key: number for number, item_key in enumerate(self.keys)}
        query = f"select * from passback.{table} where run_key = %s order by {', '.join(key)}"
        with psycopg.ClientCursor(self.connection, row_factory=dict_row) as cursor:
            rows = cursor.execute(query.encode(), [self.run_key]).fetchall()
        found = {}
        for row in rows:
            parts = (place[row["item_key"]], *(row[name] for name in key[1:]))
            values = tuple(row[name] for name in columns)
            found[parts if len(parts) > 1 else parts[0]] = values if len(columns) > 1 else values[0]
        return found
