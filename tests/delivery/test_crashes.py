"""A process killed in the middle of delivery: run again, nothing goes twice and nothing is lost."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

PROJECT = Path(__file__).parents[2]
SCRIPT = """
import sys
from passback import steps
steps.deliver("passback_nightly", sys.argv[1], int(sys.argv[2]))
"""


def delivering(run_id: str, shard: int) -> subprocess.Popen[bytes]:
    """A real process that delivers one shard."""
    return subprocess.Popen(
        [sys.executable, "-W", "ignore", "-c", SCRIPT, run_id, str(shard)],
        env={**os.environ, "PYTHONPATH": str(PROJECT / "plugins")},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def wait_for_writes(nights: Any, number: int) -> None:
    """Until PowerSchool has seen so many writes."""
    for _ in range(600):
        if len(nights.box.control.writes()) >= number:
            return
        time.sleep(0.05)
    raise AssertionError("the delivery never wrote")


@pytest.mark.parametrize("writes", [1, 2, 4, 5])
def test_a_task_killed_in_the_middle_and_run_again_sends_nothing_twice(nights: Any, writes: int) -> None:
    nights.settings(("settle_seconds = 300", "settle_seconds = 0"))
    nights.powerschool.switches(latency_ms=150)
    run_id, shards = nights.planned()
    process = delivering(run_id, shards[0]["shard"])
    wait_for_writes(nights, writes)
    process.send_signal(signal.SIGKILL)
    process.wait()
    nights.powerschool.switches(latency_ms=0)
    time.sleep(0.3)
    nights.deliver(run_id, shards)
    report = nights.finish(run_id)
    assert report.totals("items") == {"created": 3}
    assert report.totals("scores") == {"created": 9}
    assert report.summary["balanced"] is True
    for item in ("quiz", "essay", "lab"):
        assert nights.points(item) == {"1001": 8, "1002": 8, "1003": 8}
    assert nights.run().writes == []


def test_a_terminated_task_ends_between_two_requests(nights: Any) -> None:
    nights.powerschool.switches(latency_ms=150)
    run_id, shards = nights.planned()
    process = delivering(run_id, shards[0]["shard"])
    wait_for_writes(nights, 1)
    process.terminate()
    assert process.wait(timeout=30) != 0
    nights.powerschool.switches(latency_ms=0)
    assert 0 < len(nights.box.control.writes()) < 6
    nights.deliver(run_id, shards)
    report = nights.finish(run_id)
    assert report.totals("items") == {"created": 3}
    assert report.red == []


def test_two_processes_deliver_one_plan_side_by_side(nights: Any) -> None:
    first, second = nights.planned(), nights.planned()
    processes = [delivering(first[0], first[1][0]["shard"]), delivering(second[0], second[1][0]["shard"])]
    assert [process.wait(timeout=120) for process in processes] == [0, 0]
    reports = [nights.finish(first[0]), nights.finish(second[0])]
    assert sum(report.totals("items").get("created", 0) for report in reports) == 3
    assert sum(report.totals("scores").get("created", 0) for report in reports) == 9
    for item in ("quiz", "essay", "lab"):
        assert nights.points(item) == {"1001": 8, "1002": 8, "1003": 8}
