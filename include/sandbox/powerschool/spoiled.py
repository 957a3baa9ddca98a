"""What is left of an answer whose request was done: torn, of another shape, or with rows that should not be there."""

import copy
from typing import Any

import msgspec

from sandbox.wire import Answer

STRANGE = 1_000_000_000


def truncated(answer: Answer) -> Answer:
    """Give half of the body."""
    return answer._replace(body=answer.body[: len(answer.body) // 2])


def not_json(answer: Answer) -> Answer:
    """Answer 200 with a body that is no JSON."""
    return answer._replace(status=200, body=b"no JSON at all")


def wrong_shape(answer: Answer) -> Answer:
    """Answer 200 with JSON of another shape."""
    return answer._replace(status=200, body=b'{"unexpected":[1,2,3]}')


def duplicated(answer: Answer) -> Answer:
    """Give every row of a listing or a query twice."""
    return _with_rows(answer, lambda rows: [*rows, *rows])


def with_strangers(answer: Answer) -> Answer:
    """Give, beside the rows, copies of them whose ids nobody knows."""
    return _with_rows(answer, lambda rows: [*rows, *(_strange(copy.deepcopy(row)) for row in rows)])


def _with_rows(answer: Answer, change: Any) -> Answer:
    document = msgspec.json.decode(answer.body) if answer.body else None
    if isinstance(document, list):
        document = change(document)
    elif isinstance(document, dict) and isinstance(document.get("record"), list):
        document["record"] = change(document["record"])
    else:
        return answer
    return answer._replace(body=msgspec.json.encode(document))


def _strange(value: Any, name: str = "") -> Any:
    """The same with every id another one: names that end in `id`, `dcid` or `number`."""
    if isinstance(value, dict):
        return {key: _strange(part, key) for key, part in value.items()}
    if isinstance(value, list):
        return [_strange(part, name) for part in value]
    if name.rstrip("_").endswith(("id", "dcid", "student_number")) and str(value).isdigit():
        return type(value)(int(value) + STRANGE)
    return value


SPOILS = {
    "truncate": truncated,
    "not_json": not_json,
    "wrong_shape": wrong_shape,
    "duplicate": duplicated,
    "strangers": with_strangers,
}
