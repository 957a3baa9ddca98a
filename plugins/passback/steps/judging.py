"""Judging: every item and score by the rules, and what of it differs from the ledger."""

from __future__ import annotations

from typing import Any

from passback import parts, runs
from passback.steps.context import problems, this, today_in


def evaluate(dag_id: str, run_id: str) -> dict[str, dict[str, int]]:
    """Judges every staged item and score of the sources that were read."""
    from passback.evaluation import Judged
    from passback.evaluation import evaluate as judge

    uri, run, settings = this(dag_id, run_id)
    today = today_in(settings)
    part, schools = run.part, run.schools if run.part.is_everything else None
    sections = None if part.source_item_id else parts.reach(uri, part, today).sections
    with problems(uri, run, "evaluate"):
        return {
            source: judge(
                uri,
                Judged(
                    run.run_key, source, seq, run.as_of, today, run.year, schools, sections, part.source_item_id
                ),
                settings,
            )
            for source, seq in runs.sources_in(uri, run.run_key, "read").items()
        }  # fmt: skip


def plan(dag_id: str, run_id: str) -> list[dict[str, Any]]:
    """Compares with the ledger, and gives the shards to deliver; a preview delivers none."""
    from passback.planning import plan as compare

    uri, run, settings = this(dag_id, run_id)
    with problems(uri, run, "plan"):
        _, shards = compare(uri, run.run_key, settings)
    return [] if run.dry_run else shards
