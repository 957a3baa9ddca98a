"""The records of delivery: writes opened before they are sent, and settled with the ledger in one transaction."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from passback import database
from passback.database import Connection
from passback.delivery.work import Item, Unit, item_of

PROOF_SECONDS = 1.0


class Proofs:
    """Answers on their way into the database: committed in groups, none older than a second."""

    def __init__(self, commit: Callable[[list[dict[str, Any]]], None]) -> None:
        """`commit` writes a group in one transaction."""
        self._commit = commit
        self._waiting: list[dict[str, Any]] = []
        self._since = 0.0

    def add(self, proof: dict[str, Any]) -> None:
        """Keeps an answer."""
        if not self._waiting:
            self._since = time.monotonic()
        self._waiting.append(proof)

    @property
    def due(self) -> bool:
        """Whether the oldest has waited long enough."""
        return bool(self._waiting) and time.monotonic() - self._since >= PROOF_SECONDS

    def flush(self) -> None:
        """Commits all that wait."""
        if self._waiting:
            self._commit(self._waiting)
            self._waiting = []


class Records:
    """One worker's view of the district's database, for one run; every method is one transaction."""

    def __init__(self, connection: Connection, run_key: int, score_rows: int) -> None:
        """`connection` is in autocommit, and holds the worker's section locks and its slot."""
        self.connection = connection
        self.run_key = run_key
        self.score_rows = score_rows

    def _run(self, name: str, **parameters: object) -> int:
        with self.connection.transaction():
            return database.run(self.connection, name, **parameters)

    def _rows(self, name: str, **parameters: object) -> list[dict[str, Any]]:
        with self.connection.transaction():
            return database.rows(self.connection, name, **parameters)

    def units(self, shard: int) -> list[Unit]:
        """The shard's units, heaviest first."""
        found = self._rows("unit_list", run_key=self.run_key, shard=shard)
        return [Unit(row["unit_users_dcid"], tuple(row["sections"]), row["items"]) for row in found]

    def shards(self) -> int:
        """How many shards the run's plan has."""
        return int(self._rows("shard_count", run_key=self.run_key)[0]["shards"])

    def quiet_seconds(self, unit: Unit) -> float | None:
        """How long the runs that left updates or score calls open here have been silent; None: none did."""
        seconds = self._rows("unit_quiet", sections=list(unit.sections))[0]["seconds"]
        return None if seconds is None else float(seconds)

    def refresh(self, unit: Unit) -> None:
        """The second look: drops or plans anew what another run has moved since the plan."""
        self._run("unit_refresh", run_key=self.run_key, sections=list(unit.sections))

    def items(self, unit: Unit) -> list[Item]:
        """The unit's items with ours and the ledger's base as it is now."""
        return [item_of(row) for row in self._rows("unit_items", run_key=self.run_key, sections=list(unit.sections))]

    def open_writes(self, unit: Unit) -> list[dict[str, Any]]:
        """Writes of items in these sections that no answer has settled, of whatever run."""
        return self._rows("open_item_writes", sections=list(unit.sections))

    def open_calls(self, unit: Unit) -> dict[int, list[int]]:
        """Score calls that no answer has settled, by section."""
        found: dict[int, list[int]] = {}
        for row in self._rows("open_score_calls", sections=list(unit.sections)):
            found.setdefault(row["section_dcid"], []).append(row["call_id"])
        return found

    def open_item_writes(self, writes: Sequence[dict[str, Any]]) -> dict[int, int]:
        """Puts writes of items on record; gives their ids by item: no id where another run makes the item just now."""
        kept = json.dumps([{"run_key": self.run_key, **write} for write in writes])
        return {row["item_key"]: row["write_id"] for row in self._rows("item_writes_open", writes=kept)}

    def still_to_send(self, writes: Sequence[int]) -> None:
        """These writes on record leave from now on: a create in doubt is given its time from when it was sent."""
        self._run("item_writes_again", writes=list(writes))

    def answer_item_writes(self, settled: Sequence[dict[str, Any]]) -> None:
        """Settles writes of items; an accepted one moves the ledger's base."""
        self._run("item_writes_answered", settled=json.dumps(settled, default=str))

    def settle_plan(self, settled: Sequence[dict[str, Any]], run_key: int | None = None) -> None:
        """Keeps what became of the plan's items (of this run, unless another is named)."""
        if settled:
            key = self.run_key if run_key is None else run_key
            self._run("plan_items_settle", run_key=key, settled=json.dumps(settled, default=str))

    def settle_update(self, write: dict[str, Any], settled: dict[str, Any], plan: dict[str, Any]) -> None:
        """Settles an update in one transaction: base, what the run says of it, and whether its scores go along.

        `write` as it is on record, of whatever run; `plan` is what an accepted one adds to the run's plan. A run of
        others whose books are drawn up says what it has said.
        """
        with self.connection.transaction():
            self.answer_item_writes([{"write_id": write["write_id"], **settled}])
            if settled["state"] == "accepted" and self._still_tells(write["run_key"]):
                kept = {"item_key": write["item_key"], "state": "accepted", "proved": "update"}
                self.settle_plan([kept | plan], write["run_key"])
                if (resends := write["attempted"].get("resends")) is not None:  # kept since 2026-11-22
                    self.resend(write["item_key"], resends, write["run_key"])

    def _still_tells(self, run_key: int) -> bool:
        return run_key == self.run_key or not self._rows("run_finished", run_key=run_key)[0]["finished"]

    def leave_item(self, item: Item, held: str, plan: dict[str, Any]) -> None:
        """Nothing of an item is sent after all, in one transaction: the teacher's category stays, its scores too."""
        with self.connection.transaction():
            self.keep_category(item, held)
            self.settle_plan([{"item_key": item.item_key, "state": "done", **plan}])
            self.resend(item.item_key, everything=False, run_key=self.run_key)

    def restore(self, item: Item, assignment_id: int) -> bool:
        """Takes an assignment that the ledger's history knows back into the ledger; whether it does."""
        facts = {"item_key": item.item_key, "assignment_id": assignment_id, "seq": item.seq}
        return self._run("ledger_restore", run_key=self.run_key, **facts) > 0

    def learn_ids(self, ids: Sequence[dict[str, Any]]) -> None:
        """Keeps assignmentsectionids, and names as PowerSchool holds them."""
        if ids:
            self._run("ledger_ids", ids=json.dumps(ids))

    def keep_category(self, item: Item, held: str) -> None:
        """Base becomes ours where the teacher's category stays, until the source's changes again."""
        self._run("ledger_item_base", item_key=item.item_key, category=item.ours.category, held=held, seq=item.seq)

    def deleted(self, items: Iterable[Item]) -> None:
        """The teacher has deleted these assignments."""
        self._run("ledger_item_deleted", items=[item.item_key for item in items])

    def resend(self, item_key: int, everything: bool, run_key: int) -> None:
        """Whether the item's unchanged scores go along with its change."""
        name = "resends_add" if everything else "resends_drop"
        limit = {"score_rows": self.score_rows} if everything else {}
        self._run(name, run_key=run_key, items=[item_key], **limit)

    def read_theirs(self, theirs: Iterable[tuple[int, int, float | None, int]]) -> None:
        """Takes in what PowerSchool holds: assignmentsectionid, student DCID, points, flags."""
        with self.connection.transaction():
            database.run(self.connection, "theirs_table")
            columns = ("assignment_section_id", "student_dcid", "points", "flags")
            database.copy_in(self.connection, "theirs", columns, theirs)
            self.connection.execute("analyze theirs")

    def decide_scores(self, items: Iterable[Item]) -> None:
        """Base, ours, theirs of these items' scores, with what `read_theirs` took in."""
        self._run("scores_decide", run_key=self.run_key, items=[item.item_key for item in items])

    def settle_calls(self, calls: Sequence[int]) -> None:
        """Settles score calls without an answer by what `read_theirs` took in."""
        with self.connection.transaction():
            database.run(self.connection, "score_calls_judge", calls=list(calls), students=None)
            database.run(self.connection, "score_calls_settle", calls=list(calls))

    def part_arrived(self, call_id: int, students: Sequence[int]) -> bool:
        """Whether what `read_theirs` took in proves that a part of a call, these students' rows, arrived."""
        with self.connection.transaction():
            database.run(self.connection, "score_calls_judge", calls=[call_id], students=list(students))
            return bool(database.one(self.connection, "score_call_arrived")["arrived"])

    def open_score_calls(self, items: Iterable[Item]) -> list[dict[str, Any]]:
        """Puts the items' score calls on record; gives id, item, number of rows, students and body."""
        return self._rows("score_calls_open", run_key=self.run_key, items=[item.item_key for item in items])

    def score_body(self, call_id: int, students: Sequence[int]) -> str:
        """The body of a call for some of its students."""
        return str(self._rows("score_call_body", call_id=call_id, students=list(students))[0]["body"])

    def refuse_rows(self, call_id: int, students: Sequence[int], code: str, message: str, attempts: int) -> None:
        """Students that PowerSchool refused out of a call."""
        facts = {"students": list(students), "code": code, "message": message, "attempts": attempts}
        self._run("score_rows_refuse", call_id=call_id, **facts)

    def answer_score_calls(self, answers: Sequence[dict[str, Any]]) -> None:
        """Settles score calls; an accepted one moves the ledger's base of its rows."""
        self._run("score_calls_answered", answers=json.dumps(answers))

    def keep_proved(self, unit: Unit) -> None:
        """What an earlier attempt of this run proved stays proved where nothing of it was to be sent again."""
        self._run("score_calls_stand", run_key=self.run_key, sections=list(unit.sections))

    def refuse_unsent_scores(self, items: Iterable[Item], code: str, message: str | None) -> None:
        """The items' scores that were not sent end with the code."""
        keys = [item.item_key for item in items]
        self._run("score_calls_refuse", run_key=self.run_key, items=keys, code=code, message=message)

    def call_state(self, call_id: int) -> str:
        """`open`, `accepted`, `refused` or `not_done`."""
        return str(self._rows("score_call_state", call_id=call_id)[0]["state"])

    def reopen_call(self, call_id: int) -> None:
        """A call that was found not done is on record again before it is repeated."""
        self._run("score_call_reopen", call_id=call_id)

    def write_accepted(self, write_id: int) -> bool:
        """Whether a write of an item was settled as accepted."""
        return bool(self._rows("item_write_state", write_id=write_id)[0]["state"] == "accepted")

    def category_names(self, ids: Iterable[int]) -> dict[int, str]:
        """The names of teachers' category copies by their id, as the roster has them."""
        return {row["id"]: row["name"] for row in self._rows("category_names", ids=list(ids))}
