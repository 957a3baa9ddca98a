"""The stage driver, made once for all tests of it: its world and the two clean nights take some ten seconds."""

from collections.abc import Iterator

import pytest
from chaos.stages import Stages, stages


@pytest.fixture(scope="session")
def driver() -> Iterator[Stages]:
    """The stage driver with its own database server, sandbox and proxies."""
    with stages() as made:
        yield made
