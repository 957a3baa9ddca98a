"""Two sources in one night: where one cannot be read, or is not there, the other's items arrive all the same."""

import re
from typing import Any

import pytest

from passback.sources.schoology import client
from sandbox.small import Expected, SmallDistrict


def created(small: SmallDistrict, source: str, level: str) -> int:
    """How many items or scores the first night creates."""
    of: dict[str, Expected] = getattr(small.expected[source], level)
    return sum(expected.outcome == "created" for expected in of.values())


def delivered(night: Any, small: SmallDistrict, source: str) -> None:
    """The night's books hold this source and no other, with all that its first night creates."""
    assert list(night.summary["sources"]) == [source]
    assert {name for school in night.summary["schools"].values() for name in school} == {source}
    for level in ("items", "scores"):
        assert night.totals(level, source)["created"] == created(small, source, level)
    assert {line["source"] for line in night.lines} == {source}
    assert night.summary["balanced"] is True


def said(capsys: pytest.CaptureFixture[str]) -> str:
    """What the night said, on one line."""
    heard = capsys.readouterr()
    return re.sub(r"\s+", " ", re.sub(r"\x1b\[[0-9;]*m", "", heard.out + heard.err))


def test_otus_arrives_where_schoology_refuses_the_key_and_schoology_the_night_after(
    dag_nights: Any, small: SmallDistrict, capsys: pytest.CaptureFixture[str]
) -> None:
    schoology = dag_nights.box.control.schoology
    schoology.switches(personal_keys=True)
    night = dag_nights.run()
    assert night.state == "failed"
    assert night.tasks["extract_schoology"] == night.tasks["verdict"] == "failed"
    assert re.search(r"person(al|'s own) key", said(capsys))
    delivered(night, small, "otus")
    schoology.switches(personal_keys=False)
    again = dag_nights.run()
    assert again.state == "success"
    assert "created" not in again.totals("items", "otus")
    assert again.totals("items", "schoology")["created"] == created(small, "schoology", "items")


@pytest.mark.parametrize("trouble", ["maintenance", "not_json"])
def test_otus_arrives_where_schoology_cannot_be_read(
    dag_nights: Any, small: SmallDistrict, monkeypatch: pytest.MonkeyPatch, trouble: str
) -> None:
    monkeypatch.setattr(client, "PATIENCE_SECONDS", 3.0)
    if trouble == "maintenance":
        dag_nights.box.control.schoology.switches(maintenance=503)
    else:
        dag_nights.box.control.schoology.fault(trouble, times=None)
    night = dag_nights.run()
    assert night.state == "failed"
    assert night.tasks["extract_schoology"] == night.tasks["verdict"] == "failed"
    delivered(night, small, "otus")


@pytest.mark.parametrize("trouble", ["lasting_401", "wrong_shape"])
def test_schoology_arrives_where_otus_cannot_be_read(dag_nights: Any, small: SmallDistrict, trouble: str) -> None:
    if trouble == "lasting_401":
        dag_nights.box.control.otus.switches(lasting_401=True)
    else:
        dag_nights.box.control.otus.fault(trouble, kind="scores", times=None)
    night = dag_nights.run()
    assert night.state == "failed"
    assert night.tasks["extract_otus"] == night.tasks["verdict"] == "failed"
    delivered(night, small, "schoology")


@pytest.mark.parametrize(("absent", "present"), [("otus", "schoology"), ("schoology", "otus")])
def test_a_source_without_a_connection_is_off_and_the_night_is_green(
    dag_nights: Any, small: SmallDistrict, monkeypatch: pytest.MonkeyPatch, absent: str, present: str
) -> None:
    monkeypatch.delenv(f"AIRFLOW_CONN_{absent.upper()}")
    night = dag_nights.run()
    assert night.state == "success"
    assert night.tasks[f"extract_{absent}"] == "skipped"
    delivered(night, small, present)
    assert getattr(dag_nights.box.control, absent).log() == []


def test_a_source_over_its_share_of_bad_records_is_refused_and_the_other_arrives(
    dag_nights: Any, small: SmallDistrict
) -> None:
    schoology = dag_nights.box.control.schoology
    for number in range(20):
        schoology.upsert("4318401", "items", {"id": 880000 + number, "title": number})
    night = dag_nights.run()
    assert night.state == "failed"
    delivered(night, small, "otus")
