"""The client against the sandbox's PowerSchool: whole conversations, with every form that the contract leaves open."""

import asyncio
import json
import threading
import time
from collections.abc import Callable, Coroutine, Iterator
from typing import Any

import msgspec
import psycopg
import pytest

from passback.errors import Terminal
from passback.hooks.powerschool import PowerSchoolHook
from passback.powerschool.budget import Budget, NoBudget, SharedBudget
from passback.powerschool.client import PowerSchool, Refused
from sandbox.district import District, Enrollment, School, Section, SectionTeacher, Student, TeacherCategory
from sandbox.server import Sandbox, running

TEACHER, SECTION, TERM, CATEGORY = 8301, 85001, 3601, 4302
STUDENTS = range(81001, 81031)
FAULTS = {"random_rate": 0.25, "random_seed": 3}


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    district = District(
        schools=[School(101, "School 101")],
        sections=[Section(SECTION, 5001, 101, TERM, "Algebra", "1", "2026-08-24", "2027-06-04")],
        section_teachers=[SectionTeacher(SECTION, TEACHER, "T1", "lead", "2026-08-24")],
        students=[Student(dcid, str(dcid + 100_000)) for dcid in STUDENTS],
        enrollments=[Enrollment(SECTION, dcid, "2026-08-24", "2027-06-05") for dcid in STUDENTS],
        teacher_categories=[TeacherCategory(TEACHER, CATEGORY, "Tests", 36)],
        grading_periods=[],
    )
    with running(district, powerschool={"today": "2026-10-15"}) as started:
        yield started


def client(sandbox: Sandbox, budget: Budget | None = None, **limits: float) -> PowerSchool:
    secret = sandbox.client_secret
    return PowerSchool(sandbox.powerschool_url, "passback-sandbox", secret, budget or NoBudget(), **limits)


def talk(sandbox: Sandbox, conversation: Callable[[PowerSchool], Coroutine[Any, Any, None]], **limits: float) -> None:
    async def whole() -> None:
        async with client(sandbox, **limits) as powerschool:
            await conversation(powerschool)

    asyncio.run(whole())


def assignment(name: str = "Unit 3 test (S130545)") -> bytes:
    section = {
        "sectionsdcid": SECTION, "name": name, "description": f"Passback otus {name}", "duedate": "2026-09-28",
        "scoretype": "POINTS", "scoreentrypoints": 12, "totalpointvalue": 12, "weight": 1,
        "iscountedinfinalgrade": True, "isscoringneeded": True, "publishoption": "Immediately",
        "_assignmentcategoryassociations": [{"teachercategoryid": CATEGORY, "isprimary": True}],
    }  # fmt: skip
    return msgspec.json.encode({"_assignmentsections": [section]})


def scores(assignment_section_id: int, points: dict[int, float]) -> bytes:
    flags = {"isexempt": False, "isincomplete": False, "ismissing": False}
    return msgspec.json.encode({"assignment_scores": [
        {"_assignmentsection": {"assignmentsectionid": assignment_section_id}, "studentsdcid": dcid,
         "actualscoreentered": f"{value:g}", "actualscorekind": "REAL_SCORE", "scoretype": "POINTS",
         "scorepoints": value, **flags}
        for dcid, value in points.items()
    ]})  # fmt: skip


async def made(powerschool: PowerSchool) -> tuple[int, int]:
    """A new assignment's id and its id in the section."""
    answer = await powerschool.create_assignment(TEACHER, assignment())
    assert answer.location_id is not None
    held = await powerschool.read_assignment(answer.location_id, TEACHER)
    return answer.location_id, held["_assignmentsections"][0]["assignmentsectionid"]


