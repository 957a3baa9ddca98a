"""The browser of the tests reaches this machine and nothing else, and no test overlooks that it was tried."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext
from tests.browser.visitor import Visitor

FETCH = "address => fetch(address).then(() => 'reached', () => 'not reached')"


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    with browser.new_context() as opened:
        yield opened


@pytest.mark.parametrize("address", ["http://example.org/", "http://192.0.2.1/", "https://[2001:db8::1]/"])
def test_another_machine_is_out_of_reach_and_the_visitor_says_that_it_was_asked(
    context: BrowserContext, address: str
) -> None:
    visitor = Visitor(context, "http://127.0.0.1")
    assert visitor.page.evaluate(FETCH, address) == "not reached"
    visitor.expect_complaint("ERR_NAME_NOT_RESOLVED")
    with pytest.raises(AssertionError, match="asked other machines"):
        visitor.leave()


def test_an_error_in_the_console_fails_the_test(context: BrowserContext) -> None:
    visitor = Visitor(context, "http://127.0.0.1")
    visitor.page.evaluate("() => { setTimeout(() => { throw new Error('broken') }); }")
    visitor.page.wait_for_timeout(50)
    with pytest.raises(AssertionError, match="errors in the browser's console"):
        visitor.leave()
