"""What a run's reader should know of the extraction of Schoology, in words; none of it makes the run red."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from passback.errors import PassbackError

STEP = "extract schoology"
MOST_NAMED = 5


def messages(
    failed: Mapping[str, PassbackError], incomplete: Collection[str], left: Collection[str], *, asked_for_none: bool
) -> Iterator[str]:
    """One text a trouble: how many sections, the first of them, what became of them and what to do."""
    if asked_for_none:
        yield (
            "Schoology was asked for nothing: the roster as last read has no section of this run's part. Run again "
            "once PowerSchool's roster has been read."
        )
    if failed:
        why = next(iter(failed.values()))
        yield (
            f"{_sections(failed)} of Schoology cannot be read, or not wholly: what is missing is judged as last known. "
            f"{why} Check in Schoology that the district's app may see these sections; the next run asks again."
        )
    if incomplete:
        yield (
            f"{_sections(incomplete)} of Schoology never came whole: their listings do not hold as many records as "
            "they declare. What came was taken in, nothing was marked as deleted, and the next run asks for the same "
            "again; if it stays, report it to Schoology."
        )
    if left:
        yield (
            f"{_sections(left)} of Schoology were not read in the time that there was, and are judged as last known: "
            "they go first in the next run."
        )


def _sections(ids: Collection[str]) -> str:
    named = sorted(ids)[:MOST_NAMED]
    more = ", …" if len(ids) > len(named) else ""
    return f"{len(ids):,} section{'s' if len(ids) > 1 else ''} ({', '.join(named)}{more})"
