"""Everything that a night keeps: no name and no free text of people is in it."""

from __future__ import annotations

from fuzz.finding import expect
from fuzz.fragments import CANARY
from fuzz.ground import Night


def no_canary(made: Night) -> None:
    """What stood where names stand is in no table and in no file of the report."""
    tables = made.rows(
        "select schemaname || '.' || quote_ident(tablename) as name from pg_tables "
        "where schemaname in ('staging', 'passback') order by 1"
    )
    for table in tables:
        found = made.rows(f"select t::text as row from {table['name']} as t where t::text ~* %s limit 1", CANARY)
        expect(not found, "no name is stored", f"{table['name']}: {found}")
    for path in made.report.rglob("*") if made.report else ():
        expect(path.is_dir() or CANARY.encode() not in path.read_bytes(), "no name is in the report", str(path))
