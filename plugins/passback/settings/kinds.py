"""What a value of the settings may be: a kind reads one TOML value, or its `UnfitError` says what to write instead."""

from __future__ import annotations

import datetime as dt
import difflib
import json
import re
import zoneinfo
from collections.abc import Callable, Iterable
from typing import Annotated

# A whole number of the settings may end up in an `integer` column, a number of days in a date's arithmetic.
LARGEST_WHOLE = 2_147_483_647
LARGEST_DAYS = 36_500
CATEGORY_CHARACTERS = 30
# The zone files of a system hold these two beside the real names; neither names a place's time.
NOT_A_ZONE = frozenset({"localtime", "Factory"})


class UnfitError(ValueError):
    """The value does not fit its key; the text says what to write instead, as an order."""


def whole(at_least: int = 0, at_most: int = LARGEST_WHOLE) -> Callable[[object], int]:
    """Whole numbers of a range, both ends included; true, false and 1.0 are none."""

    def read(given: object) -> int:
        if isinstance(given, bool) or not isinstance(given, int) or not at_least <= given <= at_most:
            too_large = isinstance(given, int) and given > at_most
            upper = f" and at most {at_most}" if too_large or at_most != LARGEST_WHOLE else ""
            raise UnfitError(f"write a whole number of at least {at_least}{upper}, without quotes")
        return given

    return read


def text(at_most: int | None = None) -> Callable[[object], str]:
    """Text that is neither empty nor blank, kept exactly as written, of at most so many characters."""

    def read(given: object) -> str:
        if not isinstance(given, str) or not given.strip():
            raise UnfitError("write text that is not empty, in quotes")
        if any(ord(character) < 32 or ord(character) == 127 for character in given):
            raise UnfitError("write text without control characters (a tab, a line break)")
        if at_most is not None and len(given) > at_most:
            raise UnfitError(f"write at most {at_most} characters (these are {len(given)})")
        return given

    return read


def category(given: object) -> str:
    """The name of a PowerSchool category: at most 30 characters, exact spelling."""
    return text(at_most=CATEGORY_CHARACTERS)(given)


def share(given: object) -> float:
    """A share of a whole, from 0 to 1."""
    # Not a number is in no range either; a whole number may be too large to be asked whether it is one.
    if isinstance(given, bool) or not isinstance(given, int | float) or not 0 <= given <= 1:
        raise UnfitError("write a number from 0 to 1, without quotes (0.05 is five in a hundred)")
    return float(given)


def switch(given: object) -> bool:
    """True or false; 1, 0 and the texts are neither."""
    if not isinstance(given, bool):
        raise UnfitError("write true or false, without quotes")
    return given


def day(given: object) -> dt.date:
    """A date without a time of day."""
    # A datetime is a date to Python, and not to a reader of the settings.
    if isinstance(given, dt.datetime) or not isinstance(given, dt.date):
        raise UnfitError("write a date as YYYY-MM-DD, without quotes and without a time")
    return given


def month_and_day(given: object) -> str:
    """A day of the calendar without its year, `MM-DD`; 29 February is one."""
    if isinstance(given, str) and re.fullmatch(r"[0-9]{2}-[0-9]{2}", given):
        try:
            dt.date.fromisoformat(f"2000-{given}")  # a leap year, so that 02-29 is a day
        except ValueError:
            pass
        else:
            return given
    raise UnfitError('write a month and a day of the calendar as "MM-DD", in quotes')


def clock(given: object) -> str:
    """A time of the day, `HH:MM`, from 00:00 to 23:59."""
    if not isinstance(given, str) or not re.fullmatch(r"([01][0-9]|2[0-3]):[0-5][0-9]", given):
        raise UnfitError('write a time of the day as "HH:MM" (00:00 to 23:59), in quotes')
    return given


