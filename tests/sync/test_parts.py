"""The part of the district that a sync asks for, and the runs that join one another."""

import datetime as dt
from typing import Any

import psycopg
import pytest

from passback import parts, runs
from passback.errors import Terminal
from passback.parts import Part, Reach
from passback.settings import load, settings_path

TODAY = dt.date(2026, 10, 15)
NOW = dt.datetime(2026, 10, 15, 15, tzinfo=dt.UTC)


@pytest.fixture
def staged(database_uri: str) -> str:
    """Sections 85001 and 85002 of school 101, 85101 of 102; teacher 8301 has 85001 and, until yesterday, 85101."""
    with psycopg.connect(database_uri) as connection:
        for dcid, school in ((85001, "101"), (85002, "101"), (85101, "102")):
            connection.execute(
                "insert into staging.section values (%s, %s, 3600, 'Algebra', '1', '2026-08-20', '2027-06-01', 1)",
                [dcid, school],
            )
        connection.execute(
            "insert into staging.section_teacher values "
            "('101', 85001, 8301, 'lead', null, null, 1), ('102', 85101, 8301, 'lead', null, '2026-10-14', 1)"
        )
        connection.execute("insert into staging.otus_class (id, seq, sis_section_id) values ('c1', 1, '85002')")
        connection.execute(
            "insert into staging.otus_assignment (id, seq, class_id) values ('a1', 1, 'c1'), ('a2', 1, 'gone')"
        )
        connection.execute(
            "insert into staging.schoology_section (id, seq, section_school_code, section_dcid) "
            "values ('4318461', 1, '85101', 85101)"
        )
        connection.execute(
            "insert into staging.schoology_item (id, seq, section_id, grade_item_id) "
            "values ('4318461:9123', 1, '4318461', '9123')"
        )
    return database_uri


@pytest.mark.parametrize(
    ("parameters", "part"),
    [
        ({}, Part()),
        ({"section_dcid": None, "source": None}, Part()),
        ({"section_dcid": "85001"}, Part(section_dcid=85001)),
        ({"section_dcid": 85001}, Part(section_dcid=85001)),
        ({"users_dcid": " 8301 "}, Part(users_dcid=8301)),
        ({"source": "otus", "source_item_id": "a1"}, Part(source="otus", source_item_id="a1")),
    ],
)
def test_parameters_name_one_part(parameters: dict[str, Any], part: Part) -> None:
    assert parts.asked_for(parameters) == part


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ({"section_dcid": "85001", "users_dcid": "8301"}, "section_dcid and users_dcid"),
        ({"section_dcid": "85001", "source": "otus", "source_item_id": "a1"}, "section_dcid and source_item_id"),
        ({"source": "otus"}, "both source and source_item_id"),
        ({"source_item_id": "a1"}, "both source and source_item_id"),
        ({"section_dcid": "Algebra"}, "section_dcid is a PowerSchool DCID"),
        ({"users_dcid": "-1"}, "users_dcid is a PowerSchool DCID"),
        ({"section_dcid": "9" * 19}, "section_dcid is a PowerSchool DCID"),
    ],
)
def test_parameters_that_name_two_parts_or_half_of_one_are_refused(parameters: dict[str, Any], words: str) -> None:
    with pytest.raises(Terminal, match=words):
        parts.asked_for(parameters)


@pytest.mark.parametrize(
    ("part", "reach"),
    [
        (Part(), Reach(None, None)),
        (Part(section_dcid=85001), Reach([85001], ["101"])),
        (Part(section_dcid=99999), Reach([99999], None)),
        (Part(users_dcid=8301), Reach([85001], ["101"])),
        (Part(users_dcid=1), Reach([], None)),
        (Part(source="otus", source_item_id="a1"), Reach([85002], ["101"])),
        (Part(source="otus", source_item_id="a2"), Reach([], None)),
        (Part(source="schoology", source_item_id="4318461:9123"), Reach([85101], ["102"])),
    ],
)
def test_a_part_reaches_its_sections_and_their_schools(staged: str, part: Part, reach: Reach) -> None:
    assert parts.reach(staged, part, TODAY) == reach


def test_an_item_that_was_never_read_is_refused_with_what_to_do(staged: str) -> None:
    with pytest.raises(Terminal, match="sync its section, or wait for the night"):
        parts.reach(staged, Part(source="otus", source_item_id="nowhere"), TODAY)


class Syncs:
    """Runs of passback_sync as they are kept, and which of them Airflow says are under way."""

    def __init__(self, uri: str) -> None:
        self.uri, self.under_way = uri, set[str]()

    def press(self, run_id: str, **parameters: Any) -> str | None:
        asked = runs.Asked("passback_sync", run_id, False, None, NOW, parameters)
        part = parts.asked_for(parameters)
        joined = runs.joins(self.uri, asked, part, self.under_way.__contains__)
        if joined is None:
            runs.register(self.uri, asked, load(settings_path({})), ["otus"], part)
            self.under_way.add(run_id)
        return joined


@pytest.fixture
def syncs(database_uri: str) -> Syncs:
    return Syncs(database_uri)


def test_a_second_press_joins_the_sync_of_the_same_part_that_is_under_way(syncs: Syncs) -> None:
    assert syncs.press("first", section_dcid="85001") is None
    assert syncs.press("second", section_dcid="85001") == "first"
    assert syncs.press("third", section_dcid=85001) == "first"


def test_a_sync_of_another_part_or_a_preview_is_not_joined(syncs: Syncs) -> None:
    assert syncs.press("first", section_dcid="85001") is None
    assert syncs.press("second", section_dcid="85002") is None
    assert syncs.press("everything") is None
    assert syncs.press("preview", section_dcid="85001", dry_run=True) is None


def test_a_sync_that_has_ended_or_was_killed_is_not_joined(syncs: Syncs) -> None:
    assert syncs.press("killed", section_dcid="85001") is None
    syncs.under_way.clear()
    assert syncs.press("next", section_dcid="85001") is None
    with psycopg.connect(syncs.uri) as connection:
        connection.execute("update passback.run set finished_at = now() where run_id = 'next'")
    assert syncs.press("after", section_dcid="85001") is None


def test_a_run_whose_join_is_cleared_does_not_join_the_one_that_came_after_it(syncs: Syncs) -> None:
    assert syncs.press("first", section_dcid="85001") is None
    syncs.under_way.clear()
    assert syncs.press("second", section_dcid="85001") is None
    assert syncs.press("first", section_dcid="85001") is None
