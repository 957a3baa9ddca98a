"""What was sent to PowerSchool, read off the bodies of its requests with every digit."""

from __future__ import annotations

import json
from decimal import Decimal

from fuzz.finding import expect
from sandbox.server import Sandbox

Sent = dict[tuple[str, int], tuple[Decimal, Decimal]]


def scores_sent(box: Sandbox, source: str) -> Sent:
    """By item (the source's id) and student DCID: `scorepoints` and `actualscoreentered`, as the last body says them.

    Scores that carry flags in place of points are left out.
    """
    items = {
        held.assignment_section_id: held.marker.removeprefix(f"Passback {source} ")
        for assignment in box.powerschool.gradebook.assignments.values()
        for held in assignment.sections
    }
    found: Sent = {}
    for entry in box.powerschool.log.entries:
        if entry.kind != "score":
            continue
        for row in json.loads(entry.body, parse_float=Decimal, parse_int=Decimal)["assignment_scores"]:
            if row["scorepoints"] is None:
                expect(row["actualscoreentered"] is None, "a flag goes without a text", str(row))
                continue
            key = items[int(row["_assignmentsection"]["assignmentsectionid"])], int(row["studentsdcid"])
            found[key] = Decimal(row["scorepoints"]), Decimal(row["actualscoreentered"])
    return found


def sent_as_wanted(box: Sandbox, source: str, wanted: dict[tuple[str, int], float]) -> int:
    """How many scores were sent: exactly those wanted (by item and student DCID), each as its number and its text."""
    sent = scores_sent(box, source)
    expect(sent.keys() == wanted.keys(), "exactly what passes is sent", f"{sorted(sent.keys() ^ wanted.keys())[:4]}")
    for key, (points, entered) in sent.items():
        told = f"{key}: {points} for {wanted[key]}"
        expect(float(points) == wanted[key], "the number that is sent is the source's", told)
        expect(float(entered) == wanted[key], "the text that is sent is the number", f"{key}: {entered}")
    return len(sent)
