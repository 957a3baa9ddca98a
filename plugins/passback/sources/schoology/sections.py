"""Which sections are Schoology's: each of the roster is asked for by its SECTIONS.DCID, its school code there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from passback.sources.schoology.contract import SECTIONS
from passback.sources.schoology.listing import Listing, of_codes
from passback.sources.schoology.reading import Reader

# As many codes as Schoology takes in one call.
CODES_AT_ONCE = 50


@dataclass(frozen=True, slots=True)
class Found:
    """The listings that tell of the codes, those codes whose listing came whole, and Schoology's clock before them."""

    listings: list[Listing]
    told: list[str]
    server_time: datetime | None


def find(reader: Reader, codes: Sequence[str], page_limit: int) -> Found:
    """Asks for the sections with these codes; raises what every call would, since no section can be found without."""
    listings, told = [], []
    for first in range(0, len(codes), CODES_AT_ONCE):
        asked = list(codes[first : first + CODES_AT_ONCE])
        listing = of_codes(SECTIONS, asked, page_limit)
        reader.read_or_raise(listing)
        listings.append(listing)
        told += asked if listing.complete else []
    return Found(listings, told, listings[0].server_time if listings else None)
