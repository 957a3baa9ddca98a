"""What a write comes to when PowerSchool's answer is late, lost, broken, throttled or in need of a repeat."""

import asyncio
import socket
import time

import pytest
from aiohttp import web
from tests.powerschool.scripted_server import after, drop, gives, says, scripted

from passback.errors import Terminal
from passback.powerschool.exchange import Requests
from passback.stop import Stopped

CREATED = {"Location": "/ws/xte/section/assignment/501?x=1"}


def created() -> web.Response:
    return web.Response(status=201, headers=CREATED)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_a_created_assignment_gives_its_id() -> None:
    async def night() -> None:
        async with scripted(created()) as script, script.client() as powerschool:
            answer = await powerschool.create_assignment(8301, '{"a":1}')
            assert (answer.code, answer.location_id, answer.attempts, answer.lost) == ("", 501, 1, False)
            (seen,) = script.asked
            assert (seen.method, seen.path) == ("POST", "/ws/xte/section/assignment/?users_dcid=8301")
            assert seen.body == b'{"a":1}'
            assert seen.headers["Accept"] == seen.headers["Content-Type"] == "application/json"
            assert seen.headers["Authorization"] == f"Bearer {script.tokens[0]}"

    asyncio.run(night())


def test_updates_and_scores_go_to_their_addresses() -> None:
    async def night() -> None:
        async with scripted(gives({}), gives([])) as script, script.client() as powerschool:
            assert (await powerschool.update_assignment(501, 8301, b"{}")).accepted
            assert (await powerschool.write_scores(8301, 3401, b"{}")).accepted
            assert [(seen.method, seen.path) for seen in script.asked] == [
                ("PUT", "/ws/xte/section/assignment/501?users_dcid=8301&update_scores=false"),
                ("PUT", "/ws/xte/score?users_dcid=8301&status=A&term_id=3401"),
            ]

    asyncio.run(night())


def test_a_write_whose_connection_breaks_is_lost_and_never_repeated() -> None:
    async def night() -> None:
        async with scripted(gives({}), drop, drop, drop) as script, script.client() as powerschool:
            await powerschool.write_scores(8301, 3401, b"{}")  # leaves a kept connection behind
            for write in (
                powerschool.write_scores(8301, 3401, b"{}"),
                powerschool.update_assignment(501, 8301, b"{}"),
                powerschool.create_assignment(8301, b"{}"),
            ):
                answer = await write
                assert (answer.code, answer.lost, answer.attempts) == ("SIS_UNAVAILABLE", True, 1)
            assert len(script.asked) == 4

    asyncio.run(night())


@pytest.mark.parametrize(
    "answer",
    [
        says(500, "Internal error"), says(503, "Down"), says(504, ""),
        web.Response(status=302, headers={"Location": "/"}),
        web.Response(status=200, text="<html>Log in</html>", content_type="text/html"),
    ],
)  # fmt: skip
def test_a_write_answered_without_proof_is_lost_and_never_repeated(answer: web.Response) -> None:
    async def night() -> None:
        async with scripted(answer) as script, script.client() as powerschool:
            lost = await powerschool.create_assignment(8301, b"{}")
            assert (lost.code, lost.lost, lost.attempts, len(script.asked)) == ("SIS_UNAVAILABLE", True, 1, 1)
            assert powerschool.requests == Requests(total=2, retried=0, throttled=0)

    asyncio.run(night())


def test_a_write_without_an_answer_in_time_is_lost() -> None:
    async def night() -> None:
        async with scripted(after(0.6, created())) as script, script.client(timeout_seconds=0.2) as powerschool:
            lost = await powerschool.create_assignment(8301, b"{}")
            assert (lost.code, lost.lost, len(script.asked)) == ("SIS_UNAVAILABLE", True, 1)

    asyncio.run(night())


