"""A sync carries its part now, sends only what differs, and leaves everything else as it is."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest

from passback import database
from passback.errors import Terminal

IN_QUARTER = dt.datetime(2026, 10, 15, 17, tzinfo=dt.UTC)


@pytest.fixture
def synced(nights: Any) -> Iterator[Any]:
    """The small gradebook after its first night; syncs are created at noon of 15 October."""
    nights.run()
    nights.created_at = IN_QUARTER
    yield nights


def change(nights: Any, item: str, points: float) -> None:
    nights.otus.edit("scores", f"{item}.1001", points=points)


def statuses(nights: Any) -> dict[str, tuple[str, str]]:
    """Of each item its status and the DAG that last judged it."""
    with database.connect(nights.uri) as connection:
        found = connection.execute(
            "select s.source_item_id, s.status, coalesce(r.dag_id, '') from passback.item_status as s "
            "left join passback.run as r using (run_key)"
        ).fetchall()
    return {item: (status, dag_id) for item, status, dag_id in found}


def test_a_section_is_synced_and_the_others_wait_for_the_night(synced: Any) -> None:
    for item in ("quiz", "lab"):
        change(synced, item, 3)
    report = synced.sync(section_dcid="85001")
    assert report.summary["dag_id"] == "passback_sync"
    assert report.summary["as_of"] == "2026-10-15"
    assert report.summary["sources"]["otus"]["items"]["staged"] == 2
    assert report.totals("scores") == {"updated": 1, "unchanged": 5}
    assert [write["kind"] for write in report.writes] == ["score"]
    assert synced.points("quiz")["1001"] == 3
    assert synced.points("lab")["1001"] != 3
    assert synced.run().totals("scores") == {"updated": 1, "unchanged": 8}
    assert synced.points("lab")["1001"] == 3


def test_one_item_is_synced_and_the_others_of_its_section_wait(synced: Any) -> None:
    for item in ("quiz", "essay"):
        change(synced, item, 3)
    report = synced.sync(source="otus", source_item_id="essay")
    assert report.summary["sources"]["otus"]["items"]["staged"] == 1
    assert (synced.points("essay")["1001"], synced.points("quiz")["1001"] == 3) == (3, False)
    assert statuses(synced)["essay"] == ("successful", "passback_sync")
    assert statuses(synced)["quiz"] == ("successful", "passback_nightly")


def test_a_teachers_sections_are_synced(synced: Any) -> None:
    for item in ("quiz", "lab"):
        change(synced, item, 3)
    assert synced.sync(users_dcid=8301).totals("scores") == {"updated": 2, "unchanged": 7}


def test_a_sync_without_a_change_sends_nothing(synced: Any) -> None:
    assert synced.sync().writes == []
    assert synced.sync(section_dcid="85002").writes == []


def test_a_preview_of_a_sync_sends_nothing_and_changes_no_status(synced: Any) -> None:
    change(synced, "quiz", 3)
    before = statuses(synced)
    report = synced.sync(section_dcid="85001", dry_run=True)
    assert report.totals("scores") == {"updated": 1, "unchanged": 5}
    assert report.writes == []
    assert statuses(synced) == before


def test_a_sync_of_a_section_that_has_nothing_is_green_and_empty(synced: Any) -> None:
    report = synced.sync(section_dcid="85003")
    assert report.red == []
    assert report.summary["sources"]["otus"]["items"]["staged"] == 0


def test_an_item_that_was_never_read_is_refused_before_anything_is_read(synced: Any) -> None:
    with pytest.raises(Terminal, match="sync its section"):
        synced.sync(source="otus", source_item_id="nowhere")
    assert synced.otus.counts() == {}


def test_an_older_night_cleared_after_a_sync_does_not_bring_the_old_value_back(synced: Any) -> None:
    run_id, shards = synced.planned()
    change(synced, "quiz", 3)
    synced.sync(section_dcid="85001")
    synced.deliver(run_id, shards)
    synced.finish(run_id)
    assert synced.points("quiz")["1001"] == 3
