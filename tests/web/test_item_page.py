"""The item page: where an item stands, its three sides, its life over all runs, and each student's score."""

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from fastapi import HTTPException
from tests.reconciliation.world import DAY, SECTION, World
from tests.web.conftest import Visitor

from passback import database
from passback.errors import mask_of
from passback.web import item_page
from passback.web.paging import Place
from passback.web.queued import Queued

NOTHING_QUEUED = Queued()
HERE = Place("item", {"source": "otus", "id": "A1"}, "scores")
SENT = {"name": "Quiz (S1)", "due_on": "2026-10-15", "total": 10.0, "category": "Quizzes"}


@pytest.fixture
def world(database_uri: str, tmp_path: Path) -> Iterator[World]:
    made = World(database_uri, tmp_path / "reports")
    made.roster()
    yield made
    made.connection.close()


def night(world: World, as_of: date = DAY, **columns: Any) -> int:
    """A night that created the item A1 with the score of student 100, and skipped that of 101; its run key."""
    run_key = world.run(as_of)
    item = world.item(run_key, **columns)
    world.plan_item(run_key, item)
    world.score(run_key, item, "S1", student="100", points=8.0)
    world.score(run_key, item, "S2", "NO_SCORE", student="101", points=None)
    world.plan_score(run_key, item, "100")
    world.call(run_key, item)
    return run_key


def delivered(world: World, run_key: int, **held: Any) -> int:
    """The ledger after `night`, with what PowerSchool held of it where it differs; the item's key."""
    key = world.key_of(run_key, 1)
    world.insert(
        "passback.ledger_item", item_key=key, section_dcid=SECTION, users_dcid=501, powerschool_assignment_id=7001,
        name_sent="Quiz (S1)", due_sent=DAY, total_sent=10.0, category_sent="Quizzes", seq=1, run_key=run_key,
        created_run_key=run_key, confirmed=True,
        **{"name_held": "Quiz (S1)", "due_held": DAY, "total_held": 10.0, "category_held": "Quizzes"} | held,
    )  # fmt: skip
    world.insert(
        "passback.ledger_score", item_key=key, student_number="100", student_dcid=1, points_sent=8.0, flags_sent=0,
        points_held=9.0, flags_held=0, confirmed=True, seq=1, run_key=run_key,
    )  # fmt: skip
    return key


def found(world: World, item_id: str = "A1", waiting: Queued = NOTHING_QUEUED) -> dict[str, Any]:
    with database.connect(world.uri) as reading:
        return item_page.find(reading, "otus", item_id, waiting)


def life(world: World, item_key: int, number: int = 1) -> item_page.Listed:
    with database.connect(world.uri) as reading:
        return item_page.life(reading, item_key, Place("item", {"source": "otus", "id": "A1"}, "runs"), number)


def scores(world: World, outcome: str = "", number: int = 1) -> item_page.Listed:
    return told(world, outcome, number).page


def told(world: World, outcome: str = "", number: int = 1) -> item_page.Scores:
    item = found(world)
    with database.connect(world.uri) as reading:
        return item_page.scores_of(reading, item, outcome, HERE, number)


def test_an_item_says_where_it_stands_and_what_it_is(world: World) -> None:
    run_key = night(world)
    delivered(world, run_key)
    world.reconcile(run_key)
    item = found(world)
    assert (item["status"], item["title"], item["section_name"], item["school_name"]) == (
        "successful", "Quiz", "Algebra 1 2", "Oak",
    )  # fmt: skip
    assert (item["powerschool_assignment_id"], item["wanted_category"], item["scores"]) == (7001, "Quizzes", 2)


def test_an_item_that_fails_says_why_and_who_mends_it(world: World) -> None:
    run_key = world.run()
    world.item(run_key, "A1", "CATEGORY_UNMAPPED", "TITLE_TRUNCATED", message="“Exit slip” has no category.")
    world.reconcile(run_key)
    item = found(world)
    assert item["status"] == "error"
    assert item["codes"] == ["CATEGORY_UNMAPPED", "TITLE_TRUNCATED"]
    assert item["message"] == "“Exit slip” has no category."
    assert (item["owner"], item["fix"][:3]) == ("admin", "Add")


def test_an_item_that_nobody_has_seen_is_not_found(world: World) -> None:
    with pytest.raises(HTTPException) as refused:
        found(world, "no-such-item")
    assert refused.value.status_code == 404
    assert "Otus" in str(refused.value.detail)


def test_an_item_that_a_sync_waits_for_is_queued(world: World) -> None:
    world.reconcile(night(world))
    assert found(world, waiting=Queued(sections=[SECTION]))["status"] == "queued"
    assert found(world, waiting=Queued(items=[("otus", "A1")]))["status"] == "queued"
    assert found(world, waiting=Queued(items=[("otus", "A2")]))["status"] == "successful"


