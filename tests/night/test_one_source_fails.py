"""Two sources in one night: where one cannot be read, or is not there, the other's items arrive all the same."""

import re
from typing import Any

import pytest

from sandbox.small import SmallDistrict


def delivered(night: Any, small: SmallDistrict, source: str) -> None:
    """The night's books hold this source and no other, with all that its first night creates."""
    assert list(night.summary["sources"]) == [source]
    assert {name for school in night.summary["schools"].values() for name in school} == {source}
    for level, of in (("items", small.expected[source].items), ("scores", small.expected[source].scores)):
        created = sum(said.outcome == "created" for said in of.values())
        assert night.totals(level, source)["created"] == created
    assert {line["source"] for line in night.lines} == {source}
    assert night.summary["balanced"] is True


def said(capsys: pytest.CaptureFixture[str]) -> str:
    """What the night said, on one line."""
    heard = capsys.readouterr()
    return re.sub(r"\s+", " ", re.sub(r"\x1b\[[0-9;]*m", "", heard.out + heard.err))


SCHOOLOGY_FAULTS: list[tuple[str, dict[str, Any], dict[str, Any] | None]] = [
    ("the key is refused", {"lasting_401": True}, None),
    ("a personal key", {"personal_keys": True}, None),
    ("maintenance", {"maintenance": 503}, None),
    ("no JSON", {}, {"effect": "not_json"}),
    ("another shape", {}, {"effect": "wrong_shape"}),
    ("cut in half", {}, {"effect": "truncate"}),
    ("a page of HTML", {}, {"effect": "html", "status": 200}),
]


@pytest.mark.parametrize(("switches", "fault"), [pytest.param(*row[1:], id=row[0]) for row in SCHOOLOGY_FAULTS])
def test_otus_arrives_where_schoology_cannot_be_read(
    dag_nights: Any, small: SmallDistrict, switches: dict[str, Any], fault: dict[str, Any] | None
) -> None:
    schoology = dag_nights.box.control.schoology
    schoology.switches(**switches)
    if fault:
        schoology.fault(fault.pop("effect"), times=None, **fault)
    night = dag_nights.run()
    assert night.state == "failed"
    assert night.tasks["extract_schoology"] == "failed"
    assert night.tasks["verdict"] == "failed"
    delivered(night, small, "otus")


def test_schoologys_items_arrive_the_night_after_it_failed(dag_nights: Any, small: SmallDistrict) -> None:
    schoology = dag_nights.box.control.schoology
    schoology.switches(lasting_401=True)
    assert dag_nights.run().state == "failed"
    schoology.switches(lasting_401=False)
    night = dag_nights.run()
    assert night.state == "success"
    assert night.totals("items", "otus")["unchanged"] > 0
    assert "created" not in night.totals("items", "otus")
    created = sum(said.outcome == "created" for said in small.schoology.items.values())
    assert night.totals("items", "schoology")["created"] == created


def test_a_personal_key_is_named_as_the_cause(dag_nights: Any, capsys: pytest.CaptureFixture[str]) -> None:
    dag_nights.box.control.schoology.switches(personal_keys=True)
    dag_nights.run()
    assert re.search(r"person(al|'s own) key", said(capsys))


@pytest.mark.parametrize("effect", ["not_json", "wrong_shape", "truncate"])
def test_schoology_arrives_where_otus_cannot_be_read(dag_nights: Any, small: SmallDistrict, effect: str) -> None:
    dag_nights.box.control.otus.fault(effect, kind="scores", times=None)
    night = dag_nights.run()
    assert night.state == "failed"
    assert night.tasks["extract_otus"] == "failed"
    delivered(night, small, "schoology")


def test_schoology_arrives_where_otus_refuses_the_key(dag_nights: Any, small: SmallDistrict) -> None:
    dag_nights.box.control.otus.switches(lasting_401=True)
    night = dag_nights.run()
    assert night.state == "failed"
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
    section = dag_nights.box.control.schoology
    for number in range(20):
        section.upsert("4318401", "items", {"id": 880000 + number, "title": number})
    night = dag_nights.run()
    assert night.state == "failed"
    delivered(night, small, "otus")


def test_the_items_of_both_sources_stand_side_by_side_in_one_section(dag_nights: Any, small: SmallDistrict) -> None:
    dag_nights.run()
    markers = {row["marker"].split(" ")[1] for row in dag_nights.box.control.powerschool.assignments()
               if row["section_dcid"] == 85001 and row["marker"]}  # fmt: skip
    assert markers == {"otus", "schoology"}
