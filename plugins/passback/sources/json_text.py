"""JSON as servers write it where it is none: mended, so that one bad value costs its record and not the page.

What cannot be a value becomes one that no field of a contract takes: the record is quarantined, and its reason says
why. A field that is not kept does no harm. What stays broken after that is a torn text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
# No contract nests deeper than five; the parser itself ends at Python's limit of recursion.
DEEPEST = 50

# What stands for NaN and Infinity, and its type in the words of a reason; and what for a value that is nested deeper.
NOT_FINITE = b'{"\\u0000":"not finite"}'
STAND_INS = {NOT_FINITE: "number that is not finite"}
TOO_DEEP = b"null"

# In this order: what needs no look; a string to look into; brackets; no number; and what no JSON text goes on with.
_TOKEN = re.compile(
    rb'(?:[^"\[\]{}IN-]++|"[^"\\\x00-\x1f]*+"|-(?![IN]))++|("(?:[^"\\]++|\\.)*+")|([\[{]++)|([\]}]++)|(-?(?:Infinity|NaN)\b)|(.)',
    re.DOTALL,
)
# Good escapes; then, to be replaced: half of a surrogate pair, other escapes, control characters as they are.
_ESCAPE = re.compile(
    rb'\\["\\/bfnrt]|\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}'
    rb"|(\\u[dD][89a-fA-F][0-9a-fA-F]{2})|\\u[0-9a-fA-F]{4}|(\\u?)|([\x00-\x1f])"
)
_UNSTORABLE = b"\\u0000"

_raw = msgspec.json.Decoder(msgspec.Raw)


def readable(text: bytes) -> bytes | None:
    """The text where it is JSON, mended where that makes it JSON; None where it is torn."""
    if _is_json(text):
        return text
    found = mended(text)
    return found if found is not None and _is_json(found) else None


def mended(text: bytes) -> bytes | None:
    """The text with stand-ins for what is no JSON value, and strings that can be read; None where that does not help.

    NaN and Infinity, and values nested deeper than `DEEPEST`, become stand-ins. In strings half a character (a lone
    surrogate), a control character and an escape that there is not become NUL, which cannot be stored either.
    """
    try:
        return b"".join(_pieces(text))
    except ValueError:
        return None


def _is_json(text: bytes) -> bool:
    try:
        _raw.decode(text)
    except UNREADABLE:
        return False
    return True


def _pieces(text: bytes) -> Iterator[bytes]:
    """The text in pieces, those that stay as they are as long as can be; raises ValueError for a torn text."""
    done = depth = 0
    for token in _TOKEN.finditer(text):
        string, opened, closed, literal, wrong = token.groups()
        if opened:
            if depth <= DEEPEST < depth + len(opened):
                yield text[done : token.start() + DEEPEST - depth] + TOO_DEEP
            depth += len(opened)
        elif closed:
            if depth > DEEPEST >= depth - len(closed):
                done = token.start() + depth - DEEPEST
            depth -= len(closed)
        elif wrong:
            raise ValueError("torn")
        elif depth <= DEEPEST and (string or literal):
            yield text[done : token.start()] + (_ESCAPE.sub(_escape, string) if string else NOT_FINITE)
            done = token.end()
    if depth <= DEEPEST:
        yield text[done:]


def _escape(found: re.Match[bytes]) -> bytes:
    return _UNSTORABLE if found[1] or found[2] or found[3] else found[0]
