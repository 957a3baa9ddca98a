"""Scores at the edge: six decimals, as many as PowerSchool keeps, rounded half-even on their decimal text."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Context, Decimal

DECIMALS = 6

_STEP = Decimal(1).scaleb(-DECIMALS)
_TIE = Decimal(5).scaleb(-DECIMALS - 1)
_ENOUGH = Context(prec=60, rounding=ROUND_HALF_EVEN)
# From here on neighbouring floats are further apart than the sixth decimal.
_NO_DECIMALS = 1e15


class NeedsTextError(Exception):
    """The float alone does not tell which way its text is to be rounded."""


def rounded(points: float) -> float:
    """`points`, read from JSON, to six decimals; raises NeedsTextError where only its text can decide a tie."""
    # Most scores are whole, halves or quarters; and a float that survives `round` has six decimals or fewer.
    if not points % 0.125 or round(points, DECIMALS) == points or abs(points) >= _NO_DECIMALS:
        return points + 0.0
    shortest = Decimal(repr(points))
    if abs(shortest) % _STEP == _TIE:
        raise NeedsTextError
    return _six(shortest)


def rounded_text(text: str) -> float:
    """The number that `text` (a JSON number of any length) writes, to six decimals; beyond all floats, infinite."""
    points = float(text)
    # A number whose exponent is beyond what Decimal reads (1e-99999999999999999999) is zero, or infinite, as a float.
    return points + 0.0 if not points or abs(points) >= _NO_DECIMALS else _six(Decimal(text))


def _six(number: Decimal) -> float:
    return float(number.quantize(_STEP, context=_ENOUGH)) + 0.0
