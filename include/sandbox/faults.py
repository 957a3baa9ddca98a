"""Faults and hooks: what goes wrong, or what a teacher does meanwhile, on the requests that match."""

import random
from email.utils import formatdate
from typing import Any

import msgspec

from sandbox.wire import MANNERS, Call

WRITES = ("create", "update", "delete", "score")
EFFECTS = (
    "status",  # refuse with `status` and `message`, nothing is done
    "status_after_commit",  # do it, then answer `status`
    "throttle",  # refuse in the form `status` 403, 429 or 503, with `retry_after`
    "html",  # a maintenance page with `status`
    "drop_before_commit",  # reset the connection, nothing is done
    "commit_then_drop",  # do it, then reset the connection before the answer
    "not_stored",  # answer as if it had been done, and do nothing
    "delay",  # wait `seconds` before doing it
    "delay_answer",  # do it, then wait `seconds` before the answer
    "truncate",  # answer with half of the body
    "not_json",  # answer 200 with a body that is no JSON
    "wrong_shape",  # answer 200 with JSON of another shape
    *MANNERS,  # a good answer that comes badly; Otus and Schoology only
    "duplicate",  # answer with every row twice (PowerSchool)
    "strangers",  # answer with copies of the rows whose ids nobody knows (PowerSchool)
)


class Match(msgspec.Struct, kw_only=True):
    """Which requests are meant: all given fields must agree.

    The kind `query` also means `query:sections`, and `write` means create, update, delete and score.
    """

    kind: str | None = None
    method: str | None = None
    path_prefix: str = ""
    section_dcid: int | None = None
    skip: int = 0

    def hits(self, call: Call, sections: set[int]) -> bool:
        """Say whether a request matches, counting down `skip` when it does."""
        if self.kind is not None and not _is_kind(call.kind, self.kind):
            return False
        if self.method is not None and call.method != self.method:
            return False
        if not call.path.startswith(self.path_prefix):
            return False
        if self.section_dcid is not None and self.section_dcid not in sections:
            return False
        self.skip -= 1
        return self.skip < 0


def _is_kind(kind: str, asked: str) -> bool:
    return kind == asked or kind.startswith(asked + ":") or (asked == "write" and kind in WRITES)


class Fault(Match, kw_only=True, forbid_unknown_fields=True):
    """Something that goes wrong `times` times (null: always), each time with probability `rate`."""

    effect: str
    times: int | None = 1
    rate: float = 1.0
    seed: int = 1
    status: int = 500
    message: str = ""
    retry_after: float | None = None
    as_date: bool = False  # `retry_after` as an HTTP date by the server's clock; Otus and Schoology only
    seconds: float = 0.0

    def waiting(self, now: float) -> dict[str, str] | None:
        """Give the header that asks to wait, where the fault has one; `now` is the server's clock in UNIX seconds."""
        if self.retry_after is None:
            return None
        if self.as_date:
            return {"Retry-After": formatdate(now + self.retry_after, usegmt=True)}
        return {"Retry-After": f"{self.retry_after:.6f}".rstrip("0").rstrip(".")}

    def __post_init__(self) -> None:
        """Refuse an effect that does not exist, so that a test's typing error is seen."""
        if self.effect not in EFFECTS:
            raise ValueError(f"unknown effect {self.effect!r}; one of {', '.join(EFFECTS)}")


class Hook(Match, kw_only=True, forbid_unknown_fields=True):
    """An edit that happens `when` (before, after) the `n`-th request of a kind is done, and before it is answered."""

    action: str
    arguments: dict[str, Any] = {}
    when: str = "after"
    n: int = 1

    def __post_init__(self) -> None:
        """Turn `n` into requests to let pass first."""
        if self.when not in ("before", "after"):
            raise ValueError(f"when must be before or after, not {self.when!r}")
        self.skip += self.n - 1


class Faults:
    """The faults that are set now, in the order in which they were set."""

    def __init__(self) -> None:
        """Begin with none."""
        self.pending: list[Fault] = []
        self._random: dict[int, random.Random] = {}

    def add(self, fault: Fault) -> None:
        """Set one more fault."""
        self.pending.append(fault)
        self._random[id(fault)] = random.Random(fault.seed)

    def clear(self) -> None:
        """Take all faults away."""
        self.pending = []
        self._random = {}

    @property
    def by_section(self) -> bool:
        """Say whether any fault needs to know a request's sections (which costs a look into its body)."""
        return any(fault.section_dcid is not None for fault in self.pending)

    def take(self, call: Call, sections: set[int]) -> Fault | None:
        """Give the first fault that strikes this request, and use it up."""
        for fault in self.pending:
            if fault.hits(call, sections) and self._random[id(fault)].random() < fault.rate:
                if fault.times is not None:
                    fault.times -= 1
                    if fault.times <= 0:
                        self.pending.remove(fault)
                return fault
        return None


class Hooks:
    """The hooks that are set now; each fires once."""

    def __init__(self) -> None:
        """Begin with none."""
        self.pending: list[Hook] = []

    @property
    def by_section(self) -> bool:
        """Say whether any hook needs to know a request's sections."""
        return any(hook.section_dcid is not None for hook in self.pending)

    def take(self, when: str, call: Call, sections: set[int]) -> list[Hook]:
        """Give the hooks that fire on this request, and use them up."""
        fired = [hook for hook in self.pending if hook.when == when and hook.hits(call, sections)]
        for hook in fired:
            self.pending.remove(hook)
        return fired
