"""Reads of the district's database: each request its own read-only transaction, with an end."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from fastapi import Depends

from passback import database
from passback.database import Connection

STATEMENT_SECONDS = 10


def reading() -> Iterator[Connection]:
    """A connection for one request in which nothing can be written and no statement runs for longer than 10 s."""
    with database.connect() as connection:
        connection.read_only = True
        connection.execute(f"set statement_timeout = '{STATEMENT_SECONDS}s'")
        yield connection


Reading = Annotated[Connection, Depends(reading)]
