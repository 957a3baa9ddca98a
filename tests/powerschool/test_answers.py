"""Every row of the contract's table of refusals, and the odd forms that an answer may take."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from passback.powerschool.answers import WRITES, Answer, Kind, classify, location_id

JSON = {"Content-Type": "application/json"}
EVERY_KIND: tuple[Kind, ...] = ("query", "list", "read", "create", "update", "score")
STUDENT_TEXT = "Student.id [81009] does not have an AssignmentStudentAssociation with AssignmentSection [77001]"
GONE = "Unable to find com.pearson.powerschool.xte.model.AssignmentSection with id 77001"


def refused(kind: Kind, status: int, document: Any = None, **headers: str) -> Answer:
    body = b"" if document is None else msgspec.json.encode(document)
    return classify(kind, status, JSON | {name.replace("_", "-"): value for name, value in headers.items()}, body)


def says(text: str) -> dict[str, Any]:
    return {"message": text, "errors": [{"field": text}]}


@pytest.mark.parametrize(
    ("kind", "status", "text", "code", "retry"),
    [
        ("score", 401, "expired", "AUTH_FAILED", "token"),
        ("query", 403, "No access to field STUDENTS.DCID", "FIELD_ACCESS_DENIED", "no"),
        ("score", 403, "no ACCESS to Field ASSIGNMENTSCORE.SCOREPOINTS", "FIELD_ACCESS_DENIED", "no"),
        ("query", 403, "Access request refused", "FIELD_ACCESS_DENIED", "no"),
        ("create", 403, "User does not teach section 85001", "TEACHER_NOT_IN_SECTION", "no"),
        ("create", 403, "Something else", "SIS_REFUSED", "no"),
        ("create", 403, "Plugin refused: Too Many Requests. Wait 2 seconds.", "SIS_UNAVAILABLE", "throttle"),
        ("score", 403, "Request rate exceeded", "SIS_UNAVAILABLE", "throttle"),
        ("update", 429, "", "SIS_UNAVAILABLE", "throttle"),
        ("score", 503, "too many requests", "SIS_UNAVAILABLE", "throttle"),
        ("score", 503, "Service unavailable", "SIS_UNAVAILABLE", "later"),
        ("create", 409, "The due date 2027-01-01 is outside the term", "DUE_DATE_REJECTED", "no"),
        ("update", 409, "AssignmentSection.duedate is invalid", "DUE_DATE_REJECTED", "no"),
        ("score", 409, "Section 85001 is locked", "ASSIGNMENT_LOCKED", "no"),
        ("create", 409, "Section 85001 is Locked", "ASSIGNMENT_LOCKED", "no"),
        ("create", 409, "TeacherCategory 4302 is not active", "CATEGORY_REJECTED", "no"),
        ("update", 409, "The name is too long", "SIS_REFUSED", "no"),
        ("score", 409, STUDENT_TEXT, "STUDENT_REJECTED", "no"),
        ("score", 409, "A student is not in the class", "STUDENT_REJECTED", "no"),
        ("create", 409, "A student is not in the class", "SIS_REFUSED", "no"),
        ("score", 412, "Resubmit the request", "RESUBMIT_EXHAUSTED", "resubmit"),
        ("score", 412, "", "RESUBMIT_EXHAUSTED", "resubmit"),
        ("update", 412, "Please resubmit", "RESUBMIT_EXHAUSTED", "resubmit"),
        ("update", 412, "A section is missing", "SIS_REFUSED", "resubmit"),
        ("score", 500, GONE, "DELETED_IN_SIS", "no"),
        ("update", 500, GONE, "DELETED_IN_SIS", "no"),
        ("read", 404, "Unable to find com.pearson…xte.model.Assignment with id 501", "DELETED_IN_SIS", "no"),
        ("update", 404, "", "DELETED_IN_SIS", "no"),
        ("score", 404, GONE, "DELETED_IN_SIS", "no"),
        ("score", 404, "Resource not found", "SIS_REFUSED", "no"),
        ("query", 404, "Unable to find query org.passback.gradebook.x", "SIS_REFUSED", "no"),
        ("create", 404, "No such section", "SIS_REFUSED", "no"),
        ("score", 500, "Unable to find AssignmentStudentAssociation", "SIS_UNAVAILABLE", "later"),
        ("create", 500, GONE, "SIS_UNAVAILABLE", "later"),
        ("score", 500, "Internal error", "SIS_UNAVAILABLE", "later"),
        ("query", 502, "", "SIS_UNAVAILABLE", "later"),
        ("list", 504, "", "SIS_UNAVAILABLE", "later"),
        ("list", 302, "", "SIS_UNAVAILABLE", "later"),
        ("create", 400, "Cannot be read", "SIS_REFUSED", "no"),
        ("score", 422, "", "SIS_REFUSED", "no"),
    ],
)
def test_each_refusal_has_its_code_and_the_repeat_that_may_help(
    kind: Kind, status: int, text: str, code: str, retry: str
) -> None:
    answer = refused(kind, status, says(text) if text else None)
    assert (answer.code, answer.retry, answer.status) == (code, retry, status)
    if text:
        assert answer.message.removeprefix(f"HTTP {status}: ") == text


@pytest.mark.parametrize("kind", EVERY_KIND)
def test_only_a_write_whose_fate_is_unknown_is_lost(kind: Kind) -> None:
    assert refused(kind, 500, says("Internal error")).lost == (kind in WRITES)
    assert refused(kind, 302).lost == (kind in WRITES)
    assert not refused(kind, 429).lost
    assert not refused(kind, 503, None, Retry_After="1").lost
    assert not refused(kind, 400).lost


@pytest.mark.parametrize("status", [200, 201, 302, 401, 403, 404, 409, 500, 503])
@pytest.mark.parametrize("kind", EVERY_KIND)
def test_a_page_in_place_of_json_is_no_answer_whatever_its_status(kind: Kind, status: int) -> None:
    by_body = classify(kind, status, JSON, b"\xef\xbb\xbf \r\n<!DOCTYPE html><html>Maintenance</html>")
    by_type = classify(kind, status, {"content-type": "text/html;charset=UTF-8"}, b"Maintenance")
    for answer in (by_body, by_type):
        assert answer.code == "SIS_UNAVAILABLE"
        assert answer.retry == ("token" if status == 401 else "later")
        assert answer.lost == (kind in WRITES)


def test_a_gateways_html_page_for_429_still_asks_to_wait() -> None:
    answer = classify("score", 429, {"Content-Type": "text/html", "Retry-After": "3"}, b"<html>Too many</html>")
    assert (answer.retry, answer.wait_seconds, answer.lost) == ("throttle", 3.0, False)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("7", 7.0), ("0", 0.0), ("0.5", 0.5), ("Wed, 21 Oct 2026 07:28:10 GMT", 10.0),
        ("Wed, 21 Oct 2026 07:27:00 GMT", 0.0), ("soon", None), ("-3", None), ("99999999999999", None),
    ],
)  # fmt: skip
def test_retry_after_is_read_as_seconds_or_as_a_date(value: str, seconds: float | None) -> None:
    now = 1792567680.0  # 2026-10-21 07:28:00 UTC
    assert classify("query", 429, {"retry-after": value}, b"", now=now).wait_seconds == seconds


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("Too many requests. Wait 0.1 seconds before the next request.", 0.1),
        ("Too many requests, try again in 500 ms", 0.5),
        ("Too many requests: 250 milliseconds", 0.25),
        ("too many requests, wait 2 min", 120.0),
        ("too many requests", None),
    ],
)
def test_a_wait_named_only_in_the_text_of_a_throttle_is_honoured(text: str, seconds: float | None) -> None:
    assert refused("query", 403, says(text)).wait_seconds == seconds


def test_a_time_named_in_another_503_is_no_invitation_to_repeat_a_write() -> None:
    answer = refused("create", 503, says("upstream gave no answer after 30 seconds"))
    assert (answer.retry, answer.lost) == ("later", True)


def test_rejected_students_are_taken_from_params() -> None:
    errors = [{"field": STUDENT_TEXT, "params": {"student_dcid": dcid}} for dcid in (81001, "81002")]
    answer = refused("score", 409, {"message": "Refused", "errors": errors})
    assert (answer.code, answer.rejected_students) == ("STUDENT_REJECTED", {81001, 81002})


def test_rejected_students_are_taken_from_the_text_where_params_are_missing() -> None:
    answer = refused("score", 409, {"message": "Refused", "errors": [{"field": STUDENT_TEXT}]})
    assert (answer.code, answer.rejected_students) == ("STUDENT_REJECTED", {81009})
    answer = refused("score", 409, {"message": STUDENT_TEXT})
    assert answer.rejected_students == {81009}


def test_each_error_names_its_student_in_its_own_way() -> None:
    errors = [
        {"params": {"student_dcid": 81001}}, {"field": STUDENT_TEXT}, {"field": "x", "params": None}, "odd",
        {"params": {"student_dcid": True}},
    ]  # fmt: skip
    assert refused("score", 409, {"errors": errors}).rejected_students == {81001, 81009}


def test_one_error_may_come_as_an_object_instead_of_a_list() -> None:
    answer = refused("score", 409, {"errors": {"params": {"student_dcid": 81009}}})
    assert (answer.code, answer.rejected_students, answer.message) == ("STUDENT_REJECTED", {81009}, "HTTP 409")


def test_a_student_refusal_that_names_nobody_rejects_nobody() -> None:
    answer = refused("score", 409, says("A student does not have an AssignmentStudentAssociation"))
    assert (answer.code, answer.rejected_students) == ("STUDENT_REJECTED", frozenset())


def test_a_message_is_folded_and_cut_to_300_characters() -> None:
    assert refused("create", 409, says("a \n\t  b")).message == "a b"
    assert len(refused("create", 409, says("long " * 200)).message) == 300
    assert classify("create", 400, {}, b"plain   text").message == "plain text"
    assert refused("create", 400, {"$breach_mitigation": "xyz", "message": "Bad"}).message == "Bad"


@pytest.mark.parametrize("body", [b"", b"{}", b"[]", b'{"assignment_scores":[]}', b"OK"])
@pytest.mark.parametrize("kind", ["update", "score"])
def test_a_write_is_accepted_whatever_the_shape_of_its_answer(kind: Kind, body: bytes) -> None:
    for status in (200, 201, 204):
        answer = classify(kind, status, JSON, body)
        assert answer.accepted
        assert not answer.lost


@pytest.mark.parametrize("body", [b"", b'{"name":', b"no JSON at all", b"\xff\xfe"])
@pytest.mark.parametrize("kind", ["query", "list", "read"])
def test_a_read_without_readable_json_is_no_answer(kind: Kind, body: bytes) -> None:
    answer = classify(kind, 200, JSON, body)
    assert (answer.code, answer.retry) == ("SIS_UNAVAILABLE", "later")


@pytest.mark.parametrize(
    ("location", "expected"),
    [
        ("https://ps.example/ws/xte/section/assignment/501", 501),
        ("/ws/xte/section/assignment/501", 501),
        ("https://ps.example/ws/xte/section/assignment/501/?users_dcid=8301", 501),
        ("501", 501),
        ("", None),
        ("https://ps.example/ws/xte/section/assignment/", None),
        ("https://ps.example/assignment/x501", None),
        ("https://[broken/501", None),
        ("/assignment/" + "9" * 5000, None),
    ],
)
def test_a_created_assignment_is_known_by_the_end_of_its_location(location: str, expected: int | None) -> None:
    assert location_id(location) == expected
    for status in (200, 201):
        answer = classify("create", status, {"location": location}, b"")
        assert answer.accepted
        assert answer.location_id == expected


def test_a_create_answered_with_an_empty_body_of_type_html_is_accepted() -> None:
    assert classify("create", 201, {"Content-Type": "text/html", "Location": "/a/501"}, b"").location_id == 501


@given(
    kind=st.sampled_from(EVERY_KIND),
    status=st.integers(200, 599),
    body=st.binary(max_size=60) | st.sampled_from([b"null", b"[[]]", b'{"errors":[null,3,{"params":[1]}]}', b'"text"']),
    after=st.text(max_size=12),
)
def test_no_answer_at_all_breaks_the_classification(kind: Kind, status: int, body: bytes, after: str) -> None:
    answer = classify(kind, status, {"Retry-After": after, "Location": after}, body)
    assert answer.accepted <= (status < 300)
    assert len(answer.message) <= 300
    assert answer.retry in {"no", "throttle", "later", "resubmit", "token"}
    assert not (answer.lost and answer.retry in {"no", "throttle", "resubmit"})
