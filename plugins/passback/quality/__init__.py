"""The quality gate: a source that fails it is not judged, a roster that fails it stops the run.

Great Expectations checks whole tables here, never single rows: those have their codes.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from passback import database
from passback.errors import Terminal
from passback.quality.suites import FEW
from passback.settings import Settings

__all__ = ["check_roster", "check_source"]

# Servers' clocks differ; a source whose state is older by more than this shows an older state.
CLOCK_SLACK_SECONDS = 3600


def check_source(uri: str, run_key: int, source: str, settings: Settings, docs_folder: Path | str) -> list[str]:
    """What is wrong with the source as the run read it, a line each; an empty list is a source that may be judged.

    The Data Docs go into `<docs_folder>/<source>`. Raises Terminal where the run did not read the source.
    """
    found = _one(uri, "quality_source_run", run_key=run_key, source=source)
    facts = {
        "seq": found["seq"], "few": FEW, "slack": CLOCK_SLACK_SECONDS, "stale_days": settings.quality.stale_days,
        "time_zone": settings.time_zone, **_limits(settings),
    }  # fmt: skip
    return _gate(uri, source, found["seq"], facts, Path(docs_folder))


def check_roster(uri: str, run_key: int, settings: Settings, docs_folder: Path | str) -> list[str]:
    """What is wrong with the roster as the run read it, a line each; a roster that passes is the next ones' measure.

    The Data Docs go into `<docs_folder>/roster`. Raises Terminal where the run did not read the roster.
    """
    found = _one(uri, "quality_roster_run", run_key=run_key)
    scope = {name: found[name] for name in ("seq", "schools", "year_first_day")}
    lines = _gate(uri, "roster", found["seq"], {**scope, "few": FEW, **_limits(settings)}, Path(docs_folder))
    if not lines and not found["dry_run"]:
        with database.connect(uri) as connection:
            database.run(connection, "quality_roster_accept", **scope)
    return lines


def _limits(settings: Settings) -> dict[str, float]:
    return {
        "bad_record_share": settings.quality.bad_record_share,
        "roster_drop_share": settings.quality.roster_drop_share,
    }


def _gate(uri: str, gate: str, seq: int, facts: dict[str, Any], docs: Path) -> list[str]:
    from passback.quality import checkpoint, data_docs

    # A task that is run again leaves the pages of its last attempt.
    shutil.rmtree(docs / gate, ignore_errors=True)
    with database.connect(uri) as connection:
        lines = checkpoint.run(connection, uri, gate, seq, facts, docs / gate)
    data_docs.keep(docs, gate, lines)
    return lines


def _one(uri: str, statement: str, **parameters: object) -> dict[str, Any]:
    with database.connect(uri) as connection:
        found = database.rows(connection, statement, **parameters)
    if not found:
        raise Terminal(
            "The quality gate has nothing to check: this run has read nothing. Clear its extract task first."
        )
    return found[0]
