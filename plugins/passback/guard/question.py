"""What a release asks, as people read it in Airflow: the figures, where the changes are, and a sample of them. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from passback.guard.figures import WORDS, shown

MOST_SCHOOLS = 10

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Question:
    """What a release asks: one line, and the text under it in Markdown."""

    subject: str
    body: str


@dataclass(frozen=True, slots=True)
class Facts:
    """What the text tells: the release as include/sql/release_of.sql has it, its schools, and a sample of its changes.

    `until` is local time in words, `run_url` the held run's page in Airflow.
    """

    release: Row
    schools: Sequence[Row]
    sample: Sequence[Row]
    until: str
    run_url: str


def question(facts: Facts) -> Question:
    """The question of a release. Whatever comes from a source or from PowerSchool is escaped."""
    release = facts.release
    changes = counted(release["items"], release["scores"])
    subject = f"Release {changes} held as of {release['held_as_of']}?"
    parts = [
        f"**{changes[:1].upper()}{changes[1:]}** of the run `{release['held_run_id']}`, as of {release['held_as_of']}, "
        "would change, and wait. Nothing of them was sent; everything else went on.",
        f"{release['unverified']:,} of these changes wait as `UNVERIFIED`: the ledger's row was rebuilt from "
        "PowerSchool, and the source's value differs from it."
        if release["unverified"]
        else "",
        _figures(release["figures"]),
        _schools(facts.schools),
        _sample(facts.sample),
        f"Every change, old → new, is in `preview.csv` of the run's report: [open the run]({facts.run_url}) and its "
        "tab *Passback*; the file is there once the run has ended.",
        f"**Approve** sends them, each only where its old and its new value are still those asked about here. "
        f"**Reject** sends nothing, and so does no answer until **{facts.until}**: the next night plans anew.",
    ]
    return Question(subject, "\n\n".join(part for part in parts if part))


def counted(items: int, scores: int) -> str:
    """Items and scores in words; what there is none of is left out."""
    words = [f"{number:,} {name}{'' if number == 1 else 's'}" for number, name in ((items, "item"), (scores, "score"))]
    return " and ".join(word for word, number in zip(words, (items, scores), strict=True) if number) or "nothing"


def escaped(text: object) -> str:
    """A text in which Markdown sees nothing but text, on one line."""
    return re.sub(r"([!-/:-@\[-`{-~])", r"\\\1", " ".join(str(text).split()))


def _figures(figures: Sequence[Row]) -> str:
    lines = ["| figure | is | limit | |", "|---|---|---|---|"]
    for row in figures:
        counting = f"{row['counted']:,}" + (f" of {row['of_all']:,}" if row["of_all"] is not None else "")
        name = f"`{row['figure']}`{' of ' + row['source'] if row['source'] else ''}"
        words = WORDS[row["figure"]][1]
        limit, verdict = shown(row["limit_value"]), "**over the limit**" if row["passed"] else ""
        lines.append(f"| {name} | {shown(row['value'])}: {counting} {words} | {limit} | {verdict} |")
    return "\n".join(lines) if figures else ""


def _schools(schools: Sequence[Row]) -> str:
    lines = ["| school | source | items | scores |", "|---|---|---|---|"]
    for row in schools[:MOST_SCHOOLS]:
        name = " ".join(part for part in (row["school_number"], row["school_name"]) if part) or "no school"
        lines.append(f"| {escaped(name)} | {row['source']} | {row['items']:,} | {row['scores']:,} |")
    if len(schools) > MOST_SCHOOLS:
        lines.append(f"| and {len(schools) - MOST_SCHOOLS} more | | | |")
    return "\n".join(lines)


def _sample(sample: Sequence[Row]) -> str:
    lines = ["Some of them:", "", "| section | item | student | field | old | new |", "|---|---|---|---|---|---|"]
    for row in sample:
        title = row["title"] or row["source_item_id"]
        cells = (row["section_name"], title, row["student_number"], row["field"], row["old"], row["new"])
        lines.append("| " + " | ".join(escaped(cell) for cell in cells) + " |")
    return "\n".join(lines) if sample else ""
