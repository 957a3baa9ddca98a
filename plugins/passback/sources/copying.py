"""Text in COPY's form on its way into temporary tables, the quarantine's lines among it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import IO

from psycopg import sql

from passback.database import Connection
from passback.sources.copy_text import line
from passback.sources.fields import Bad

BLOCK_CHARACTERS = 1 << 20
QUARANTINE_COLUMNS = ("place", "source_id", "field", "found_type", "reason")


def quarantine_lines(first: tuple[str, ...], found: Iterable[Bad]) -> Iterator[str]:
    """One line a bad record, in the order of `QUARANTINE_COLUMNS`, behind the values of `first`."""
    for bad in found:
        fields = ", ".join(fault.field for fault in bad.faults if fault.field)
        types = ", ".join(fault.found_type for fault in bad.faults)
        yield line((*first, bad.place, bad.source_id, fields, types, bad.reason))


def copy_file(connection: Connection, table: str, columns: tuple[str, ...], file: IO[str]) -> None:
    """Writes a file of whole lines into a table."""
    file.seek(0)
    with connection.cursor() as cursor, cursor.copy(copy_into(table, columns)) as copy:
        while block := file.read(BLOCK_CHARACTERS):
            copy.write(block)


def copy_lines(connection: Connection, table: str, columns: tuple[str, ...], lines: Iterable[str]) -> None:
    """Writes whole lines into a table; none of them, and nothing is asked of the server."""
    text = "".join(lines)
    if text:
        with connection.cursor() as cursor, cursor.copy(copy_into(table, columns)) as copy:
            copy.write(text)


def copy_into(table: str, columns: tuple[str, ...]) -> sql.Composed:
    """The statement that takes lines with these columns."""
    names = sql.SQL(", ").join(map(sql.Identifier, columns))
    return sql.SQL("copy {} ({}) from stdin").format(sql.Identifier(table), names)