def zone(given: object) -> str:
    """The IANA name of a time zone that this machine's zone data knows, in its exact spelling."""
    name = text()(given)
    known = zoneinfo.available_timezones() - NOT_A_ZONE
    if name not in known:
        raise UnfitError(f"write the IANA name of a time zone, for example America/Chicago{nearest(name, known)}")
    return name


def section_number(given: object) -> str:
    """A PowerSchool `SECTIONS.DCID`, a number written as text, in the form in which it is compared."""
    if not isinstance(given, str) or not re.fullmatch(r"[0-9]{1,18}", given):
        raise UnfitError('write the section\'s DCID, digits in quotes, for example "85004"')
    return canonical_id(given)


def periods(given: object) -> tuple[str, ...]:
    """The store codes of the grading periods: at least one, none twice."""
    if not isinstance(given, list) or not given:
        raise UnfitError('write a list of at least one store code, for example ["Q1", "Q2", "Q3", "Q4"]')
    blank = [f"entry {place} is {shown(one)}" for place, one in enumerate(given, start=1) if not _is_text(one)]
    texts = [one for one in given if _is_text(one)]
    twice = [f"{quoted(one)} stands there twice" for one in sorted({one for one in texts if texts.count(one) > 1})]
    if blank or twice:
        raise UnfitError(f"write each store code once, as text in quotes ({', '.join(blank + twice)})")
    return tuple(given)


def _is_text(given: object) -> bool:
    try:
        text()(given)
    except UnfitError:
        return False
    return True


def canonical_id(given: str) -> str:
    """An identifier as it is compared: as a number where it is one (`00102` is `102`), else as the exact text."""
    return (given.lstrip("0") or "0") if re.fullmatch(r"[0-9]+", given) else given


def shown(given: object) -> str:
    """A value as a message shows it: its type in TOML's words, and the value itself where it is short."""
    match given:
        case bool():
            words = "true" if given else "false"
        case str():
            words = f"the text {json.dumps(given if len(given) <= 40 else given[:39] + '…', ensure_ascii=False)}"
        case int():
            # Python refuses to write an integer of thousands of digits out.
            words = f"the whole number {given}" if abs(given) < 10**20 else "a whole number of over 20 digits"
        case float():
            words = f"the number {given}"
        case dt.datetime():
            words = f"the date with time {given.isoformat()}"
        case dt.date():
            words = f"the date {given.isoformat()}"
        case dt.time():
            words = f"the time {given.isoformat()} without quotes"
        case list():
            words = f"a list of {len(given)}"
        case _:
            words = "a table"
    return words


def quoted(name: str) -> str:
    """A key as TOML writes it: bare where it may be, else in quotes, and short enough for a message."""
    short = name if len(name) <= 60 else name[:59] + "…"
    return short if re.fullmatch(r"[A-Za-z0-9_-]+", short) else json.dumps(short, ensure_ascii=False)


def nearest(name: str, known: Iterable[str]) -> str:
    """A hint at the known name that is spelled most alike, ready to be put behind a message, or ''."""
    spelled = {one.lower(): one for one in sorted(known)}
    found = difflib.get_close_matches(name.lower(), spelled, n=1, cutoff=0.75)
    return f" (did you mean {spelled[found[0]]}?)" if found else ""


def listed(names: Iterable[str], most: int = 20) -> str:
    """The names in order with commas between; where there are very many, the first and how many more."""
    every = sorted(names)
    more = f" and {len(every) - most} more" if len(every) > most else ""
    return ", ".join(every[:most]) + more


Text = Annotated[str, text()]
Share = Annotated[float, share]
Switch = Annotated[bool, switch]
Day = Annotated[dt.date, day]
MonthDay = Annotated[str, month_and_day]
Clock = Annotated[str, clock]
Zone = Annotated[str, zone]
Periods = Annotated[tuple[str, ...], periods]
Whole = Annotated[int, whole()]
AtLeastOne = Annotated[int, whole(at_least=1)]
Days = Annotated[int, whole(at_most=LARGEST_DAYS)]
