"""The category map beside what is staged: types in use that it lacks, and categories that teachers lack."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from passback import database
from passback.database import Connection
from passback.settings import SOURCES, Settings
from passback.web.paging import Listed, Place, sliced

Row = dict[str, Any]

NAMES_SHOWN = 25
TEACHERS_SHOWN = 20
SCHOOLS_SHOWN = 8
IN_USE = {"otus": "configuration_otus_types", "schoology": "configuration_schoology_categories"}


def maps(reading: Connection, settings: Settings, places: Mapping[str, tuple[int, Place]]) -> list[Row]:
    """One row a source: its `names` (types or categories, those with a problem first) and its PowerSchool `categories`.

    `places`: the page's number and place of each source's list of names.
    """
    copies = category_copies(reading, settings)
    found = []
    for source in SOURCES:
        used = database.rows(reading, IN_USE[source])
        rows = names(settings, source, used)
        number, place = places[source]
        paged: Listed = sliced(rows, place, number, NAMES_SHOWN)
        found.append(
            {
                "source": source,
                "names": paged,
                "unmapped": sum(1 for row in rows if row["unmapped"]),
                "unlisted": sum(row["items"] for row in used if row["name"] is None),
                "categories": copies.get(source, []),
            }
        )
    return found


def names(settings: Settings, source: str, used: list[Row]) -> list[Row]:
    """One row a type or category of the source that is mapped or in use, those in use and unmapped first.

    `used`: items by `school_number` and `name`. Gives `category` (the district's, or ''), `overrides` (school number,
    category), `items`, and `unmapped`: how many of them have no category at their school, with the first `schools`.
    """
    mapped = settings.categories.get(source, {})
    overrides = {number: by_source.get(source, {}) for number, by_source in settings.schools.items()}
    every = {name: None for own in (mapped, *overrides.values()) for name in own}
    by_name: dict[str, list[Row]] = {name: [] for name in every}
    for row in used:
        if row["name"] is not None:
            by_name.setdefault(row["name"], []).append(row)
    maps_of = {
        number: settings.category_map(source, number or None) for number in {row["school_number"] for row in used}
    }
    rows = []
    for name, uses in by_name.items():
        lacking = [use for use in uses if name not in maps_of[use["school_number"]]]
        rows.append(
            {
                "name": name,
                "category": mapped.get(name, ""),
                "overrides": [(number, own[name]) for number, own in sorted(overrides.items()) if name in own],
                "items": sum(use["items"] for use in uses),
                "unmapped": sum(use["items"] for use in lacking),
                "schools": [use["school_number"] for use in lacking][:SCHOOLS_SHOWN],
                "more_schools": max(0, len(lacking) - SCHOOLS_SHOWN),
            }
        )
    return sorted(rows, key=lambda row: (-row["unmapped"], row["name"]))


def category_copies(reading: Connection, settings: Settings) -> dict[str, list[Row]]:
    """By source, one row a PowerSchool category that its map names, with the acting teachers who lack an active copy.

    `state`: `none` (nobody has one), `failing` (items fail for it now), `some` (not all have one) or ''.
    """
    asked = _asked(settings, [row["school_number"] for row in database.rows(reading, "configuration_schools")])
    keys = sorted({(source, category) for source, _, category in asked})
    numbers = {key: number for number, key in enumerate(keys)}
    counted = {
        keys[row["number"]]: row
        for row in database.rows(
            reading, "configuration_copies", shown=TEACHERS_SHOWN,
            numbers=[numbers[source, category] for source, _, category in asked],
            sources=[source for source, _, _ in asked], schools=[school for _, school, _ in asked],
            categories=[category for _, _, category in asked],
        )
    }  # fmt: skip
    failing = {
        (row["source"], row["category"]): row
        for row in database.rows(reading, "configuration_inactive", shown=TEACHERS_SHOWN)
    }
    found: dict[str, list[Row]] = {}
    for source, category in sorted({*keys, *failing}):
        found.setdefault(source, []).append(
            _copy(category, counted.get((source, category)), failing.get((source, category)))
        )
    return found


def _asked(settings: Settings, schools: list[str]) -> list[tuple[str, str, str]]:
    """Each (source, school, PowerSchool category) that the map can lead to."""
    return [
        (source, school, category)
        for source in SOURCES
        for school in schools
        for category in sorted(set(settings.category_map(source, school).values()))
    ]


def _copy(category: str, counted: Row | None, failing: Row | None) -> Row:
    teachers, lacking = (counted["teachers"], counted["lacking"]) if counted else (0, 0)
    items = failing["items"] if failing else 0
    state = "failing" if items else "some" if lacking else ""
    return {
        "category": category,
        "teachers": teachers,
        "lacking": lacking,
        "lacking_teachers": (failing or counted or {}).get("lacking_teachers") or [],
        "failing_items": items,
        "failing_teachers": failing["teachers"] if failing else 0,
        "state": "none" if teachers and lacking == teachers else state,
    }
