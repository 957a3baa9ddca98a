"""What a district's database holds for the status log, written row by row."""

from datetime import UTC, date, datetime
from typing import Any

import psycopg

from passback.errors import catalogue, mask_of

DAY = date(2026, 10, 15)


class LogWorld:
    """Writes a roster, runs and items as a run's end would leave them."""

    def __init__(self, connection: psycopg.Connection) -> None:
        self.connection = connection

    def section(
        self, section_dcid: int = 85001, school: str = "101", name: str = "Algebra 1", teacher: int = 501
    ) -> int:
        """A section with its school and teacher."""
        self.connection.execute(
            "insert into staging.school values (%s, %s, 1) on conflict do nothing", [school, f"School {school}"]
        )
        self.connection.execute(
            "insert into staging.section values (%s, %s, 3600, %s, '2', '2026-08-24', '2027-06-04', 1)",
            [section_dcid, school, name],
        )
        self.connection.execute(
            "insert into staging.section_teacher values (%s, %s, %s, 'Lead', null, null, 1)",
            [school, section_dcid, teacher],
        )
        return section_dcid

    def run(self, dag_id: str = "passback_nightly", run_id: str = "R1", as_of: date = DAY) -> int:
        """A run; its key."""
        return self._key(
            "insert into passback.run (dag_id, run_id, as_of, dry_run, parameters, settings, sources, year_first_day,"
            " year_last_day) values (%s, %s, %s, false, '{}', '{}', '{otus}', '2026-07-01', '2027-06-30')"
            " returning run_key",
            [dag_id, run_id, as_of],
        )

    def item(
        self, title: str = "Quiz", *codes: str, source: str = "otus", item_id: str = "", judged: bool = True,
        synced_at: datetime | None = None, **columns: Any,
    ) -> int:  # fmt: skip
        """An item whose primary code is the first of `codes` (none: delivered); its key."""
        item_id = item_id or f"{source}-{title}"
        key = self._key(
            "insert into passback.item (source, source_item_id) values (%s, %s) returning item_key", [source, item_id]
        )
        severity = catalogue()[codes[0]].severity if codes else "warning"
        outcome = {"design": "skipped", "action": "failed", "held": "held", "warning": "unchanged"}[severity]
        row: dict[str, Any] = {
            "item_key": key, "source": source, "source_item_id": item_id, "school_number": "101", "section_dcid": 85001,
            "users_dcid": 501, "title": title, "due_on": DAY, "codes": mask_of(*codes),
            "outcome": outcome if judged else None, "as_of": DAY if judged else None,
            "started_at": datetime(2026, 10, 16, 7, tzinfo=UTC) if judged else None, "last_success_at": synced_at,
        } | columns  # fmt: skip
        row["score_codes"] = mask_of(*row.pop("score_codes", ()))
        names = ", ".join(row)
        marks = ", ".join(f"%({name})s" for name in row)
        self.connection.execute(f"insert into passback.item_status ({names}) values ({marks})", row)
        return key

    def judged(self, run_key: int, item_key: int, *codes: str, outcome: str | None = "failed", **columns: Any) -> None:
        """What one run said of the item."""
        row: dict[str, Any] = {
            "run_key": run_key, "item_no": item_key, "item_key": item_key, "source": "otus", "source_item_id": "x",
            "school_number": "101", "section_dcid": 85001, "users_dcid": 501, "title": "Quiz", "due_on": DAY,
            "codes": mask_of(*codes), "outcome": outcome, "seq": 1,
        } | columns  # fmt: skip
        names, marks = ", ".join(row), ", ".join(f"%({name})s" for name in row)
        self.connection.execute(f"insert into passback.run_item ({names}) values ({marks})", row)

    def planned(self, run_key: int, item_key: int, section_dcid: int = 85001) -> None:
        """The item as one that the run is about to send."""
        self.connection.execute(
            "insert into passback.plan_item (run_key, item_key, shard, unit_users_dcid, section_dcid, users_dcid,"
            " action) values (%s, %s, 0, 501, %s, 501, 'create')",
            [run_key, item_key, section_dcid],
        )

    def _key(self, statement: str, parameters: list[Any]) -> int:
        row = self.connection.execute(statement, parameters).fetchone()
        assert row is not None
        return int(row[0])
