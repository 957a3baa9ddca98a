"""Opens a settings file as TOML; what keeps it from being read is told with its place in the file."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from passback.errors import Terminal

VARIABLE = "PASSBACK_DISTRICT"


def parsed(path: Path) -> dict[str, Any]:
    """The file as TOML. Raises `Terminal` where it cannot be opened, or with line and column where it is no TOML."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise Terminal(
            f"The settings file {path} cannot be read ({error.strerror or error}). "
            f"Put the district's settings there, or name their file in the environment variable {VARIABLE}."
        ) from None
    return _table(path, _decoded(path, content))


def _decoded(path: Path, content: bytes) -> str:
    try:
        # Some editors put a mark in front of UTF-8, and Windows ends its lines in two characters.
        return content.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        # The position counts from behind the mark, if there is one.
        before = content.removeprefix(b"\xef\xbb\xbf")[: error.start].decode("utf-8", "replace")
        raise Terminal(
            f"The settings file {path} is not UTF-8 text (at {_place(before)}). Save it in the encoding UTF-8."
        ) from None


def _table(path: Path, written: str) -> dict[str, Any]:
    try:
        return tomllib.loads(written)
    except (ValueError, RecursionError) as error:
        reason = str(error).replace("at end of document", f"at the end of the file, {_place(written)}")
        raise Terminal(f"The settings file {path} is not valid TOML: {reason}. Correct it at that place.") from None


def _place(before: str) -> str:
    """The line and column, counted from 1, of what follows this text."""
    return f"line {before.count(chr(10)) + 1}, column {len(before) - before.rfind(chr(10))}"
