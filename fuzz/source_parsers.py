"""The parsers of the sources: pages, lines, manifests, replies and single values."""

from __future__ import annotations

import math
import re
from typing import Any

import msgspec

from fuzz import oracle
from fuzz.finding import expect
from fuzz.target import folder, split

SECTION = "4318461"


def otus_page(data: bytes) -> None:
    """One page of any of Otus's collections."""
    from passback.sources.otus.pages import _Reader
    from passback.sources.otus.staging import COLLECTIONS

    which, body = split(data, len(COLLECTIONS))
    page, found = _Reader(list(COLLECTIONS.values())[which]).read(body, 1)
    expect(found.received == len(page.data), "every record of a page is counted")
    _conserved(found, list(COLLECTIONS.values())[which])


def otus_lines(data: bytes) -> None:
    """A block of an export's lines; a line that is not blank is a record, whatever it holds."""
    from passback.sources.otus.export import _Lines
    from passback.sources.otus.staging import COLLECTIONS

    which, body = split(data, len(COLLECTIONS))
    if not body:
        return
    collection = list(COLLECTIONS.values())[which]
    found = _Lines(collection, "scores.jsonl").read(body)
    body = body.removeprefix(b"\xef\xbb\xbf")
    expect(found.received == sum(bool(line.strip()) for line in body.split(b"\n")), "every line is counted")
    _conserved(found, collection)


def _conserved(found: Any, collection: Any) -> None:
    """As many rows for COPY and records without an id as records came; each row has the table's columns."""
    lines = found.text.split("\n")[:-1]
    keyless = sum(not bad.source_id for bad in found.bad)
    expect(found.received == len(lines) + keyless, "every record is a row or quarantined", f"{found}")
    expect(
        all(line.count("\t") == len(collection.columns) - 1 for line in lines), "each row has its columns", f"{lines}"
    )
    expect("\0" not in found.text, "no NUL reaches the database")
    found.text.encode()


def otus_manifest(data: bytes) -> None:
    """An export's manifest."""
    from passback.sources.otus.export import Export

    (folder() / "manifest.json").write_bytes(data)
    Export(str(folder()))


def schoology_page(data: bytes) -> None:
    """One page of any of Schoology's listings."""
    from passback.sources.schoology.contract import COLLECTIONS
    from passback.sources.schoology.pages import page_of

    which, body = split(data, len(COLLECTIONS))
    collection = COLLECTIONS[which]
    page = page_of(collection, SECTION, body, "page 1")
    expect(page.lines.keys() == page.newest.keys(), "each record has its time")
    expect(page.bad.keys() <= page.lines.keys(), "a bad record is staged as such")
    for line in page.lines.values():
        expect(line.endswith("\n") and line.count("\n") == 1, "each record is one row", line)
        expect(line.count("\t") == len(collection.columns) - 1, "each row has its columns", line)
        expect("\0" not in line, "no NUL reaches the database")
        line.encode()


def schoology_multiget(data: bytes) -> None:
    """The reply to a multi-get."""
    from passback.sources.schoology import multiget

    multiget.answers(
        data, [f"/v1/sections/{SECTION}/grades?limit=200", f"/v1/sections/{SECTION}/grade_items?limit=200"]
    )


def schoology_values(data: bytes) -> None:
    """One value of a Schoology record by one of its readers; numbers are the oracle's."""
    from passback.sources.schoology import values as read
    from passback.sources.schoology.contract import _of_raw

    readers: list[Any] = [read.text, read.ident, read.maybe_ident, read.student_number, read.idents, read.assignees,
                          read.flag, read.whole, read.moment, read.day, read.total, read.points]  # fmt: skip
    which, body = split(data, len(readers))
    found = _of_raw(readers[which])(msgspec.Raw(body))
    if readers[which] is read.points and oracle._NUMBER.fullmatch(body.decode("utf-8", "replace").strip()):
        wanted = oracle.six_decimals(oracle.exact(body.decode().strip()))
        told = (wanted, False) if math.isfinite(wanted) else (None, True)
        # An exponent of seven digits is nobody's score: it may count as no number.
        odd = re.search(rb"[eE][+-]?[0-9]{7}", body) and found == (None, True)
        expect(found == told or bool(odd), "a score is the oracle's", f"{found} for {told}")
