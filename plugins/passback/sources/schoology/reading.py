"""Listings read with as few requests as possible: fifty pages in one multi-get, or singly where that does not work.

A section that cannot be read alone fails alone; what fails everywhere ends the extraction.
"""

from __future__ import annotations

import logging
import time
from collections import deque
from collections.abc import Iterable

from passback.hooks.patience import TORN_ANSWERS, NotJson, Refused, Unanswered, WebPage
from passback.sources.schoology import multiget
from passback.sources.schoology.client import MOST_PATHS, Reply, SchoologyClient
from passback.sources.schoology.listing import Listing
from passback.sources.schoology.multiget import MultigetError
from passback.sources.schoology.pages import Page, PageError, page_of

log = logging.getLogger(__name__)

# What all repeats of a page take together where its section alone may be broken.
SECTION_PATIENCE_SECONDS = 20.0
# So many pages in a row without an answer: it may be the sections, or Schoology. One call that no section is to blame
# for tells which.
MANY_UNANSWERED = 5
PROBE = "/v1/sections?section_school_codes=0&limit=1"
# Statuses that no repeat changes.
_FINAL = (403, 404)


class OutOfTimeError(Exception):
    """The time of the extraction is over."""


class Reader:
    """Reads listings; remembers over the whole extraction whether multi-get works here."""

    def __init__(self, client: SchoologyClient, most_paths: int, seconds: float = float("inf")) -> None:
        """At most `most_paths` pages are asked for in one request, and none after so many seconds."""
        self.client = client
        self.most_paths = min(most_paths, MOST_PATHS)
        self.multigets = self.most_paths > 1
        self._ends = time.monotonic() + seconds
        self._unanswered = 0

    def read(self, listings: Iterable[Listing]) -> None:
        """Reads the listings of sections to their ends, in this order as far as pages allow; each tells what came.

        Raises what is no single section's trouble: AUTH_FAILED, an outage, a link to another server, OutOfTimeError.
        """
        waiting, failed = deque(listings), set[str]()
        while waiting:
            self._still_in_time()
            batch: list[Listing] = []
            most = self.most_paths if self.multigets else 1
            while waiting and len(batch) < most:
                listing = waiting.popleft()
                if listing.section_id in failed:
                    listing.todo = None
                else:
                    batch.append(listing)
            self._ask(batch)
            failed |= {each.section_id for each in batch if each.failure is not None}
            waiting.extend(each for each in batch if each.todo is not None)

    def read_singly(self, listing: Listing) -> None:
        """Reads one listing by GETs alone, as those must be that multi-get does not have."""
        while listing.todo is not None:
            self._still_in_time()
            self._single(listing)

    def read_or_raise(self, listing: Listing) -> None:
        """Reads a listing that no section's trouble excuses."""
        while listing.todo is not None:
            self._page(listing, listing.todo, None)

    def _still_in_time(self) -> None:
        if time.monotonic() > self._ends:
            raise OutOfTimeError

    def _ask(self, batch: list[Listing]) -> None:
        for listing in self._multi(batch) if self.multigets and len(batch) > 1 else batch:
            self._single(listing)

    def _multi(self, batch: list[Listing]) -> list[Listing]:
        """Asks for the next page of each; gives those that this did not settle, to be asked for singly."""
        targets = [each.todo or "" for each in batch]
        try:
            reply = self.client.multiget(targets)
            answers = multiget.answers(reply.body, targets)
        except (MultigetError, NotJson, Refused, WebPage, Unanswered) as error:
            if isinstance(error, Unanswered) and error.status is None:
                raise
            log.warning("multi-get does not work here, going on with single requests: %s", error)
            self.multigets = False
            return batch
        return [
            listing
            for listing, target in zip(batch, targets, strict=True)
            if target not in answers or not self._settled(listing, answers[target], reply)
        ]

    def _settled(self, listing: Listing, answer: multiget.Answer, reply: Reply) -> bool:
        if answer.status in _FINAL:
            listing.fail(Refused(f"Schoology: {listing.where}: Schoology answers {answer.status}.", answer.status))
            return True
        if answer.status != 200:
            return False
        try:
            page = page_of(listing.collection, listing.section_id, answer.body, listing.where)
        except PageError as error:
            log.warning("Schoology: %s is asked for singly: in the multi-get %s", listing.where, error)
            return False
        if listing.pages and not listing.brings(page):
            # A multi-get that does not heed a path's query would give the first page again.
            return False
        self._take(listing, page, reply)
        return True

    def _single(self, listing: Listing) -> None:
        """Asks for the listing's next page; where the section alone is to blame, the listing fails."""
        try:
            self._page(listing, listing.todo or "", SECTION_PATIENCE_SECONDS)
        except (Refused, NotJson) as error:
            listing.fail(error)
        except Unanswered as error:
            self._unanswered += 1
            if self._unanswered >= MANY_UNANSWERED:
                self.client.get("a page of sections, to see whether it answers at all", PROBE, SECTION_PATIENCE_SECONDS)
                self._unanswered = 0
            listing.fail(error)

    def _page(self, listing: Listing, target: str, patience: float | None) -> None:
        wrong = ""
        for _ in range(TORN_ANSWERS):
            reply = self.client.get(listing.where, target, patience)
            try:
                page = page_of(listing.collection, listing.section_id, reply.body, listing.where)
            except PageError as error:
                wrong = str(error)
                continue
            self._take(listing, page, reply)
            return
        raise NotJson(f"Schoology: {listing.where} is not a page of the contract ({wrong}), {TORN_ANSWERS} times over.")

    def _take(self, listing: Listing, page: Page, reply: Reply) -> None:
        link = page.next
        following = None if link is None else self.client.own_target(f"the next page of {listing.where}", link)
        listing.take(page, reply.at, following)
        self._unanswered = 0
