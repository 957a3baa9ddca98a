"""What PowerSchool's answers mean: one pure function from an HTTP answer to our code (docs/wire-faults.md)."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any, Literal
from urllib.parse import urlsplit

import msgspec

from passback.powerschool.problems import Problem, read_problem

Kind = Literal["query", "list", "read", "create", "update", "score"]
Retry = Literal["no", "throttle", "later", "resubmit", "token"]

WRITES: frozenset[str] = frozenset({"create", "update", "score"})
ANY: frozenset[str] = frozenset({"query", "list", "read"}) | WRITES
UNAVAILABLE = "SIS_UNAVAILABLE"
STOPS_THE_RUN = frozenset({"AUTH_FAILED", "FIELD_ACCESS_DENIED"})

_DECODER = msgspec.json.Decoder()
_BLANKS = b" \t\r\n\xef\xbb\xbf"
_RATE = r"too many requests|\brate\b|rate.?limit|throttl|(minimum|request) interval"
_GONE = r"unable to find\b.*\bassignment(section)?\b"
_WAIT = r"\b([0-9]{1,9}(?:\.[0-9]+)?)\s*(ms|milli|s|min)[a-z]*\b"
_UNITS = {"ms": 0.001, "milli": 0.001, "s": 1.0, "min": 60.0}


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What one call came to.

    `code` is '' where PowerSchool accepted, else the code that stands unless a repeat helps; `retry` says which
    repeat may help; `wait_seconds` is the wait that PowerSchool asked for. `lost` marks a write whose fate is
    unknown: only a read-back can tell. `attempts` counts the HTTP requests made for the call; `asked` is False where
    PowerSchool was not asked at all.
    """

    code: str = ""
    message: str = ""
    retry: Retry = "no"
    wait_seconds: float | None = None
    rejected_students: frozenset[int] = frozenset()
    location_id: int | None = None
    json: Any = None
    status: int = 0
    lost: bool = False
    attempts: int = 0
    asked: bool = True

    @property
    def accepted(self) -> bool:
        """Whether PowerSchool took the write, or answered the read."""
        return not self.code


NOT_ASKED = Answer(
    code=UNAVAILABLE, message="not asked: PowerSchool did not answer several calls in a row", asked=False
)
TOO_LONG_A_PAUSE = Answer(
    code=UNAVAILABLE, message="PowerSchool asked to wait longer than a call may take", asked=False
)
TOO_LARGE = Answer(
    code=UNAVAILABLE, message="its answer is over 128 MB: set `[batches] powerquery_page`, so that it comes in pages"
)


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the table of refusals: the first that fits an answer gives its code."""

    statuses: range
    kinds: frozenset[str]
    pattern: str | None
    code: str
    retry: Retry = "no"
    only_with_wait: bool = False
    only_with_students: bool = False

    def fits(self, kind: Kind, status: int, problem: Problem, wait: float | None) -> bool:
        """Whether an answer of this status and text belongs to this row."""
        if status not in self.statuses or kind not in self.kinds:
            return False
        if (self.only_with_wait and wait is None) or (self.only_with_students and not problem.students):
            return False
        return self.pattern is None or re.search(self.pattern, problem.text, re.IGNORECASE) is not None


def _only(status: int) -> range:
    return range(status, status + 1)


_SCORE = frozenset({"score"})
_OF_OURS = frozenset({"read", "update"})
TABLE: tuple[Row, ...] = (
    Row(_only(401), ANY, None, "AUTH_FAILED", "token"),
    Row(_only(429), ANY, None, UNAVAILABLE, "throttle"),
    Row(_only(403), ANY, r"no access to field", "FIELD_ACCESS_DENIED"),
    Row(_only(403), ANY, r"does not teach( the)? section", "TEACHER_NOT_IN_SECTION"),
    Row(_only(403), ANY, _RATE, UNAVAILABLE, "throttle"),
    # A query or a table read is refused only for a field; its body lists the fields in any words.
    Row(_only(403), frozenset({"query"}), None, "FIELD_ACCESS_DENIED"),
    Row(_only(503), ANY, None, UNAVAILABLE, "throttle", only_with_wait=True),
    Row(_only(503), ANY, _RATE, UNAVAILABLE, "throttle"),
    Row(_only(404), _OF_OURS, None, "DELETED_IN_SIS"),
    Row(_only(404), _SCORE, _GONE, "DELETED_IN_SIS"),
    Row(_only(500), _OF_OURS | _SCORE, _GONE, "DELETED_IN_SIS"),
    Row(_only(409), _SCORE, None, "STUDENT_REJECTED", only_with_students=True),
    Row(_only(409), _SCORE, r"AssignmentStudentAssociation|student\.id", "STUDENT_REJECTED"),
    Row(_only(409), ANY, r"due[\s_-]*date", "DUE_DATE_REJECTED"),
    Row(_only(409), ANY, r"(?<!un)locked", "ASSIGNMENT_LOCKED"),
    Row(_only(409), ANY, r"categor", "CATEGORY_REJECTED"),
    Row(_only(409), _SCORE, r"\bstudents?\b", "STUDENT_REJECTED"),
    Row(_only(412), _SCORE, None, "RESUBMIT_EXHAUSTED", "resubmit"),
    Row(_only(412), WRITES, r"resubmit", "RESUBMIT_EXHAUSTED", "resubmit"),
    # Other conditions, such as a section missing from an update: repeated once too, then told in their own words.
    Row(_only(412), WRITES, None, "SIS_REFUSED", "resubmit"),
    Row(range(400, 500), ANY, None, "SIS_REFUSED"),
)


class UnreadableError(ValueError):
    """An answer that is JSON and not what was asked for; the message names fields and types, never values."""


def decode_any(body: bytes) -> Any:
    """Any JSON document; raises `msgspec.DecodeError` where the body is none, RecursionError where it is too deep."""
    return _DECODER.decode(body)


def classify(
    kind: Kind,
    status: int,
    headers: Mapping[str, str],
    body: bytes,
    *,
    decode: Callable[[bytes], Any] = decode_any,
    now: float | None = None,
) -> Answer:
    """What one HTTP answer means, by the table of docs/wire-faults.md.

    `kind` is `query` for named queries and table reads, `list` for listings, `read` for one assignment, else the
    write. `decode` turns the body of an accepted read into its value, and raises ValueError or
    `msgspec.DecodeError` for a body of another shape. `now` (seconds since 1970) is for a dated `Retry-After`; without
    it the answer's own `Date` is, since a server's clock and ours may differ.
    """
    if is_html(headers, body) and status != 429:
        # A server's own error page for 401 is HTML too: a new token is tried before it counts as a maintenance page.
        return _unavailable(kind, status, "it answered with an HTML page", "token" if status == 401 else "later")
    if 200 <= status < 300:
        return _accepted(kind, status, headers, body, decode)
    problem = read_problem(body)
    wait = retry_after(headers, _sent_at(headers) if now is None else now)
    for row in TABLE:
        if row.fits(kind, status, problem, wait):
            return _refused(row, status, problem, wait)
    return _unavailable(kind, status, problem.message)


def is_html(headers: Mapping[str, str], body: bytes) -> bool:
    """Whether a page (or any markup) came in place of JSON; an empty body never is."""
    start = body[:64].lstrip(_BLANKS)
    return start.startswith(b"<") or (bool(start) and "html" in header(headers, "Content-Type").lower())


def header(headers: Mapping[str, str], name: str) -> str:
    """A header's value by its name in any case, '' where it is missing."""
    value = headers.get(name)
    if value is None:
        value = next((text for key, text in headers.items() if key.lower() == name.lower()), "")
    return value


