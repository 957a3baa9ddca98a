"""The guard's figures, their limits, and how they are told. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from passback.settings import Guard

# Fewer items than this are no crowd: shares of items count from here up.
FEWEST_ITEMS = 50

# Why a change waits, a bit each, as include/sql/guard_mark.sql and release_mark.sql set them.
BITS = {
    "scores_changed_share": 1,
    "scores_halved_share": 2,
    "new_zeros": 4,
    "items_changed_share": 8,
    "items_newly_failing_share": 16,
}
NOT_APPROVED = 1 << 8

WORDS = {
    "scores_changed_share": ("delivered score would change", "delivered scores would change"),
    "scores_halved_share": ("delivered score would fall below half", "delivered scores would fall below half"),
    "new_zeros": ("score would become 0", "scores would become 0"),
    "items_changed_share": (
        "delivered item would change its name, due date, total or category",
        "delivered items would change their name, due date, total or category",
    ),
    "items_newly_failing_share": (
        "item that passed the night before fails now",
        "items that passed the night before fail now",
    ),
}


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure of a run: `counted` of `of_all` (None: a number, and no share); `source` where it is one source's."""

    figure: str
    source: str
    counted: int
    of_all: int | None
    limit: float
    fewest: int = 0

    @property
    def value(self) -> float:
        """The share, or the number; the share of nothing is 0, and of fewer than `fewest` no share is taken."""
        if self.of_all is None:
            return float(self.counted)
        return self.counted / self.of_all if self.of_all and self.of_all >= self.fewest else 0.0

    @property
    def passed(self) -> bool:
        """Whether the figure is greater than its limit."""
        return self.value > self.limit

    def __str__(self) -> str:
        """The figure beside its limit, in words."""
        counted = f"{self.counted:,}" + (f" of {self.of_all:,}" if self.of_all is not None else "")
        one, many = WORDS[self.figure]
        name = f"{self.figure}{' of ' + self.source if self.source else ''}"
        words = one if self.counted == 1 and self.of_all is None else many
        return f"{name} is {shown(self.value)} ({counted} {words}), the limit is {shown(self.limit)}"


def measured(counts: Mapping[str, int], failing: Mapping[str, tuple[int, int]], limits: Guard) -> list[Figure]:
    """The run's figures by what was counted.

    `counts` is the row of include/sql/guard_counts.sql; `failing` gives for each source how many items newly fail, and
    of how many.
    """
    return [
        Figure("scores_changed_share", "", counts["scores_changed"], counts["scores"], limits.scores_changed_share),
        Figure("scores_halved_share", "", counts["scores_halved"], counts["scores"], limits.scores_halved_share),
        Figure("new_zeros", "", counts["new_zeros"], None, limits.new_zeros),
        Figure(
            "items_changed_share", "", counts["items_changed"], counts["items"], limits.items_changed_share,
            FEWEST_ITEMS,
        ),
        *(
            Figure("items_newly_failing_share", source, *found, limits.items_newly_failing_share, FEWEST_ITEMS)
            for source, found in sorted(failing.items())
        ),
    ]  # fmt: skip


def reason(limits: int, source: str, figures: Iterable[Figure]) -> str:
    """Why a change of the source waits that is counted by the limits of these bits."""
    counting = [
        str(figure)
        for figure in figures
        if figure.passed and limits & BITS[figure.figure] and figure.source in ("", source)
    ]
    return f"Held by the mass-change guard: {'; '.join(counting)}. Every change that waits is in preview.csv."


def shown(value: float) -> str:
    """A share or a number as people read it: with six decimals at most, so that one just over its limit shows it."""
    return f"{value:,.0f}" if value == int(value) else f"{value:.6f}".rstrip("0")
