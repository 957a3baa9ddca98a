"""The error guide: every code of the catalogue, what it means, who mends it and how, and what stands with it now."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from passback import database
from passback.database import Connection
from passback.errors import Code, catalogue
from passback.web.shell import ShellDep

router = APIRouter()

Row = dict[str, Any]

# The first code that only a score can have: rules stand in the catalogue in the order in which they are told.
FIRST_OF_SCORES = "SUPERSEDED"
GROUPS = {
    "items": ("Rules for items", "What keeps an assignment from going to PowerSchool."),
    "scores": ("Rules for scores", "What keeps one student's score from going, while its assignment may go."),
    "delivery": ("Delivery", "What PowerSchool answered, or what a person or a later night still has to settle."),
    "warnings": ("Warnings", "What went to PowerSchool all the same, with a remark."),
}
SEVERITIES = {
    "design": "By design: nothing is wrong",
    "action": "Action: somebody has to mend it",
    "held": "Held: it waits for a person or for certainty",
    "warning": "Warning: it was delivered",
}


@router.get("/errors")
def error_guide(shell: ShellDep) -> HTMLResponse:
    """The page of the guide; each code has its own name as anchor, so that any other page can lead to it."""
    return shell.page("error_guide.html", "errors", "Error guide", groups=guide(shell.reading))


def guide(reading: Connection) -> list[Row]:
    """The groups of the guide with their codes, each with what stands now."""
    standing = {row["code"]: row for row in database.rows(reading, "error_guide_standing")}
    grouped: dict[str, list[Row]] = {name: [] for name in GROUPS}
    for code, group in zip(catalogue().values(), groups(list(catalogue().values())), strict=True):
        grouped[group].append(
            {
                "code": code.code,
                "severity": code.severity,
                "severity_words": SEVERITIES[code.severity],
                "owner": code.owner if code.owner != "none" else "",
                "outcome": code.outcome or "delivered",
                "fix": code.fix,
                # A catalogue that is newer than the database's copy of it: nothing stands with its new codes.
                **standing.get(code.code, {"meaning": code.message, "items": 0, "items_with_scores": 0}),
            }
        )
    return [
        {"name": name, "title": GROUPS[name][0], "lead": GROUPS[name][1], "codes": grouped[name]} for name in GROUPS
    ]


def groups(codes: list[Code]) -> list[str]:
    """The group of each code of the catalogue, in its order."""
    scores_begin = next(code.bit for code in codes if code.code == FIRST_OF_SCORES)
    kinds = {"delivery": "delivery", "warning": "warnings"}
    return [kinds.get(code.kind) or ("scores" if code.bit >= scores_begin else "items") for code in codes]
