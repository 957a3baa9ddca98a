"""A small, repeatable part of the campaign on the parsers, and every find of the past; needs no atheris."""

import pytest
from tests.fuzz.finds import PARSERS

from fuzz import corpus, mutating, parsers

TARGETS = parsers.targets()
INPUTS = 1_500
SEED = 20261015


@pytest.fixture(scope="module")
def seeds() -> dict[str, list[bytes]]:
    """What the sandbox's servers answer."""
    return corpus.seeds()


@pytest.mark.parametrize("name", TARGETS)
def test_a_parser_raises_nothing_that_it_does_not_declare(name: str, seeds: dict[str, list[bytes]]) -> None:
    for data in (*seeds[name], *mutating.mutations(seeds[name], INPUTS, SEED)):
        try:
            TARGETS[name].try_input(data)
        except Exception as error:
            pytest.fail(f"{type(error).__name__}: {error}\nfor {data[:2000]!r}")


@pytest.mark.parametrize("path", PARSERS, ids=lambda path: path.name)
def test_a_find_of_a_parser_stays_repaired(path) -> None:
    TARGETS[path.name.rpartition("-")[0]].try_input(path.read_bytes())


@pytest.mark.parametrize("name", ["otus_page", "otus_lines", "schoology_page", "listing", "rows", "categories"])
def test_the_seeds_of_a_parser_are_read(name: str, seeds: dict[str, list[bytes]]) -> None:
    """A target whose seeds are all refused would test nothing."""
    for data in seeds[name][:3]:
        TARGETS[name].run(data)
