"""The pages where people meet them: inside Airflow's own UI, logged in as one of its users."""

import re
from collections.abc import Callable

import pytest
import requests
from playwright.sync_api import BrowserContext, FrameLocator, Locator, Page, expect
from tests.browser import district
from tests.browser.conftest import NIGHTLY, SYNC, World
from tests.browser.visitor import STATUS_LOG, Visitor

pytestmark = [pytest.mark.scheduler, pytest.mark.timeout(900)]

# Long enough for a sync under a real scheduler on a busy machine.
SYNC_MS = 240_000
ALGEBRA = f"?section={district.ALGEBRA}"


def row(page: Page | FrameLocator, title: str) -> Locator:
    return page.locator(f'[data-testid="item"][data-title="{title}"]')


def status(page: Page | FrameLocator, title: str) -> Locator:
    return row(page, title).get_by_test_id("status")


def test_the_entry_in_airflows_navigation_leads_to_every_items_status(admin: Visitor) -> None:
    admin.page.goto(admin.airflow_url)
    admin.page.get_by_role("link", name="Passback").click()
    admin.page.wait_for_url(re.compile(f"{STATUS_LOG}$"))
    log = admin.frame()
    expect(log.get_by_role("heading", name="Status log")).to_be_visible()
    expect(log.get_by_test_id("item")).to_have_count(50)
    expect(log.get_by_test_id("errors-stand")).to_be_visible()
    icon = admin.context.request.get(f"{admin.airflow_url}/passback/icon.svg")
    assert "circle" in icon.text()
    admin.keep("status-log")
    log.get_by_role("link", name="Next").click()
    expect(log.get_by_text("Page 2 of 3")).to_be_visible()


def test_each_status_has_its_reason_and_its_action(admin: Visitor) -> None:
    page = admin.direct(ALGEBRA)
    expect(page.get_by_test_id("section")).to_contain_text("Algebra 1")
    expect(status(page, "Decimals quiz")).to_have_text("Successful")
    expect(status(page, "Percentages quiz")).to_have_text("Error")
    expect(row(page, "Percentages quiz")).to_contain_text("The total points must be a number above 0")
    expect(status(page, "Reading list")).to_have_text("Skipped")
    expect(row(page, "Reading list").get_by_test_id("view-reason")).to_be_visible()
    expect(status(page, "Slopes again")).to_have_text("Held")
    admin.keep("status-log-each-status", full_page=True)


def test_filters_stand_in_the_address_and_survive_a_reload(admin: Visitor) -> None:
    page = admin.direct()
    page.get_by_label("School").select_option("101")
    page.get_by_label("Code").select_option("TOTAL_INVALID")
    page.get_by_role("button", name="Filter").click()
    page.get_by_test_id("chip-error").click()
    expect(page.get_by_test_id("item")).to_have_count(1)
    assert {"school=101", "code=TOTAL_INVALID", "status=error"} <= set(page.url.partition("?")[2].split("&"))
    page.reload()
    expect(row(page, "Percentages quiz")).to_be_visible()
    expect(page.get_by_test_id("item")).to_have_count(1)
    expect(page.get_by_label("Code")).to_have_value("TOTAL_INVALID")
    page.get_by_test_id("clear").click()
    expect(page.get_by_test_id("item")).to_have_count(50)


def test_filters_survive_a_reload_of_airflows_own_page(admin: Visitor) -> None:
    log = admin.inside()
    log.get_by_test_id("chip-skipped").click()
    expect(log.get_by_test_id("item")).to_have_count(1)
    admin.page.reload()
    expect(log.get_by_test_id("chip-skipped")).to_be_visible()
    expect(log.get_by_test_id("item")).to_have_count(1)


