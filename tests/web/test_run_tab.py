"""The tab on a run: its books, reasons and lines by the page, and the files of its report and no others."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi import HTTPException
from tests.reconciliation.world import DAY, World
from tests.web.conftest import Visitor

from passback import database
from passback.web import report_files, run_tab
from passback.web.paging import Place

HERE = Place("run", {"dag_id": "passback_nightly", "run_id": "r1"}, "lines")
NO_FILTER = {"level": "", "outcome": "", "code": "", "school": ""}


@pytest.fixture
def world(database_uri: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    made = World(database_uri, tmp_path / "reports")
    made.roster()
    monkeypatch.setenv("PASSBACK_REPORTS", str(made.reports))
    yield made
    made.connection.close()


def night(world: World) -> int:
    """A night with an item that failed, one without a school that was skipped, and two scores of a third; its key."""
    run_key = world.run(run_id="r1")
    world.item(run_key, "A1", "CATEGORY_UNMAPPED", "TITLE_TRUNCATED", title="Quiz <1>")
    world.item(run_key, "A2", "SOURCE_DELETED", school_number=None, section_dcid=None)
    item = world.item(run_key, "A3")
    world.score(run_key, item, "S1", "STUDENT_NOT_ENROLLED", student="100")
    world.score(run_key, item, "S2", student="101")
    world.reconcile(run_key)
    return run_key


def found(world: World, dag_id: str = "passback_nightly", run_id: str = "r1") -> dict[str, Any]:
    with database.connect(world.uri) as reading:
        return run_tab.find(reading, dag_id, run_id)


def lines(world: World, run_key: int, number: int = 1, **filters: str) -> run_tab.Listed:
    with database.connect(world.uri) as reading:
        return run_tab.line_list(reading, run_key, NO_FILTER | filters, HERE, number)


def test_a_run_is_found_by_its_names_in_airflow(world: World) -> None:
    night(world)
    run = found(world)
    assert (run["as_of"], run["dry_run"], run["balanced"], run["stopped_by"]) == (DAY, False, True, "")


@pytest.mark.parametrize(("dag_id", "run_id"), [("another_dag", "r1"), ("passback_nightly", "r2")])
def test_a_run_of_another_dag_or_an_unknown_one_is_not_found(world: World, dag_id: str, run_id: str) -> None:
    night(world)
    world.run(dag_id="another_dag", run_id="r1")
    with pytest.raises(HTTPException) as refused:
        found(world, dag_id, run_id)
    assert refused.value.status_code == 404


def test_the_books_say_by_source_and_level_whether_they_balance(world: World) -> None:
    run_key = night(world)
    with database.connect(world.uri) as reading:
        items, scores = run_tab.books(reading, run_key)
    assert (items["level"], items["staged"], items["failed"], items["skipped"], items["difference"]) == (
        "item", 3, 1, 1, 0,
    )  # fmt: skip
    assert (scores["level"], scores["staged"], scores["difference"]) == ("score", 2, 0)
    world.connection.execute("update passback.book set staged = staged + 1 where level = 'score'")
    with database.connect(world.uri) as reading:
        assert [row["difference"] for row in run_tab.books(reading, run_key)] == [0, 1]


def test_codes_stand_with_their_counts_and_owners(world: World) -> None:
    run_key = night(world)
    with database.connect(world.uri) as reading:
        codes = {row["code"]: row for row in database.rows(reading, "run_tab_codes", run_key=run_key)}
    assert (codes["STUDENT_NOT_ENROLLED"]["items"], codes["STUDENT_NOT_ENROLLED"]["scores"]) == (0, 1)
    assert (codes["CATEGORY_UNMAPPED"]["items"], codes["CATEGORY_UNMAPPED"]["owner"]) == (1, "admin")


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({}, ["A1", "A2", "A3"]),
        ({"level": "score"}, ["A3"]),
        ({"outcome": "skipped"}, ["A2"]),
        ({"code": "TITLE_TRUNCATED"}, ["A1"]),
        ({"code": "TITLE"}, []),
        ({"school": "101"}, ["A1", "A3"]),
        ({"school": run_tab.NO_SCHOOL}, ["A2"]),
        ({"school": "101", "level": "item", "code": "STUDENT_NOT_ENROLLED"}, []),
    ],
)
def test_lines_are_filtered(world: World, filters: dict[str, str], expected: list[str]) -> None:
    page = lines(world, night(world), **filters)
    assert sorted(line["source_item_id"] for line in page.rows) == expected
    assert page.found == len(expected)


def test_lines_come_by_the_page_and_carry_all_their_codes(world: World) -> None:
    run_key = world.run(run_id="r1")
    for number in range(60):
        world.item(run_key, f"A{number:02}", "CATEGORY_UNMAPPED", "TITLE_TRUNCATED")
    world.reconcile(run_key)
    second = lines(world, run_key, 2)
    assert (second.found, len(second.rows), second.rows[0]["source_item_id"]) == (60, 10, "A50")
    assert second.rows[0]["codes"] == ["CATEGORY_UNMAPPED", "TITLE_TRUNCATED"]
    assert second.previous == "run?dag_id=passback_nightly&run_id=r1#lines"


def test_the_files_of_a_report_are_those_that_its_folder_lists(world: World) -> None:
    night(world)
    night_again = world.value("select run_key from passback.run")
    world.reconcile(night_again)
    names, unreadable = report_files.files(found(world))
    assert list(names) == [
        "quarantine.csv", "reconciliation.csv", "reconciliation.html", "schools/101.csv", "summary.json",
    ]  # fmt: skip
    assert unreadable == ""


@pytest.mark.parametrize(
    "name",
    [
        "../r1/summary.json", "previous/1/summary.json", "/etc/passwd", "schools/../summary.json", "schools", "",
        "schools/102.csv", "summary.json\x00", "..", "SUMMARY.JSON",
    ],
)  # fmt: skip
def test_no_other_file_is_given(world: World, name: str) -> None:
    world.reconcile(night(world))
    with pytest.raises(HTTPException) as refused:
        report_files.answer(found(world), name)
    assert refused.value.status_code == 404


def test_a_file_is_given_to_be_kept_and_the_report_in_a_sandbox(world: World) -> None:
    night(world)
    csv = report_files.answer(found(world), "schools/101.csv")
    assert csv.headers["content-disposition"] == "attachment; filename*=UTF-8''101.csv"
    assert csv.media_type == "text/csv; charset=utf-8"
    page = report_files.answer(found(world), "reconciliation.html")
    assert page.headers["content-security-policy"].startswith("sandbox")
    assert "allow-scripts" not in page.headers["content-security-policy"]
    assert "default-src 'none'" in page.headers["content-security-policy"]


def test_a_run_without_a_report_has_no_files(world: World) -> None:
    world.run(run_id="r1")
    assert report_files.files(found(world)) == ({}, "")


def test_a_report_in_an_object_store_is_listed_and_given_like_a_local_one(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    night(world)
    monkeypatch.setenv("PASSBACK_REPORTS", f"file://{world.reports}")
    names, unreadable = report_files.files(found(world))
    assert ("schools/101.csv" in names, unreadable) == (True, "")
    assert b"".join(report_files._blocks(names["summary.json"])).startswith(b"{")


@pytest.mark.scheduler
def test_the_tab_is_shown_with_its_lines_and_files(viewer: Visitor, running_database_uri: str) -> None:
    world = World(running_database_uri, Path(os.environ["PASSBACK_REPORTS"]))
    world.roster()
    night(world)
    names = {"dag_id": "passback_nightly", "run_id": "r1"}
    answer = viewer.get("run", **names)
    assert answer.status_code == 200
    assert "Quiz &lt;1&gt;" in answer.text
    assert 'data-testid="books"' in answer.text
    assert "name=schools%2F101.csv" in answer.text
    csv = viewer.get("report", name="reconciliation.csv", **names)
    assert csv.text.startswith("run_id,as_of,source")
    page = viewer.get("report", name="reconciliation.html", **names)
    assert "sandbox" in page.headers["content-security-policy"]
    assert "default-src 'self'" not in page.headers["content-security-policy"]
    assert viewer.get("report", name="../x", **names).status_code == 404
    assert viewer.get("run", dag_id="passback_nightly", run_id="unknown").status_code == 404
    assert viewer.get("run", dag_id="not_ours", run_id="r1").status_code in (403, 404)
    assert viewer.get("run").status_code == 422
    world.connection.close()


@pytest.mark.scheduler
def test_the_tab_of_a_run_whose_rows_are_gone_says_so(viewer: Visitor, running_database_uri: str) -> None:
    world = World(running_database_uri, Path(os.environ["PASSBACK_REPORTS"]))
    world.roster()
    run_key = night(world)
    for statement, more in (("maintain_mark_run", {}), ("maintain_run_rows", {"rows": 100})):
        with database.connect(world.uri, autocommit=True) as connection:
            database.run(connection, statement, run_key=run_key, **more)
    page = viewer.get("run", dag_id="passback_nightly", run_id="r1").text
    assert "The rows of this run were deleted on" in page
    assert "The books of this run are deleted." in page
    assert "The lines of this run are deleted." in page
    assert "name=reconciliation.csv" in page
    world.connection.close()


@pytest.mark.scheduler
def test_nobody_gets_a_report_without_logging_in(anonymous: Visitor, running_database_uri: str) -> None:
    for route in ("run", "report"):
        answer = anonymous.get(route, dag_id="passback_nightly", run_id="r1", name="summary.json")
        assert answer.status_code == 401
