"""The sandbox as a program of its own, and as a block of a test."""

import json
import os
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest
import requests

from sandbox.control import Control
from sandbox.server import running
from sandbox.small import SmallDistrict

from .conftest import Plugin

INCLUDE = Path(__file__).parents[2] / "include"


def test_it_serves_until_term_and_says_when_it_is_ready(tmp_path: Path) -> None:
    ready = tmp_path / "ready.json"
    command = [
        sys.executable,
        "-m",
        "sandbox",
        "serve",
        "--district",
        "generated",
        "--scores",
        "500",
        "--powerschool-switches",
        '{"page_cap": 7}',
        "--ready-file",
        str(ready),
    ]
    process = subprocess.Popen(command, env={**os.environ, "PYTHONPATH": str(INCLUDE)}, stdout=subprocess.PIPE)
    try:
        deadline = time.monotonic() + 20
        while not ready.exists() and time.monotonic() < deadline:
            time.sleep(0.05)
        told = json.loads(ready.read_text())
        assert stat.S_IMODE(ready.stat().st_mode) == 0o600
        otus = json.loads(told["AIRFLOW_CONN_OTUS"])
        answer = requests.get(f"{told['otus_url']}/v1/scores", headers={"Authorization": f"Bearer {otus['password']}"})
        assert answer.json()["total"] == 500
        assert Control(told["control_url"]).powerschool.get("switches")["page_cap"] == 7
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=10) == 0
    finally:
        process.kill()
        process.wait()


def test_connections_have_airflows_form(plugin: Plugin) -> None:
    connections = {name: json.loads(text) for name, text in plugin.box.connections().items()}
    powerschool = connections["AIRFLOW_CONN_POWERSCHOOL"]
    assert set(powerschool) == {"conn_type", "host", "port", "schema", "login", "password"}
    assert (powerschool["conn_type"], powerschool["host"], powerschool["schema"]) == ("http", "127.0.0.1", "http")
    assert set(connections["AIRFLOW_CONN_OTUS"]) == {"conn_type", "host", "port", "schema", "password"}


def test_a_district_can_be_served_again_from_its_beginning(small: SmallDistrict) -> None:
    states = []
    for _ in range(2):
        with running(small.district) as box:
            states.append(box.control.state())
            plugin = Plugin(box)
            plugin.created()
            box.control.powerschool.student_leaves(85001, "200001")
            box.control.powerschool.do("set_category", users_dcid=8301, name="Quizzes", is_active=False)
            box.control.otus.delete("scores", "amounts.zero")
    assert states[0] == states[1]


def test_unknown_systems_actions_and_arguments_are_refused(plugin: Plugin) -> None:
    control = plugin.box.control
    assert requests.get(f"{control.url}/control/canvas/state").status_code == 404
    for action, arguments in [
        ("no_such_edit", {}),
        ("find", {"assignment": "x"}),
        ("delete_assignment", {}),
        ("fault", {"effect": "explode"}),
        ("hook", {"action": "x", "whenever": 1}),
    ]:
        with pytest.raises((ValueError, TypeError)):
            control.powerschool.do(action, **arguments)


def test_roster_edits_show_in_the_next_query(plugin: Plugin) -> None:
    control = plugin.box.control.powerschool
    plugin.rows("sections")
    control.do("set_teacher", section_dcid=85001, users_dcid=8401, role="co")
    control.do("enroll", section_dcid=85001, student_number="777777", entry_date="2026-10-01", exit_date="2027-06-05")
    control.do(
        "set_grading_period",
        school_number=101,
        term_id=3600,
        store_code="Q1",
        first_day="2026-08-17",
        last_day="2026-10-30",
    )
    assert "8401" in {row["users_dcid"] for row in plugin.rows("section_teachers") if row["section_dcid"] == "85001"}
    assert "777777" in {row["student_number"] for row in plugin.rows("enrollments")}
    assert "2026-10-30" in {row["last_day"] for row in plugin.rows("grading_periods")}
    control.do("empty_roster", keep=3)
    assert len(plugin.rows("sections")) == 3
