"""The rows of the roster's queries, all texts on the wire, as rows of COPY; what cannot be read is told by field."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from passback.settings.kinds import canonical_id
from passback.sources.copy_text import NULL, escaped, line

LARGEST_INTEGER = 2**31 - 1
LONGEST_ID = 255

Reader = Callable[[str], str]


class UnfitError(ValueError):
    """A value that breaks the contract; the message is what is needed."""


def identity(value: str) -> str:
    """A DCID or another key of PowerSchool: a whole number that PostgreSQL's bigint holds."""
    if not (value.isascii() and value.isdigit() and len(value) <= 18):
        raise UnfitError("a whole number")
    return value


def term(value: str) -> str:
    """TERMS.ID: a whole number that PostgreSQL's integer holds."""
    if int(identity(value)) > LARGEST_INTEGER:
        raise UnfitError("a whole number below 2,147,483,648")
    return value


def number(value: str) -> str:
    """A number that people know, of a student or a school, in the form in which it is compared."""
    return canonical_id(name(value, LONGEST_ID))


def name(value: str, longest: int = 1_000) -> str:
    """A text that is not empty."""
    if not value or len(value) > longest:
        raise UnfitError(f"a text of 1 to {longest:,} characters")
    return text(value)


def text(value: str) -> str:
    """Any text that PostgreSQL can keep."""
    if "\0" in value:
        raise UnfitError("a text without NUL characters")
    return escaped(value)


@lru_cache(maxsize=4096)
def day(value: str) -> str:
    """A date `YYYY-MM-DD`."""
    try:
        if len(value) == len("YYYY-MM-DD"):
            return dt.date.fromisoformat(value).isoformat()
    except ValueError:
        pass
    raise UnfitError("a date YYYY-MM-DD")


def maybe_day(value: str) -> str:
    """A date, or NULL for the empty text."""
    return day(value) if value else NULL


def switch(value: str) -> str:
    """`true` or `false`."""
    if value not in ("true", "false"):
        raise UnfitError("`true` or `false`")
    return value


def role(value: str) -> str:
    """`lead` or `co`."""
    if value not in ("lead", "co"):
        raise UnfitError("`lead` or `co`")
    return value


@dataclass(frozen=True, slots=True)
class Query:
    """One named query: its short name and, by column of its answer, the staging column and how a value is read."""

    name: str
    columns: Mapping[str, tuple[str, Reader]]

    @property
    def incoming(self) -> str:
        """The temporary table that the rows are copied into."""
        return f"incoming_{self.name}"

    @property
    def table_columns(self) -> tuple[str, ...]:
        """The columns of that table, in the order of the rows: the school that was asked for comes first."""
        return tuple(dict.fromkeys(("school_number", *(column for column, _ in self.columns.values()))))


SCHOOLS = Query("schools", {"school_number": ("school_number", number), "school_name": ("school_name", text)})
QUERIES = (
    Query("sections", {
        "school_number": ("school_number", number), "section_dcid": ("section_dcid", identity),
        "term_id": ("term_id", term), "course_name": ("course_name", text), "section_number": ("section_number", text),
        "first_day": ("first_day", day), "last_day": ("last_day", day),
    }),
    Query("section_teachers", {
        "section_dcid": ("section_dcid", identity), "users_dcid": ("users_dcid", identity), "role": ("role", role),
        "start_date": ("start_on", maybe_day), "end_date": ("end_on", maybe_day),
    }),
    Query("teacher_categories", {
        "users_dcid": ("users_dcid", identity), "teacher_category_id": ("teacher_category_id", identity),
        "name": ("name", name), "is_active": ("is_active", switch),
    }),
    Query("enrollments", {
        "section_dcid": ("section_dcid", identity), "student_dcid": ("student_dcid", identity),
        "student_number": ("student_number", number), "entry_date": ("entry_on", day),
        "exit_date": ("exit_on", maybe_day), "dropped": ("dropped", switch),
    }),
    Query("grading_periods", {
        "school_number": ("school_number", number), "term_id": ("term_id", term), "store_code": ("store_code", name),
        "first_day": ("first_day", day), "last_day": ("last_day", day),
    }),
)  # fmt: skip


@dataclass(slots=True)
class Lines:
    """The answer of one query as rows of COPY, quarantined ones apart; `keys` are the good ones' first values."""

    keys: list[str] = field(default_factory=list)
    good: list[str] = field(default_factory=list)
    bad: list[str] = field(default_factory=list)


def read(query: Query, school: str, rows: Sequence[Mapping[str, str]]) -> Lines:
    """The rows of one answer for one school (of the schools themselves: '')."""
    lines, readers = Lines(), [(column, reader) for column, (_, reader) in query.columns.items()]
    own = "school_number" in query.columns
    prefix = "" if own else f"{escaped(school)}\t"
    for position, row in enumerate(rows, start=1):
        try:
            values = [reader(row.get(column, "")) for column, reader in readers]
        except UnfitError:
            values = []
        if not values or (own and school and values[0] != school):
            lines.bad.append(_quarantined(query, school, position, row))
            continue
        lines.keys.append(values[0])
        lines.good.append(prefix + "\t".join(values) + "\n")
    return lines


def _quarantined(query: Query, school: str, position: int, row: Mapping[str, str]) -> str:
    """A bad row: where it stood, its fields that break the contract, and what they need; never a value but its key."""
    wrong = {}
    for column, (_, reader) in query.columns.items():
        try:
            if reader(row.get(column, "")) != school and column == "school_number" and school:
                wrong[column] = "the school that was asked for"
        except UnfitError as unfit:
            wrong[column] = str(unfit)
    key = next((row[c] for c in ("section_dcid", "users_dcid", "school_number") if row.get(c, "").isdigit()), "")
    types = ("text" if row.get(column) else "empty" for column in wrong)
    reason = "; ".join(f"`{column}` must be {needed}" for column, needed in wrong.items())
    place = f"school {school}, row {position}" if school else f"row {position}"
    return line((school, query.name, place, key[:LONGEST_ID], ", ".join(wrong), ", ".join(types), reason))
