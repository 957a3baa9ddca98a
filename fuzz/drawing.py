"""Records drawn by Hypothesis, by the thousand and by a seed: the same seed draws the same records."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import TypeVar

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

T = TypeVar("T")

# So many values are drawn together, from so many random bytes for each.
AT_ONCE = 20
BYTES = 400


def drawn(strategy: SearchStrategy[T], count: int, seeded: int) -> list[T]:
    """So many values of the strategy.

    Hypothesis is handed random bytes: its own search varies what it has seen before, which is good for finding the
    smallest failure and bad for seeing many different records.
    """
    found: list[T] = []

    @settings(database=None, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.lists(strategy, min_size=AT_ONCE, max_size=AT_ONCE))
    def gather(values: list[T]) -> None:
        found.extend(values)

    source = random.Random(seeded)
    while len(found) < count:
        gather.hypothesis.fuzz_one_input(source.randbytes(AT_ONCE * BYTES))  # type: ignore[attr-defined]
    return found[:count]


def of_collections(
    strategies: Mapping[str, SearchStrategy[bytes]], shares: Mapping[str, int], last: str, count: int, seeded: int
) -> dict[str, list[bytes]]:
    """`count` records in all: of each collection its share of a thousand, and of `last` what is left."""
    numbers = {name: count * share // 1000 for name, share in shares.items()}
    numbers[last] = count - sum(numbers.values())
    return {
        name: drawn(strategies[name], numbers.get(name, 0), seeded + place) for place, name in enumerate(strategies)
    }
