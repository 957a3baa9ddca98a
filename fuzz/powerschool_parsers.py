"""The parsers of what PowerSchool answers: refusals, listings, rows, categories, headers and markers."""

from __future__ import annotations

import math
from functools import cache

from fuzz.finding import expect
from fuzz.target import split, undeclared


def classify(data: bytes) -> None:
    """One answer of PowerSchool to a call of any kind."""
    from passback.powerschool import answers, reads

    kinds = ("query", "list", "read", "create", "update", "score")
    decoders = (reads.decode_rows, reads.decode_assignments, reads.decode_assignment, answers.decode_any)
    which, rest = split(data, len(kinds) * len(decoders))
    head, _, body = rest.partition(b"\n")
    status, _, header = head.decode("latin-1").partition(" ")
    name, _, value = header.partition(":")
    code = int(status) if status.isascii() and status.isdigit() and len(status) < 4 else 409
    found = answers.classify(
        kinds[which % len(kinds)],  # type: ignore[arg-type]
        code, {name: value.strip()} if name else {}, body, decode=decoders[which // len(kinds)], now=1_790_000_000.0,
    )  # fmt: skip
    expect(found.wait_seconds is None or math.isfinite(found.wait_seconds), "a wait ends", str(found.wait_seconds))
    expect(found.code in ("", *_codes()), "every answer has a code of the catalogue", found.code)


@cache
def _codes() -> frozenset[str]:
    from passback.errors import catalogue

    return frozenset(catalogue())


def problem(data: bytes) -> None:
    """The body of a refusal."""
    from passback.powerschool.problems import LONGEST_MESSAGE, read_problem

    found = read_problem(data)
    expect(len(found.message) <= LONGEST_MESSAGE, "a message is short")
    expect(all(type(each) is int for each in found.students), "students are numbers", str(found.students))


def listing(data: bytes) -> None:
    """Listings of assignments, put together and looked up by marker."""
    from passback.delivery.listing import Listing
    from passback.powerschool import reads

    first, _, second = data.partition(b"\n\n")
    read = [reads.decode_assignments(body) for body in (first, second) if body]
    with undeclared():
        found = Listing(reads.merge_listings(read))
        found.with_marker("Passback otus a1", 85001)
        found.entry(501, 85001)


def rows(data: bytes) -> None:
    """The rows of a query or of the score table, and what they say of scores."""
    from passback.delivery.scores import theirs_of
    from passback.powerschool import reads

    which, body = split(data, 3)
    if which == 0:
        reads.decode_rows(body)
        return
    found = reads.decode_scores(body) if which == 1 else reads.decode_section_scores(body)
    with undeclared():
        for _, _, points, flags in theirs_of(found):
            expect(points is None or math.isfinite(points), "a score that is held is a number", str(points))
            expect(0 <= flags < 8, "flags are three")


def categories(data: bytes) -> None:
    """A teacher's categories, and the server's metadata."""
    from passback.powerschool import reads

    which, body = split(data, 2)
    reads.decode_metadata(body) if which else reads.decode_categories(body)


def headers(data: bytes) -> None:
    """Retry-After, Location and a wait in words."""
    from passback.powerschool import answers

    text = data.decode("utf-8", "replace")
    wait = answers.retry_after({"retry-after": text}, 1_790_000_000.0)
    expect(wait is None or (math.isfinite(wait) and wait >= 0), "a wait ends", str(wait))
    worded = answers.wait_in_words(text)
    expect(worded is None or (math.isfinite(worded) and worded >= 0), "a wait in words ends", str(worded))
    answers.location_id(text)


def marker(data: bytes) -> None:
    """The marker in a description: what we write is found again, and nothing else is taken for it."""
    from passback.delivery.listing import normalised
    from passback.payloads import marker as written
    from passback.payloads import marker_words

    item, _, more = data.decode("utf-8", "replace").partition("\n")
    marker_words(more)
    item = "".join(item.split())
    if item.isprintable() and item:
        ours = written("otus", item)
        expect(marker_words(f"{ours}\r\n{more}") == marker_words(ours), "a marker is found again", ours)
        expect(marker_words(ours) != marker_words(written("otus", item + "0")), "a marker is compared whole", ours)
    normalised(item, more)
