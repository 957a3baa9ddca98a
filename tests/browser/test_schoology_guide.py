"""The example of Schoology's own guide in our status log, from real runs over a Schoology section."""

import datetime as dt
import re

import msgspec
import pytest
from playwright.sync_api import Locator, Page, expect
from tests.browser import district
from tests.browser.conftest import SYNC, World
from tests.browser.district import HOMEWORK, PRACTICE, WORKSHEET
from tests.browser.visitor import Visitor

pytestmark = [pytest.mark.scheduler, pytest.mark.timeout(900)]


def row(page: Page, title: str) -> Locator:
    return page.locator(f'[data-testid="item"][data-title="{title}"]')


def cell(page: Page, title: str, label: str) -> Locator:
    return row(page, title).locator(f'[data-label="{label}"]')


def sync_of_another_item(world: World) -> None:
    """A sync of one item reads its section, and judges that item alone."""
    world.control.schoology.upsert(
        district.SCHOOLOGY_SECTION, "items", msgspec.to_builtins(district.grade_item(9003, HOMEWORK))
    )
    item = {"source": "schoology", "source_item_id": f"{district.SCHOOLOGY_SECTION}:9002"}
    assert world.airflow.wait(SYNC, world.airflow.trigger(SYNC, item), seconds=300) == "success"


def test_the_three_rows_of_schoologys_guide_look_the_same_here(admin: Visitor, world: World) -> None:
    sync_of_another_item(world)
    # A run's clock cannot be set, so what the clock said is set after it.
    at = dt.datetime.combine(district.today(), dt.time(23, 6), district.ZONE)
    world.execute(
        "update passback.item_status set last_success_at = %s where title = %s and last_success_at is not null",
        at, PRACTICE,
    )  # fmt: skip
    page = admin.direct(f"?section={district.GEOMETRY}&sort=-title")
    expect(page.get_by_test_id("item")).to_have_count(3)
    told = {
        title: (
            cell(page, title, "Last successful sync").inner_text().strip(),
            row(page, title).get_by_test_id("status").inner_text(),
        )
        for title in (WORKSHEET, HOMEWORK, PRACTICE)
    }
    assert told == {
        WORKSHEET: ("–", "Error"),
        HOMEWORK: ("–", "Not Yet Synced"),
        PRACTICE: ("11:06 PM", "Successful"),
    }
    expect(row(page, HOMEWORK).get_by_test_id("view-error")).to_have_count(0)
    expect(row(page, PRACTICE).get_by_test_id("view-error")).to_have_count(0)
    row(page, WORKSHEET).get_by_role("button", name=re.compile("^View error")).click()
    panel = page.get_by_test_id("problem")
    expect(panel.get_by_role("heading", name=district.CATEGORY_REQUIRED)).to_be_visible()
    expect(panel.get_by_test_id("code").first).to_have_text("CATEGORY_REQUIRED")
    admin.keep("schoology-guide-view-error")
    page.keyboard.press("Escape")
    admin.keep("schoology-guide")


def test_a_teacher_who_assigns_the_category_and_syncs_again_sees_it_successful(admin: Visitor, world: World) -> None:
    world.control.schoology.edit_item(district.SCHOOLOGY_SECTION, 9001, grading_category="4371")
    page = admin.direct(f"?section={district.GEOMETRY}")
    row(page, WORKSHEET).get_by_test_id("sync").click()
    expect(row(page, WORKSHEET).get_by_test_id("status")).to_have_text("Queued")
    expect(row(page, WORKSHEET).get_by_test_id("status")).to_have_text("Successful", timeout=240_000)
    (assignment,) = world.control.powerschool.assignments(f"{district.SCHOOLOGY_SECTION}:9001")
    assert assignment["scores"][district.STUDENTS[0]]["points"] == 17.5