def test_the_three_sides_show_what_waits_and_what_a_teacher_changed(world: World) -> None:
    run_key = night(world, due_on=date(2026, 10, 20))
    delivered(world, run_key, name_held="Quiz, renamed")
    world.reconcile(run_key)
    sides = {side["label"]: side for side in item_page.three_sides(found(world))}
    assert (sides["Name"]["base"], sides["Name"]["theirs"], sides["Name"]["edited"]) == (
        "Quiz (S1)", "Quiz, renamed", True,
    )  # fmt: skip
    assert (sides["Due date"]["ours"], sides["Due date"]["base"], sides["Due date"]["waiting"]) == (
        "2026-10-20", "2026-10-15", True,
    )  # fmt: skip
    assert (sides["Total points"]["ours"], sides["Total points"]["waiting"]) == ("10", False)


def test_the_life_of_an_item_is_every_run_newest_first_with_its_writes(world: World) -> None:
    first = night(world, date(2026, 10, 14))
    key = world.key_of(first, 1)
    facts = {"item_key": key, "section_dcid": SECTION, "users_dcid": 501, "state": "accepted", "attempts": 1}
    world.insert("passback.item_write", run_key=first, kind="create", attempted=json.dumps(SENT), **facts)
    second = world.run(DAY)
    item = world.item(second)
    world.plan_item(second, item, "update", warnings=mask_of("TEACHER_EDIT_OVERWRITTEN"), value_sis_before="2026-10-18")
    world.insert(
        "passback.item_write", run_key=second, kind="update", before=json.dumps(SENT | {"due_on": "2026-10-18"}),
        attempted=json.dumps(SENT | {"due_on": "2026-10-20", "changed": ["due_on"]}), **facts,
    )  # fmt: skip
    for run_key in (first, second):
        world.reconcile(run_key)
    page = life(world, key)
    assert [(run["run_key"], run["outcome"]) for run in page.rows] == [(second, "updated"), (first, "created")]
    newest = page.rows[0]
    assert newest["codes"] == ["TEACHER_EDIT_OVERWRITTEN"]
    assert newest["value_sis_before"] == "2026-10-18"
    changed = [field for field in newest["writes"][0]["fields"] if field["changed"]]
    assert [(field["label"], field["before"], field["sent"]) for field in changed] == [
        ("Due date", "2026-10-18", "2026-10-20")
    ]
    assert [field["sent"] for field in page.rows[1]["writes"][0]["fields"]] == [
        "Quiz (S1)", "2026-10-15", "10", "Quizzes",
    ]  # fmt: skip


def test_a_preview_in_the_life_is_marked_and_decides_nothing(world: World) -> None:
    run_key = night(world)
    world.reconcile(run_key)
    preview = world.run(date(2026, 10, 16), dry_run=True)
    world.item(preview, "A1", "CATEGORY_UNMAPPED")
    world.reconcile(preview)
    assert found(world)["run_key"] == run_key
    assert [run["dry_run"] for run in life(world, world.key_of(run_key, 1)).rows] == [True, False]


def test_what_an_open_run_has_not_decided_is_not_told_as_its_outcome(world: World) -> None:
    run_key = world.run()
    world.plan_item(run_key, world.item(run_key), state="planned")
    [run] = life(world, world.key_of(run_key, 1)).rows
    assert run["undecided"]
    failed = world.run(date(2026, 10, 16))
    world.item(failed, "A1", "TOTAL_INVALID")
    assert not life(world, world.key_of(run_key, 1)).rows[0]["undecided"]


def test_a_long_life_comes_by_the_page(world: World) -> None:
    for day in range(1, 14):
        world.item(world.run(date(2026, 9, day)))
    key = world.value("select item_key from passback.item where source_item_id = 'A1'")
    second = life(world, key, 2)
    assert (second.found, second.first, second.last, len(second.rows), second.next) == (13, 11, 13, 3, None)
    assert second.previous == "item?source=otus&id=A1#runs"
    assert life(world, key, 99).number == 1


def test_each_student_has_a_state_with_its_reason_and_both_values(world: World) -> None:
    run_key = night(world)
    delivered(world, run_key)
    world.reconcile(run_key)
    sent, skipped = scores(world).rows
    assert (sent["student_number"], sent["outcome"], sent["value_source"], sent["value_held"], sent["value_sent"]) == (
        "100", "created", "8", "9", "8",
    )  # fmt: skip
    assert (sent["confirmed"], sent["attempts"]) == (True, 1)
    assert (skipped["student_number"], skipped["codes"], skipped["value_held"]) == ("101", ["NO_SCORE"], None)
    assert skipped["message"] == "There is no score to send yet."


