"""Reads the body of a refusal: its words, and the students it names (docs/wire-faults.md)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import msgspec

LONGEST_MESSAGE = 300
_LONGEST_BODY = 100_000
_DECODER = msgspec.json.Decoder()
_WORDS = ("message", "errorMessage", "error", "error_description", "errors", "field")
_STUDENT = re.compile(r"student\.(?:id|dcid)\s*\[([0-9]{1,18})\]", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Problem:
    """A refusal's words (`text`, blanks folded), the same cut for people (`message`), and the DCIDs of its students."""

    text: str
    students: frozenset[int]

    @property
    def message(self) -> str:
        """At most 300 characters of the text."""
        return self.text if len(self.text) <= LONGEST_MESSAGE else self.text[: LONGEST_MESSAGE - 1] + "…"


def read_problem(body: bytes) -> Problem:
    """Words and students of `{"message":…,"errors":[{"field":…,"params":{…}}]}` (each key optional) or plain text."""
    try:
        return _read(_DECODER.decode(body))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):  # no JSON, or nested too deep to be a refusal
        return _read(body[:_LONGEST_BODY].decode("utf-8", "replace"))


def _read(document: Any) -> Problem:
    parts = dict.fromkeys(" ".join(part.split()) for part in _words(document))
    text = "; ".join(part for part in parts if part)
    return Problem(text, _students(document) or frozenset(map(int, _STUDENT.findall(text))))


def _words(document: Any) -> Iterator[str]:
    if isinstance(document, str):
        yield document
    elif isinstance(document, list):
        for part in document:
            yield from _words(part)
    elif isinstance(document, dict):
        for key in _WORDS:
            yield from _words(document.get(key))


def _students(document: Any) -> frozenset[int]:
    """The students of each error's `params`, else of that error's own text."""
    errors = document.get("errors") if isinstance(document, dict) else None
    found: set[int] = set()
    for error in [errors] if isinstance(errors, dict) else errors if isinstance(errors, list) else []:
        params = error.get("params") if isinstance(error, dict) else None
        dcid = params.get("student_dcid") if isinstance(params, dict) else None
        if type(dcid) is int or (isinstance(dcid, str) and re.fullmatch(r"[0-9]{1,18}", dcid)):
            found.add(int(dcid))
        else:
            found.update(map(int, _STUDENT.findall(" ".join(_words(error)))))
    return frozenset(found)
