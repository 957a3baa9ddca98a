"""PowerSchool's refusals, word for word where the wire was measured, each as a `Refusal` to raise."""

from collections.abc import Iterable, Mapping
from typing import Any

from sandbox.wire import HTML, Answer, Refusal, json_answer

MAINTENANCE_PAGE = b"""<!DOCTYPE html><html><head><title>PowerSchool</title></head><body>
<h1>Scheduled maintenance</h1><p>PowerSchool is not available at this time. Please try again later.</p></body></html>"""


def refusal(status: int, message: str, errors: Iterable[Mapping[str, Any]] = ()) -> Refusal:
    """Build a refusal in PowerSchool's form: a message, and errors with a field text and params."""
    return Refusal(json_answer({"message": message, "errors": list(errors)}, status))


def bad_request(message: str) -> Refusal:
    """Refuse a request that cannot be understood."""
    return refusal(400, message)


def unauthorised() -> Refusal:
    """Refuse a token that has expired, was revoked, or never was."""
    return Refusal(json_answer({"message": "invalid_token"}, 401, {"WWW-Authenticate": 'Bearer error="invalid_token"'}))


def does_not_teach(section_dcid: object) -> Refusal:
    """Refuse a teacher who does not teach the section (measured)."""
    return refusal(403, f"User does not teach section {section_dcid}")


def no_field_access(fields: Iterable[str]) -> Refusal:
    """Refuse a call that needs fields which the plugin was not granted (measured)."""
    names = list(fields)
    return refusal(403, f"No access to field {', '.join(names)}", [{"field": f"No access to field {n}"} for n in names])


def locked(section_dcid: int) -> Refusal:
    """Refuse a write into a locked class or term."""
    return refusal(409, f"Section {section_dcid} is locked", [{"field": "AssignmentSection.section: class is locked"}])


def category(message: str, teacher_category_id: object = None) -> Refusal:
    """Refuse an assignment's category."""
    params = {"teacher_category_id": teacher_category_id}
    return refusal(409, message, [{"field": "TeacherCategory: " + message, "params": params}])


def due_date(day: object, first_day: str, last_day: str) -> Refusal:
    """Refuse a due date outside the section's term."""
    message = f"The due date {day} is not within the term of the section ({first_day} to {last_day})"
    return refusal(409, message, [{"field": "AssignmentSection.duedate", "params": {"duedate": day}}])


def validation(field: str, message: str) -> Refusal:
    """Refuse a value that breaks a limit."""
    return refusal(409, message, [{"field": f"{field}: {message}"}])


def assignment_gone(assignment_id: int) -> Refusal:
    """Refuse an assignment that was deleted or never was."""
    return refusal(404, f"Unable to find com.pearson.powerschool.xte.model.Assignment with id {assignment_id}")


def assignment_section_gone(assignment_section_id: int) -> Refusal:
    """Refuse a score on a deleted assignment, as the real server does: with a 500 (measured)."""
    name = "com.pearson.powerschool.xte.model.AssignmentSection"
    return refusal(500, f"Unable to find {name} with id {assignment_section_id}")


def throttled(status: int, wait_seconds: float, message: str = "") -> Answer:
    """Answer that asks to wait, in one of its three forms; only 429 and 503 carry `Retry-After`."""
    wait = f"{wait_seconds:.3f}".rstrip("0").rstrip(".")
    text = message or f"Plugin request refused: too many requests. Wait {wait} seconds before the next request."
    headers = None if status == 403 else {"Retry-After": str(max(0, -int(-wait_seconds // 1)))}
    return json_answer({"message": text}, status, headers)


def maintenance(status: int) -> Answer:
    """Answer with a maintenance page in place of JSON."""
    return Answer(status, MAINTENANCE_PAGE, None, HTML)