def test_scores_are_filtered_by_their_state(world: World) -> None:
    world.reconcile(night(world))
    assert [score["student_number"] for score in scores(world, "skipped").rows] == ["101"]
    assert scores(world, "failed").rows == []
    assert told(world, "failed").counts == {"created": 1, "skipped": 1}
    assert told(world).total == 2


def test_scores_that_wait_with_their_item_are_shown_under_its_code(world: World) -> None:
    run_key = world.run()
    item = world.item(run_key, "A1", "CATEGORY_UNMAPPED")
    world.score(run_key, item, "S1", student="100")
    world.reconcile(run_key)
    [score] = scores(world).rows
    assert (score["outcome"], score["codes"], score["inherited"]) == ("failed", ["CATEGORY_UNMAPPED"], True)


def test_an_item_of_five_hundred_students_comes_by_the_page(world: World) -> None:
    run_key = world.run()
    item = world.item(run_key)
    for student in range(120):
        world.score(run_key, item, f"S{student}", student=f"{student:03}")
    world.reconcile(run_key)
    third = scores(world, number=3)
    assert (third.found, third.rows[0]["student_number"], len(third.rows)) == (120, "100", 20)


def test_the_statement_of_the_scores_reads_one_item_and_not_the_whole_run(world: World) -> None:
    run_key = night(world)
    world.connection.execute(
        "insert into passback.run_item (run_key, item_no, source, source_item_id, title, codes, seq) "
        "select %s, n, 'otus', 'B' || n, '', 0, 1 from generate_series(2, 20000) as n",
        [run_key],
    )
    world.connection.execute(
        "insert into passback.run_score (run_key, item_no, source, source_score_id, source_item_id, codes) "
        "select %s, n, 'otus', 'T' || n, 'B' || n, 0 from generate_series(2, 20000) as n",
        [run_key],
    )
    world.connection.execute("analyze")
    world.reconcile(run_key)
    item = found(world)
    keys = {name: item[name] for name in ("run_key", "item_key", "item_no")}
    keys |= {"outcome": "", "limit": 50, "offset": 0}
    with database.connect(world.uri) as reading:
        text = f"explain (analyze, format json) {database.statement('item_page_scores')}"
        with database.psycopg.ClientCursor(reading) as cursor:
            plan = cursor.execute(text, keys).fetchone()[0][0]["Plan"]
    assert most_rows(plan) < 200


def most_rows(node: dict[str, Any]) -> float:
    """The most rows that any step of the plan gave in one go."""
    return max([node["Actual Rows"], *(most_rows(child) for child in node.get("Plans", []))])


def test_who_opted_an_item_or_its_section_out_is_told(world: World) -> None:
    world.reconcile(night(world))
    keys: dict[str, Any] = {"source": "otus", "source_item_id": "A1"}
    for out in (True, False):
        world.insert("passback.opt_out", **keys, opted_out=out, switched_by="anna")
    world.insert("passback.opt_out", section_dcid=SECTION, opted_out=True, switched_by="ben")
    with database.connect(world.uri) as reading:
        switches = item_page.opt_outs(reading, found(world))
    assert (switches["item"]["opted_out"], switches["item"]["switched_by"]) == (False, "anna")
    assert (switches["section"]["opted_out"], switches["section"]["switched_by"]) == (True, "ben")
    assert not switches["item_in_file"]


def test_the_address_of_a_run_is_safe_in_airflows_ui() -> None:
    run = {"dag_id": "passback_nightly", "run_id": "manual__2026-10-15T07:00:00+00:00/x"}
    assert item_page.run_address(run) == ("../dags/passback_nightly/runs/manual__2026-10-15T07%3A00%3A00%2B00%3A00%2Fx")


@pytest.mark.scheduler
def test_the_page_is_shown_with_its_parts_and_everything_escaped(
    viewer: Visitor, admin: Visitor, running_database_uri: str, tmp_path: Path
) -> None:
    world = World(running_database_uri, tmp_path / "reports")
    world.roster()
    run_key = night(world, title="<script>alert(1)</script>")
    delivered(world, run_key)
    world.reconcile(run_key)
    answer = viewer.get("item", source="otus", id="A1")
    assert answer.status_code == 200
    assert "&lt;script&gt;alert(1)" in answer.text
    assert "<script>alert" not in answer.text
    for part in ("three-sides", "life", "scores", "item-status"):
        assert f'data-testid="{part}"' in answer.text
    assert 'data-testid="sync"' not in answer.text
    assert 'role="switch"' not in answer.text
    rights = admin.get("item", source="otus", id="A1").text
    assert 'data-testid="sync"' in rights
    assert 'data-testid="opt-out-item"' in rights
    assert viewer.get("item", source="otus", id="nobody").status_code == 404
    world.connection.close()
