"""Bad input of every kind: a clear message, a red end, and nothing half-sent."""

import json
import re
from pathlib import Path
from typing import Any

import psycopg
import pytest

from sandbox.small import SmallDistrict, small_district

PROJECT = Path(__file__).parents[2]


@pytest.fixture
def small() -> SmallDistrict:
    """One source is enough here; test_one_source_fails.py has both."""
    return small_district(schoology=False)


def red(night: Any, capsys: pytest.CaptureFixture[str]) -> str:
    """What the night said, of a night that must be red and have sent nothing."""
    assert night.state == "failed"
    assert night.writes == []
    assert night.tasks["verdict"] == "failed"
    said = capsys.readouterr()
    return re.sub(r"\s+", " ", re.sub(r"\x1b\[[0-9;]*m", "", said.out + said.err))


def test_a_wrong_setting_stops_the_night_before_anything_is_read(
    dag_nights: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    wrong = tmp_path / "wrong.toml"
    text = (PROJECT / "include" / "district.toml").read_text(encoding="utf-8")
    wrong.write_text(text.replace("in_flight = 8", 'in_flight = "eight"'), encoding="utf-8")
    monkeypatch.setenv("PASSBACK_DISTRICT", str(wrong))
    night = dag_nights.run()
    said = red(night, capsys)
    assert "[delivery] in_flight" in said
    assert night.tasks["open_run"] == "failed"
    assert dag_nights.box.control.log() == []
    assert dag_nights.box.control.otus.log() == []


def test_a_first_night_with_a_wrong_setting_says_so_and_asks_nothing_of_a_schema_that_is_not_there(
    dag_nights: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with psycopg.connect(dag_nights.uri) as connection:
        connection.execute("drop schema passback cascade")
    monkeypatch.setenv("PASSBACK_DISTRICT", "/nowhere/district.toml")
    said = red(dag_nights.run(), capsys)
    assert "/nowhere/district.toml" in said
    assert "was never opened: look at its task open_run" in said
    assert "does not exist LINE" not in said  # PostgreSQL's words, which would be tried twice more, too


@pytest.mark.parametrize("name", ["otus", "powerschool"])
def test_a_missing_connection_is_named(
    dag_nights: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    monkeypatch.delenv(f"AIRFLOW_CONN_{name.upper()}")
    night = dag_nights.run()
    said = red(night, capsys)
    assert f"AIRFLOW_CONN_{name.upper()}" in said
    assert re.search(r"open_run[a-z_, ]* failed: see (its log|their logs)\.", said)
    assert "plan did not run after that." in said
    assert night.folder is not None


@pytest.mark.parametrize("effect", ["not_json", "wrong_shape", "truncate", "html"])
def test_malformed_pages_of_the_source_end_the_night_red_without_it(
    dag_nights: Any, capsys: pytest.CaptureFixture[str], effect: str
) -> None:
    dag_nights.box.control.otus.fault(effect, kind="scores", times=None)
    night = dag_nights.run()
    said = red(night, capsys)
    assert "scores" in said
    assert "extract_otus failed: see its log." in said
    assert "- extract otus: " not in said  # the source's own reason says it
    assert night.tasks["extract_otus"] == "failed"
    assert night.tasks["extract_roster"] == "success"
    assert night.summary["sources"] == {}
    dag_nights.box.control.otus.clear()


def test_a_source_that_does_not_deliver_what_it_declares_is_refused_and_asked_again(
    dag_nights: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    dag_nights.box.control.otus.switches(total="wrong", total_off_by=3)
    night = dag_nights.run()
    assert "declared" in red(night, capsys)
    assert night.summary["sources"] == {}
    dag_nights.box.control.otus.switches(total="true")
    again = dag_nights.run()
    assert again.state == "success"
    assert again.totals("items")["created"] == 173


def test_an_empty_roster_stops_the_run(dag_nights: Any, capsys: pytest.CaptureFixture[str]) -> None:
    dag_nights.box.control.powerschool.do("empty_roster", keep=0)
    night = dag_nights.run()
    assert "roster" in red(night, capsys)
    assert night.tasks["evaluate"] == "upstream_failed"
    assert night.folder is not None


def test_a_stopped_powerschool_ends_red_and_says_so(
    dag_nights: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    stopped = {"conn_type": "http", "host": "127.0.0.1", "port": 9, "schema": "http", "login": "a", "password": "b"}
    monkeypatch.setenv("AIRFLOW_CONN_POWERSCHOOL", json.dumps(stopped))
    night = dag_nights.run()
    said = red(night, capsys)
    assert "SIS_UNAVAILABLE" in said or "did not answer" in said
    assert night.tasks["evaluate"] == "upstream_failed"


def test_a_task_that_fails_for_whatever_reason_makes_the_night_red(
    dag_nights: Any, passback_db: str, capsys: pytest.CaptureFixture[str]
) -> None:
    from passback import database

    with database.connect(passback_db) as connection:
        connection.execute("alter table passback.run_item rename to run_item_gone")
    night = dag_nights.run()
    assert night.tasks["evaluate"] == "failed"
    assert "evaluate" in red(night, capsys)
