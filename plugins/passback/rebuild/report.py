"""What a rebuild found, in files: rebuild.csv with a line a difference, and summary.json with the counts."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from passback.rebuild import release
from passback.rebuild.engine import Reading
from passback.reconciliation import folder
from passback.runs import Run

# The name of the DAG, under which a rebuild by command reports as well.
DAG_ID = "passback_rebuild"
COLUMNS = (
    "source", "source_item_id", "section_dcid", "assignment_id", "student_number", "level", "what", "ledger",
    "powerschool",
)  # fmt: skip


@contextmanager
def writing(target: Any) -> Iterator[tuple[Path, Callable[[list[dict[str, Any]]], None]]]:
    """The folder in which the report is drawn up (moved to `target` at the end), and what adds lines to rebuild.csv."""
    with folder.writing(target) as draft, (draft / "rebuild.csv").open("w", encoding="utf-8", newline="") as file:
        lines = csv.DictWriter(file, COLUMNS)
        lines.writeheader()
        yield draft, lines.writerows


def write_unverified(reports: str, waiting: list[dict[str, Any]]) -> Any:
    """Writes unverified.csv, a line a change that waits, into a report folder of its own; its path."""
    now = datetime.now(UTC)
    named = {"run_id": f"unverified__{now.isoformat(timespec='milliseconds')}", "dag_id": DAG_ID}
    target = folder.report_folder(reports, DAG_ID, now.date(), named["run_id"])
    with folder.writing(target) as draft:
        with (draft / "unverified.csv").open("w", encoding="utf-8", newline="") as file:
            lines = csv.DictWriter(file, release.COLUMNS)
            lines.writeheader()
            lines.writerows(waiting)
        write_summary(draft, {**named, "finished_at": now.isoformat(), "changes": len(waiting)})
    return target / "unverified.csv"


def summary(run: Run, reading: Reading, totals: dict[str, int]) -> dict[str, Any]:
    """The content of summary.json."""
    return {
        "run_id": run.run_id,
        "dag_id": run.dag_id,
        "as_of": run.as_of.isoformat(),
        "dry_run": run.dry_run,
        "finished_at": datetime.now(UTC).isoformat(),
        "sections": reading.sections,
        "sections_read": reading.sections_read,
        "sections_unread": {str(section): reason for section, reason in sorted(reading.unread.items())},
        "found": [
            {"level": level, "what": what, "count": count} for (level, what), count in sorted(reading.counts.items())
        ],
        "ledger": totals,
        "requests": {name: getattr(reading.requests, name) for name in ("total", "retried", "throttled")},
    }


def write_summary(draft: Path, content: dict[str, Any]) -> None:
    """Writes summary.json into the report's folder."""
    text = json.dumps(content, indent=2, ensure_ascii=False)
    (draft / folder.LAST_FILE).write_text(text + "\n", encoding="utf-8")
