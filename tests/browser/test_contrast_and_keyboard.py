"""Everybody can use the pages: contrast and structure by axe-core, light and dark, and all by keyboard alone."""

import re
from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, expect
from tests.browser import district
from tests.browser.conftest import World
from tests.browser.visitor import Visitor

pytestmark = [pytest.mark.scheduler, pytest.mark.timeout(900)]

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"], "resultTypes": ["violations"]}
PAGES = {
    "status log": f"?section={district.ALGEBRA}",
    "an empty status log": "?q=nothing+is+called+so",
    "view error": f"?section={district.ALGEBRA}",
    "item of a success": "item?source=otus&id=decimals",
    "item of an error": "item?source=otus&id=project",
    "no such item": "item?source=otus&id=nowhere",
    "error guide": "errors",
    "configuration": "configuration",
    "run": "run?dag_id=passback_nightly&run_id={run_id}",
}


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_keeps_to_wcag_aa(visitor: Callable[..., Visitor], world: World, scheme: str, name: str) -> None:
    someone = visitor("admin", scheme)
    ((run_id,),) = world.execute("select run_id from passback.run order by run_key limit 1")
    page = someone.direct(PAGES[name].format(run_id=str(run_id).replace("+", "%2B")))
    expect(page.locator("html")).to_have_attribute("data-theme", scheme)
    if name == "no such item":
        someone.expect_complaint("404")
    if name == "view error":
        page.get_by_test_id("view-error").first.click()
        expect(page.get_by_test_id("problem")).to_be_visible()
    if name == "configuration":
        for summary in page.locator("summary").all():
            summary.click()
    found = violations(page)
    assert not found, "\n".join(found)


def violations(page: Page) -> list[str]:
    """What axe-core finds, each with the first places where it stands."""
    found = Axe().run(page, options=RULES).response["violations"]
    return [
        f"{one['id']}: {one['help']} {[(node['target'], node['failureSummary']) for node in one['nodes'][:3]]}"
        for one in found
    ]


def tab_to(page: Page, wanted: Locator, presses: int = 60) -> None:
    """Press Tab until `wanted` has the focus, which must be seen."""
    for _ in range(presses):
        page.keyboard.press("Tab")
        if wanted.evaluate("element => element === document.activeElement"):
            outline = wanted.evaluate("element => getComputedStyle(element).outlineStyle")
            assert outline != "none", "the focus cannot be seen"
            return
    raise AssertionError(f"Tab does not come to {wanted}")


def test_filter_view_error_and_close_by_keyboard_alone(admin: Visitor) -> None:
    page = admin.direct()
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    tab_to(page, page.get_by_role("searchbox"))
    page.keyboard.type("percentages")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("q=percentages"))
    expect(page.get_by_test_id("item")).to_have_count(1)
    view = page.get_by_test_id("view-error")
    tab_to(page, view)
    page.keyboard.press("Enter")
    panel = page.get_by_test_id("problem")
    expect(panel).to_be_visible()
    assert panel.evaluate("panel => panel.contains(document.activeElement)")
    for _ in range(12):  # the focus never leaves an open panel for the page behind it
        page.keyboard.press("Tab")
        assert page.evaluate("() => document.activeElement.closest('main table') === null || "
                             "document.activeElement.closest('dialog') !== null")  # fmt: skip
    page.keyboard.press("Escape")
    expect(panel).to_be_hidden()
    expect(view).to_be_focused()


def test_a_page_turns_and_a_status_is_chosen_by_keyboard_alone(admin: Visitor) -> None:
    page = admin.direct()
    tab_to(page, page.get_by_test_id("chip-successful"))
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("status=successful"))
    page.get_by_test_id("sync").last.focus()  # half a hundred rows lie between; each of their places takes the focus
    tab_to(page, page.get_by_role("link", name="Next"), presses=3)
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("page=2"))
    expect(page.get_by_text(re.compile("Page 2 of"))).to_be_visible()


def test_nothing_is_wider_than_a_narrow_or_magnified_window(admin: Visitor, world: World) -> None:
    """320 CSS pixels are 1280 magnified four times: the page itself never scrolls sideways."""
    ((run_id,),) = world.execute("select run_id from passback.run order by run_key limit 1")
    admin.page.set_viewport_size({"width": 320, "height": 700})
    for name, path in PAGES.items():
        page = admin.direct(path.format(run_id=str(run_id).replace("+", "%2B")))
        if name == "no such item":
            admin.expect_complaint("404")
        wide = page.evaluate("() => document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, f"{name} is {wide} pixels too wide"
    admin.direct(PAGES["status log"])
    admin.keep("status-log-narrow")
