"""Otus's six collections by its contract, and what goes wrong in each field; and a batch of them around good ones."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from hypothesis import strategies as st

from fuzz import fragments as bits
from fuzz.fragments import CANARY, quoted
from fuzz.mutation import Fragments, Part, just, record, words

SECTIONS = tuple(range(85001, 85011))
STUDENTS = tuple(str(number) for number in range(1, 161))
TEACHER = "8301"
GROUP = "PowerSchool Gradebook Passback"
GOOD_ITEMS = 20
MOST_REFERENCES = 1_000_000

ids = st.one_of(just('"@ID@"'), just('"@ID@"'), just('"@ID@"'), st.integers(0, 30).map(lambda n: f'"twice-{n}"'))
odd_ids = st.one_of(
    words("", "0", "-1", "00017", "9223372036854775808", "a\tb", "=1+1", "x" * 255, "x" * 256), bits.anything
)
moments = words(
    "2026-09-10T15:00:00Z", "2026-09-10T15:00:01Z", "2026-09-11T15:00:00.250000Z", "2026-10-01T00:00:00-05:00"
)
odd_moments = st.one_of(bits.times, bits.times, bits.anything)
switches = just("true", "false")
falses = just("false", "false", "false", "false", "false", "false", "false", "true")
odd_switches = st.one_of(just("1", "0", '"true"', "null"), bits.anything)
odd_texts = st.one_of(bits.texts, bits.texts, bits.anything)
odd_numbers = st.one_of(bits.numbers, bits.no_numbers, bits.number_texts, bits.anything)
odd_days = st.one_of(bits.days, bits.days, bits.anything)
# A wrong value in a field that is thrown away, or that may only be one of a few words, must leave no trace.
unkept = st.one_of(bits.canary_texts, bits.numbers, bits.structures)
sis_ids = st.one_of(words(*STUDENTS, "0017", "000000160"), just("null"))
odd_sis_ids = st.one_of(
    words("", "0", "00", "-1", "1e3", "999999999999999999999", "٣", "17 "), just("17", "null"), bits.anything
)


def reference(kind: str, *known: str) -> Fragments:
    """The id of a good record (`known`), or of any of the batch: `@a:17@` is the 17th assignment, wrapped around."""
    return st.one_of(words(*known), words(*known), st.integers(0, MOST_REFERENCES).map(lambda n: f'"@{kind}:{n}@"'))


odd_references = st.one_of(words("", "nothing", "x" * 255, "x" * 256), just("null", "17"), bits.anything)
_head = {"id": Part(ids, odd_ids), "updated_at": Part(moments, odd_moments), "deleted": Part(falses, odd_switches)}

PARTS: Mapping[str, Mapping[str, Part]] = {
    "users": _head | {
        "role": Part(words("teacher", "co_teacher", "administrator"), odd_texts),
        "sis_id": Part(just(quoted(TEACHER), "null"), odd_sis_ids),
        "groups": Part(just(json.dumps([GROUP]), "[]"), st.one_of(bits.texts.map(lambda text: f"[{text}]"),
        bits.anything)),
    },
    "students": _head | {"sis_id": Part(sis_ids, odd_sis_ids)},
    "classes": _head | {
        "name": Part(just(quoted(CANARY)), unkept),
        "school_id": Part(words("101"), unkept),
        "sis_section_id": Part(words(*map(str, SECTIONS)), odd_sis_ids),
        "teacher_ids": Part(just("[]", f'["{CANARY}"]'), unkept),
    },
    "assessments": _head | {
        "identifier": Part(words("S130545", "S1"), odd_texts),
        "title": Part(words("Unit 3", "  Unit \t 3 ", "Quiz on fractions, decimals and percentages, part two"),
        odd_texts),
        "kind": Part(words("assessment", "assessment", "plus"), st.one_of(unkept, words("Plus", ""))),
        "assessment_type": Part(words("Quiz", "Test", "Essay"), odd_texts),
        "grading_scale": Part(words("points", "points", "points", "standards"), odd_texts),
        "points_possible": Part(st.one_of(just("10", "100", "27.5", "null", "9999"), bits.numbers), odd_numbers),
        "created_at": Part(moments, odd_moments),
    },
    "assignments": _head | {
        "assessment_id": Part(reference("e", "e1", "e2", "e3"), odd_references),
        "class_id": Part(reference("c", *(f"c{n + 1}" for n in range(len(SECTIONS)))), odd_references),
        "assigned_by": Part(reference("u", "u1", "u1"), odd_references),
        "assigned_at": Part(st.one_of(moments, just("null")), odd_moments),
        "due_date": Part(st.one_of(words("2026-09-18", "2026-10-15"), just("null")), odd_days),
        "submission_date": Part(st.one_of(words("2026-09-18"), just("null")), odd_days),
        "include_in_final_grade": Part(just("true", "true", "true", "false"), odd_switches),
    },
    "scores": _head | {
        "assignment_id": Part(reference("a", *(f"a{n + 1}" for n in range(GOOD_ITEMS))), odd_references),
        "student_id": Part(reference("s", *(f"s{number}" for number in STUDENTS)), odd_references),
        "status": Part(
            words(*("graded",) * 8, "not_started", "in_progress", "turned_in"), st.one_of(unkept, words("Graded", ""))
        ),
        "points": Part(st.one_of(bits.numbers, bits.numbers, just("null")), odd_numbers),
        "excluded": Part(falses, odd_switches),
        "excused": Part(switches, unkept),
        "missing": Part(switches, unkept),
    },
}  # fmt: skip

# Of a thousand fuzzed records so many are of each collection; what is left is scores.
SHARES = {"users": 12, "students": 25, "classes": 12, "assessments": 60, "assignments": 80}
PREFIXES = {"users": "u", "students": "s", "classes": "c", "assessments": "e", "assignments": "a", "scores": "r"}
STRATEGIES = {name: record(parts) for name, parts in PARTS.items()}

_HEAD = {"updated_at": "2026-09-09T12:00:00Z", "deleted": False}
_TOKEN = re.compile(rb"@(ID|([a-z]):([0-9]+))@")


def good() -> dict[str, list[bytes]]:
    """The good records that the hostile ones stand among: every reference of theirs leads somewhere."""
    whole: dict[str, list[dict[str, Any]]] = {name: [] for name in PARTS}
    whole["users"] = [{"id": "u1", **_HEAD, "role": "teacher", "sis_id": TEACHER, "groups": [GROUP]}]
    whole["students"] = [{"id": f"s{number}", **_HEAD, "sis_id": number} for number in STUDENTS]
    whole["classes"] = [
        {
            "id": f"c{n}",
            **_HEAD,
            "name": CANARY,
            "school_id": "101",
            "sis_section_id": str(dcid),
            "teacher_ids": [CANARY],
        }
        for n, dcid in enumerate(SECTIONS, start=1)
    ]
    whole["assessments"] = [
        {"id": f"e{n}", **_HEAD, "identifier": f"S{n}", "title": "Unit 3", "kind": "assessment",
        "assessment_type": "Quiz",
         "grading_scale": "points", "points_possible": 100, "created_at": _HEAD["updated_at"]}
        for n in range(1, GOOD_ITEMS + 1)
    ]  # fmt: skip
    whole["assignments"] = [
        {"id": f"a{n}", **_HEAD, "assessment_id": f"e{n}", "class_id": f"c{n % len(SECTIONS) + 1}", "assigned_by": "u1",
         "assigned_at": _HEAD["updated_at"], "due_date": "2026-09-18", "submission_date": None,
         "include_in_final_grade": True}
        for n in range(1, GOOD_ITEMS + 1)
    ]  # fmt: skip
    for n, title in enumerate((*bits.FORMULAS, *bits.MARKUP)):
        # Its type is in no map: it has a line, and its words are in the report's file and page.
        told = {"id": f"h{n}", "title": title, "identifier": title, "assessment_type": title}
        whole["assessments"].append({**whole["assessments"][0], **told})
        whole["assignments"].append({**whole["assignments"][0], "id": title, "assessment_id": f"h{n}"})
    return {name: [json.dumps(each).encode() for each in records] for name, records in whole.items()}


def numbered(drawn: Mapping[str, list[bytes]]) -> dict[str, list[bytes]]:
    """The drawn records with ids of their own, and references that lead to records of the batch."""
    counts = {PREFIXES[name]: max(len(records), 1) for name, records in drawn.items()}

    def of(kind: str, place: int, raw: bytes) -> bytes:
        def put(found: re.Match[bytes]) -> bytes:
            if found[2] is None:
                return b"f%s-%d" % (kind.encode(), place)
            return b"f%s-%d" % (found[2], int(found[3]) % counts[found[2].decode()])

        return _TOKEN.sub(put, raw)

    return {
        name: [of(PREFIXES[name], place, raw) for place, raw in enumerate(records)] for name, records in drawn.items()
    }
