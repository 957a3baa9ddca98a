"""The geometry of the page's charts: numbers in, coordinates out; the template draws them as inline SVG."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

WIDTH = 960.0
TREND_HEIGHT = 160.0
MARGIN = 10.0


@dataclass(frozen=True, slots=True)
class Segment:
    """One part of a stacked bar, in the chart's units from the left; `percent` of the whole."""

    name: str
    count: int
    x: float
    width: float
    percent: float


@dataclass(frozen=True, slots=True)
class Series:
    """One line of the trend: its `points` as an SVG polyline takes them, and each point with what it tells."""

    name: str
    points: str
    marks: list[tuple[float, float, str]]
    last: int


def stacked(counts: Mapping[str, int], names: Sequence[str], width: float = WIDTH) -> list[Segment]:
    """The parts of a bar `width` long that `counts` fill, in the order of `names`; empty where all are 0."""
    whole = sum(counts[name] for name in names)
    segments, x = [], 0.0
    for name in names:
        if counts[name]:
            share = counts[name] / whole
            segments.append(Segment(name, counts[name], round(x, 2), round(share * width, 2), round(share * 100, 1)))
            x += share * width
    return segments


def bar_widths(counts: Sequence[int], width: float = WIDTH) -> list[float]:
    """The length of each bar, the longest being `width`; a count above 0 never vanishes."""
    longest = max(counts, default=0)
    return [round(max(count / longest * width, 1.0), 2) if count else 0.0 for count in counts]


def trend(rows: Sequence[Mapping[str, Any]], names: Sequence[str]) -> list[Series]:
    """One line a name over the runs of `rows` (oldest first), all on one scale from 0."""
    top = max((int(row[name]) for row in rows for name in names), default=0) or 1
    step = (WIDTH - 2 * MARGIN) / max(len(rows) - 1, 1)
    series = []
    for name in names:
        marks = [
            (
                round(MARGIN + step * place, 1),
                round(TREND_HEIGHT - MARGIN - int(row[name]) / top * (TREND_HEIGHT - 2 * MARGIN), 1),
                f"{row['as_of']}: {int(row[name]):,} {name}",
            )
            for place, row in enumerate(rows)
        ]
        points = " ".join(f"{x},{y}" for x, y, _ in marks)
        series.append(Series(name, points, marks, int(rows[-1][name]) if rows else 0))
    return series