@pytest.mark.parametrize("booleans", ["words", "digits", "missing"])
@pytest.mark.parametrize("reply", ["object", "array", "empty"])
def test_an_assignment_and_its_scores_go_out_and_are_read_back(sandbox: Sandbox, reply: str, booleans: str) -> None:
    sandbox.powerschool.set_switches(
        {"score_reply": reply, "booleans": booleans, "page_cap": 7, "update_status": 201 if reply == "array" else 200}
    )

    async def conversation(powerschool: PowerSchool) -> None:
        assignment_id, section_id = await made(powerschool)
        (held,) = await powerschool.list_assignments(TEACHER, [SECTION])
        assert held["assignmentid"] == assignment_id
        held["_assignmentsections"][0]["name"] = "Renamed"
        updated = await powerschool.update_assignment(assignment_id, TEACHER, msgspec.json.encode(held))
        assert updated.accepted
        points = {dcid: dcid - 81000.5 for dcid in STUDENTS}
        assert (await powerschool.write_scores(TEACHER, TERM, scores(section_id, points))).accepted
        section = await powerschool.section_scores(SECTION)
        item = await powerschool.item_scores(section_id)
        for rows in (section, item):
            assert {int(row["student_dcid"]): float(row["score_points"]) for row in rows} == points
            assert {row["is_exempt"] + row["is_missing"] + row["is_incomplete"] for row in rows} == {"false" * 3}
        assert {row["name"] for row in section} == {"Renamed"}

    talk(sandbox, conversation)
    assert sandbox.powerschool.log.counts()["metadata"] == 1


def test_the_roster_comes_by_named_queries(sandbox: Sandbox) -> None:
    async def conversation(powerschool: PowerSchool) -> None:
        arguments = {"school_number": "101", "first_day": "2026-07-01", "last_day": "2027-06-30"}
        whole = await powerschool.query("org.passback.gradebook.enrollments", arguments, 0)
        assert await powerschool.query("org.passback.gradebook.grading_periods", arguments, 0) == []
        sandbox.powerschool.set_switches({"query_page_cap": 7})
        paged = await powerschool.query("org.passback.gradebook.enrollments", arguments, 7)
        assert whole == paged
        assert len(whole) == len(STUDENTS)
        with pytest.raises(Refused, match="pagesize"):
            await powerschool.query("org.passback.gradebook.enrollments", arguments, 0)
        (category,) = await powerschool.teacher_categories(TEACHER, 36)
        assert (category["teachercategoryid"], category["name"]) == (CATEGORY, "Tests")

    talk(sandbox, conversation)


def test_a_missing_field_stops_the_run(sandbox: Sandbox) -> None:
    sandbox.powerschool.set_switches({"forbidden_query_fields": ["SECTIONS.DCID"]})

    async def conversation(powerschool: PowerSchool) -> None:
        with pytest.raises(Terminal, match=r"SECTIONS\.DCID") as raised:
            await powerschool.query("org.passback.gradebook.sections", {})
        assert raised.value.code == "FIELD_ACCESS_DENIED"

    talk(sandbox, conversation)


@pytest.mark.parametrize(
    ("switches", "named"),
    [
        ({}, {99001, 99002}),
        ({"refusal_params": False}, {99001, 99002}),
        ({"refusal_text": False}, {99001, 99002}),
        ({"refusal_names": "one"}, {99001}),
        ({"refusal_names": "none"}, set()),
        ({"refusal_params": False, "refusal_text": False}, set()),
    ],
)
def test_strangers_among_the_scores_are_named_where_powerschool_names_them(
    sandbox: Sandbox, switches: dict[str, Any], named: set[int]
) -> None:
    sandbox.powerschool.set_switches(switches)

    async def conversation(powerschool: PowerSchool) -> None:
        _, section_id = await made(powerschool)
        answer = await powerschool.write_scores(TEACHER, TERM, scores(section_id, {81001: 1, 99001: 2, 99002: 3}))
        assert (answer.code, answer.rejected_students) == ("STUDENT_REJECTED", named)

    talk(sandbox, conversation)


