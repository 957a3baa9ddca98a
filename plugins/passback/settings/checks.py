"""What can be checked of the settings only later: which sources are on, and which schools the roster knows."""

from __future__ import annotations

from collections.abc import Iterable

from passback.settings.district import SOURCES, Settings
from passback.settings.kinds import canonical_id, listed, quoted
from passback.settings.reading import refuse


def check(settings: Settings, sources_on: Iterable[str]) -> None:
    """Raise `Terminal` where the settings lack what a source that is on needs: its map of categories."""
    problems = []
    for source in sorted(set(sources_on)):
        if source not in SOURCES:
            problems.append(f"{quoted(source)}: this source is on and not known; known are {listed(SOURCES)}.")
        elif source not in settings.categories:
            problems.append(
                f"[categories.{source}]: missing, and the source {source} is on; write the table, with a line for each "
                "source type or category: its name = the name of a PowerSchool district category."
            )
    refuse(settings.file, problems)


def check_schools(settings: Settings, known: Iterable[str]) -> None:
    """Raise `Terminal` with the school numbers of the settings that are not among the roster's.

    `known` is every school of the roster, not only those in a run's scope. Numbers compare as numbers.
    """
    roster = {canonical_id(number) for number in known}
    advice = f"correct the number or take the table out; the roster's schools are {listed(roster) or '(none)'}"
    unknown = [f"[schools.{quoted(number)}]" for number in sorted(settings.schools) if number not in roster]
    refuse(settings.file, [f"{place}: PowerSchool's roster has no such school; {advice}." for place in unknown])
