"""Settings files as tests write them, and settings made without a file."""

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from passback.errors import Terminal
from passback.settings import Settings, load

REQUIRED = {"name": '"Example Unified"', "time_zone": '"America/Chicago"', "effective_date": "2026-08-24"}
CATEGORIES = """
[categories.otus]
Quiz = "Quizzes"
Test = "Tests"
[categories.schoology]
Quiz = "Other"
[schools.102.categories.otus]
Quiz = "Daily Work"
"Exit ticket" = "Exits"
"""


class File:
    """A settings file with the required keys (`None` leaves one out) and whatever else a test writes."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "district.toml"

    def load(self, more: str = "", **keys: str | None) -> Settings:
        lines = [f"{key} = {value}" for key, value in (REQUIRED | keys).items() if value is not None]
        self.path.write_text("\n".join([*lines, more]), encoding="utf-8")
        return load(self.path)

    def problems(self, more: str = "", **keys: str | None) -> list[str]:
        with pytest.raises(Terminal) as refused:
            self.load(more, **keys)
        first, *problems = str(refused.value).splitlines()
        assert str(self.path) in first
        assert first.startswith(f"{len(problems)} problem")
        return [problem.removeprefix("- ") for problem in problems]

    def problem(self, more: str = "", **keys: str | None) -> str:
        (problem,) = self.problems(more, **keys)
        return problem


def made(**keys: Any) -> Settings:
    required: dict[str, Any] = {"file": Path("district.toml"), "name": "Example", "time_zone": "UTC"}
    return Settings(**(required | {"effective_date": dt.date(2026, 8, 24)} | keys))
