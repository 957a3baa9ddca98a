"""Schoology as a part of the sandbox that runs as a program of its own."""

import json
import os
import socket
import subprocess
import sys
import time
from pathlib import Path

from requests_oauthlib import OAuth1Session

from sandbox.control import Control
from sandbox.district import District, dump_district

from .conftest import schoology_section

INCLUDE = Path(__file__).parents[2] / "include"


def free_port() -> int:
    with socket.socket() as asked:
        asked.bind(("127.0.0.1", 0))
        return int(asked.getsockname()[1])


def test_it_serves_a_dumped_schoology_with_switches(tmp_path: Path) -> None:
    port = free_port()
    dumped, ready = tmp_path / "district.json", tmp_path / "ready.json"
    dump_district(District([], [], [], [], [], [], [], schoology=[schoology_section(1, items=3, students=2)]), dumped)
    command = [sys.executable, "-m", "sandbox", "serve", "--district", str(dumped), "--ready-file", str(ready)]
    command += ["--schoology-port", str(port), "--schoology-switches", '{"page_cap": 2}']
    process = subprocess.Popen(command, env={**os.environ, "PYTHONPATH": str(INCLUDE)}, stdout=subprocess.PIPE)
    try:
        deadline = time.monotonic() + 20
        while not ready.exists() and time.monotonic() < deadline:
            time.sleep(0.05)
        told = json.loads(ready.read_text())
        connection = json.loads(told["AIRFLOW_CONN_SCHOOLOGY"])
        assert told["schoology_url"] == f"http://127.0.0.1:{port}"
        assert connection["port"] == port
        session = OAuth1Session(connection["login"], client_secret=connection["password"])
        session.trust_env = False
        page = session.get(f"{told['schoology_url']}/v1/sections/4310001/grades?limit=5", timeout=5).json()
        assert len(page["grades"]["grade"]) == 2
        assert Control(told["control_url"]).schoology.get("switches")["page_cap"] == 2
    finally:
        process.terminate()
        process.wait(timeout=10)
