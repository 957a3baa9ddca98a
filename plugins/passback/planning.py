"""Planning: what of the run's passing items and scores differs from the ledger, less what waits, cut into shards."""

from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING, Any

from passback import database
from passback.database import Connection
from passback.guard import Hold, hold_mass_changes
from passback.rebuild import unverified

if TYPE_CHECKING:
    from passback.settings import Settings

log = logging.getLogger(__name__)

MOST_SHARDS = 8
# The step under which a plan notes what another run has newer.
NEWER = "plan, newer elsewhere"


def plan(
    uri: str, run_key: int, settings: Settings, hold: Hold = hold_mass_changes
) -> tuple[dict[str, int], list[dict[str, Any]]]:
    """Compares base and ours of everything that passes, and keeps what is to be sent as the run's plan.

    `hold` keeps apart what must wait: by default what the mass-change guard's limits count.
    Returns the plan's counts, and its shards as `{"shard": 1, "label": "schools 101, 102 · 40 items"}`. A second call
    plans anew what was not proved by then.
    """
    with database.connect(uri) as connection:
        database.run(connection, "plan_clear", run_key=run_key)
        database.run(connection, "plan_wanted", run_key=run_key, recreate_deleted=settings.delivery.recreate_deleted)
        database.run(connection, "plan_compare", run_key=run_key)
        left = _leave_newer(connection, run_key)
        unverified.hold_unverified(connection, run_key)
        hold(connection, run_key, settings)
        unverified.keep_reasons(connection, run_key)
        database.run(connection, "plan_scores", run_key=run_key, score_rows=settings.batches.score_rows)
        database.run(connection, "plan_items", run_key=run_key)
        schools = database.rows(connection, "plan_weights", run_key=run_key)
        shards = _packed(schools)
        numbers = {school["school_number"]: shard["shard"] for shard in shards for school in shard["schools"]}
        database.run(connection, "plan_shards", run_key=run_key, shards=json.dumps(numbers))
        connection.execute("analyze passback.plan_item, passback.plan_score")
        counted = database.one(connection, "plan_counts", run_key=run_key)
        _note_left(connection, run_key, left)
    counts = {name: int(number) for name, number in counted.items()}
    log.info("Plan: %s", ", ".join(f"{number:,} {name.replace('_', ' ')}" for name, number in counts.items() if number))
    return counts, [{"shard": shard["shard"], "label": _label(shard["schools"])} for shard in shards]


def _leave_newer(connection: Connection, run_key: int) -> int:
    """Takes out of the plan what another run has delivered or judged newer; how many items are left as they are."""
    if database.one(connection, "plan_older_any", run_key=run_key)["found"]:
        database.run(connection, "plan_older", run_key=run_key)
    return int(database.one(connection, "plan_left")["items"])


def _note_left(connection: Connection, run_key: int, items: int) -> None:
    """Says in the report of a run that is behind the ledger why it sends less than it judged."""
    database.run(connection, "run_notes_clear", run_key=run_key, step=NEWER)
    if items:
        said = f"{items:,} item{'s were' if items > 1 else ' was'} left as delivered: a later run has a newer state."
        database.run(connection, "run_note_add", run_key=run_key, step=NEWER, message=said)
        log.info("%s", said)


def _packed(schools: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The schools, heaviest first, each into the lightest of at most MOST_SHARDS shards."""
    shards: list[dict[str, Any]] = []
    for school in schools:
        if len(shards) < MOST_SHARDS:
            shards.append({"shard": len(shards) + 1, "requests": 0, "schools": []})
        lightest = min(shards, key=lambda shard: (shard["requests"], shard["shard"]))
        lightest["schools"].append(school)
        lightest["requests"] += int(school["requests"])
    return shards


def _label(schools: list[dict[str, Any]]) -> str:
    numbers = sorted(str(school["school_number"]) for school in schools)
    named = ", ".join(numbers[:3]) + (f" and {len(numbers) - 3} more" if len(numbers) > 3 else "")
    items = sum(int(school["items"]) for school in schools)
    return f"school{'s' if len(numbers) > 1 else ''} {named} · {items:,} item{'s' if items > 1 else ''}"
