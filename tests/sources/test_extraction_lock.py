"""One extraction of a source at a time: a second one waits, says so, and gives up after a while."""

import logging
import threading
from pathlib import Path

import psycopg
import pytest
from tests.sources import otus_world as otus
from tests.sources.conftest import Extract

from passback import extraction
from passback.errors import Transient

HOLD = "select pg_advisory_xact_lock(hashtextextended('extract:otus', 0))"


def test_a_second_extraction_waits_for_the_first(
    database_uri: str, export: Path, extract: Extract, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    with psycopg.connect(database_uri) as other:
        other.execute(HOLD)
        ends = threading.Timer(0.5, other.commit)
        ends.start()
        assert extract()["collections"]["users"]["received"] == 1
        ends.join()
    assert "another extraction of otus is under way" in caplog.text


def test_a_second_extraction_gives_up_after_a_while(
    database_uri: str, export: Path, extract: Extract, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(extraction, "LOCK_WAIT_SECONDS", 1)
    with psycopg.connect(database_uri) as other:
        other.execute(HOLD)
        with pytest.raises(Transient, match="Another extraction of otus has been under way for over 1 s"):
            extract()
    assert otus.select(database_uri, "select * from passback.extraction") == []


def test_two_extractions_at_once_end_as_one_after_the_other(database_uri: str, export: Path, extract: Extract) -> None:
    found: list[int] = []
    threads = [threading.Thread(target=lambda: found.append(extract()["seq"])) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(found)) == 2
    assert len(otus.select(database_uri, "select * from staging.otus_score")) == 1
