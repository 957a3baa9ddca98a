"""A settings file of the test's own."""

from pathlib import Path

import pytest
from tests.settings.files import File


@pytest.fixture
def file(tmp_path: Path) -> File:
    """A settings file in the test's own folder, not yet written."""
    return File(tmp_path)
