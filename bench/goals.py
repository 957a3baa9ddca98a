"""The goals of speed, each a ratio of two figures of one run, and whether it is met."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from bench.product import ASKING, ProductNight, Stage
from bench.straw import ASKING as STRAW_ASKING
from bench.straw import StrawNight

WRITES = ("create", "update", "delete", "score")
INTERVALS_MS = (0, 50, 100)


@dataclass(frozen=True)
class Goal:
    """One goal as measured: `figure` beside `bound` (`at_most` or at least), and the two figures it is made of."""

    number: str
    what: str
    of: str
    figure: float
    bound: float
    at_most: bool = True

    @property
    def met(self) -> bool:
        """Whether the figure keeps to its bound."""
        return self.figure <= self.bound if self.at_most else self.figure >= self.bound

    def as_json(self) -> dict[str, Any]:
        """The goal as the result file keeps it."""
        return {**asdict(self), "met": self.met}


@dataclass(frozen=True)
class Measured:
    """Both sides of one size: the nights in their order (first, unchanged, changed), the limits, and the size."""

    product: list[ProductNight]
    straw_man: list[StrawNight]
    limits: dict[str, Any]
    latency_ms: int
    in_flight: int
    scores: int

    def stage(self, night: int, name: str) -> Stage | None:
        """A stage of one of the product's nights; None where it did not run."""
        return next((stage for stage in self.product[night].stages if stage.name == name), None)

    def seconds(self, night: int, name: str) -> float:
        """The seconds of a stage, 0 where it did not run."""
        found = self.stage(night, name)
        return found.seconds if found else 0.0


def goals(measured: Measured) -> list[Goal]:
    """Every goal that one size can tell."""
    return [*_stages(measured), *_delivery(measured), *_nights(measured)]


def _stages(measured: Measured) -> list[Goal]:
    limits, straw = measured.limits, measured.straw_man[0]
    staging, rules = measured.seconds(0, "extract_source"), measured.seconds(0, "evaluate")
    # The unchanged night plans against a full ledger, the first against an empty one.
    plan, scan, copy = measured.seconds(1, "plan"), limits["ledger_scan_seconds"], limits["raw_copy_seconds"]
    beyond = max(staging - limits["download_seconds"], 0)
    return [
        _ratio("B1", "staging ÷ raw COPY of the score rows", staging, copy, 1.5),
        _ratio("B1", "… without the pages' way over HTTP", beyond, copy, 1.5),
        _ratio("B2", "rules ÷ the straw man's SQL for the same codes", rules, straw.seconds["rules"], 3),
        _ratio("B3", "plan ÷ sequential scan of the ledger", plan, scan, 5),
    ]


def _delivery(measured: Measured) -> list[Goal]:
    deliver, limits = measured.stage(0, "deliver"), measured.limits
    if deliver is None:
        return []
    ledger = deliver.statements.get("score_calls_answered", {"seconds": 0.0})["seconds"]
    found = [_ratio("B4", "ledger statements ÷ one insert … on conflict", ledger, limits["upsert_seconds"], 1.5)]
    rate = measured.product[0].by_step["deliver"] / deliver.seconds
    if measured.latency_ms:
        best = measured.in_flight / measured.latency_ms * 1000
        found.append(_ratio("B5", "requests/s ÷ (in flight ÷ latency)", rate, best, 0.9, at_most=False))
    else:
        sequential = limits["sequential_calls_per_second"]
        found.append(_ratio("B6", "requests/s ÷ one sequential requests.Session", rate, sequential, 5, at_most=False))
    return found


def _nights(measured: Measured) -> list[Goal]:
    first, unchanged, _ = measured.product
    base = first.total - measured.seconds(0, "deliver") - measured.seconds(0, "verify")
    ours, theirs = first.requests, measured.straw_man[0].requests
    found = [
        _ratio("B7", f"first night, {kind}s ÷ the straw man's", ours.get(kind, 0), theirs.get(kind, 0), bound)
        for kind, bound in (("create", 1), ("score", 1), ("read-back", 1), ("list", 2))
    ]
    writes = sum(unchanged.requests.get(kind, 0) for kind in WRITES)
    found.append(Goal("B8", "writes of an unchanged night", f"{writes:,}", writes, 0))
    found.append(_ratio("B8", "unchanged night ÷ first without delivery", unchanged.total, base, 0.6))
    for night, straw in zip(measured.product, measured.straw_man, strict=True):
        found.append(_ratio("B9", f"{night.name} night ÷ the straw man's", night.total, straw.total, 2))
    naive = measured.limits["naive"]["total"]
    found.append(_ratio("B14", "naive version (extrapolated) ÷ first night", naive, first.total, 60, at_most=False))
    return found


def growth(smaller: Measured, larger: Measured) -> list[Goal]:
    """How a night grows with the district: time at most 1.1 × as much as the scores, memory of each process flat."""
    times = larger.scores / smaller.scores
    took = _ratio(
        "B10", f"first night at {times:g} × the scores", larger.product[0].total, smaller.product[0].total, 1.1 * times
    )
    peaks = [max(stage.peak_mb for stage in side.product[0].stages) for side in (larger, smaller)]
    over = max(stage.peak_mb - stage.imports_mb for stage in larger.product[0].stages)
    memory = _ratio("B10", "… its largest process, MB", peaks[0], peaks[1], 1.2)
    return [took, memory, Goal("B10", "… MB over the imports' own", f"{over:,.0f}", round(over, 1), 500)]


def product_hours(night: ProductNight, interval_ms: int) -> float:
    """Hours of a night where PowerSchool's administrator set an interval between requests."""
    asked = {stage: night.by_step.get(stage, 0) * interval_ms / 1000 for stage in ASKING}
    return sum(max(stage.seconds, asked.get(stage.name, 0)) for stage in night.stages) / 3600


def straw_hours(night: StrawNight, interval_ms: int) -> float:
    """The same of the straw man."""
    asking = sum(night.seconds.get(stage, 0) for stage in STRAW_ASKING)
    asked = sum(night.requests.values()) * interval_ms / 1000
    return (night.total - asking + max(asking, asked)) / 3600


def _ratio(number: str, what: str, ours: float, limit: float, bound: float, *, at_most: bool = True) -> Goal:
    return Goal(number, what, f"{_told(ours)} ÷ {_told(limit)}", round(ours / limit, 3) if limit else 0, bound, at_most)


def _told(figure: float) -> str:
    return f"{figure:,.0f}" if figure >= 100 or figure == int(figure) else f"{figure:.3g}"