def test_what_a_teacher_or_the_office_did_meanwhile_is_told_apart(sandbox: Sandbox) -> None:
    async def conversation(powerschool: PowerSchool) -> None:
        assignment_id, section_id = await made(powerschool)
        stranger = await powerschool.write_scores(TEACHER + 1, TERM, scores(section_id, {81001: 1}))
        late = await powerschool.create_assignment(TEACHER, assignment().replace(b"2026-09-28", b"2027-09-28"))
        no_category = await powerschool.create_assignment(TEACHER, assignment().replace(b"4302", b"4303"))
        assert [stranger.code, late.code, no_category.code] == [
            "TEACHER_NOT_IN_SECTION", "DUE_DATE_REJECTED", "CATEGORY_REJECTED",
        ]  # fmt: skip
        sandbox.control.powerschool.delete_assignment(assignment_id)
        written = await powerschool.write_scores(TEACHER, TERM, scores(section_id, {81001: 1}))
        updated = await powerschool.update_assignment(assignment_id, TEACHER, assignment())
        with pytest.raises(Refused) as raised:
            await powerschool.read_assignment(assignment_id, TEACHER)
        assert {written.code, updated.code, raised.value.code} == {"DELETED_IN_SIS"}

    talk(sandbox, conversation)


@pytest.mark.parametrize("effect", ["commit_then_drop", "drop_before_commit", "html", "status_after_commit"])
def test_a_create_without_an_answer_is_lost_and_the_listing_tells_its_fate(sandbox: Sandbox, effect: str) -> None:
    sandbox.control.powerschool.fault(effect, kind="create")

    async def conversation(powerschool: PowerSchool) -> None:
        answer = await powerschool.create_assignment(TEACHER, assignment())
        assert (answer.code, answer.lost, answer.attempts) == ("SIS_UNAVAILABLE", True, 1)
        found = await powerschool.list_assignments(TEACHER, [SECTION])
        assert len(found) == (1 if effect in {"commit_then_drop", "status_after_commit"} else 0)

    talk(sandbox, conversation)


def test_a_dropped_score_write_reaches_powerschool_once(sandbox: Sandbox) -> None:
    async def conversation(powerschool: PowerSchool) -> None:
        _, section_id = await made(powerschool)
        sandbox.control.powerschool.fault("commit_then_drop", kind="score")
        answer = await powerschool.write_scores(TEACHER, TERM, scores(section_id, {81001: 1}))
        assert answer.lost

    talk(sandbox, conversation)
    assert sandbox.powerschool.log.counts()["score"] == 1


@pytest.mark.parametrize("effect", ["truncate", "not_json", "wrong_shape"])
def test_a_spoiled_answer_is_read_again(sandbox: Sandbox, effect: str) -> None:
    async def conversation(powerschool: PowerSchool) -> None:
        assignment_id, section_id = await made(powerschool)
        await powerschool.write_scores(TEACHER, TERM, scores(section_id, {81001: 1}))
        sandbox.control.powerschool.fault(effect, times=1, kind="list")
        assert len(await powerschool.list_assignments(TEACHER, [SECTION])) == 1
        sandbox.control.powerschool.fault(effect, times=1, kind="query")
        assert len(await powerschool.section_scores(SECTION)) == 1
        sandbox.control.powerschool.fault(effect, times=1, kind="read")
        assert (await powerschool.read_assignment(assignment_id, TEACHER))["assignmentid"] == assignment_id
        assert powerschool.requests.retried == 3

    talk(sandbox, conversation)


def test_reads_get_through_a_server_that_fails_at_random(sandbox: Sandbox) -> None:
    async def conversation(powerschool: PowerSchool) -> None:
        await made(powerschool)
        sandbox.powerschool.set_switches(FAULTS)
        for _ in range(15):
            assert len(await powerschool.list_assignments(TEACHER, [SECTION])) == 1
        assert powerschool.requests.retried > 0

    talk(sandbox, conversation)


