"""A home of its own with the DAG of `tests/local/dags`, driven by the commands as a person drives them."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from passback.local.home import PROJECT


class Commands(NamedTuple):
    """Runs `python -m passback.local.<command>` for one home."""

    home: Path
    environment: dict[str, str]

    def start(self, command: str, *arguments: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", f"passback.local.{command}", *arguments],
            env=self.environment,
            cwd=PROJECT,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    def run(self, command: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        process = self.start(command, *arguments)
        output, errors = process.communicate(timeout=150)
        return subprocess.CompletedProcess(process.args, process.returncode, output, errors)


@pytest.fixture(scope="module")
def commands(clean_environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Commands]:
    home = tmp_path_factory.mktemp("commands")
    ours = {
        "PASSBACK_HOME": str(home),
        "PASSBACK_DAGS": str(Path(__file__).parent / "dags"),
        "PASSBACK_SANDBOX": "off",
        "AIRFLOW__SCHEDULER__USE_JOB_SCHEDULE": "False",
        "PYTHONPATH": os.pathsep.join([str(PROJECT / "plugins"), str(PROJECT / "include")]),
    }
    commands = Commands(home, clean_environment | ours)
    yield commands
    commands.run("down")
