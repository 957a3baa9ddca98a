"""The status log: what it shows of an item, its filters, its order, its pages, and what View error opens."""

import re
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from tests.web.conftest import Visitor, holding
from tests.web.log_world import LogWorld

from passback import schedule
from passback.local.rest import Airflow
from passback.web.shell import short_time

ZONE = ZoneInfo(schedule.zone())


def titles(text: str) -> list[str]:
    """The titles of the rows, in their order."""
    return re.findall(r'data-title="([^"]*)"', text)


def row(text: str, title: str) -> str:
    """The row with this title, as HTML."""
    found = re.search(rf'<tr role="row" data-item="[^"]*" data-title="{re.escape(title)}".*?</tr>', text, re.S)
    assert found, titles(text)
    return found.group(0)


def status(text: str, title: str) -> str:
    """The status that the row shows."""
    found = re.search(r'data-testid="status">([^<]*)<', row(text, title))
    assert found
    return found.group(1)


def counts(text: str) -> dict[str, str]:
    """The numbers of the chips, by status."""
    found = re.findall(r'data-testid="chip-([a-z_-]+)".*?<span class="count">([\d,]+)</span>', text, re.S)
    return dict(found)


def test_the_example_of_schoologys_own_guide(admin: Visitor, log_world: LogWorld) -> None:
    log_world.section()
    at = datetime.now(ZONE).replace(hour=23, minute=6) - timedelta(days=1)
    log_world.item("Segments and Angles Worksheet", "CATEGORY_REQUIRED", source="schoology")
    log_world.item("Unit 5 Homework", source="schoology", judged=False)
    log_world.item("In-Class Practice Problems", source="schoology", synced_at=at)
    text = admin.get("").text
    assert status(text, "Segments and Angles Worksheet") == "Error"
    assert "A category is required. To sync, first assign a category to this assignment, then sync again." in text
    assert "View error" in row(text, "Segments and Angles Worksheet")
    assert status(text, "Unit 5 Homework") == "Not Yet Synced"
    assert "<time" not in row(text, "Unit 5 Homework")
    assert status(text, "In-Class Practice Problems") == "Successful"
    assert "11:06 PM" in row(text, "In-Class Practice Problems")
    assert "View error" not in row(text, "In-Class Practice Problems")


def test_a_time_of_today_is_a_clock_and_an_older_one_has_its_day() -> None:
    now = datetime(2026, 10, 16, 4, 30, tzinfo=UTC)  # 11:30 PM of the 15th in Chicago
    assert short_time(datetime(2026, 10, 16, 4, 6, tzinfo=UTC), now) == "11:06 PM"
    assert short_time(datetime(2026, 10, 15, 4, 6, tzinfo=UTC), now) == "Oct 14, 11:06 PM"
    assert short_time(datetime(2025, 10, 15, 17, 6, tzinfo=UTC), now) == "Oct 15, 2025, 12:06 PM"
    assert short_time(None) == ""


def test_every_status_has_its_name_and_reason(admin: Visitor, log_world: LogWorld) -> None:
    log_world.section()
    log_world.item("Skipped one", "NOT_POINTS_SCALE")
    log_world.item("Held one", "MASS_CHANGE_HELD", message="Held with 40 others.")
    log_world.item("Remarked one", "TITLE_TRUNCATED")
    text = admin.get("").text
    assert status(text, "Skipped one") == "Skipped"
    assert status(text, "Held one") == "Held"
    assert "Held with 40 others." in row(text, "Held one")
    assert "View reason" in row(text, "Held one")
    assert status(text, "Remarked one") == "Successful"
    assert counts(text) == {"successful": "1", "error": "0", "skipped": "1", "held": "1"}


def test_a_red_dot_stands_wherever_errors_stand(admin: Visitor, log_world: LogWorld) -> None:
    log_world.section()
    log_world.item("Fine")
    assert "errors-stand" not in admin.get("").text
    assert "circle" not in admin.get("icon.svg").text
    log_world.item("Half", scores=20, scores_failed=2, scores_held=1, score_codes=["STUDENT_NOT_ENROLLED"])
    text = admin.get("").text
    assert "errors-stand" in text
    assert "circle" in admin.get("icon.svg").text
    assert "2 of 20 scores failed, 1 held" in row(text, "Half")
    assert 'class="dot"' in row(text, "Half")
    assert "View error" in row(text, "Half")
    assert counts(text)["failed-scores"] == "1"
    assert counts(text)["held-scores"] == "1"


