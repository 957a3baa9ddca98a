"""Reads district.toml whole: every problem is found and named with its place, then all are told at once."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any, TypeAlias, get_args, get_type_hints

from passback.errors import Terminal
from passback.settings import kinds
from passback.settings.district import SOURCES, CategoryMap, Settings
from passback.settings.kinds import UnfitError, canonical_id, listed, nearest, quoted, shown
from passback.settings.parsing import parsed

EXCEPTIONS = {1: "excused", 2: "incomplete", 3: "missing"}
FREE_TABLES = ("categories", "schools", "opt_outs", "exceptions")

Kind: TypeAlias = Callable[[object], Any]


def load(path: Path) -> Settings:
    """The settings in the file `path`, complete with defaults.

    Raises `Terminal`, whose message lists every problem with its place, what was found there and what to write.
    """
    reading = _Reading()
    values = reading.settings(parsed(path))
    refuse(path, reading.problems)
    return Settings(file=path, **values)


def refuse(path: Path, problems: list[str]) -> None:
    """Raise `Terminal` with all problems of the file `path`, if there are any."""
    if problems:
        count = "1 problem" if len(problems) == 1 else f"{len(problems)} problems"
        raise Terminal(f"{count} in the settings file {path}:\n" + "\n".join(f"- {problem}" for problem in problems))


@cache
def _kinds(cls: type) -> dict[str, Kind]:
    """The plain keys of a table of settings, each with the function that reads its value."""
    hints = get_type_hints(cls, include_extras=True)
    return {name: get_args(hint)[1] for name, hint in hints.items() if hasattr(hint, "__metadata__")}


@cache
def _tables(cls: type) -> dict[str, type]:
    """The keys of a table of settings that are tables themselves, each with its class."""
    hints = get_type_hints(cls)
    return {name: hint for name, hint in hints.items() if isinstance(hint, type) and dataclasses.is_dataclass(hint)}


@cache
def _required(cls: Any) -> frozenset[str]:
    without = dataclasses.MISSING
    fields = dataclasses.fields(cls)
    return frozenset(field.name for field in fields if field.default is without and field.default_factory is without)


class _Reading:
    """One pass over a file; what is wrong is noted in `problems`, and reading goes on with what is right."""

    def __init__(self) -> None:
        self.problems: list[str] = []

    def settings(self, given: dict[str, Any]) -> dict[str, Any]:
        """The values of all keys that the file gives."""
        values = self.plain_keys(Settings, given, "")
        for name, cls in _tables(Settings).items():
            if name in given:
                values[name] = self.section(cls, given[name], f"[{name}]")
        if "categories" in given:
            values["categories"] = self.sources(given["categories"], "categories")
        if "schools" in given:
            values["schools"] = self.schools(given["schools"])
        if "opt_outs" in given:
            values |= self.opt_outs(given["opt_outs"])
        if "exceptions" in given:
            values["exceptions"] = self.exceptions(given["exceptions"])
        self.unknown(given, [*_kinds(Settings), *_tables(Settings), *FREE_TABLES], "")
        return values

    def section(self, cls: type, given: object, header: str) -> Any:
        """One of the tables whose keys all have defaults."""
        table = self.table(given, header)
        values = self.plain_keys(cls, table, header)
        self.unknown(table, _kinds(cls), header)
        return cls(**values)

    def plain_keys(self, cls: type, given: Mapping[str, object], header: str) -> dict[str, Any]:
        values = {}
        for name, kind in _kinds(cls).items():
            if name in given:
                values[name] = self.value(kind, given[name], f"{header} {name}".strip())
            elif name in _required(cls):
                self.missing(kind, name)
        return values

    def sources(self, given: object, name: str) -> dict[str, CategoryMap]:
        """A table with a map of categories per source."""
        found = self.table(given, f"[{name}]")
        self.unknown(found, SOURCES, f"[{name}]", "source")
        return {one: self.category_map(found[one], f"[{name}.{one}]") for one in SOURCES if one in found}

    def category_map(self, given: object, header: str) -> dict[str, str]:
        found = self.table(given, header)
        for source_name in found:
            self.value(kinds.text(), source_name, f"{header} the name {quoted(source_name)}")
        return {name: self.value(kinds.category, one, f"{header} {quoted(name)}") for name, one in found.items()}

    def schools(self, given: object) -> dict[str, Mapping[str, CategoryMap]]:
        """School number, as it is compared, → source → what differs there from the district's map."""
        maps: dict[str, Mapping[str, CategoryMap]] = {}
        for number, table in self.table(given, "[schools]").items():
            header = f"[schools.{quoted(number)}]"
            school = self.table(table, header)
            self.unknown(school, ["categories"], header)
            if canonical_id(number) in maps:
                self.problems.append(f"{header}: this school stands here twice; write its entries under one number.")
            maps[canonical_id(number)] = self.sources(school.get("categories", {}), f"{header[1:-1]}.categories")
        return maps

    def opt_outs(self, given: object) -> dict[str, Any]:
        """The sections and the items that the district has opted out."""
        entries = given if isinstance(given, list) else []
        if not isinstance(given, list):
            self.problems.append(f"opt_outs: found {shown(given)}; write each one as a table [[opt_outs]] of its own.")
        read = [self.opt_out(entry, f"[[opt_outs]] entry {place}") for place, entry in enumerate(entries, start=1)]
        return {
            "opted_out_sections": frozenset(one for one in read if isinstance(one, str)),
            "opted_out_items": frozenset(one for one in read if isinstance(one, tuple)),
        }

    def opt_out(self, given: object, place: str) -> str | tuple[str, str] | None:
        entry = self.table(given, place)
        item_keys = {"source": _source, "source_item_id": kinds.text()}
        self.unknown(entry, ["section_dcid", *item_keys], place)
        if isinstance(given, dict) and ("section_dcid" in entry) == any(key in entry for key in item_keys):
            found = "both forms" if "section_dcid" in entry else "neither form"
            self.problems.append(f"{place}: found {found}; write section_dcid, or source and source_item_id.")
        elif "section_dcid" in entry:
            section: str | None = self.value(kinds.section_number, entry["section_dcid"], f"{place} section_dcid")
            return section
        elif entry:
            source, item = (self.needed(kind, entry, key, place) for key, kind in item_keys.items())
            return (source, item)
        return None

    def exceptions(self, given: object) -> dict[int, str]:
        """Schoology's code → `flag` or `skip`: the defaults, with the given entries in their places."""
        codes = dict.fromkeys(EXCEPTIONS, "flag")
        for code, meaning in self.table(given, "[exceptions]").items():
            place = f"[exceptions] {quoted(code)}"
            if not re.fullmatch(r"[1-9][0-9]{0,8}", code):
                self.problems.append(f"{place}: found no code; write Schoology's number: {_EXCEPTION_NAMES}.")
            elif int(code) not in EXCEPTIONS and meaning == "flag":
                known = f"PowerSchool has flags for {_EXCEPTION_NAMES} only"
                self.problems.append(f'{place}: found {shown(meaning)}; {known}: write "skip", or take the line out.')
            else:
                codes[int(code)] = self.value(_meaning, meaning, place)
        return codes

    def table(self, given: object, header: str) -> dict[str, Any]:
        if isinstance(given, dict):
            return given
        self.problems.append(f"{header}: found {shown(given)}; write a table with keys of its own.")
        return {}

    def needed(self, kind: Kind, table: Mapping[str, object], key: str, header: str) -> Any:
        place = f"{header} {key}"
        return self.value(kind, table[key], place) if key in table else self.missing(kind, place)

    def missing(self, kind: Kind, place: str) -> None:
        try:
            kind(None)
        except UnfitError as unfit:
            self.problems.append(f"{place}: missing; {unfit}.")

    def value(self, kind: Kind, given: object, place: str) -> Any:
        try:
            return kind(given)
        except UnfitError as unfit:
            self.problems.append(f"{place}: found {shown(given)}; {unfit}.")

    def unknown(self, given: Mapping[str, object], known: Iterable[str], header: str, word: str = "key") -> None:
        """Note every name of the table that is not known; its value stays out of the message, whatever it is."""
        names = list(known)
        for name in given:
            if name not in names:
                place = f"{header} {quoted(name)}".strip()
                hint = nearest(name, names) or f"; known are {listed(names)}"
                self.problems.append(f"{place}: found an unknown {word}; correct its spelling or take it out{hint}.")


_EXCEPTION_NAMES = ", ".join(f"{code} ({name})" for code, name in EXCEPTIONS.items())


def _source(given: object) -> str:
    if not isinstance(given, str) or given not in SOURCES:
        raise UnfitError("write one of the sources " + " and ".join(f'"{one}"' for one in SOURCES))
    return given


def _meaning(given: object) -> str:
    if not isinstance(given, str) or given not in {"flag", "skip"}:
        raise UnfitError('write "flag" (pass it as PowerSchool\'s own flag) or "skip" (send nothing), in quotes')
    return given
