"""No value becomes part of a statement: not where it is bound, and not in a comment that names it."""

import re

import psycopg
import pytest

from passback import database

NAMES = sorted(path.stem for path in database.SQL_FOLDER.glob("*.sql"))
# Ends a comment, a text and a transaction, whichever the value stands in.
ATTACK = "x\n;\ncommit; create table public.injected (); --\n'; create table public.injected (); --"


def given() -> dict[str, object]:
    """The inputs of the status log, with the attack in each that is a text."""
    none = dict.fromkeys(("school", "teacher", "section", "source", "code", "scores", "status"))
    waiting = {"queued_any": False, "queued_all": False, "queued_sections": [], "queued_sources": [],
               "queued_items": [], "queued_runs": []}  # fmt: skip
    return none | waiting | {"words": ATTACK, "exactly": ATTACK, "school": ATTACK, "code": ATTACK, "sort": ATTACK,
                             "rows": 50, "skip": 0}  # fmt: skip


@pytest.mark.parametrize("name", ["status_page", "status_counts"])
def test_a_line_break_in_a_value_ends_no_comment(database_uri: str, name: str) -> None:
    with database.connect(database_uri) as connection:
        assert database.rows(connection, name, **given()) == []
    with psycopg.connect(database_uri) as connection:
        assert connection.execute("select to_regclass('public.injected')").fetchone() == (None,)


def test_no_statement_is_sent_with_a_comment_in_which_a_value_could_stand() -> None:
    assert len(NAMES) > 100
    for name in NAMES:
        for comment in re.findall(r"--[^\n]*", database.statement(name)):
            assert "%" not in comment, name


def test_a_statement_keeps_everything_but_its_comments() -> None:
    kept = database._QUOTED_OR_COMMENT.sub(
        lambda found: "" if found[0].startswith("--") else found[0],
        "select '--a', \"--b\" -- %(c)s\nfrom t -- d\nwhere x = $$ --e $$ and y - -1 = 2",
    )
    assert kept == "select '--a', \"--b\" \nfrom t \nwhere x = $$ --e $$ and y - -1 = 2"
