"""PowerSchool's roster, row by hostile row, into staging: each is there as it came, or quarantined."""

from __future__ import annotations

import asyncio
import datetime as dt
import re
from collections import Counter
from collections.abc import Mapping
from typing import Any

from hypothesis import strategies as st

from fuzz import fragments as bits
from fuzz.finding import expect
from fuzz.fragments import CANARY
from fuzz.ground import YEAR, Ground, Night, district, night
from fuzz.mutation import Part, encoded, just, record, words
from fuzz.oracle import Wrong, canonical, loads, tears_nothing

odd = st.one_of(
    words("", "0", "-1", "000101", "9" * 18, "9" * 19, "٣", " 1", "1 ", "1e3"),
    just("17", "null", "true"),
    bits.anything,
)
odd_days = st.one_of(bits.days, bits.anything)
dcids = st.integers(1, 400).map(lambda number: f'"{85000 + number}"')
users = st.integers(1, 60).map(lambda number: f'"{8300 + number}"')
days = words("2026-08-10", "2027-06-04", "2026-10-16")
SCHOOL = Part(words("101"), odd)
EXTRA = {"last_name": Part(words(CANARY), bits.canary_texts)}
PARTS: Mapping[str, Mapping[str, Part]] = {
    "sections": {
        "section_dcid": Part(dcids, odd), "section_id": Part(words("1"), odd), "school_number": SCHOOL,
        "term_id": Part(words("3600", "3601"), st.one_of(words("2147483648", "-3600"), odd)),
        "course_name": Part(words("Algebra 1"), bits.texts), "section_number": Part(words("1"), bits.texts),
        "first_day": Part(days, odd_days), "last_day": Part(days, odd_days),
    },
    "section_teachers": {
        "section_dcid": Part(dcids, odd), "users_dcid": Part(users, odd), "teacher_number": Part(words("T1"), odd),
        "role": Part(words("lead", "co"), st.one_of(words("Lead", ""), bits.canary_texts)),
        "start_date": Part(days, odd_days), "end_date": Part(st.one_of(days, just('""', "null")), odd_days), **EXTRA,
    },
    "teacher_categories": {
        "users_dcid": Part(users, odd), "teacher_category_id": Part(st.integers(1, 9999).map(lambda n: f'"{n}"'), odd),
        "name": Part(words("Quizzes", "Tests"), bits.texts), "is_active": Part(words("true", "false"), odd),
    },
    "enrollments": {
        "section_dcid": Part(dcids, odd), "student_dcid": Part(st.integers(1, 9999).map(lambda n: f'"{n}"'), odd),
        "student_number": Part(st.integers(1, 9999).map(lambda n: f'"{n}"'), odd), "entry_date": Part(days, odd_days),
        "exit_date": Part(st.one_of(days, just('""', "null")), odd_days), "dropped": Part(words("true", "false"), odd),
        **EXTRA,
    },
    "grading_periods": {
        "school_number": SCHOOL, "term_id": Part(words("3600"), odd), "store_code": Part(words("Q1", "S1"), bits.texts),
        "first_day": Part(days, odd_days), "last_day": Part(days, odd_days),
    },
}  # fmt: skip
SHARES = {"sections": 100, "section_teachers": 100, "teacher_categories": 150, "grading_periods": 50}
STRATEGIES = {name: record(parts) for name, parts in PARTS.items()}
PREFIX = "org.passback.gradebook."


class Answers:
    """PowerSchool's answers to the roster's queries, read by the client's own decoder."""

    def __init__(self, bodies: Mapping[str, bytes]) -> None:
        self._bodies = bodies

    async def query(self, name: str, args: dict[str, Any], page_size: int = 0) -> list[dict[str, str]]:
        """The rows of a query."""
        from passback.powerschool.reads import decode_rows

        return decode_rows(self._bodies[name.removeprefix(PREFIX)])


def body(rows: list[bytes]) -> bytes:
    """A whole answer."""
    return b'{"name":"q","record":[' + b",".join(rows) + b"]}"


_LONG = re.compile(rb"[0-9]{18}|[0-9][eE]|NaN|Infinity")


