"""Multi-get: up to fifty GET paths in one POST, asked for in XML."""

import re
from xml.etree import ElementTree

import msgspec

from sandbox.wire import HTML, Answer

MOST_PATHS = 50
MOST_BYTES = 64 * 1024
_ALLOWED = re.compile(r"/v1/sections/(ext/[^/?]+|[^/?]+|[^/?]+/(grade_items|assignments|grades|enrollments))(\?.*)?")


def asked_paths(body: bytes) -> list[str]:
    """Read the paths of a multi-get's body; `ValueError` says what is wrong with it."""
    if len(body) > MOST_BYTES:
        raise ValueError("the body is too long")
    # No document type, hence no entities of its own: the parser can then be given anything.
    if b"<!" in body:
        raise ValueError("a document type is not accepted")
    try:
        root = ElementTree.fromstring(body)  # noqa: S314 - no entities, and a bounded length
    except ElementTree.ParseError as error:
        raise ValueError(f"the body is no XML: {error}") from None
    if root.tag != "requests" or any(child.tag != "request" for child in root):
        raise ValueError("the body must be <requests> of <request>")
    paths = [(child.text or "").strip() for child in root]
    if not 1 <= len(paths) <= MOST_PATHS:
        raise ValueError(f"1 to {MOST_PATHS} requests, not {len(paths)}")
    refused = [path for path in paths if not _ALLOWED.fullmatch(path)]
    if refused:
        raise ValueError(f"not available in a multi-get: {refused[0]}")
    return paths


def reply(answers: list[tuple[str, Answer]], shape: str) -> Answer:
    """Write the answers to all paths as one, in the documented shape or in `other_shape`."""
    location, code, content = (
        ("location", "response_code", "body") if shape == "documented" else ("uri", "status", "content")
    )
    parts = [
        msgspec.json.encode({location: path, code: answer.status})[:-1] + b',"%s":' % content.encode() + _inner(answer)
        for path, answer in answers
    ]
    joined = b"},".join(parts) + b"}"
    if shape == "documented":
        return Answer(200, b'{"response":[' + joined + b"]}")
    return Answer(200, b'{"responses":{"list":[' + joined + b"]}}")


def _inner(answer: Answer) -> bytes:
    if answer.content_type == "application/json":
        return answer.body
    return msgspec.json.encode(answer.body.decode(errors="replace"))


def refused(form: str) -> Answer | None:
    """Give the answer of a Schoology without multi-get: a page of HTML, or 404; none where it has it."""
    if form == "html":
        return Answer(200, b"<html><body><h1>Schoology</h1></body></html>", None, HTML)
    if form == "404":
        return Answer(404, b"Not found", None, "text/plain")
    return None
