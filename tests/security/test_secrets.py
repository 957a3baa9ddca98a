"""Secrets and names are in nothing that nights write: a search through everything, after good nights and bad ones."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import requests
from tests.security import searched
from tests.security.secrets_sown import Sown, found_in, with_names
from tests.web.conftest import Visitor

from passback.local import down, up
from passback.local.environment import free_port, identity
from passback.local.home import PROJECT
from passback.local.rest import Airflow
from sandbox.server import Sandbox, running
from sandbox.small import small_district

pytestmark = [pytest.mark.scheduler, pytest.mark.timeout(900)]
NIGHTLY = "passback_nightly"
RETRIED = b"cannot be reached"


@dataclass
class Nights:
    """What happened in one home: its Airflow, its runs, what single nights printed, and all arguments of processes."""

    home: Path
    sown: Sown
    airflow: Airflow
    runs: list[tuple[str, str]] = field(default_factory=list)
    printed: dict[str, str] = field(default_factory=dict)
    watched: searched.Watched = field(default_factory=searched.Watched)

    def leaks(self, name: str, text: bytes) -> list[str]:
        return [f"{name}: {what}" for what in found_in(text, self.sown.forms())]


@pytest.fixture(scope="module")
def nights(clean_environment: dict[str, str]) -> Iterator[Nights]:
    """A green night and a refused one under a scheduler, and single ones with everything wrong, in one home."""
    home = Path(tempfile.mkdtemp(prefix="passback-tests-secrets-"))
    sown = Sown(home)
    sown.into_home()
    with ExitStack() as stack:
        stack.callback(shutil.rmtree, home, ignore_errors=True)
        stack.callback(down.down, home)
        box = stack.enter_context(running(with_names(small_district().district)))
        connections = sown.connections(box)
        given = clean_environment | connections | {"AIRFLOW__SCHEDULER__USE_JOB_SCHEDULE": "False"}
        watched = stack.enter_context(searched.Watched())
        airflow = stack.enter_context(up.running(home, given))
        made = Nights(home, sown, airflow, watched=watched)
        scheduled(made, box)
        for name, changed in broken(sown, box).items():
            made.printed[name] = single(given | changed | {"PASSBACK_HOME": str(home)})
        yield made


def scheduled(made: Nights, box: Sandbox) -> None:
    """A green night, and one in which every server refuses and says again what it was sent."""
    made.airflow.wait_for_dag(NIGHTLY)
    night(made, "success")
    box.control.otus.fault("status", status=400, message=f"bad token {box.token}", times=None)
    box.control.schoology.fault("status", status=400, message=f"bad key {box.schoology_url}", times=None)
    box.control.powerschool.switches(lasting_401=True)
    night(made, "failed")
    for control in (box.control.otus, box.control.schoology, box.control.powerschool):
        control.clear()
    box.control.powerschool.switches(lasting_401=False)
    made.sown.secrets |= {f"bearer {n}": token for n, token in enumerate(box.powerschool.tokens._good_until)}


def night(made: Nights, state: str) -> None:
    run_id = made.airflow.trigger(NIGHTLY, {"as_of": "2026-10-15"})
    made.runs.append((NIGHTLY, run_id))
    assert made.airflow.wait(NIGHTLY, run_id, seconds=300) == state


def broken(sown: Sown, box: Sandbox) -> dict[str, dict[str, str]]:
    """Single nights that go wrong: a database out of reach, and wrong passwords beside a server without TLS."""
    own = box.connections()
    otus, schoology, powerschool = (
        json.loads(own[f"AIRFLOW_CONN_{name}"]) for name in ("OTUS", "SCHOOLOGY", "POWERSCHOOL")
    )
    sown.secrets |= {"wrong token": "wrong-otus-token-5ed1", "wrong secret": "wrong-client-secret-77aa"}
    return {
        "no database": {"AIRFLOW_CONN_PASSBACK_DB": sown.database("127.0.0.1", port=free_port())},
        "wrong passwords": {
            "AIRFLOW_CONN_OTUS": json.dumps(otus | {"password": sown.secrets["wrong token"]}),
            "AIRFLOW_CONN_SCHOOLOGY": json.dumps(schoology | {"schema": "https"}),
        },
        "wrong client": {
            "AIRFLOW_CONN_POWERSCHOOL": json.dumps(powerschool | {"password": sown.secrets["wrong secret"]}),
        },
    }  # fmt: skip


def single(variables: dict[str, str]) -> str:
    """What one night in one process prints; one that waits for a retry is asked to end."""
    path = os.pathsep.join([str(PROJECT / "plugins"), str(PROJECT / "include")])
    logs = Path(variables["PASSBACK_HOME"]) / "logs" / "nights"
    before = set(logs.glob("*.log"))
    with tempfile.TemporaryFile() as output:
        night = subprocess.Popen(
            [sys.executable, "-m", "passback.local.night", "--as-of", "2026-10-15"], cwd=PROJECT,
            env=variables | {"PYTHONPATH": path}, stdin=subprocess.DEVNULL, stdout=output, stderr=output,
        )  # fmt: skip
        deadline = time.monotonic() + 240
        while night.poll() is None and time.monotonic() < deadline:
            if any(RETRIED in log.read_bytes() for log in set(logs.glob("*.log")) - before):
                night.terminate()
                break
            time.sleep(0.5)
        assert night.wait(timeout=120) in (1, 128 + signal.SIGTERM)
        output.seek(0)
        return output.read().decode(errors="replace")


def test_the_nights_went_as_they_were_meant_to(nights: Nights) -> None:
    assert len(nights.runs) == 2
    assert "cannot be reached" in nights.printed["no database"]
    assert "AUTH_FAILED" in nights.printed["wrong client"] or "credentials" in nights.printed["wrong client"]
    assert len(nights.watched.seen) > 5


def test_a_sown_secret_would_be_found(nights: Nights) -> None:
    for name, form in nights.sown.forms().items():
        assert nights.leaks("x", b"before " + form + b" behind"), name
    assert nights.leaks("x", b"Authorization: Bearer abcdefghijklmnopqrstuvw")
    kept = b"".join((nights.home / name).read_bytes() for name in searched.ALLOWED)
    assert {"jwt_secret", "password"} <= {leak.removeprefix("x: ") for leak in nights.leaks("x", kept)}


def test_no_file_of_the_home_holds_a_secret_or_a_name(nights: Nights) -> None:
    found = [leak for name, text in searched.files(nights.home) for leak in nights.leaks(name, text)]
    assert "\n".join(leak for leak in found if not any(leak.startswith(known) for known in searched.KNOWN)) == ""


def test_what_holds_secrets_is_its_owners_alone(nights: Nights) -> None:
    for name, why in searched.ALLOWED.items():
        assert why
        assert (nights.home / name).stat().st_mode & 0o077 == 0, name
    assert nights.home.stat().st_mode & 0o077 == 0


def test_no_row_of_any_database_holds_a_secret_or_a_name(nights: Nights) -> None:
    tables = dict(searched.rows(nights.home))
    assert {"airflow: public.xcom", "airflow: public.log", "passback: passback.run"} <= tables.keys()
    assert len(tables["passback: staging.otus_score"]) > 1000
    assert "\n".join(leak for name, text in tables.items() for leak in nights.leaks(name, text)) == ""


def test_airflow_tells_no_administrator_a_secret_or_a_name(nights: Nights) -> None:
    told = list(searched.answers(nights.airflow, nights.runs))
    assert len(told) > 20
    assert "\n".join(leak for name, text in told for leak in nights.leaks(name, text)) == ""


def test_the_pages_show_no_secret_and_no_name(nights: Nights) -> None:
    visitor = Visitor(nights.airflow, "admin", identity(nights.home)["password"])
    runs = [f"run?dag_id={dag}&run_id={run}" for dag, run in nights.runs]
    names = ("reconciliation.html", "reconciliation.csv", "summary.json", "reconciliation.xlsx")
    reports = [f"report?dag_id={dag}&run_id={run}&name={name}" for dag, run in nights.runs for name in names]
    for route in ("", "errors", "configuration", *runs, *reports):
        answer = visitor.get(route)
        assert answer.status_code in (200, 404), route
        assert nights.leaks(route, answer.content) == []
    refused = requests.get(f"{visitor.url}/passback/", headers={"Authorization": "Bearer x"}, timeout=60)
    assert nights.leaks("refused", refused.content) == []


def test_what_single_nights_print_holds_no_secret_and_no_name(nights: Nights) -> None:
    assert [leak for name, text in nights.printed.items() for leak in nights.leaks(name, text.encode())] == []


def test_no_process_was_ever_given_a_secret_as_an_argument(nights: Nights) -> None:
    everything = "\n".join(nights.watched.seen)
    assert re.search(r"scheduler", everything) and "passback.local.night" in everything
    assert nights.leaks("arguments", everything.encode()) == []
