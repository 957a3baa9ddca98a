"""Whoever meets another run in a section waits, says for whom, and has an end to it."""

import logging
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
from tests.overlap.processes import Crew

from passback import database, runs, steps
from passback.delivery import locks
from passback.errors import Transient

NIGHTLY, SYNC = "passback_nightly", "passback_sync"


@contextmanager
def in_section(nights: Any, section: int, run_id: str) -> Iterator[None]:
    """Another run works in the section."""
    key = runs.find(nights.uri, NIGHTLY, run_id).run_key
    with psycopg.connect(nights.uri, autocommit=True) as connection:
        locks.work_for(connection, key)
        assert locks.try_section(connection, section)
        yield


@pytest.fixture
def patient(nights: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> Any:
    """The gradebook with one planned night, and runs that wait one second for each other."""
    monkeypatch.setattr(locks, "LOCK_WAIT_SECONDS", 1)
    monkeypatch.setattr(locks.log, "disabled", False)  # Airflow's own configuration may have switched it off
    monkeypatch.setattr(locks.log, "handlers", [caplog.handler])
    caplog.set_level(logging.INFO, "passback.delivery.locks")
    return nights


def test_a_delivery_waits_for_a_section_without_a_slot_and_says_for_whom(
    patient: Any, caplog: pytest.LogCaptureFixture
) -> None:
    patient.settings(("in_flight = 8", "in_flight = 1"))
    other, _ = patient.planned()
    run_id, shards = patient.planned()
    with in_section(patient, 85001, other):
        with pytest.raises(
            Transient, match=f"Section 85001 .* for over 1 s .passback_nightly {other}.: wait for that run"
        ):
            patient.deliver(run_id, shards)
        assert f"Waiting for section 85001, 1 s at most: passback_nightly {other} works there" in caplog.text
    report = patient.finish(run_id)
    assert report.totals("items") == {"held": 3}
    assert {row["code"] for row in report.summary["codes"]} == {"WINDOW_CLOSED"}
    assert "Not sent: Section 85001 has been under delivery by another run" in report.line("quiz")["message"]
    assert (report.summary["balanced"], bool(report.red)) == (True, True)
    patient.deliver(run_id, shards)
    assert patient.finish(run_id).totals("items") == {"created": 3}


def test_other_units_go_on_while_one_waits(patient: Any) -> None:
    patient.settings(("in_flight = 8", "in_flight = 1"))
    patient.otus.edit("assignments", "lab", assigned_by="co")
    other, _ = patient.planned()
    run_id, shards = patient.planned()
    with in_section(patient, 85001, other), pytest.raises(Transient, match="Section 85001"):
        patient.deliver(run_id, shards)
    assert patient.finish(run_id).totals("items") == {"created": 1, "held": 2}


def test_a_read_back_waits_for_a_section_with_an_end(patient: Any) -> None:
    other, _ = patient.planned()
    run_id, shards = patient.planned()
    patient.deliver(run_id, shards)
    with in_section(patient, 85002, other), pytest.raises(Transient, match=f"Section 85002 .*{other}"):
        steps.verify(NIGHTLY, run_id)
    report = patient.finish(run_id)
    assert (report.summary["balanced"], report.red) == (True, [])


def test_a_rebuild_leaves_a_section_in_which_a_night_delivers_and_says_so(patient: Any) -> None:
    from passback.steps.rebuilding import asked_by_hand

    run_id = patient.run().summary["run_id"]
    with (
        in_section(patient, 85001, run_id),
        pytest.raises(Transient, match=f"could not be read .Section 85001 .*{run_id}"),
    ):
        steps.rebuild_ledger(asked_by_hand({}))
    assert steps.rebuild_ledger(asked_by_hand({}))["found"] == []


def sending_a_score(nights: Any, crew: Crew, seconds: float) -> Any:
    """The process of an older run, on whose score call PowerSchool is at work for so long."""
    nights.otus.edit("scores", "quiz.1001", points=3)
    run_id, shards = nights.planned()
    nights.powerschool.fault("delay", kind="score", times=1, seconds=seconds)
    process = crew.start("deliver", NIGHTLY, run_id, shards[0]["shard"])
    deadline = time.monotonic() + 60
    while not nights.powerschool.log(method="PUT", kind="score"):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return process


def test_a_request_that_outlives_its_sender_never_lands_on_top_of_a_newer_value(nights: Any, crew: Crew) -> None:
    nights.settings(("settle_seconds = 300", "settle_seconds = 10"))
    nights.run()
    nights.box.control.clear_logs()
    process = sending_a_score(nights, crew, 8)
    nights.otus.edit("scores", "quiz.1001", points=5)
    newer = nights.planned()
    process.kill()
    process.join()
    assert process.exitcode == -signal.SIGKILL
    nights.deliver(*newer)
    assert nights.finish(newer[0]).totals("scores") == {"updated": 1, "unchanged": 8}
    assert nights.points("quiz")["1001"] == 5 == nights.ledger("quiz")["1001"]


def test_a_create_in_doubt_is_timed_from_its_own_request(nights: Any) -> None:
    nights.powerschool.switches(latency_ms=1200)
    run_id, shards = nights.planned()
    nights.deliver(run_id, shards)
    posted = {
        request["body"]["_assignmentsections"][0]["description"].split(" ")[-1]: request["at"]
        for request in nights.powerschool.log(method="POST", kind="create")
    }
    with database.connect(nights.uri) as connection:
        opened = connection.execute(
            "select source_item_id, extract(epoch from opened_at)::float8 from passback.item_write "
            "join passback.item using (item_key)"
        ).fetchall()
    assert len(opened) == 3
    for item, at in opened:
        assert posted[item] - at < 2


def test_a_worker_that_is_cancelled_ends_its_transaction_before_it_gives_its_section_back(nights: Any) -> None:
    import asyncio

    from passback.delivery.courier import Courier

    done: list[str] = []

    def slow() -> None:
        time.sleep(0.5)
        done.append("committed")

    async def cancelled() -> None:
        courier = Courier.__new__(Courier)
        task = asyncio.create_task(courier.db(slow))
        await asyncio.sleep(0.1)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert done == ["committed"]

    asyncio.run(cancelled())


def test_a_section_that_leaves_the_roster_under_a_delivery_ends_with_its_code(nights: Any) -> None:
    run_id, shards = nights.planned()
    with database.connect(nights.uri) as connection:
        connection.execute("delete from staging.section where section_dcid = 85002")
    nights.deliver(run_id, shards)
    report = nights.finish(run_id)
    assert report.totals("items") == {"created": 2, "failed": 1}
    assert report.line("lab")["code"] == "SECTION_NOT_FOUND"
    assert report.summary["balanced"] is True
