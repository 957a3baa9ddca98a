"""`make night`: one night in one process, its exit status, its last line, and how it ends when it is asked to."""

import signal
import subprocess
import time
from pathlib import Path

import pytest
from tests.local.conftest import Commands

from passback.local.night import WrongUseError, configuration


def test_as_of_and_conf_become_the_dags_parameters() -> None:
    assert configuration("", "") == {}
    assert configuration("2026-10-15", '{"sources": ["otus"]}') == {"sources": ["otus"], "as_of": "2026-10-15"}
    assert configuration("", '{"as_of": "2026-10-15"}') == {"as_of": "2026-10-15"}
    assert configuration(" 2026-10-15 ", '{"as_of": "2026-10-15"}') == {"as_of": "2026-10-15"}


@pytest.mark.parametrize(
    ("as_of", "conf"),
    [("15.10.2026", ""), ("2026-02-30", ""), ("", "{"), ("", "[1]"), ("2026-10-15", '{"as_of": "2026-10-16"}')],
)
def test_what_cannot_be_meant_is_refused(as_of: str, conf: str) -> None:
    with pytest.raises(WrongUseError):
        configuration(as_of, conf)


def test_a_green_night_ends_with_0_and_prints_the_folder_of_its_report_last(commands: Commands) -> None:
    nights = [commands.run("night", "--as-of", "2026-10-15") for _ in range(2)]
    folders = [Path(night.stdout.splitlines()[-1]) for night in nights]
    assert [night.returncode for night in nights] == [0, 0], nights
    assert all(folder.parent == commands.home / "reports/passback_nightly/2026-10-15" for folder in folders)
    assert folders[0] != folders[1]
    assert "1,234" in nights[0].stdout
    assert nights[0].stderr == ""


def test_a_red_night_ends_with_1_and_prints_its_report_too(commands: Commands) -> None:
    night = commands.run("night", "--as-of", "2026-10-16", "--conf", '{"red": true}')
    assert night.returncode == 1
    assert "RuntimeError: the night is red" in night.stdout
    assert (Path(night.stdout.splitlines()[-1]) / "summary.json").exists()


def test_wrong_parameters_begin_no_night(commands: Commands) -> None:
    wrong = commands.run("night", "--conf", '{"red": "very"}')
    unknown = commands.run("night", "--conf", '{"colour": "red"}')
    assert (wrong.returncode, unknown.returncode) == (2, 2)
    assert "red" in wrong.stdout
    assert "no parameter ['colour']" in unknown.stdout


def test_term_ends_a_night_between_two_requests_and_the_report_is_still_written(commands: Commands) -> None:
    night = commands.start("night", "--as-of", "2026-10-17", "--conf", '{"seconds": 100}')
    log = log_of(commands, night)
    wait_for(log, "Task started")
    time.sleep(0.3)
    night.send_signal(signal.SIGTERM)
    output, _ = night.communicate(timeout=60)
    assert night.returncode == 128 + signal.SIGTERM
    assert "StopRequested" in output
    assert (Path(output.splitlines()[-1]) / "summary.json").exists()


def test_a_second_night_waits_and_down_ends_both(commands: Commands) -> None:
    first = commands.start("night", "--conf", '{"seconds": 100}')
    wait_for(log_of(commands, first), "Task started")
    second = commands.start("night", "--conf", '{"seconds": 100}')
    assert second.stderr
    assert f"process {first.pid}" in second.stderr.readline()
    down = commands.run("down")
    assert down.returncode == 0
    assert f"night (process {second.pid})" in down.stdout
    assert "PostgreSQL" in down.stdout
    assert first.wait(timeout=10) == second.wait(timeout=10) == 128 + signal.SIGTERM


def log_of(commands: Commands, night: subprocess.Popen[str]) -> Path:
    for _ in range(300):
        if found := list((commands.home / "logs" / "nights").glob(f"*-{night.pid}.log")):
            return found[0]
        time.sleep(0.1)
    raise AssertionError("the night writes no log")


def wait_for(log: Path, text: str) -> None:
    for _ in range(600):
        if text in log.read_text(errors="replace"):
            return
        time.sleep(0.1)
    raise AssertionError(f"{text!r} never came: {log.read_text(errors='replace')[-2000:]}")
