"""An extraction that ends in the middle keeps its place; another one waits; time that runs out is told."""

import threading
import time
from typing import Any

import psycopg
import pytest
from tests.sources.otus_world import new_run
from tests.sources.schoology import world
from tests.sources.schoology.conftest import Extract, Serve
from tests.sources.schoology.world import column, staged

from passback import extraction
from passback.errors import Terminal, Transient
from passback.sources.schoology import client
from passback.sources.schoology import extract as module

HELD = (
    "select count(*) from pg_locks where locktype = 'advisory' and granted "
    "and database = (select oid from pg_database where datname = current_database())"
)
READ = "select count(*) from passback.schoology_place"


@pytest.fixture(autouse=True)
def chunks_of_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every section is committed by itself."""
    monkeypatch.setattr(module, "CHUNK_SECTIONS", 1)
    monkeypatch.setattr(client, "PATIENCE_SECONDS", 0.5)


@pytest.fixture
def control(database_uri: str, serve: Serve) -> Any:
    """Four sections; the control of their server."""
    world.roster(database_uri, range(85001, 85005))
    return serve(*(world.section(number, items=[world.item(), {}]) for number in range(1, 5))).control.schoology


def broken_off(control: Any, extract: Extract, run_key: int, after: int) -> None:
    """An extraction that ends after so many sections, since Schoology does."""
    control.fault("drop_before_commit", method="POST", skip=after, times=None)
    with pytest.raises(Transient):
        extract(run_key)
    control.do("clear")


def test_a_run_goes_on_where_it_was_broken_off(database_uri: str, control: Any, extract: Extract) -> None:
    run = new_run(database_uri)
    broken_off(control, extract, run, after=2)
    assert column(database_uri, READ) == [2]
    assert column(database_uri, "select * from passback.run_source") == []
    control.clear_log()
    found = extract(run)
    assert (found["asked"], found["read"]) == (4, 4)
    assert {path.split("/")[3] for entry in control.log(kind="multiget") for path in entry["body"]} == {"4003", "4004"}
    assert column(database_uri, "select seq from passback.run_source where run_key = %s", run) == [found["seq"]]
    assert column(database_uri, "select count(*) from staging.schoology_grade") == [4]


def test_bad_records_of_before_the_break_count_as_the_runs(database_uri: str, control: Any, extract: Extract) -> None:
    run = new_run(database_uri)
    broken_off(control, extract, run, after=2)
    found = extract(run)
    assert found["collections"]["grade_items"]["quarantined"] == 4
    assert set(column(database_uri, "select seq from staging.quarantine")) == {found["seq"]}


def test_another_run_asks_for_everything(database_uri: str, control: Any, extract: Extract) -> None:
    broken_off(control, extract, new_run(database_uri), after=2)
    control.clear_log()
    extract()
    assert len(control.log(kind="multiget")) == 4


def test_a_run_that_is_cleared_after_its_end_asks_for_everything(
    database_uri: str, control: Any, extract: Extract
) -> None:
    run = new_run(database_uri)
    extract(run)
    control.clear_log()
    assert extract(run)["read"] == 4
    assert len(control.log(kind="multiget")) == 4


def test_what_another_run_read_since_is_asked_for_again(database_uri: str, control: Any, extract: Extract) -> None:
    run = new_run(database_uri)
    broken_off(control, extract, run, after=2)
    extract(sections=[85001])
    control.clear_log()
    extract(run)
    asked = {path.split("/")[3] for entry in control.log(kind="multiget") for path in entry["body"]}
    assert asked == {"4001", "4003", "4004"}


def test_a_preview_that_is_broken_off_begins_again(database_uri: str, control: Any, extract: Extract) -> None:
    run = new_run(database_uri)
    control.fault("drop_before_commit", method="POST", skip=2, times=None)
    with pytest.raises(Transient):
        extract(run, dry_run=True)
    control.do("clear")
    control.clear_log()
    extract(run, dry_run=True)
    assert len(control.log(kind="multiget")) == 4


def test_rows_and_place_of_a_section_are_kept_together_or_not_at_all(
    database_uri: str, control: Any, extract: Extract
) -> None:
    control.fault("status", kind="grading_categories", status=401, skip=1, times=None)
    with pytest.raises(Terminal):
        extract()
    read = column(database_uri, "select section_id from passback.schoology_place")
    assert column(database_uri, "select distinct section_id from staging.schoology_item") == read == ["4001"]


def test_time_that_runs_out_leaves_the_rest_as_last_known_and_it_goes_first_next_time(
    database_uri: str, control: Any, extract: Extract, monkeypatch: pytest.MonkeyPatch
) -> None:
    moments = iter([0.0, 0.0, 0.0])
    with monkeypatch.context() as patched:
        patched.setattr(module, "time", type("Clock", (), {"monotonic": lambda: next(moments, 4000.0)}))
        found = extract()
    assert (found["read"], found["left"], found["full"]) == (2, 2, False)
    (note,) = column(database_uri, "select message from passback.run_note")
    assert note.startswith("2 sections (4003, 4004) of Schoology were not read in the time that there was")
    control.clear_log()
    extract()
    assert ["/4003/" in entry["body"][0] for entry in control.log(kind="multiget")] == [True, False, False, False]


def test_a_second_extraction_waits_for_the_first_over_all_its_commits(
    database_uri: str, control: Any, extract: Extract, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(extraction, "LOCK_WAIT_SECONDS", 20)
    control.switches(latency_ms=30)
    found: list[int] = []
    threads = [threading.Thread(target=lambda: found.append(extract()["seq"])) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    first, second = staged(database_uri, "select * from passback.extraction order by seq")
    assert first["finished_at"] <= second["started_at"]
    for _ in range(100):  # a closed session frees its locks when its server process has noticed
        if column(database_uri, HELD) == [0]:
            return
        time.sleep(0.05)
    raise AssertionError("the lock is still held")


def test_a_second_extraction_gives_up_after_a_while(
    database_uri: str, control: Any, extract: Extract, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(extraction, "LOCK_WAIT_SECONDS", 1)
    with psycopg.connect(database_uri) as other:
        other.execute("select pg_advisory_lock(hashtextextended('extract:schoology', 0))")
        with pytest.raises(Transient, match="Another extraction of schoology has been under way for over 1 s"):
            extract()
    assert column(database_uri, "select * from passback.extraction") == []


def test_notes_are_of_the_last_attempt(database_uri: str, control: Any, extract: Extract) -> None:
    run = new_run(database_uri)
    control.switches(section_status={"4002": 403})
    extract(run)
    assert len(column(database_uri, "select message from passback.run_note")) == 1
    control.switches(section_status={})
    extract(run)
    assert column(database_uri, "select message from passback.run_note") == []