def retry_after(headers: Mapping[str, str], now: float) -> float | None:
    """The seconds that `Retry-After` asks to wait, given as seconds or as a date; None without a readable one."""
    value = header(headers, "Retry-After").strip()
    if re.fullmatch(r"[0-9]{1,9}(\.[0-9]+)?", value):
        return float(value)
    try:
        return max(0.0, parsedate_to_datetime(value).timestamp() - now) if value else None
    except (ValueError, OverflowError):
        return None


def _sent_at(headers: Mapping[str, str]) -> float:
    try:
        return parsedate_to_datetime(header(headers, "Date")).timestamp()
    except (ValueError, OverflowError):
        return time.time()


def wait_in_words(text: str) -> float | None:
    """The seconds of a wait named in a throttle's text ("try again in 500 ms")."""
    found = re.search(_WAIT, text, re.IGNORECASE)
    return float(found[1]) * _UNITS[found[2].lower()] if found else None


def location_id(location: str) -> int | None:
    """The id at the end of a `Location`, absolute or relative, whatever its query string; None where it has none."""
    try:
        last = urlsplit(location).path.rstrip("/").rsplit("/", 1)[-1]
    except ValueError:
        return None
    return int(last) if re.fullmatch(r"[0-9]{1,18}", last) else None


def unanswered(kind: Kind, reason: str, *, sent: bool) -> Answer:
    """The answer that stands for none: no connection, a broken one, no time left; `sent`: the request may be there."""
    return Answer(code=UNAVAILABLE, message=reason, retry="later", lost=sent and kind in WRITES)


def _refused(row: Row, status: int, problem: Problem, wait: float | None) -> Answer:
    asked = wait if wait is not None else wait_in_words(problem.text)
    return Answer(
        code=row.code,
        message=problem.message or f"HTTP {status}",
        retry=row.retry,
        wait_seconds=asked if row.retry == "throttle" else None,
        rejected_students=problem.students if row.code == "STUDENT_REJECTED" else frozenset(),
        status=status,
    )


def _unavailable(kind: Kind, status: int, text: str, retry: Retry = "later") -> Answer:
    message = f"HTTP {status}: {text}"[:300] if text else f"HTTP {status}"
    return Answer(code=UNAVAILABLE, message=message, retry=retry, status=status, lost=kind in WRITES)


def _accepted(
    kind: Kind, status: int, headers: Mapping[str, str], body: bytes, decode: Callable[[bytes], Any]
) -> Answer:
    if kind == "create":
        return Answer(status=status, location_id=location_id(header(headers, "Location")))
    try:
        value = decode(body) if body or kind not in WRITES else None
    except (ValueError, msgspec.DecodeError, RecursionError) as error:
        # A 2xx is the proof of acceptance of a write, whatever its body's shape; a read needs its JSON.
        why = f": {error}" if isinstance(error, UnreadableError) else ""
        return Answer(status=status) if kind in WRITES else _unavailable(kind, status, f"its JSON cannot be read{why}")
    return Answer(status=status, json=value)
