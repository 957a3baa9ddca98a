"""A listing of sections: assignments by their marker or id, and text that PowerSchool keeps otherwise."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

from passback.payloads import marker_words, section_of

PLUGIN_NAME = "passback"
# A name is 50 characters at most: replaced characters can push its end over that.
CUT_CHARACTERS = 45


class Listing:
    """The assignments of some sections, as PowerSchool lists them."""

    def __init__(self, assignments: list[dict[str, Any]]) -> None:
        """Takes the answer of `list_assignments`."""
        self._by_id = {int(assignment["assignmentid"]): assignment for assignment in assignments}
        self._by_marker: dict[tuple[int, tuple[str, ...]], list[dict[str, Any]]] = {}
        for assignment in assignments:
            for entry in assignment["_assignmentsections"]:
                key = (int(entry["sectionsdcid"]), marker_words(entry.get("description")))
                self._by_marker.setdefault(key, []).append(assignment)

    def with_marker(self, marker: str, section_dcid: int) -> list[int]:
        """The ids of the section's assignments that carry the marker: our plugin's first, the lowest id first."""
        found = self._by_marker.get((section_dcid, marker_words(marker)), [])
        return [int(assignment["assignmentid"]) for assignment in sorted(found, key=_ours_first)]

    def entry(self, assignment_id: int, section_dcid: int) -> dict[str, Any] | None:
        """What stands for the section in an assignment, or None where the listing has not got it."""
        return section_of(self._by_id.get(assignment_id, {}), section_dcid)


def normalised(sent: str, held: str) -> bool:
    """Whether PowerSchool only keeps a text otherwise (blanks, characters, its end cut): nobody has edited it."""
    ours, theirs = _letters(sent), _letters(held)
    return sent != held and (ours == theirs or (ours.startswith(theirs) and len(held) >= CUT_CHARACTERS))


def _ours_first(assignment: dict[str, Any]) -> tuple[bool, bool, int]:
    plugin = assignment.get("createdbyplugin")
    return plugin != PLUGIN_NAME, not plugin, int(assignment["assignmentid"])


def _letters(text: str) -> str:
    return re.sub(r"[^a-z0-9]", "", unicodedata.normalize("NFKD", text).casefold())
