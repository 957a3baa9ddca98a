"""Sync and opt-out as the pages ask for them."""

import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from tests.web.conftest import Visitor, holding, syncs
from tests.web.log_world import LogWorld

from passback.local.rest import Airflow


@pytest.mark.parametrize(
    "part, conf",
    [
        ({"section_dcid": 85001}, {"section_dcid": "85001"}),
        ({"users_dcid": 501}, {"users_dcid": "501"}),
        ({"source": "schoology", "source_item_id": "7:1"}, {"source": "schoology", "source_item_id": "7:1"}),
        ({"all": True}, {}),
    ],
)
def test_a_press_starts_a_run_of_its_part_in_the_users_name(
    admin: Visitor, quiet: Airflow, log_world: LogWorld, part: dict[str, Any], conf: dict[str, str]
) -> None:
    log_world.section()
    staged(log_world)
    answer = admin.post("api/sync", part)
    assert answer.status_code == 202, answer.text
    told = answer.json()
    assert told["joined"] is False
    [run] = syncs(quiet)
    assert run["dag_run_id"] == told["run_id"]
    assert {name: value for name, value in run["conf"].items() if value} == conf
    assert run["triggering_user_name"] == "admin"
    assert run["logical_date"] is None


def staged(log_world: LogWorld) -> None:
    """Schoology's item 7:1, as read into staging."""
    log_world.connection.execute(
        "insert into staging.schoology_section (id, seq, section_school_code, section_dcid)"
        " values ('7', 1, '85001', 85001)"
    )
    log_world.connection.execute(
        "insert into staging.schoology_item (id, seq, section_id, grade_item_id) values ('7:1', 1, '7', '1')"
    )


@pytest.mark.parametrize(
    "active, wanted, joins",
    [
        ({"section_dcid": "85001"}, {"section_dcid": 85001}, True),
        ({"section_dcid": "85001"}, {"section_dcid": 85002}, False),
        ({"section_dcid": "85001"}, {"source": "schoology", "source_item_id": "7:1"}, True),
        ({"section_dcid": "85002"}, {"source": "schoology", "source_item_id": "7:1"}, False),
        ({"users_dcid": "501"}, {"section_dcid": 85001}, True),
        ({"users_dcid": "501"}, {"source": "schoology", "source_item_id": "7:1"}, True),
        ({"section_dcid": "85001"}, {"users_dcid": 501}, False),
        ({}, {"section_dcid": 85001}, True),
        ({}, {"all": True}, True),
        ({"section_dcid": "85001"}, {"all": True}, False),
        ({"source": "schoology", "source_item_id": "7:1"}, {"section_dcid": 85001}, False),
        ({"section_dcid": "85001", "dry_run": True}, {"section_dcid": 85001}, False),
    ],
)
def test_a_press_joins_what_covers_it(
    admin: Visitor, quiet: Airflow, log_world: LogWorld, active: dict[str, Any], wanted: dict[str, Any], joins: bool
) -> None:
    log_world.section()
    log_world.section(85002, name="Biology")
    staged(log_world)
    with holding(quiet, active) as run_id:
        told = admin.post("api/sync", wanted).json()
        assert told["joined"] is joins, told
        assert (told["run_id"] == run_id) is joins


def test_a_sync_that_is_to_begin_later_is_not_joined(admin: Visitor, quiet: Airflow, log_world: LogWorld) -> None:
    log_world.section()
    log_world.item("Quiz")
    later = {"logical_date": None, "conf": {}, "run_after": "2099-01-01T00:00:00Z"}
    quiet.call("POST", "dags/passback_sync/dagRuns", json=later)
    assert ">Queued<" not in admin.get("log").text
    assert admin.post("api/sync", {"section_dcid": 85001}).json()["joined"] is False


def test_many_presses_at_once_start_one_run(admin: Visitor, quiet: Airflow, log_world: LogWorld) -> None:
    log_world.section()
    with ThreadPoolExecutor(8) as presses:
        answers = list(presses.map(lambda _: admin.post("api/sync", {"section_dcid": 85001}), range(8)))
    assert {answer.status_code for answer in answers} == {202}
    told = [answer.json() for answer in answers]
    assert len({one["run_id"] for one in told}) == 1
    assert [one["joined"] for one in told].count(False) == 1
    assert len(syncs(quiet)) == 1