def test_a_revoked_token_costs_one_new_one(sandbox: Sandbox) -> None:
    async def conversation(powerschool: PowerSchool) -> None:
        await powerschool.section_scores(SECTION)
        sandbox.powerschool.tokens.revoke()
        assert (await powerschool.create_assignment(TEACHER, assignment())).accepted
        sandbox.powerschool.set_switches({"lasting_401": True})
        with pytest.raises(Terminal) as raised:
            await powerschool.create_assignment(TEACHER, assignment())
        assert raised.value.code == "AUTH_FAILED"

    talk(sandbox, conversation)
    assert len(sandbox.control.powerschool.assignments()) == 1


@pytest.mark.parametrize("status", [403, 429, 503])
def test_an_unknown_interval_slows_the_run_and_loses_nothing(sandbox: Sandbox, status: int) -> None:
    sandbox.powerschool.set_switches({"min_interval_ms": 30, "throttle_status": status})

    async def conversation(powerschool: PowerSchool) -> None:
        bodies = [assignment(f"Item {number}") for number in range(4)]
        answers = await asyncio.gather(*(powerschool.create_assignment(TEACHER, body) for body in bodies))
        assert all(answer.accepted for answer in answers)
        assert powerschool.requests.throttled > 0

    talk(sandbox, conversation)
    assert len(sandbox.control.powerschool.assignments()) == 4


def test_with_the_interval_in_the_settings_nobody_is_throttled(sandbox: Sandbox, database_uri: str) -> None:
    """Two clients in two threads stand for two processes: they share nothing but the database."""
    sandbox.powerschool.set_switches({"min_interval_ms": 5})
    throttled = []

    async def ten_creates() -> None:
        budget = SharedBudget(lambda: psycopg.connect(database_uri), min_interval_ms=25)
        async with client(sandbox, budget) as powerschool:
            answers = await asyncio.gather(*(powerschool.create_assignment(TEACHER, assignment()) for _ in range(10)))
            assert all(answer.accepted for answer in answers)
            throttled.append(powerschool.requests.throttled)
        budget.close()

    threads = [threading.Thread(target=lambda: asyncio.run(ten_creates())) for _ in range(2)]
    began = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(sandbox.control.powerschool.assignments()) == 20
    assert time.monotonic() - began >= 19 * 0.025
    # The way to the server takes now and then longer than the margin between the two intervals.
    assert sum(throttled) <= 3


def test_the_hook_makes_a_client_of_the_connection(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    connection = sandbox.connections()["AIRFLOW_CONN_POWERSCHOOL"]
    monkeypatch.setenv("AIRFLOW_CONN_POWERSCHOOL", connection)
    worked, message = PowerSchoolHook().test_connection()
    assert (worked, message) == (True, "PowerSchool 25.7.0.0 answers, in the time zone America/Chicago.")
    wrong = json.dumps(json.loads(connection) | {"password": "a-wrong-secret"})
    monkeypatch.setenv("AIRFLOW_CONN_POWERSCHOOL", wrong)
    worked, message = PowerSchoolHook().test_connection()
    assert not worked
    assert "client id and secret" in message
    assert "a-wrong-secret" not in message


@pytest.mark.parametrize("missing", ["host", "login", "password"])
def test_an_incomplete_connection_is_told_by_name(missing: str, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = {"conn_type": "http", "host": "ps.example", "login": "client", "password": "secret-1"}
    monkeypatch.setenv("AIRFLOW_CONN_POWERSCHOOL", json.dumps({k: v for k, v in whole.items() if k != missing}))
    with pytest.raises(Terminal, match=f"AIRFLOW_CONN_POWERSCHOOL lacks its {missing}"):
        PowerSchoolHook().client(NoBudget())


def test_a_missing_connection_is_told_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AIRFLOW_CONN_POWERSCHOOL", raising=False)
    with pytest.raises(Terminal, match="AIRFLOW_CONN_POWERSCHOOL"):
        PowerSchoolHook().client(NoBudget())