def test_the_search_finds_titles_and_ids_as_they_are_written(admin: Visitor) -> None:
    page = admin.direct()
    for words, found in (("essay 01", 10), ("leaf", 1), ("no-total", 1), ("100%", 0)):
        page.get_by_role("searchbox").fill(words)
        page.keyboard.press("Enter")
        page.wait_for_url(re.compile(r"\bq="))
        expect(page.get_by_test_id("item")).to_have_count(found)
    expect(page.get_by_test_id("no-items")).to_be_visible()


def test_view_error_opens_message_fix_owner_and_history(admin: Visitor) -> None:
    log = admin.inside()
    log.get_by_test_id("chip-error").click()
    row(log, "Poster").get_by_test_id("view-error").click()
    panel = log.get_by_test_id("problem")
    expect(panel).to_be_visible()
    expect(panel).to_contain_text("“Project” has no PowerSchool category in the map")
    expect(panel.get_by_test_id("code").first).to_have_text("CATEGORY_UNMAPPED")
    expect(panel.get_by_test_id("fix").first).to_contain_text("district's category map")
    expect(panel.get_by_test_id("owner").first).to_have_text("Gradebook administrator")
    expect(panel.get_by_test_id("attempts")).to_contain_text(NIGHTLY)
    admin.keep("view-error")
    admin.page.keyboard.press("Escape")
    expect(panel).to_be_hidden()


def test_a_pressed_sync_is_queued_and_becomes_successful_without_a_reload(admin: Visitor, world: World) -> None:
    before = len(world.syncs())
    world.control.otus.edit("scores", f"fractions.{district.STUDENTS[0]}", points=9.5)
    log = admin.inside()
    log.get_by_role("searchbox").fill("Fractions")
    admin.page.keyboard.press("Enter")
    expect(log.get_by_test_id("item")).to_have_count(1)
    log.locator("body").evaluate("body => { body.ownerDocument.defaultView.sameDocument = true; }")
    row(log, "Fractions quiz").get_by_test_id("sync").click()
    expect(status(log, "Fractions quiz")).to_have_text("Queued")
    expect(log.get_by_test_id("said")).to_contain_text("Queued")
    admin.keep("sync-queued")
    row(log, "Fractions quiz").get_by_test_id("sync").click()
    expect(log.get_by_test_id("said")).to_contain_text("joined")
    expect(status(log, "Fractions quiz")).to_have_text("Successful", timeout=SYNC_MS)
    assert log.locator("body").evaluate("body => body.ownerDocument.defaultView.sameDocument") is True
    admin.keep("sync-successful")
    assert len(world.syncs()) == before + 1
    assert points_of(world, "fractions") == 9.5


def points_of(world: World, item: str) -> float:
    (assignment,) = world.control.powerschool.assignments(item)
    return float(assignment["scores"][district.STUDENTS[0]]["points"])


def test_an_item_that_is_opted_out_is_skipped_by_the_sync_of_its_section(admin: Visitor, world: World) -> None:
    page = admin.direct("item?source=otus&id=opt-me-out")
    page.get_by_test_id("opt-out-item").click()
    expect(page.get_by_test_id("said")).to_contain_text("opted out")
    expect(page.get_by_test_id("opt-out-item")).to_have_attribute("aria-checked", "true")
    expect(page.get_by_text(re.compile(r"Opted out by admin, \d+:\d\d [AP]M"))).to_be_visible()
    page = admin.direct("configuration")
    expect(page.get_by_test_id("opt-outs")).to_contain_text("Optional puzzle")
    expect(page.get_by_test_id("opt-out-history")).to_contain_text("admin")
    admin.keep("configuration-opt-outs", full_page=True)
    page = admin.direct(ALGEBRA)
    page.get_by_test_id("sync-section").click()
    expect(status(page, "Optional puzzle")).to_have_text("Queued")
    expect(status(page, "Optional puzzle")).to_have_text("Skipped", timeout=SYNC_MS)
    row(page, "Optional puzzle").get_by_test_id("view-reason").click()
    expect(page.get_by_test_id("problem")).to_contain_text("OPTED_OUT")
    page = admin.direct("configuration")
    page.get_by_test_id("opt-outs").get_by_role("switch").click()
    expect(page.get_by_test_id("opt-out-history")).to_contain_text("takes part")


