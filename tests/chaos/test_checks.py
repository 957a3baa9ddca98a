"""What the harness would see: each kind of damage is told, and nothing is told where there is none."""

import copy
from typing import Any

import pytest
from chaos.checks import BOOKS, DOUBLED, LOST, OPEN, WRONG, Found, differences

SCORE = {"points": 8.0, "entered": "8", "flags": []}


def clean(**changes: Any) -> Found:
    held = {"marker": "Passback otus quiz", "name": "Quiz", "scores": {"1001": SCORE, "1002": SCORE}}
    base: dict[str, Any] = {
        "gradebook": {"85001 Passback otus quiz": [held]},
        "ledger": {"otus quiz": {"name_sent": "Quiz", "scores": {"1001": {"points_sent": 8.0}}}},
        "apart": frozenset(),
        "open_writes": (),
        "unbalanced": (),
    }
    return Found(**copy.deepcopy(base) | changes)


def kinds(found: Found) -> list[str]:
    return [one.kind for one in differences(clean(), found)]


def gradebook(**changes: Any) -> dict[str, Any]:
    held = clean().gradebook["85001 Passback otus quiz"][0]
    return {"85001 Passback otus quiz": [held | changes]}


def test_nothing_is_told_of_an_equal_end() -> None:
    assert kinds(clean()) == []


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({"gradebook": {}}, LOST),
        ({"gradebook": gradebook(scores={"1001": SCORE})}, LOST),
        ({"gradebook": gradebook(name="Test")}, LOST),
        ({"gradebook": {key: rows * 2 for key, rows in clean().gradebook.items()}}, DOUBLED),
        ({"gradebook": gradebook(scores={"1001": SCORE, "1002": SCORE, "1003": SCORE})}, WRONG),
        ({"ledger": {}}, WRONG),
        ({"apart": frozenset({"otus quiz: score of 1001"})}, WRONG),
        ({"open_writes": ("create of otus quiz",)}, OPEN),
        ({"unbalanced": ("night-1",)}, BOOKS),
    ],
)
def test_damage_is_told_by_its_kind(changes: dict[str, Any], kind: str) -> None:
    assert kinds(clean(**changes)) == [kind]
