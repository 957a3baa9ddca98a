"""The reply to a multi-get, whose shape Schoology does not publish: everything that is assumed of it is here.

Assumed: `{"response": [{"location": "/v1/sections/2354/grade_items", "response_code": 200, "body": {…}}]}`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

import msgspec

from passback.sources.fields import UNREADABLE


class MultigetError(Exception):
    """The reply is not of the assumed shape."""


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to one path: its status and its body, undecoded."""

    status: int
    body: bytes


class _Entry(msgspec.Struct):
    location: str
    response_code: int | str
    body: msgspec.Raw


class _Reply(msgspec.Struct):
    response: list[_Entry]


_reply = msgspec.json.Decoder(_Reply)


def answers(body: bytes, paths: Sequence[str]) -> dict[str, Answer]:
    """The answer to each of these paths that the reply names; raises MultigetError where it names none.

    Locations are compared without host and query, so no two paths may differ by nothing else.
    """
    try:
        found = {
            urlsplit(entry.location).path: Answer(int(entry.response_code), bytes(entry.body))
            for entry in _reply.decode(body).response
        }
    except (*UNREADABLE, ValueError) as error:
        raise MultigetError(str(error)[:200]) from None
    known = {path: found[urlsplit(path).path] for path in paths if urlsplit(path).path in found}
    if not known:
        raise MultigetError("it names none of the paths that were asked for")
    return known
