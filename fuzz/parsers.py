"""The pure parsers, each as one function of bytes that raises only what it declares; anything else is a find.

A target also looks at what it is given back: numbers are compared with the oracle, waits are finite, texts are cut.
"""

from __future__ import annotations

import datetime as dt
import json
import math
from urllib.parse import parse_qsl

import msgspec

from fuzz import oracle
from fuzz import powerschool_parsers as sis
from fuzz import source_parsers as of
from fuzz.finding import expect
from fuzz.target import Target, folder

__all__ = ["Target", "targets"]


def targets() -> dict[str, Target]:
    """All targets by name; importing them imports the product."""
    from passback.errors import Terminal
    from passback.sources.schoology.multiget import MultigetError
    from passback.sources.schoology.pages import PageError

    unreadable = (ValueError, msgspec.DecodeError)
    listed = [
        Target("otus_page", of.otus_page, (Terminal,)),
        Target("otus_lines", of.otus_lines),
        Target("otus_manifest", of.otus_manifest, (Terminal,)),
        Target("schoology_page", of.schoology_page, (PageError,)),
        Target("schoology_multiget", of.schoology_multiget, (MultigetError,)),
        Target("schoology_values", of.schoology_values, (ValueError, msgspec.DecodeError)),
        Target("classify", sis.classify),
        Target("problem", sis.problem),
        Target("listing", sis.listing, unreadable),
        Target("rows", sis.rows, unreadable),
        Target("categories", sis.categories, unreadable),
        Target("headers", sis.headers),
        Target("marker", sis.marker),
        Target("settings", settings, (Terminal,)),
        Target("query_string", query_string),
        Target("three_way", three_way),
        Target("numbers", numbers),
    ]
    return {each.name: each for each in listed}


def settings(data: bytes) -> None:
    """A district's settings file."""
    from passback.settings import load

    path = folder() / "district.toml"
    path.write_bytes(data)
    load(path)


def query_string(data: bytes) -> None:
    """The address of the status log, and the addresses that its page makes of it."""
    from pydantic import ValidationError

    from passback.web.paging import Place
    from passback.web.status_log import Filters

    given = dict(parse_qsl(data.decode("latin-1"), keep_blank_values=True))
    try:
        filters = Filters.model_validate(given)
    except ValidationError:
        return
    words = filters.parameters()["words"]
    expect(words is None or "\0" not in str(words), "no NUL reaches the database")
    for made in (filters.address("log", page=2), Place("log", filters.model_dump(), "page").address(3)):
        expect(made.isascii() and not set(made) & set("<>\"' "), "an address is escaped", made)


def three_way(data: bytes) -> None:
    """Base, ours and theirs of any values: what is sent is ours, and nothing is sent where ours is as sent."""
    from passback import three_way as merging
    from passback.payloads import Fields

    bits = list(data.ljust(16, b"\0"))

    def fields(place: int) -> Fields:
        name, day, total, category = (bits[place + step] % 3 for step in range(4))
        return Fields(f"n{name}", dt.date(2026, 9, 1 + day), float(total), f"c{category}")

    sent, held, ours, theirs = (fields(4 * place) for place in range(4))
    found = merging.merge(sent, held, ours, theirs)
    for name, value in found.changed.items():
        expect(value == getattr(ours, name) != getattr(sent, name), "only ours is sent, where it changed", str(found))
    for name, value in found.overwritten.items():
        expect(value == getattr(theirs, name) != getattr(held, name), "only an edit is overwritten", str(found))
    expect("category" not in found.overwritten, "a teacher's category is kept", str(found))
    for name in ("name", "due_on", "total"):
        changed = getattr(ours, name) != getattr(sent, name)
        expect((name in found.changed) == changed, "the source wins but for the category", f"{name} {found}")


def numbers(data: bytes) -> None:
    """Scores at the edge and totals in payloads: the oracle's number, whatever way it is read."""
    from passback.payloads import number
    from passback.sources.rounding import NeedsTextError, rounded, rounded_text

    text = data.decode("latin-1").strip()
    if not oracle._NUMBER.fullmatch(text):
        return
    wanted = oracle.six_decimals(oracle.exact(text))
    expect(rounded_text(text) == wanted, "a score is the oracle's", f"{text}: {rounded_text(text)} for {wanted}")
    if not math.isfinite(wanted):
        return
    try:
        quick = rounded(float(text))
        near = float(text) == float(oracle.EXACT.create_decimal(repr(float(text))))
        expect(
            not near or abs(quick - wanted) <= max(1e-6, abs(wanted) * 1e-15), "a float is rounded like its text", text
        )
    except NeedsTextError:
        pass
    told = json.loads(json.dumps(number(wanted)))
    expect(told == wanted, "a payload holds the number", f"{told} for {wanted}")