def test_titles_and_messages_are_escaped(admin: Visitor, log_world: LogWorld) -> None:
    log_world.section(name='<b onmouseover="x">')
    log_world.item("<script>alert(1)</script>", "CATEGORY_REQUIRED", item_id="\"'><img src=x>", message="<i>&amp;</i>")
    for text in (admin.get("").text, admin.get("problem", source="otus", id="\"'><img src=x>").text):
        assert "<script>alert" not in text
        assert "<img" not in text
        assert "<i>" not in text
        assert "<b on" not in text
    assert "&lt;script&gt;" in admin.get("").text


@pytest.mark.parametrize(
    "asked, shown",
    [
        ({"school": "102"}, {"B"}),
        ({"section": "85001"}, {"A", "C", "50% off_"}),
        ({"teacher": "502"}, {"B"}),
        ({"source": "schoology"}, {"C"}),
        ({"status": "error"}, {"B"}),
        ({"status": "successful"}, {"A", "C", "50% off_"}),
        ({"code": "CATEGORY_UNMAPPED"}, {"B"}),
        ({"code": "STUDENT_NOT_ENROLLED"}, {"A"}),
        ({"scores": "failed"}, {"A"}),
        ({"q": "0% o"}, {"50% off_"}),
        ({"q": "_"}, {"50% off_"}),
        ({"q": "c"}, {"C"}),
        ({"q": "otus-B"}, {"B"}),
        ({"q": "nowhere"}, set()),
        ({"school": "102", "status": "successful"}, set()),
        ({"school": "", "section": "", "status": "", "code": "", "page": ""}, {"A", "B", "C", "50% off_"}),
        ({"code": "NO_SUCH_CODE"}, set()),
    ],
)
def test_each_filter(admin: Visitor, log_world: LogWorld, asked: dict[str, str], shown: set[str]) -> None:
    log_world.section()
    log_world.section(85002, school="102", name="Biology", teacher=502)
    log_world.item("A", score_codes=["STUDENT_NOT_ENROLLED"], scores=3, scores_failed=1)
    log_world.item("B", "CATEGORY_UNMAPPED", section_dcid=85002, school_number="102", users_dcid=502)
    log_world.item("C", source="schoology")
    log_world.item("50% off_")
    answer = admin.get("", **asked)
    assert answer.status_code == 200
    assert set(titles(answer.text)) == shown


def test_filters_stay_in_the_addresses_of_the_page(admin: Visitor, log_world: LogWorld) -> None:
    log_world.section()
    log_world.item("Quiz", "CATEGORY_REQUIRED")
    text = admin.get("", q="quiz", section="85001", sort="title").text
    chip = re.search(r'href="([^"]*)"[^>]*data-testid="chip-error"', text)
    assert chip
    for part in ("q=quiz", "section=85001", "sort=title", "status=error"):
        assert part in chip.group(1)
    assert 'data-testid="sync-section"' in text
    assert "Algebra 1 2" in text


def test_each_order(admin: Visitor, log_world: LogWorld) -> None:
    log_world.section()
    day, at = date(2026, 10, 1), datetime(2026, 10, 1, tzinfo=UTC)
    log_world.item("b", due_on=day, synced_at=at)
    log_world.item("C", "CATEGORY_REQUIRED", due_on=day + timedelta(2))
    log_world.item("a", due_on=day + timedelta(1), synced_at=at + timedelta(1))
    log_world.item("d", "NOT_POINTS_SCALE", due_on=None)
    wanted = {
        "": ["C", "a", "b", "d"], "-due": ["C", "a", "b", "d"], "due": ["b", "a", "C", "d"],
        "title": ["a", "b", "C", "d"], "-title": ["d", "C", "b", "a"], "-synced": ["a", "b", "C", "d"],
        "synced": ["C", "d", "b", "a"], "status": ["C", "d", "a", "b"], "-status": ["b", "a", "d", "C"],
    }  # fmt: skip
    assert {sort: titles(admin.get("", sort=sort).text) for sort in wanted} == wanted
    assert 'aria-sort="descending"' in admin.get("", sort="-title").text


def test_pages_hold_every_item_once_and_the_last_one_ends_them(admin: Visitor, log_world: LogWorld) -> None:
    log_world.section()
    for number in range(103):
        log_world.item(f"Quiz {number}", due_on=None if number % 2 else date(2026, 10, 15))
    for sort in ("-due", "title", "-status", "synced"):
        seen = [title for page in (1, 2, 3) for title in titles(admin.get("", sort=sort, page=page).text)]
        assert len(seen) == 103
        assert len(set(seen)) == 103
    beyond = admin.get("", page=99)
    assert len(titles(beyond.text)) == 3
    assert 'rel="next"' not in beyond.text
    assert "Page 3 of 3" in beyond.text


