"""Somebody at a browser, and what no test may overlook: errors in the console and requests to another machine."""

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, ConsoleMessage, FrameLocator, Page, Request

from passback.local.home import PROJECT

SCREENSHOTS = PROJECT / "build" / "screenshots"
HERE = {"127.0.0.1", "localhost"}
# Where Airflow's own UI shows our pages.
STATUS_LOG = "/plugin/passback"


class Visitor:
    """One user with one open page; every address is relative to Airflow's."""

    def __init__(self, context: BrowserContext, airflow_url: str) -> None:
        self.airflow_url = airflow_url
        self.context = context
        self.complaints: list[str] = []
        self.outside: list[str] = []
        self.page = self.new_page()

    def new_page(self) -> Page:
        """One more page (tab) of the same user, watched like the first."""
        page = self.context.new_page()
        page.set_default_timeout(15_000)
        page.on("console", self._heard)
        page.on("pageerror", lambda error: self.complaints.append(f"{page.url}: {error}"))
        page.on("request", self._asked)
        return page

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.complaints.append(f"{message.location.get('url')}: {message.text}")

    def _asked(self, request: Request) -> None:
        address = urlsplit(request.url)
        if address.scheme in ("http", "https", "ws", "wss") and address.hostname not in HERE:
            self.outside.append(request.url)

    def direct(self, path: str = "") -> Page:
        """Open one of our pages by itself: `path` under /passback/."""
        self.page.goto(f"{self.airflow_url}/passback/{path}")
        return self.page

    def inside(self, path: str = STATUS_LOG) -> FrameLocator:
        """Open a page of Airflow's UI and give our page in it."""
        self.page.goto(self.airflow_url + path)
        return self.frame()

    def frame(self) -> FrameLocator:
        """Our page inside Airflow's UI."""
        return self.page.frame_locator("iframe")

    def keep(self, name: str, **options: Any) -> Path:
        """Keep a picture of the page under build/screenshots."""
        path = SCREENSHOTS / f"{name}.png"
        self.page.screenshot(path=path, **options)
        return path

    def expect_complaint(self, part: str) -> None:
        """The test has caused this error in the console: take it out, and fail where it is not there."""
        found = [complaint for complaint in self.complaints if part in complaint]
        assert found, f"no error with {part!r} in the console: {self.complaints}"
        self.complaints = [complaint for complaint in self.complaints if complaint not in found]

    def leave(self) -> None:
        """Close the page; fails where it asked another machine, or wrote an error to the console."""
        for page in self.context.pages:
            page.close()
        assert not self.outside, "the browser asked other machines:\n" + "\n".join(self.outside)
        assert not self.complaints, "errors in the browser's console:\n" + "\n".join(self.complaints)
