"""Nights whose older ones were taken out by maintenance: nothing of what counts is lost."""

from typing import Any

import pytest

from passback import database, steps
from passback.maintenance import rows

GROWING = ("run_item", "run_score", "plan_item", "plan_score", "item_write", "score_call", "line", "book")


def counted(nights: Any) -> dict[str, dict[str, int]]:
    """How many rows each run has left in the tables that grow."""
    with database.connect(nights.uri) as connection:
        return {
            run_id: {
                table: connection.execute(
                    f"select count(*) from passback.{table} where run_key = %s", [key]
                ).fetchone()[0]
                for table in GROWING
            }
            for key, run_id in connection.execute("select run_key, run_id from passback.run order by 1").fetchall()
        }


def ledger(nights: Any) -> Any:
    """A checksum of all that must never be touched."""
    with database.connect(nights.uri) as connection:
        return [
            connection.execute(
                f"select count(*), md5(string_agg(t::text, '' order by t::text)) from passback.{table} as t"
            ).fetchone()
            for table in ("ledger_item", "ledger_score", "ledger_history", "item", "opt_out", "cursor", "item_status")
        ]


def age(nights: Any, *run_ids: str) -> None:
    """Lets these runs have been 500 days ago."""
    with database.connect(nights.uri) as connection:
        connection.execute(
            "update passback.run set started_at = started_at - interval '500 days', "
            "finished_at = finished_at - interval '500 days' where run_id = any(%s)",
            [list(run_ids)],
        )
        connection.execute(
            "update passback.extraction as e set started_at = e.started_at - interval '500 days' "
            "from passback.run as r where r.run_key = e.run_key and r.run_id = any(%s)",
            [list(run_ids)],
        )


def test_old_runs_go_and_lines_ledger_and_status_stay(nights: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rows, "KEPT_NIGHTS", 1)
    monkeypatch.setattr(rows, "BATCH_ROWS", 2)
    nights.otus.edit("scores", "quiz.1003", status="turned_in")
    for day in ("2026-10-12", "2026-10-13", "2026-10-14"):
        nights.run(as_of=day)
    age(nights, "night-1", "night-2")
    before = counted(nights)
    told = steps.delete_old_runs(dry_run=True)
    assert told == {
        "runs": 2,
        "rows": sum(sum(before[run].values()) - before[run]["book"] for run in ("night-1", "night-2")),
    }
    assert counted(nights) == before
    planned = nights.planned("2026-10-15")
    stands = ledger(nights)
    assert steps.delete_old_runs(dry_run=False)["runs"] == 2
    assert steps.delete_old_runs(dry_run=False) == {"runs": 0, "rows": 0, "extractions": 0}
    after = counted(nights)
    assert after["night-1"] == after["night-2"] == dict.fromkeys(GROWING, 0)
    assert after["night-3"] == before["night-3"]
    assert ledger(nights) == stands
    nights.box.control.clear_logs()
    nights.deliver(*planned)
    report = nights.finish(planned[0])
    assert (report.writes, report.red) == ([], [])
    line = report.line("quiz", "1003")
    assert (line["first_seen"], line["nights_open"]) == ("2026-10-12", "4")


def test_a_run_on_which_something_stands_stays_whatever_its_age(nights: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rows, "KEPT_NIGHTS", 1)
    nights.powerschool.fault("drop_before_commit", kind="create")
    nights.run(as_of="2026-10-13")  # leaves a create without an answer
    age(nights, "night-1")
    assert [run.run_id for run in rows.old_runs(nights.uri, steps.maintaining._ago(400))] == []
    nights.settings(("settle_seconds = 300", "settle_seconds = 0"))
    nights.run(as_of="2026-10-14")
    with database.connect(nights.uri) as connection:
        connection.execute("update passback.item_status set run_key = 1 where source_item_id = 'lab'")
    assert rows.old_runs(nights.uri, steps.maintaining._ago(400)) == []  # the item's page shows that run
    with database.connect(nights.uri) as connection:
        connection.execute("update passback.item_status set run_key = 2")
    assert [run.run_id for run in rows.old_runs(nights.uri, steps.maintaining._ago(400))] == ["night-1"]
    monkeypatch.setattr(rows, "KEPT_NIGHTS", 2)
    assert rows.old_runs(nights.uri, steps.maintaining._ago(400)) == []


def test_an_old_run_that_is_cleared_is_judged_anew_and_stays(nights: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rows, "KEPT_NIGHTS", 1)
    for day in ("2026-10-13", "2026-10-14"):
        nights.run(as_of=day)
    age(nights, "night-1")
    steps.delete_old_runs(dry_run=False)
    nights.numbers = iter([1])
    run_id, shards = nights.planned("2026-10-13")
    assert run_id == "night-1"
    assert rows.old_runs(nights.uri, steps.maintaining._ago(400)) == []
    nights.deliver(run_id, shards)
    assert nights.finish(run_id).totals("scores") == {"unchanged": 9}