def test_garbage_in_the_address_is_refused_and_never_an_error_of_ours(admin: Visitor, log_world: LogWorld) -> None:
    garbage = [
        {"section": "x"}, {"section": "-1"}, {"section": "9" * 40}, {"teacher": "1e5"}, {"status": "broken"},
        {"page": "0"}, {"page": "9" * 30}, {"sort": "title; drop table"}, {"source": "moodle"}, {"q": "x" * 5000},
        {"q": "a\x00b"}, {"school": "\x00"}, {"code": "x" * 300}, {"scores": "all"}, {"q": "\\"},
        {"q": "'; drop table passback.item; --"},
    ]  # fmt: skip
    for asked in garbage:
        for route in ("", "log"):
            assert admin.get(route, **asked).status_code in (200, 400, 422), asked
    for asked in ({}, {"source": "otus"}, {"source": "x", "id": "1"}):
        assert admin.get("problem", **asked).status_code == 422, asked
    assert admin.get("problem", source="otus", id="\x00").status_code == 400
    assert admin.get("problem", source="otus", id="unknown").status_code == 404
    assert admin.get("static/..%2f..%2fsync.py").status_code == 404


def test_view_error_tells_message_cause_fix_owner_and_history(admin: Visitor, log_world: LogWorld) -> None:
    log_world.section()
    key = log_world.item(
        "Worksheet", "CATEGORY_REQUIRED", "TITLE_TRUNCATED", source="schoology", item_id="7:1", scores=9,
        scores_failed=2, score_codes=["STUDENT_NOT_ENROLLED"],
    )  # fmt: skip
    first = log_world.run(run_id="night-1", as_of=date(2026, 10, 14))
    second = log_world.run(run_id="night-2")
    log_world.judged(first, key, outcome=None)
    log_world.judged(second, key, "CATEGORY_REQUIRED")
    log_world.connection.execute(
        "insert into passback.item_write (run_key, item_key, section_dcid, users_dcid, kind, attempted, state, code,"
        " message, attempts) values (%s, %s, 85001, 501, 'create', '{}', 'refused', 'CATEGORY_REJECTED',"
        " 'PowerSchool says no.', 3)",
        [first, key],
    )
    text = admin.get("problem", source="schoology", id="7:1").text
    assert "A category is required. To sync, first assign a category to this assignment, then sync again." in text
    assert "CATEGORY_REQUIRED" in text
    assert "Assign a grading category to the item in Schoology." in text
    assert "Teacher" in text
    assert "2 failed, 0 held, of 9" in text
    assert text.index("2026-10-15") < text.index("2026-10-14")
    assert "failed" in text and "unchanged" in text
    assert "refused" in text and "CATEGORY_REJECTED" in text and "PowerSchool says no." in text


def test_an_item_is_queued_while_a_sync_of_its_part_is_under_way(
    admin: Visitor, quiet: Airflow, log_world: LogWorld
) -> None:
    log_world.section()
    log_world.section(85002, teacher=502)
    log_world.item("Mine", "CATEGORY_REQUIRED")
    log_world.item("Theirs", section_dcid=85002, users_dcid=502)
    log_world.item("Apart", section_dcid=85003, users_dcid=503)
    parts = [
        ({"section_dcid": "85001"}, {"Mine"}),
        ({"users_dcid": "502"}, {"Theirs"}),
        ({"source": "otus", "source_item_id": "otus-Apart"}, {"Apart"}),
        ({}, {"Mine", "Theirs", "Apart"}),
        ({"dry_run": True}, set()),
        ({"section_dcid": "85001", "users_dcid": "502"}, set()),
    ]
    for conf, queued in parts:
        with holding(quiet, conf):
            text = admin.get("").text
            assert {title for title in titles(text) if status(text, title) == "Queued"} == queued, conf
            assert counts(text).get("queued", "0") == str(len(queued))
            assert set(titles(admin.get("", status="queued").text)) == queued
            assert "Mine" not in titles(admin.get("", status="error").text) or "Mine" not in queued
            assert f'data-waiting="{len(queued)}"' in admin.get("log").text
    assert counts(admin.get("").text).get("queued", "0") == "0"


def test_an_item_is_queued_while_a_run_plans_to_send_it(admin: Visitor, quiet: Airflow, log_world: LogWorld) -> None:
    log_world.section()
    key = log_world.item("Planned")
    log_world.item("Other")
    old = log_world.run(run_id="long-over")
    log_world.planned(old, key)
    assert status(admin.get("").text, "Planned") == "Successful"
    with holding(quiet, {"section_dcid": "1"}) as run_id:
        log_world.planned(log_world.run("passback_sync", run_id), key)
        text = admin.get("").text
        assert status(text, "Planned") == "Queued"
        assert status(text, "Other") == "Successful"
        log_world.connection.execute("update passback.plan_item set state = 'accepted'")
        assert status(admin.get("").text, "Planned") == "Successful"