def fits(raw: bytes) -> bool:
    """Whether the row is an object that a server could have written, without numbers beyond what a reader must hold.

    A torn answer is no answer at all, and every value of a query is a text by contract.
    """
    if not tears_nothing(raw):
        return False
    value, is_sure = loads(raw)
    bare = re.sub(rb'"[^"]*"', b"", raw)
    return is_sure and isinstance(value, dict) and not _LONG.search(bare)


def check(ground: Ground, drawn: Mapping[str, list[bytes]]) -> dict[str, int]:
    """The rows into staging; raises Find where one is lost, changed or stored twice."""
    from passback.powerschool.roster import extract_roster
    from passback.steps.context import read_settings

    rows = {name: [raw for raw in held if fits(raw)] for name, held in drawn.items()}
    bodies = {name: body(held) for name, held in rows.items()}
    bodies["schools"] = b'{"name":"q","record":[{"school_number":"101","school_name":"North High"}]}'
    with night(ground, district((85001,), ("1",))) as made:
        made.open()
        run_key = made.rows("select run_key from passback.run")[0]["run_key"]
        counts = asyncio.run(extract_roster(made.uri, run_key, Answers(bodies), read_settings(), None, YEAR))
        for name, held in rows.items():
            _conserved(made, name, held, counts["queries"][name])
    return {
        "records": sum(map(len, rows.values())),
        "quarantined": sum(each["quarantined"] for each in counts["queries"].values()),
    }


def _conserved(made: Night, name: str, held: list[bytes], counts: Mapping[str, int]) -> None:
    expect(counts["received"] == len(held), "every row counts as received", f"{name}: {counts} for {len(held)}")
    bad = made.rows(
        "select count(*) as n from staging.quarantine where source = 'powerschool' and collection = %s", name
    )[0]["n"]
    expect(bad == counts["quarantined"], "every bad row is quarantined", f"{name}: {bad} {counts}")
    if name == "enrollments":
        _enrollments(made, held, bad)
    leaked = made.rows("select t::text as row from staging.quarantine as t where t::text ~* %s", CANARY)
    expect(not leaked, "no name is stored", str(leaked[:1]))


def _enrollments(made: Night, held: list[bytes], bad: int) -> None:
    """Every stay of a student is staged as the contract reads it."""
    texts = [_is_of_texts(raw) for raw in held]
    good = [each for each in map(_stay, held) if each is not None]
    if all(texts):
        expect(len(good) + bad == len(held), "a row is staged or quarantined", f"{len(good)} + {bad} for {len(held)}")
    found = made.rows(
        "select section_dcid, student_dcid, student_number, entry_on, exit_on, dropped from staging.enrollment"
    )
    staged = Counter(tuple(row.values()) for row in found)
    sure = {stay for stay, of_texts in zip(map(_stay, held), texts, strict=True) if of_texts and stay is not None}
    expect(sure <= staged.keys(), "no row is lost, and no value changed", f"{list(sure - staged.keys())[:3]}")
    expect(len(staged) <= len(set(good)) + texts.count(False), "nothing is staged that never came", f"{len(staged)}")
    expect(max(staged.values(), default=1) == 1, "a row that came twice is staged once", str(staged.most_common(2)))


def _is_of_texts(raw: bytes) -> bool:
    """Whether every value is a text or null, as the contract has it; other types are read kindly or quarantined."""
    return all(each is None or isinstance(each, str) for each in loads(raw)[0].values())


def _stay(raw: bytes) -> tuple[Any, ...] | None:
    """The row as staged, or None where it breaks the contract (every value a text; a null may be missing)."""
    from fuzz import oracle as by

    value = {key: each for key, each in loads(raw)[0].items() if isinstance(each, str)}

    def whole(name: str) -> int:
        given = value.get(name) or ""
        if not (given.isascii() and given.isdigit() and len(given) <= 18):
            raise Wrong(name)
        return int(given)

    try:
        exit_on: dt.date | None = by.day(value["exit_date"]) if value.get("exit_date") else None
        number = by.ident(value.get("student_number") or "")
        dropped = by.one_of("true", "false")(value.get("dropped")) == "true"
        return (
            whole("section_dcid"),
            whole("student_dcid"),
            canonical(number),
            by.day(value.get("entry_date")),
            exit_on,
            dropped,
        )
    except Wrong:
        return None


__all__ = ["PARTS", "STRATEGIES", "check", "encoded"]
