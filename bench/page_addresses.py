"""Which pages the benchmark asks for: their addresses, made of what the database holds."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlencode

import psycopg


@dataclass(frozen=True)
class Page:
    """One kind of page: what it is called, and an address of it for the next request."""

    name: str
    address: Callable[[random.Random], str]


@dataclass(frozen=True)
class Sample:
    """Values that the addresses are made of, taken from the database."""

    items: list[tuple[str, str]]
    schools: list[str]
    sections: list[int]
    teachers: list[int]
    codes: list[str]
    newest_run: str

    @classmethod
    def of(cls, uri: str) -> Sample:
        """What is there; the items are those with a row of every night."""
        with psycopg.connect(uri) as connection:

            def column(statement: str) -> list[str]:
                return [row[0] for row in connection.execute(statement.encode())]

            items = connection.execute(
                "select source, source_item_id from passback.run_item where run_key = 1 order by item_no"
            ).fetchall()
            return cls(
                [(source, item) for source, item in items],
                column("select school_number from staging.school order by 1"),
                [int(dcid) for dcid in column("select section_dcid from staging.section order by 1")],
                [int(dcid) for dcid in column("select distinct users_dcid from staging.section_teacher order by 1")],
                column("select distinct code from passback.line order by 1"),
                column("select run_id from passback.run order by run_key desc limit 1")[0],
            )


def pages(of: Sample) -> list[Page]:
    """What is asked for: the status log in the ways that people ask, and the other pages."""
    words = ("quiz", "essay draft 12", "3999", "Lab")
    statuses = ("successful", "error", "skipped", "held", "not_yet_synced")
    return [
        Page("a style sheet, for comparison", lambda _: "static/passback.css"),
        Page("status log, as it opens", lambda _: ""),
        Page("status log, one status", lambda pick: at("", status=pick.choice(statuses))),
        Page("status log, one school", lambda pick: at("", school=pick.choice(of.schools))),
        Page("status log, one section", lambda pick: at("", section=pick.choice(of.sections))),
        Page("status log, one teacher", lambda pick: at("", teacher=pick.choice(of.teachers))),
        Page("status log, one code", lambda pick: at("", code=pick.choice(of.codes))),
        Page("status log, school, source and status", lambda pick: at(
            "", school=pick.choice(of.schools), source=pick.choice(("otus", "schoology")), status="error")),
        Page("status log, words of the title", lambda pick: at("", q=pick.choice(words))),
        Page("status log, sorted", lambda pick: at("", sort=pick.choice(("title", "-title", "synced", "status")))),
        Page("status log, a deep page", lambda pick: at("", page=pick.randint(400, 780))),
        Page("status log, rows alone (refresh)", lambda _: "log"),
        Page("View error", lambda pick: item_at("problem", pick.choice(of.items))),
        Page("item page", lambda pick: item_at("item", pick.choice(of.items))),
        Page("item page, older runs", lambda pick: item_at("item", pick.choice(of.items), runs=pick.randint(2, 40))),
        Page("error guide", lambda _: "errors"),
        Page("configuration", lambda _: "configuration"),
        Page("run tab", lambda _: at("run", dag_id="passback_nightly", run_id=of.newest_run)),
    ]  # fmt: skip


def at(route: str, **parameters: object) -> str:
    """A route with its parameters, as an address."""
    return f"{route}?{urlencode(parameters)}"


def item_at(route: str, item: tuple[str, str], **more: object) -> str:
    """The address of a page about one item."""
    return at(route, source=item[0], id=item[1], **more)