def test_sync_all_queues_everything_and_ends_with_the_same_statuses(admin: Visitor, world: World) -> None:
    page = admin.direct()
    everything = page.locator(".filters").get_by_role("link", name=re.compile("^All")).inner_text()
    page.get_by_test_id("sync-all").click()
    expect(page.get_by_test_id("said")).to_contain_text("Queued: sync of everything")
    expect(page.get_by_test_id("chip-queued")).to_contain_text(everything.split()[-1])
    expect(page.get_by_test_id("chip-queued")).to_be_hidden(timeout=SYNC_MS)
    newest = world.syncs()[0]
    assert (newest["conf"], newest["triggering_user_name"]) == ({}, "admin")
    assert world.airflow.wait(SYNC, str(newest["dag_run_id"])) == "success"


def test_the_item_page_tells_the_items_life(admin: Visitor) -> None:
    page = admin.direct("item?source=otus&id=decimals")
    expect(page.get_by_test_id("item-title")).to_have_text("Decimals quiz")
    expect(page.get_by_test_id("item-status")).to_have_text("Successful")
    expect(page.get_by_test_id("three-sides")).to_contain_text("Decimals quiz")
    expect(page.get_by_test_id("life")).to_contain_text(NIGHTLY)
    page.get_by_test_id("life").locator("summary").first.click()
    expect(page.get_by_test_id("life")).to_contain_text("Created: accepted")
    score = page.get_by_test_id("scores").get_by_role("row").nth(1)
    expect(score).to_contain_text(district.STUDENTS[0])
    expect(score).to_contain_text("8")
    admin.keep("item-page", full_page=True)


def test_the_error_guide_counts_what_stands_now_and_leads_to_it(admin: Visitor) -> None:
    page = admin.direct("errors")
    expect(page.locator("#CATEGORY_REQUIRED")).to_contain_text(district.CATEGORY_REQUIRED)
    standing = page.get_by_test_id("standing-TOTAL_INVALID")
    expect(standing).to_contain_text("1 item")
    admin.keep("error-guide")
    standing.click()
    expect(page.get_by_test_id("item")).to_have_count(1)
    expect(row(page, "Percentages quiz")).to_be_visible()


def test_the_configuration_marks_what_is_wrong(admin: Visitor) -> None:
    page = admin.direct("configuration")
    expect(page.get_by_test_id("unmapped-otus")).to_contain_text("CATEGORY_UNMAPPED")
    expect(page.get_by_test_id("map-otus").get_by_role("row", name="Project")).to_contain_text("unmapped")
    homework = page.get_by_test_id("copies-otus").get_by_role("row", name="Homework")
    expect(homework).to_contain_text("1 item of 1 teacher")
    homework.get_by_text("Which teachers").click()
    expect(homework).to_contain_text(str(district.WITHOUT_HOMEWORK))
    admin.keep("configuration", full_page=True)


def test_a_run_has_its_books_in_a_tab_beside_it(admin: Visitor, world: World) -> None:
    ((run_id,),) = world.execute("select run_id from passback.run order by run_key limit 1")
    admin.page.goto(f"{admin.airflow_url}/dags/{NIGHTLY}/runs/{run_id}")
    admin.page.locator('a[href*="passback_run"]').first.click()
    tab = admin.frame()
    expect(tab.get_by_test_id("balanced")).to_have_text("yes")
    expect(tab.get_by_test_id("books")).to_contain_text("Otus")
    expect(tab.get_by_test_id("lines")).to_contain_text("Percentages quiz")
    admin.keep("run-tab")


