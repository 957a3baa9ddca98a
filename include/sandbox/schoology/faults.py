"""What a fault makes of an answer, and which faults and hooks reach inside a multi-get."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypeVar

from sandbox.faults import Fault, Faults, Hooks
from sandbox.schoology.resources import text
from sandbox.wire import DROPPED, HTML, Answer

Pending = TypeVar("Pending", Faults, Hooks)


@contextmanager
def inside_multiget(held: Pending) -> Iterator[Pending]:
    """Set aside, while the block lasts, what names neither kind nor path: that is for whole requests."""
    before = list(held.pending)
    aside = {id(each) for each in before if each.kind is None and not each.path_prefix}
    held.pending = [each for each in before if id(each) not in aside]
    try:
        yield held
    finally:
        left = aside | {id(each) for each in held.pending}
        held.pending = [each for each in before if id(each) in left]


def maintenance(status: int) -> Answer:
    """Answer with the page that stands in place of everything."""
    return Answer(status, b"<html><body><h1>Schoology is being updated</h1></body></html>", None, HTML)


def struck(fault: Fault, now: float) -> Answer | None:
    """Give the answer of a fault that takes the place of a good one; none where the fault does something else."""
    fixed = {
        "drop_before_commit": DROPPED,
        "commit_then_drop": DROPPED,
        "not_json": Answer(200, b"no JSON at all"),
        "wrong_shape": Answer(200, b'{"items":[],"cursor":7}'),
        "html": maintenance(fault.status if fault.status in (200, 503) else 503),
    }
    if fault.effect in fixed:
        return fixed[fault.effect]
    headers = fault.waiting(now)
    if fault.effect == "throttle":
        status = fault.status if fault.status in (403, 429, 503) else 429
        return text(status, fault.message or "Too many requests")._replace(headers=headers)
    if fault.effect in ("status", "status_after_commit"):
        return text(fault.status, fault.message or "Internal error")._replace(headers=headers)
    return None


def struck_inside(fault: Fault) -> Answer:
    """Give the sub-answer of a fault that strikes one path of a multi-get: what has no status of its own is 500."""
    if fault.effect == "throttle":
        return text(429, fault.message or "Too many requests")
    return text(fault.status if fault.effect == "status" else 500, fault.message or "Internal error")
