"""What one night of the stage driver left behind, as its report says."""

from __future__ import annotations

import csv
import json
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

# What must be told once, whatever died: edits on both sides, refusals, deletions.
TELLING = ("TEACHER_EDIT_OVERWRITTEN", "TEACHER_EDIT_KEPT", "CATEGORY_KEPT", "DELETED_IN_SIS", "STUDENT_REJECTED")


@dataclass
class Night:
    """What one night left behind: its report, the steps that failed on the way, the writes that PowerSchool took."""

    run_id: str
    red: list[str] = field(default_factory=list)
    totals: dict[str, int] = field(default_factory=dict)
    told: set[tuple[str, str, str]] = field(default_factory=set)
    balanced: bool = False
    failures: list[str] = field(default_factory=list)
    writes: Counter[str] = field(default_factory=Counter)
    mismatches: int = 0

    def read(self, folder: Path, red: list[str]) -> None:
        """Takes in the night's report."""
        summary = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
        self.red, self.balanced = red, summary["balanced"]
        self.mismatches = summary["verified"]["mismatched"]
        self.totals = {
            f"{source} {level} {outcome}": number
            for source, levels in summary["sources"].items()
            for level, outcomes in levels.items()
            for outcome, number in outcomes.items()
            if number
        }
        with (folder / "reconciliation.csv").open(encoding="utf-8", newline="") as file:
            for line in csv.DictReader(file):
                for code in {line["code"], *line["other_codes"].split(";")} & set(TELLING):
                    self.told.add((line["source_item_id"], line["student_number"], code))
