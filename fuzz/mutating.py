"""Bytes from seeds without any guidance: what the tests use, and every platform that has no atheris."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence

from fuzz import fragments

LONGEST = 20_000
WORDS = [
    each.encode("utf-8", "surrogatepass")
    for each in (
        *fragments.NUMBERS, *fragments.NO_NUMBERS, *fragments.RAW_TEXTS, *map(fragments.quoted, fragments.TEXTS),
        *map(fragments.quoted, fragments.NUMBER_TEXTS), *map(fragments.quoted, fragments.TIMES), *fragments.STRUCTURES,
        *map(fragments.quoted, fragments.DAYS), *fragments.NO_OBJECTS,
    )
    if len(each) < 2_000
]  # fmt: skip
_PLACES = b',:[]{}"&=\n '


def mutations(seeds: Sequence[bytes], count: int, seeded: int) -> Iterator[bytes]:
    """So many inputs: each a seed, or what became of one before, with up to five changes."""
    source = random.Random(seeded)
    kept = list(seeds) or [b""]
    for _ in range(count):
        data = source.choice(kept)
        for _ in range(source.choice((1, 1, 2, 3, 5))):
            data = _changed(data, source, kept)
        yield data[:LONGEST]
        if source.random() < 0.02:
            kept[source.randrange(len(seeds) // 2, len(kept)) if len(kept) > 500 else len(kept) - 1] = data
            kept.append(source.choice(seeds) if seeds else b"")


def _changed(data: bytes, source: random.Random, kept: Sequence[bytes]) -> bytes:
    at = _place(data, source)
    end = _end(data, at)
    other = source.choice(kept)
    changes = (
        lambda: data[:at] + bytes([source.randrange(256)]) + data[at + 1 :],
        lambda: data[:at] + source.choice(WORDS) + data[at:],
        lambda: data[:at] + source.choice(WORDS) + data[end:],
        lambda: data[:at] + source.choice(WORDS) + data[end:],
        lambda: data[:at] + data[at + source.randrange(1, 40) :],
        lambda: data[:at] + other[_place(other, source) :],
        lambda: data[:at] + data[at:end] * source.choice((2, 3, 50)) + data[end:],
        lambda: bytes([source.randrange(256)]) + data[1:],
        lambda: data[:1] + data[at:],
    )
    return source.choice(changes)()


def _place(data: bytes, source: random.Random) -> int:
    """Any place, or behind a sign that stands before a value."""
    at = source.randrange(len(data) + 1)
    if source.random() < 0.7:
        at = next((at + n + 1 for n, one in enumerate(data[at : at + 200]) if one in b":[,="), at)
    return at


def _end(data: bytes, at: int) -> int:
    """Where the value that begins here may end."""
    return next((at + n for n, one in enumerate(data[at : at + 200]) if n and one in _PLACES), min(len(data), at + 8))
