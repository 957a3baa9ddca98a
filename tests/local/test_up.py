"""`make up`, `make backfill` and `make down`: a real scheduler that is kept running, and ended whole."""

import os
import signal
import stat
import time
from datetime import UTC, datetime
from pathlib import Path

import psutil
import pytest
import requests
from tests.local.conftest import Commands

from passback.local import up
from passback.local.backfill import bounds
from passback.local.environment import environment, identity
from passback.local.night import WrongUseError


def test_the_bounds_of_a_backfill_are_the_districts_midnights() -> None:
    start, end = bounds("2026-10-31", "2026-11-01", "America/Chicago")
    assert start.astimezone(UTC) == datetime(2026, 10, 31, 5, tzinfo=UTC)
    assert end.astimezone(UTC) == datetime(2026, 11, 2, 5, 59, 59, tzinfo=UTC)  # summer time ends on 1 November


@pytest.mark.parametrize(("first", "last"), [("2026-10-16", "2026-10-15"), ("", "2026-10-15"), ("15.10.", "16.10.")])
def test_a_range_that_cannot_be_meant_is_refused(first: str, last: str) -> None:
    with pytest.raises(WrongUseError):
        bounds(first, last, "America/Chicago")


def test_two_homes_share_nothing(tmp_path: Path) -> None:
    one, two = (environment(tmp_path / name, {}) for name in ("one", "two"))
    differ = {name for name in one if one[name] != two[name]}
    assert {
        "AIRFLOW_HOME",
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN",
        "AIRFLOW__API__PORT",
        "AIRFLOW__API_AUTH__JWT_SECRET",
        "AIRFLOW__CORE__FERNET_KEY",
        "AIRFLOW_CONN_PASSBACK_DB",
        "PASSBACK_REPORTS",
    } <= differ


def test_a_homes_secrets_stay_the_same_and_are_its_owners_only(tmp_path: Path) -> None:
    assert identity(tmp_path) == identity(tmp_path)
    for path in (tmp_path / "identity.json", tmp_path / "airflow" / "passwords.json"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_what_the_district_decides_is_kept(tmp_path: Path) -> None:
    given = {"AIRFLOW_CONN_PASSBACK_DB": "{}", "PASSBACK_REPORTS": "s3://x", "PASSBACK_DISTRICT": "/d.toml"}
    assert given.items() <= environment(tmp_path, given).items()


@pytest.mark.scheduler
def test_up_runs_nights_survives_a_killed_scheduler_and_goes_down_whole(commands: Commands) -> None:
    started = commands.run("up")
    assert started.returncode == 0, started.stderr
    airflow = up.client(commands.home)
    assert airflow.url in started.stdout
    assert identity(commands.home)["password"] not in started.stdout
    assert requests.get(f"{airflow.url}/api/v2/dags", timeout=10).status_code == 401
    assert {"otus", "schoology", "powerschool"} <= {p["name"] for p in airflow.call("GET", "pools")["pools"]}
    assert commands.run("up").stdout.startswith("already running")

    kill_the_scheduler(commands)
    run_id = airflow.trigger("passback_nightly", {"as_of": "2026-10-15"})
    assert airflow.wait("passback_nightly", run_id, seconds=90) == "success"
    assert airflow.returned("passback_nightly", run_id, "extract") == {"scores": 1234}
    red = airflow.trigger("passback_nightly", {"as_of": "2026-10-15", "red": True})
    assert airflow.wait("passback_nightly", red, seconds=60) == "failed"

    backfilled = commands.run("backfill", "--from", "2026-10-12", "--to", "2026-10-13")
    assert backfilled.returncode == 0, backfilled
    assert "2 success" in backfilled.stdout
    nights = {path.name for path in (commands.home / "reports" / "passback_nightly").iterdir()}
    assert {"2026-10-12", "2026-10-13"} <= nights

    assert commands.run("down").stdout.endswith("ended Airflow, PostgreSQL\n")
    assert not [process for process in psutil.process_iter() if belongs(process, commands.home)]


def kill_the_scheduler(commands: Commands) -> None:
    supervisor = psutil.Process(up.told(commands.home)["pid"])
    scheduler = next(child for child in supervisor.children() if "scheduler" in child.cmdline())
    os.kill(scheduler.pid, signal.SIGKILL)
    for _ in range(100):
        if any("scheduler" in child.cmdline() for child in supervisor.children() if child.pid != scheduler.pid):
            return
        time.sleep(0.1)
    raise AssertionError("the scheduler was not started again")


def belongs(process: psutil.Process, home: Path) -> bool:
    try:
        return process.environ().get("PASSBACK_HOME") == str(home) and process.status() != psutil.STATUS_ZOMBIE
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return False