def test_the_status_of_acceptance_is_proof_where_the_body_breaks_off() -> None:
    async def broken(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(status=201, headers={**CREATED, "Content-Length": "1000"})
        await response.prepare(request)
        await response.write(b"{")
        assert request.transport is not None
        request.transport.close()
        return response

    async def night() -> None:
        async with scripted(broken) as script, script.client() as powerschool:
            answer = await powerschool.create_assignment(8301, b"{}")
            assert (answer.code, answer.location_id) == ("", 501)

    asyncio.run(night())


def test_a_write_that_never_left_is_repeated_until_the_server_is_up() -> None:
    async def night() -> None:
        port = free_port()
        async with scripted(created(), port=port) as script:
            client = script.client()
        async with client as powerschool:
            write = asyncio.create_task(powerschool.create_assignment(8301, b"{}"))
            await asyncio.sleep(0.3)
            async with scripted(created(), port=port) as script:
                answer = await write
                assert (answer.code, len(script.asked)) == ("", 1)
                assert powerschool.requests.retried >= 1

    asyncio.run(night())


def test_a_write_that_never_left_is_not_lost() -> None:
    async def night() -> None:
        async with scripted() as script:
            client = script.client(wait_limit_seconds=0.5)
        began = time.monotonic()
        async with client as powerschool:
            answer = await powerschool.create_assignment(8301, b"{}")
            assert (answer.code, answer.lost) == ("SIS_UNAVAILABLE", False)
            assert time.monotonic() - began < 15

    asyncio.run(night())


@pytest.mark.parametrize(
    "throttle",
    [
        says(429, "", Retry_After="0.1"), says(503, "", Retry_After="0.1"),
        says(403, "Refused: too many requests. Wait 0.1 seconds."), says(503, "Too many requests, wait 100 ms"),
    ],
)  # fmt: skip
def test_a_throttled_write_is_sent_again_after_the_wait(throttle: web.Response) -> None:
    async def night() -> None:
        async with scripted(throttle, created()) as script, script.client() as powerschool:
            began = time.monotonic()
            answer = await powerschool.create_assignment(8301, b"{}")
            assert (answer.code, answer.location_id, answer.attempts) == ("", 501, 2)
            assert time.monotonic() - began >= 0.1
            assert powerschool.requests == Requests(total=3, retried=0, throttled=1)
            assert len(script.asked) == 2

    asyncio.run(night())


def test_a_throttle_without_a_wait_backs_off_from_a_second() -> None:
    async def night() -> None:
        async with scripted(says(429, ""), created()) as script, script.client(wait_limit_seconds=30) as powerschool:
            began = time.monotonic()
            assert (await powerschool.create_assignment(8301, b"{}")).accepted
            assert 0.7 <= time.monotonic() - began < 15

    asyncio.run(night())


def test_a_wait_longer_than_a_call_may_take_ends_it_at_once_and_holds_the_others() -> None:
    async def night() -> None:
        throttled = says(429, "", Retry_After="3600")
        async with scripted(throttled) as script, script.client(wait_limit_seconds=30) as powerschool:
            began = time.monotonic()
            first = await powerschool.create_assignment(8301, b"{}")
            second = await powerschool.write_scores(8301, 3401, b"{}")
            assert (first.code, first.lost, first.attempts) == ("SIS_UNAVAILABLE", False, 1)
            assert (second.code, second.lost, second.attempts) == ("SIS_UNAVAILABLE", False, 0)
            assert time.monotonic() - began < 15
            assert len(script.asked) == 1

    asyncio.run(night())


def test_throttles_that_never_end_stay_within_the_limit() -> None:
    async def night() -> None:
        async with scripted(usual=lambda: says(429, "", Retry_After="0")) as script, script.client() as powerschool:
            began = time.monotonic()
            answer = await powerschool.write_scores(8301, 3401, b"{}")
            assert (answer.code, answer.lost) == ("SIS_UNAVAILABLE", False)
            assert time.monotonic() - began < 15
            assert len(script.asked) < 60

    asyncio.run(night())


def test_a_412_is_sent_again_once_and_unchanged() -> None:
    async def night() -> None:
        steps = [says(412, "Resubmit"), gives({}), says(412, "Resubmit"), says(412, "Resubmit")]
        async with scripted(*steps) as script, script.client() as powerschool:
            answer = await powerschool.write_scores(8301, 3401, b'{"s":1}')
            assert (answer.code, answer.attempts, powerschool.requests.retried) == ("", 2, 1)
            answer = await powerschool.write_scores(8301, 3401, b'{"s":1}')
            assert (answer.code, answer.attempts) == ("RESUBMIT_EXHAUSTED", 2)
            assert {seen.body for seen in script.asked} == {b'{"s":1}'}

    asyncio.run(night())


def test_a_refusal_is_an_answer_and_not_an_exception() -> None:
    async def night() -> None:
        refusals = (says(409, "due date"), says(409, "locked"), says(403, "User does not teach section 85001"))
        async with scripted(*refusals) as script, script.client() as powerschool:
            codes = [(await powerschool.update_assignment(501, 8301, b"{}")).code for _ in refusals]
            assert codes == ["DUE_DATE_REJECTED", "ASSIGNMENT_LOCKED", "TEACHER_NOT_IN_SECTION"]

    asyncio.run(night())


def test_a_denied_field_stops_the_run() -> None:
    async def night() -> None:
        denied = says(403, "No access to field ASSIGNMENTSCORE.SCOREPOINTS")
        async with scripted(denied) as script, script.client() as powerschool:
            with pytest.raises(Terminal, match=r"ASSIGNMENTSCORE\.SCOREPOINTS") as raised:
                await powerschool.write_scores(8301, 3401, b"{}")
            assert raised.value.code == "FIELD_ACCESS_DENIED"

    asyncio.run(night())


def test_after_five_calls_without_powerschool_nobody_is_asked_any_more() -> None:
    async def night() -> None:
        steps = [*(says(500, "") for _ in range(4)), says(409, "locked"), *(says(500, "") for _ in range(5))]
        async with scripted(*steps) as script, script.client() as powerschool:
            answers = [await powerschool.write_scores(8301, 3401, b"{}") for _ in range(10)]
            assert [answer.lost for answer in answers] == [True] * 4 + [False] + [True] * 5
            later = await powerschool.write_scores(8301, 3401, b"{}")
            assert (later.code, later.lost, later.attempts) == ("SIS_UNAVAILABLE", False, 0)
            assert len(script.asked) == 10

    asyncio.run(night())


def test_a_stop_lets_no_new_request_begin(stoppable: None) -> None:
    from passback import stop

    async def night() -> None:
        async with scripted(created()) as script, script.client() as powerschool:
            stop.request()
            with pytest.raises(Stopped):
                await powerschool.create_assignment(8301, b"{}")
            assert script.seen == []

    asyncio.run(night())


def test_a_stop_ends_a_wait(stoppable: None) -> None:
    from passback import stop

    async def night() -> None:
        async with (
            scripted(says(429, "", Retry_After="20"), created()) as script,
            script.client(wait_limit_seconds=30) as powerschool,
        ):
            write = asyncio.create_task(powerschool.create_assignment(8301, b"{}"))
            await asyncio.sleep(0.2)
            stop.request()
            with pytest.raises(Stopped):
                await asyncio.wait_for(write, 1)
            assert len(script.asked) == 1

    asyncio.run(night())
