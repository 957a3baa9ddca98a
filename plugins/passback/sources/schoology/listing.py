"""One listing of Schoology, page after page: what came of it, and whether it came whole."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import quote, urlencode

from passback.errors import PassbackError
from passback.sources.fields import Bad
from passback.sources.schoology.contract import Collection
from passback.sources.schoology.pages import Page

# A listing that does not come whole is read again so often in all.
READINGS = 3
# No section has so many pages; a listing that has would never end.
MOST_PAGES = 2_000


@dataclass(slots=True)
class Listing:
    """What is asked of one collection, of one section where it has one, and everything that has come of it.

    `since`: UNIX time from which changes are asked for; None asks for everything. `todo` is the next page's target,
    None when the listing has ended: `complete` then says whether as many different records came as it declares,
    `failure` why it could not be read at all. `server_time` is that of the very first answer.
    """

    collection: Collection
    section_id: str
    first: str
    since: int | None = None
    held: Page = field(default_factory=Page)
    todo: str | None = ""
    server_time: datetime | None = None
    complete: bool = False
    failure: PassbackError | None = None
    declared: int | None = None
    received: int = 0
    pages: int = 0
    _readings: int = 1
    _keys: set[str] = field(default_factory=set)
    _keyless: list[Bad] = field(default_factory=list)
    _totals: set[int | None] = field(default_factory=set)
    _asked: set[str] = field(default_factory=set)
    _before: set[str] | None = None

    def __post_init__(self) -> None:
        """The first page is what is to be asked."""
        self.todo = self.first

    @property
    def where(self) -> str:
        """The page that is asked for next, in words."""
        section = f" of section {self.section_id}" if self.section_id else ""
        return f"page {self.pages + 1} of {self.collection.name}{section}"

    @property
    def whole(self) -> bool:
        """Whether everything was asked for and came, so that what it lacks is gone."""
        return self.complete and self.since is None

    def brings(self, page: Page) -> bool:
        """Whether a page holds anything that did not come before."""
        return bool(page.keyless or page.lines.keys() - self._keys)

    def take(self, page: Page, at: datetime | None, following: str | None) -> None:
        """Takes a page in; `following` is its next page's target on the server that is asked."""
        if self.pages == 0 and self._readings == 1:
            self.server_time = at
        self.pages += 1
        brought = self.brings(page)
        self._keys |= page.lines.keys()
        self._keyless += page.keyless
        self._totals.add(page.total)
        self._asked.add(self.todo or "")
        for key, line in page.lines.items():
            self.held.put(key, line, page.newest[key], page.bad.get(key))
        # A next page that leads back, pages that bring nothing new or more than is declared would never end.
        beyond = page.total is not None and self._counted > page.total
        ends = following is None or following in self._asked or not brought or beyond or self.pages >= MOST_PAGES
        self.todo = None if ends else following
        if ends:
            self._end()

    @property
    def _counted(self) -> int:
        return len(self._keys) + len(self._keyless)

    def fail(self, error: PassbackError) -> None:
        """Nothing of the listing can be used: its section stays as it was last known."""
        self.failure, self.todo = error, None

    def _end(self) -> None:
        """Complete, or read once more from the beginning, or ended as it is."""
        self.declared = next(iter(self._totals)) if len(self._totals) == 1 else None
        self.complete = len(self._totals) == 1 and self.declared in (None, self._counted)
        if self.complete and self.declared is None and self.pages > 1:
            # Without a total only a second reading that brings the same tells that no record slipped between two pages.
            self.complete = self._before == self._keys
        self._before = set(self._keys)
        if not self.complete and self._readings < READINGS:
            self._readings += 1
            self.todo, self.pages, self._asked = self.first, 0, set()
            self._keys, self._keyless, self._totals = set(), [], set()
            return
        if self.complete:
            # What only an earlier reading saw is gone by now.
            self.held.keep(self._keys)
        # Records without a key cannot be told apart: those of the last reading stand for all.
        self.held.keyless = self._keyless
        self.received = len(self.held.lines) + len(self._keyless)

    def forget_rows(self) -> None:
        """Gives the memory of its rows back; what the listing tells of itself stays."""
        self.held, self._keys, self._keyless, self._before = Page(), set(), [], None


def of_section(collection: Collection, section_id: str, limit: int, since: int | None = None) -> Listing:
    """The listing of one collection of one section."""
    query = {"limit": limit} | ({} if since is None else {"timestamp": since})
    path = f"/v1/sections/{quote(section_id, safe='')}/{collection.path}"
    return Listing(collection, section_id, f"{path}?{urlencode(query)}", since)


def of_codes(collection: Collection, codes: list[str], limit: int) -> Listing:
    """The listing of the sections with these school codes."""
    query = urlencode({"section_school_codes": ",".join(codes), "limit": limit}, safe=",")
    return Listing(collection, "", f"/v1/sections?{query}")
