"""The district's settings: district.toml, read and checked whole before anything else is read."""

from collections.abc import Mapping
from pathlib import Path

from passback.settings.checks import check, check_schools
from passback.settings.district import SOURCES, Batches, Delivery, Guard, Quality, Retention, Schoology, Settings
from passback.settings.parsing import VARIABLE
from passback.settings.reading import load
from passback.settings.snapshot import to_json

__all__ = [
    "SOURCES",
    "Batches",
    "Delivery",
    "Guard",
    "Quality",
    "Retention",
    "Schoology",
    "Settings",
    "check",
    "check_schools",
    "load",
    "settings_path",
    "to_json",
]

_EXAMPLE = Path(__file__).resolve().parents[3] / "include" / "district.toml"


def settings_path(environ: Mapping[str, str]) -> Path:
    """The absolute path of the settings: what `PASSBACK_DISTRICT` names, else include/district.toml of the project."""
    given = environ.get(VARIABLE, "")
    return Path(given).expanduser().absolute() if given else _EXAMPLE
