"""One object of a contract as JSON bytes: good values drawn, then changed in the ways that input goes wrong."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from fuzz.fragments import CANARY, NO_OBJECTS, anything, canary_texts, quoted

Fragments = SearchStrategy[str]

# How many things are wrong with a record: three in eight are good.
FAULTS = (0, 0, 0, 1, 1, 1, 2, 4)
EXTRA_KEYS = ("name", "comment", "first_name", "$breach_mitigation", CANARY, "ID", "", "__proto__", "description")
_BROKEN = ("cut", "\xff", "\x00", "\ud800", "\ufeff")


@dataclass(frozen=True, slots=True)
class Part:
    """One field: what a good record has there, and what a hostile one of its kind has."""

    good: Fragments
    hostile: Fragments


def just(*values: str) -> Fragments:
    """One of these fragments."""
    return st.sampled_from(values)


def words(*values: str) -> Fragments:
    """One of these texts, as JSON."""
    return st.sampled_from([quoted(each) for each in values])


@st.composite
def record(draw: DrawFn, parts: Mapping[str, Part]) -> bytes:
    """One record of these parts as bytes; most are JSON objects."""
    fields = [(name, draw(part.good)) for name, part in parts.items()]
    names = list(parts)
    for _ in range(draw(st.sampled_from(FAULTS))):
        fields = _changed(draw, fields, names, parts)
    text = "{" + ",".join(f"{quoted(name)}:{fragment}" for name, fragment in fields) + "}"
    return _broken(draw, text) if draw(st.integers(0, 39)) == 39 else encoded(text)


def encoded(text: str) -> bytes:
    """The text in UTF-8; half a character in it becomes bytes that are no UTF-8."""
    return text.encode("utf-8", "surrogatepass")


def _changed(
    draw: DrawFn, fields: list[tuple[str, str]], names: list[str], parts: Mapping[str, Part]
) -> list[tuple[str, str]]:
    """The fields with one thing changed."""
    name = draw(st.sampled_from(names))
    match draw(st.integers(0, 9)):
        case 0:
            return [each for each in fields if each[0] != name]
        case 1:
            return [*fields, (name, draw(parts[name].hostile))]
        case 2:
            return [(name, draw(parts[name].hostile)), *fields]
        case 3:
            return [*fields, (draw(st.sampled_from(EXTRA_KEYS)), draw(canary_texts))]
        case 4 | 5:
            return [(each, draw(anything) if each == name else fragment) for each, fragment in fields]
        case _:
            return [(each, draw(parts[name].hostile) if each == name else fragment) for each, fragment in fields]


def _broken(draw: DrawFn, text: str) -> bytes:
    """No object, or one whose bytes are damaged."""
    damage = draw(st.sampled_from((*_BROKEN, *_BROKEN, "whole")))
    if damage == "whole":
        return encoded(draw(st.sampled_from(NO_OBJECTS)))
    place = draw(st.integers(0, len(text)))
    if damage == "cut":
        return encoded(text[:place])
    if damage == "\xff":
        return encoded(text[:place]) + b"\xff\xfe" + encoded(text[place:])
    return encoded(text[:place] + damage + text[place:])