def test_html_in_a_title_is_shown_as_text_everywhere(admin: Visitor) -> None:
    for path in (ALGEBRA, "item?source=otus&id=html", "problem?source=otus&id=html"):
        page = admin.direct(path)
        expect(page.get_by_text(district.HTML_TITLE).first).to_be_visible()
        assert page.locator("b, img").filter(has_text="Ratios").count() == 0
        assert page.locator('img[src="x"]').count() == 0


def test_a_viewer_reads_everything_and_can_change_nothing(viewer: Visitor, world: World) -> None:
    before = len(world.syncs()), world.execute("select count(*) from passback.opt_out")
    page = viewer.direct(ALGEBRA)
    expect(status(page, "Decimals quiz")).to_be_visible()
    assert page.get_by_role("button", name=re.compile("^Sync")).count() == 0
    page = viewer.direct("item?source=otus&id=decimals")
    assert page.get_by_role("switch").count() == 0
    page = viewer.direct("configuration")
    assert page.get_by_role("switch").count() == page.get_by_role("button", name="Opt out").count() == 0
    item = {"source": "otus", "source_item_id": "decimals"}
    for path, wanted in (("sync", item), ("sync", {"all": True}), ("opt-out", {**item, "opted_out": True})):
        assert post(page, f"api/{path}", wanted) == 403
        viewer.expect_complaint("403")
    assert before == (len(world.syncs()), world.execute("select count(*) from passback.opt_out"))


def post(page: Page, path: str, body: object) -> int:
    """POST from within the page, as its own scripts do; gives the answer's status."""
    ask = """([path, body]) => fetch(path, {
        method: "POST", headers: {"Content-Type": "application/json"}, body: JSON.stringify(body),
    }).then(answer => answer.status)"""
    return int(page.evaluate(ask, [path, body]))


def test_nobody_sees_anything_before_the_log_in(anonymous: Visitor) -> None:
    # Every refused request of Airflow's UI sends the page to the log-in anew, and the next breaks the last one off:
    # where it comes to is looked at, and no single navigation is waited for.
    anonymous.page.goto(anonymous.airflow_url + STATUS_LOG, wait_until="commit")
    expect(anonymous.page).to_have_url(re.compile("/auth/login"))
    expect(anonymous.page.get_by_label("Password")).to_be_visible()
    anonymous.expect_complaint("401")
    for path in (
        "",
        "log",
        "errors",
        "configuration",
        "item?source=otus&id=decimals",
        "icon.svg",
        "static/passback.css",
    ):
        answer = requests.get(f"{anonymous.airflow_url}/passback/{path}", timeout=60, allow_redirects=False)
        assert answer.status_code == 401, path
        assert "Decimals" not in answer.text
    answer = requests.post(f"{anonymous.airflow_url}/passback/api/sync", json={"all": True}, timeout=60)
    assert answer.status_code == 401


def test_a_foreign_page_cannot_press_sync(admin: Visitor, world: World) -> None:
    """A browser sends the log-in's cookie along; what it says of the page it comes from is what is refused."""
    before = len(world.syncs())
    for origin in ("http://evil.example", "null", None):
        headers = {"Content-Type": "application/json"} | ({"Origin": origin} if origin else {})
        answer = admin.context.request.post(
            f"{admin.airflow_url}/passback/api/sync", headers=headers, data={"all": True}
        )
        assert answer.status == 403
    assert len(world.syncs()) == before


def test_our_pages_follow_when_airflow_is_switched_to_dark(
    admin: Visitor, contexts: Callable[..., BrowserContext]
) -> None:
    log = admin.inside()
    page = log.locator("html")
    expect(page).to_have_attribute("data-theme", "light")
    admin.page.get_by_role("button", name="User").click()
    admin.page.get_by_text("Appearance").click()
    admin.page.get_by_text("Dark Mode").click()
    expect(page).to_have_attribute("data-theme", "dark")
    expect(admin.page.locator("html")).to_have_class(re.compile("dark"))
    admin.keep("status-log-dark")
    admin.page.evaluate("() => localStorage.removeItem('theme')")
