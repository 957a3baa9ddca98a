"""Values in the text form of PostgreSQL's COPY: columns end in a tab, rows in a line feed, NULL is `\\N`."""

from __future__ import annotations

from collections.abc import Iterable

NULL = "\\N"

_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})
_IN_ARRAYS = str.maketrans({"\\": "\\\\", '"': '\\"'})


def escaped(value: str) -> str:
    """A text as COPY reads it back."""
    return value.translate(_ESCAPES)


def column(value: str | None) -> str:
    """A text or NULL as COPY reads it back."""
    return NULL if value is None else value.translate(_ESCAPES)


def line(values: Iterable[str | None]) -> str:
    """A whole row of texts and NULLs, its line feed included."""
    return "\t".join(map(column, values)) + "\n"


def array(values: Iterable[str]) -> str:
    """A list of texts as one column of type text[]."""
    return escaped("{" + ",".join(f'"{value.translate(_IN_ARRAYS)}"' for value in values) + "}")
