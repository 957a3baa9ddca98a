"""A district of a million scores after four hundred nights, written straight into the pipeline's own tables."""

from __future__ import annotations

import datetime as dt
import json
import re
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import psycopg

from passback import database
from passback.settings import load, to_json


@dataclass(frozen=True)
class Size:
    """How much there is: the last night is whole, earlier ones are kept for every `kept_each`-th item."""

    items: int = 40_000
    per_item: int = 25
    runs: int = 400
    schools: int = 50
    kept_each: int = 10


def fill(uri: str, size: Size, as_of: dt.date, settings_file: Path, tell: Callable[[str, float], None]) -> None:
    """Migrates the empty database and fills it; `tell` hears each part's name and seconds."""
    database.migrate(uri)
    settings = load(settings_file)
    year_first_day, year_last_day = settings.school_year(as_of)
    parameters = {
        **asdict(size),
        "as_of": as_of,
        "settings": json.dumps(to_json(settings)),
        "year_first_day": year_first_day,
        "year_last_day": year_last_day,
    }
    text = Path(__file__).with_suffix(".sql").read_text(encoding="utf-8")
    named = re.split(r"^-- name: (\w+)$", text, flags=re.MULTILINE)[1:]
    with psycopg.connect(uri, autocommit=True) as connection, psycopg.ClientCursor(connection) as cursor:
        for name, part in zip(named[::2], named[1::2], strict=True):
            begun = time.perf_counter()
            cursor.execute(part.encode(), parameters)
            cursor.execute("analyze")
            tell(name, time.perf_counter() - begun)
        cursor.execute("vacuum analyze")
