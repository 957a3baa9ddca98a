"""Schoology's records by its contract, and what goes wrong in each field; spread over sections around good ones."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

from hypothesis import strategies as st

from fuzz import fragments as bits
from fuzz.fragments import CANARY
from fuzz.mutation import Part, just, record, words
from fuzz.oracle import tears_nothing
from sandbox.district import SchoologySection

SECTIONS = tuple(range(85001, 85009))
STUDENTS = tuple(str(number) for number in range(1, 61))
GOOD_ITEMS = (5001, 5002, 5003, 5004)
MOST_REFERENCES = 1_000_000

odd_ids = st.one_of(
    just("0", "-1", "1.0", "1e3", "9223372036854775808", '"00017"', '""', '"x:y"', "null"), bits.anything
)
flags = just("0", "0", '"0"')
ones = just("1", "1", '"1"', "0")
odd_flags = st.one_of(just("2", "true", '""', "null", "-1", "1.0"), bits.anything)
odd_texts = st.one_of(bits.texts, bits.texts, bits.anything)
odd_numbers = st.one_of(bits.numbers, bits.number_texts, bits.number_texts, bits.anything)
numbers = st.one_of(bits.numbers, bits.number_texts, just("null", '""', '"8.5"', "9"))
dues = words("2026-09-18 23:59:00", "2026-10-15 00:00:00", "")
odd_dues = st.one_of(words("2026-09-18", "0000-00-00 00:00:00", "2026-02-30 00:00:00", " ", "2026-09-18T24:00:00Z"),
bits.days,
                     bits.times, bits.anything)  # fmt: skip
stamps = st.one_of(just("1790000000", '"1790000001"', "0"), just("1790000002"))
odd_stamps = st.one_of(just('""', "null", "-1", "1.5", "9223372036854775807", "9223372036854775808"), bits.anything)
references = st.integers(0, MOST_REFERENCES)


def _ids(kind: str) -> st.SearchStrategy[str]:
    """An id of its own as number or text; one in ten again and again."""
    return st.one_of(*[just(f"@{kind}@", f'"@{kind}@"')] * 6, just("5001", '"5002"', "777", '"778"'))


def _refers(kind: str, *known: int) -> st.SearchStrategy[str]:
    """The id of a good record of the section, or of a drawn one."""
    good = just(*map(str, known), *(f'"{each}"' for each in known))
    return st.one_of(good, good, references.map(lambda n: f"@{kind}:{n}@"))


seats = st.sampled_from([f"@s:{number}@" for number in STUDENTS])
PARTS: Mapping[str, Mapping[str, Part]] = {
    "items": {
        "id": Part(_ids("i"), odd_ids),
        "title": Part(words("Unit 3", " Unit  3 ", "Worksheet on fractions, decimals and percentages, two"), odd_texts),
        "description": Part(words(CANARY), bits.canary_texts),
        "due": Part(dues, odd_dues),
        "grading_scale": Part(just('"0"', "0", '"0"', '"1"'), odd_ids),
        "grading_period": Part(just('"435"', "435", '"0"'), odd_ids),
        "grading_category": Part(just('"4371"', "4372", '""', '"0"'), odd_ids),
        "max_points": Part(st.one_of(just('"100"', "10", "27.5"), numbers), odd_numbers),
        "is_final": Part(flags, odd_flags),
        "published": Part(ones, odd_flags),
        "type": Part(words("assignment", "assessment", "discussion"), odd_texts),
        "grade_item_id": Part(references.map(lambda n: str(900_000_000 + n)), odd_ids),
        "assignees": Part(just("[]", '""', '"[]"', "[@s:1@,@s:2@]", '"[\\"@s:3@\\"]"'),
                          st.one_of(bits.structures, bits.anything)),
    },
    "grades": {
        "enrollment_id": Part(st.one_of(seats, seats, seats, references.map(lambda n: f"@e:{n}@")), odd_ids),
        "assignment_id": Part(_refers("i", *GOOD_ITEMS), odd_ids),
        "grade": Part(numbers, odd_numbers),
        "exception": Part(just("0", "0", "0", '"0"', "1", "2", "3"), st.one_of(just("4", "-1", "null", '"1"'),
        bits.anything)),
        "max_points": Part(just("100"), bits.canary_texts),
        "is_final": Part(flags, odd_flags),
        "timestamp": Part(stamps, odd_stamps),
        "comment": Part(words(CANARY), bits.canary_texts),
    },
    "enrollments": {
        "id": Part(_ids("e"), odd_ids),
        "uid": Part(just("1"), bits.canary_texts),
        "school_uid": Part(st.one_of(words(*STUDENTS), just("17", "null", '""')), odd_ids),
        "admin": Part(flags, odd_flags),
        "status": Part(just('"1"', "1", '"5"'), odd_ids),
        "name_display": Part(words(CANARY), bits.canary_texts),
    },
    "categories": {"id": Part(_ids("c"), odd_ids), "title": Part(words("Tests", "Essays"), odd_texts)},
    "periods": {
        "id": Part(_ids("p"), odd_ids), "title": Part(words("Q1"), odd_texts), "start": Part(dues, odd_dues),
        "end": Part(dues, odd_dues),
    },
}  # fmt: skip
SHARES = {"items": 70, "enrollments": 60, "categories": 8, "periods": 8}
STRATEGIES = {name: record(parts) for name, parts in PARTS.items()}
_FIRST = {"i": 500_000, "e": 800_000, "c": 4_400, "p": 500}
_OF = {"items": "i", "enrollments": "e", "categories": "c", "periods": "p", "grades": "g"}
_TOKEN = re.compile(rb"@([a-z])(?::([0-9]+))?@")


def sections(drawn: Mapping[str, list[bytes]]) -> list[SchoologySection]:
    """The drawn records spread over sections, with ids of their own, behind the good ones of each."""
    made = []
    for place, dcid in enumerate(SECTIONS):
        mine = {name: held[place :: len(SECTIONS)] for name, held in drawn.items()}
        counts = {_OF[name]: max(len(held), 1) for name, held in mine.items()}
        own = {
            name: list(
                filter(tears_nothing, (_numbered(raw, place, number, counts) for number, raw in enumerate(held)))
            )
            for name, held in mine.items()
        }
        good = _good(place)
        parts = {name: [*good[name], *own.get(name, [])] for name in good}
        made.append(
            SchoologySection(
                str(4000 + place),
                str(dcid),
                items=parts["items"],
                grades=parts["grades"],
                categories=parts["categories"],
                periods=parts["periods"],
                enrollments=parts["enrollments"],
            )
        )
    return made


def _numbered(raw: bytes, place: int, number: int, counts: Mapping[str, int]) -> bytes:
    def put(found: re.Match[bytes]) -> bytes:
        kind = found[1].decode()
        if kind == "s":
            return b"%d" % seat(place, int(found[2]))
        own = number if found[2] is None else int(found[2]) % counts.get(kind, 1)
        return b"%d" % (_FIRST[kind] + own + (100_000 * (place + 1) if kind in "ie" else 0))

    return _TOKEN.sub(put, raw)


def seat(place: int, number: int) -> int:
    """The enrolment of a student in a section: its id is unique over all sections."""
    return 7_000_000 + 1_000 * place + number


def _good(place: int) -> dict[str, list[bytes]]:
    """What passes: four items, a seat for every student, two categories and a period."""
    items = [
        {"id": number, "title": f"Unit {number}", "description": CANARY, "due": "2026-09-18 23:59:00",
        "grading_scale": "0",
         "grading_period": "435", "grading_category": "4371", "max_points": "100", "is_final": 0, "published": 1,
         "type": "assignment", "grade_item_id": number, "assignees": []}
        for number in GOOD_ITEMS
    ]  # fmt: skip
    # Without a category each has a line, and its words are in the report's file and page.
    items += [
        {**items[0], "id": 5101 + n, "grade_item_id": 5101 + n, "title": title, "grading_category": "0"}
        for n, title in enumerate((*bits.FORMULAS, *bits.MARKUP))
    ]
    enrolled = [
        {
            "id": seat(place, int(number)),
            "uid": 1,
            "school_uid": number,
            "admin": 0,
            "status": "1",
            "name_display": CANARY,
        }
        for number in STUDENTS
    ]
    categories = [{"id": 4371, "title": "Tests"}, {"id": 4372, "title": "Quizzes"}]
    periods = [{"id": 435, "title": "Q1", "start": "2026-08-17 00:00:00", "end": "2026-10-16 00:00:00"}]
    whole = {"items": items, "grades": [], "enrollments": enrolled, "categories": categories, "periods": periods}
    return {name: [json.dumps(each).encode() for each in held] for name, held in whole.items()}
