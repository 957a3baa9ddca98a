"""What PowerSchool should hold: the JSON bodies of creates and updates. Pure."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from datetime import date
from typing import Any

import msgspec


@dataclass(frozen=True, slots=True)
class Fields:
    """The fields of an assignment that passback compares and sends: `total` in points, `category` by district name."""

    name: str
    due_on: date
    total: float
    category: str


def marker(source: str, source_item_id: str) -> str:
    """The first line of every description: by it a create whose answer was lost is found again."""
    return f"Passback {source} {source_item_id}"


def marker_words(description: str | None) -> tuple[str, ...]:
    """The words of a description's first line: a marker is compared whole, and blanks as PowerSchool may fold them."""
    first = (description or "").strip().splitlines()[:1]
    return tuple(first[0].split()) if first else ()


def create_body(section_dcid: int, description: str, wanted: Fields, teacher_category_id: int) -> bytes:
    """The body of `POST /ws/xte/section/assignment/`: one section, points, weight 1, counted in the final grade."""
    return msgspec.json.encode(
        {
            "_assignmentsections": [
                {
                    "sectionsdcid": section_dcid,
                    "name": wanted.name,
                    "description": description,
                    "duedate": wanted.due_on.isoformat(),
                    "scoretype": "POINTS",
                    "scoreentrypoints": number(wanted.total),
                    "totalpointvalue": number(wanted.total),
                    "weight": 1,
                    "iscountedinfinalgrade": True,
                    "isscoringneeded": True,
                    "publishoption": "Immediately",
                    "_assignmentcategoryassociations": [{"teachercategoryid": teacher_category_id, "isprimary": True}],
                }
            ]
        }
    )


def section_of(assignment: dict[str, Any], section_dcid: int) -> dict[str, Any] | None:
    """The entry of an assignment as read that stands for the section, or None where it is not in it."""
    entries = assignment.get("_assignmentsections") or []
    return next((entry for entry in entries if int(entry.get("sectionsdcid") or 0) == section_dcid), None)


def primary_category_id(entry: dict[str, Any]) -> int | None:
    """The teacher category id of a section entry's primary category."""
    for association in entry.get("_assignmentcategoryassociations") or []:
        if association.get("isprimary"):
            return int(association["teachercategoryid"])
    return None


def update_body(
    assignment: dict[str, Any], section_dcid: int, changed: dict[str, Any], teacher_category_id: int | None
) -> bytes:
    """The whole object as read, with the changed fields in place: `PUT /ws/xte/section/assignment/{id}`.

    `changed`: the fields of `Fields` to send. Name, total and category go to every section of the assignment, since
    PowerSchool wants them the same across sections; the due date goes to ours only.
    """
    body = copy.deepcopy(assignment)
    for entry in body.get("_assignmentsections") or []:
        if "name" in changed:
            entry["name"] = changed["name"]
        if "total" in changed:
            entry["scoreentrypoints"] = entry["totalpointvalue"] = number(changed["total"])
        if "category" in changed and teacher_category_id is not None:
            _set_primary_category(entry, teacher_category_id)
        if "due_on" in changed and int(entry.get("sectionsdcid") or 0) == section_dcid:
            entry["duedate"] = changed["due_on"].isoformat()
    return msgspec.json.encode(body)


def number(points: float) -> int | float:
    """A whole number of points without its fraction, as people write it."""
    return int(points) if points == int(points) else points


def _set_primary_category(entry: dict[str, Any], teacher_category_id: int) -> None:
    associations = entry.setdefault("_assignmentcategoryassociations", [])
    others = [
        one for one in associations if not one.get("isprimary") and one.get("teachercategoryid") != teacher_category_id
    ]
    primary = next((one for one in associations if one.get("isprimary")), {"isprimary": True})
    entry["_assignmentcategoryassociations"] = [{**primary, "teachercategoryid": teacher_category_id}, *others]
