"""The error guide: every code once, in words, with what stands with it now."""

import re

import pytest
from tests.web.conftest import Visitor
from tests.web.log_world import LogWorld

from passback import database
from passback.errors import catalogue
from passback.web import error_guide


def codes(uri: str) -> dict[str, error_guide.Row]:
    with database.connect(uri) as reading:
        return {code["code"]: code for group in error_guide.guide(reading) for code in group["codes"]}


def test_every_code_of_the_catalogue_stands_once_in_the_guide(database_uri: str) -> None:
    with database.connect(database_uri) as reading:
        groups = error_guide.guide(reading)
    told = [code["code"] for group in groups for code in group["codes"]]
    assert sorted(told) == sorted(catalogue())
    assert [group["name"] for group in groups] == ["items", "scores", "delivery", "warnings"]


def test_codes_stand_with_what_they_are_about(database_uri: str) -> None:
    with database.connect(database_uri) as reading:
        group_of = {code["code"]: group["name"] for group in error_guide.guide(reading) for code in group["codes"]}
    assert group_of["CATEGORY_UNMAPPED"] == "items"
    assert group_of["STUDENT_NOT_ENROLLED"] == "scores"
    assert group_of["EXCEPTION_UNMAPPED"] == "scores"
    assert group_of["IN_DOUBT"] == "delivery"
    assert group_of["TITLE_TRUNCATED"] == "warnings"


def test_every_meaning_is_a_sentence_that_leaves_nothing_open(database_uri: str) -> None:
    for code in codes(database_uri).values():
        assert not re.search(r"[{}]", code["meaning"]), code
        assert code["meaning"][-1] in ".!?…", code
        assert code["fix"]


def test_what_stands_now_is_counted_by_items_and_by_items_with_such_scores(database_uri: str) -> None:
    with database.connect(database_uri, autocommit=True) as connection:
        world = LogWorld(connection)
        world.item("One", "CATEGORY_UNMAPPED", "TITLE_TRUNCATED")
        world.item("Two", "CATEGORY_UNMAPPED")
        world.item("Three", score_codes=("STUDENT_NOT_ENROLLED", "NO_SCORE"))
    standing = codes(database_uri)
    assert (standing["CATEGORY_UNMAPPED"]["items"], standing["TITLE_TRUNCATED"]["items"]) == (2, 1)
    assert standing["STUDENT_NOT_ENROLLED"]["items_with_scores"] == 1
    assert standing["STUDENT_NOT_ENROLLED"]["items"] == 0
    assert standing["IN_DOUBT"]["items"] == standing["IN_DOUBT"]["items_with_scores"] == 0


@pytest.mark.scheduler
def test_the_page_has_an_anchor_a_code_and_leads_to_the_status_log(viewer: Visitor, log_world: LogWorld) -> None:
    log_world.section()
    log_world.item("One", "CATEGORY_UNMAPPED")
    text = viewer.get("errors").text
    for code in catalogue():
        assert f'id="{code}"' in text
    assert 'href="./?code=CATEGORY_UNMAPPED"' in text
    assert viewer.get("", code="CATEGORY_UNMAPPED").status_code == 200