def test_a_paused_dag_is_told_and_nothing_is_queued(admin: Visitor, quiet: Airflow, log_world: LogWorld) -> None:
    log_world.section()
    quiet.pause("passback_sync", True)
    try:
        answer = admin.post("api/sync", {"section_dcid": 85001})
    finally:
        quiet.pause("passback_sync", False)
    assert answer.status_code == 409
    assert "paused" in answer.json()["detail"]
    assert syncs(quiet) == []


def test_a_sync_that_cannot_be_meant_is_refused(admin: Visitor, quiet: Airflow, log_world: LogWorld) -> None:
    refused: list[Any] = [
        {}, [], None, "all", {"all": False}, {"all": True, "section_dcid": 1}, {"section_dcid": 1, "users_dcid": 2},
        {"source": "otus"}, {"source_item_id": "x"}, {"source": "moodle", "source_item_id": "x"}, {"section_dcid": "x"},
        {"section_dcid": -5}, {"section_dcid": 10**30}, {"section_dcid": 1.5}, {"section_dcid": 1, "dry_run": False},
        {"source": "otus", "source_item_id": "x" * 5000}, {"source": "otus", "source_item_id": "a\x00b"},
        {"source": "otus", "source_item_id": ""}, {"section_dcid": [1]},
    ]  # fmt: skip
    for body in refused:
        assert admin.post("api/sync", body).status_code == 422, body
    assert admin.post("api/sync", {"source": "otus", "source_item_id": "never seen"}).status_code == 404
    assert syncs(quiet) == []


def test_who_switches_an_opt_out_and_when_is_kept(admin: Visitor, log_world: LogWorld) -> None:
    log_world.section()
    log_world.item(item_id="A1")
    before = time.time()
    for body in (
        {"section_dcid": 85001, "opted_out": True},
        {"source": "otus", "source_item_id": "A1", "opted_out": True},
        {"section_dcid": 85001, "opted_out": False},
    ):
        answer = admin.post("api/opt-out", body)
        assert answer.status_code == 200, answer.text
        assert answer.json()["changed"] is True
    again = admin.post("api/opt-out", {"section_dcid": 85001, "opted_out": False}).json()
    assert again["changed"] is False
    kept = log_world.connection.execute(
        "select section_dcid, source, source_item_id, opted_out, switched_by, extract(epoch from switched_at) >= %s"
        " from passback.opt_out order by opt_out_id",
        [before - 5],
    ).fetchall()
    assert kept == [
        (85001, None, None, True, "admin", True),
        (None, "otus", "A1", True, "admin", True),
        (85001, None, None, False, "admin", True),
    ]
    assert log_world.connection.execute("select section_dcid, source_item_id from passback.opted_out").fetchall() == [
        (None, "A1")
    ]


def test_an_opt_out_of_the_settings_is_not_switched_here(admin: Visitor, log_world: LogWorld) -> None:
    from passback.settings import load, settings_path

    example = load(settings_path({}))
    keys = [{"section_dcid": int(section)} for section in example.opted_out_sections] + [
        {"source": source, "source_item_id": item} for source, item in example.opted_out_items
    ]
    assert keys, "the example settings have an opt-out"
    for key in keys:
        answer = admin.post("api/opt-out", {**key, "opted_out": False})
        assert answer.status_code == 409, answer.text
        assert "[[opt_outs]]" in answer.json()["detail"]


def test_an_opt_out_that_cannot_be_meant_is_refused(admin: Visitor, log_world: LogWorld) -> None:
    refused: list[Any] = [
        {}, {"opted_out": True}, {"section_dcid": 1}, {"section_dcid": 1, "opted_out": "yes"},
        {"section_dcid": 1, "source": "otus", "source_item_id": "x", "opted_out": True}, {"section_dcid": "1"},
        {"source": "otus", "opted_out": True}, {"section_dcid": 0, "opted_out": True},
        {"section_dcid": 1, "opted_out": True, "by": "me"},
    ]  # fmt: skip
    for body in refused:
        assert admin.post("api/opt-out", body).status_code == 422, body
    assert admin.post("api/opt-out", {"section_dcid": 99, "opted_out": True}).status_code == 404
    assert admin.post("api/opt-out", {"source": "otus", "source_item_id": "?", "opted_out": True}).status_code == 404
