"""One parser as a target: its inputs, what it may raise, and how its finds are named."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path

Errors = tuple[type[BaseException], ...]


@dataclass(frozen=True, slots=True)
class Target:
    """One parser: `run` takes one input, `declared` are the exceptions that its documentation names."""

    name: str
    run: Callable[[bytes], object]
    declared: Errors = ()

    def try_input(self, data: bytes) -> None:
        """One input; what is declared is swallowed."""
        with suppress(*self.declared):
            self.run(data)


def split(data: bytes, choices: int) -> tuple[int, bytes]:
    """A choice by the first byte, and the rest."""
    return (data[0] % choices, data[1:]) if data else (0, b"")


@cache
def folder() -> Path:
    """A folder in memory where there is one, for parsers that read files."""
    memory = Path("/dev/shm")
    return Path(tempfile.mkdtemp(prefix="passback-fuzz-", dir=memory if memory.is_dir() else None))


class undeclared:  # noqa: N801 (reads like a word)
    """What is raised in its block is a find, even where the target declares the same exception elsewhere."""

    def __enter__(self) -> None:
        """Nothing to do."""

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        """Turns every exception but a find into one."""
        if error is not None and not isinstance(error, AssertionError):
            raise AssertionError(f"undeclared {type(error).__name__}: {error}"[:500]) from error


def find_name(target: str, data: bytes) -> str:
    """The name of a find's file."""
    return f"{target}-{hashlib.sha256(data).hexdigest()[:12]}"
