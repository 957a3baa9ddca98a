"""The district's settings as the api-server reads them: whole, or the reason why a run could not read them either."""

from __future__ import annotations

import os

from passback.errors import PassbackError
from passback.settings import Settings, load, settings_path


def settings() -> tuple[Settings | None, str]:
    """The settings, or None with every problem of the file in words."""
    try:
        return load(settings_path(os.environ)), ""
    except PassbackError as error:
        return None, str(error)
