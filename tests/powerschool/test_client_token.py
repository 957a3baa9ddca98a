"""The plugin's token: one for all requests of a process, renewed once when it is refused, never shown."""

import asyncio
import traceback

import pytest
from aiohttp import web
from tests.powerschool.scripted_server import CLIENT_SECRET, Script, drop, gives, says, scripted

from passback.errors import PassbackError, Terminal, Transient
from passback.powerschool import token as tokens
from passback.powerschool.client import PowerSchool
from passback.powerschool.exchange import Requests

METADATA = {"metadata": {"powerschool_version": "25.7"}}


async def first_read(powerschool: PowerSchool) -> list[dict[str, str]]:
    return await powerschool.query("org.passback.gradebook.schools", {})


def rows() -> web.Response:
    return gives({"name": "q", "record": [{"school_number": "101"}]})


def unauthorised(times: int) -> list[web.Response]:
    return [says(401, "invalid_token") for _ in range(times)]


def test_all_requests_of_a_process_share_one_token() -> None:
    async def night() -> None:
        async with scripted(usual=rows) as script:
            async with script.client() as powerschool:
                await asyncio.gather(*(first_read(powerschool) for _ in range(20)))
            async with script.client() as powerschool:
                await first_read(powerschool)
            assert len(script.tokens) == 1
            request = next(seen for seen in script.seen if seen.path == "/oauth/access_token/")
            assert (request.method, request.body) == ("POST", b"grant_type=client_credentials")
            assert request.headers["Authorization"] == "Basic Y2xpZW50LTc6c2VjcmV0LVpxODE="

    asyncio.run(night())


def test_a_revoked_token_is_renewed_once_for_all_who_used_it() -> None:
    async def night() -> None:
        async with scripted(rows(), *unauthorised(8), usual=rows) as script, script.client() as powerschool:
            await first_read(powerschool)
            results = await asyncio.gather(*(first_read(powerschool) for _ in range(8)))
            assert results == [[{"school_number": "101"}]] * 8
            assert len(script.tokens) == 2
            assert powerschool.requests == Requests(total=2 + 1 + 16, retried=8, throttled=0)

    asyncio.run(night())


def test_a_second_401_stops_the_run() -> None:
    async def night() -> None:
        async with scripted(*unauthorised(4)) as script, script.client() as powerschool:
            with pytest.raises(Terminal, match="credentials twice") as raised:
                await first_read(powerschool)
            assert raised.value.code == "AUTH_FAILED"
            with pytest.raises(Terminal):
                await powerschool.write_scores(8301, 3401, b"{}")
            assert (len(script.asked), len(script.tokens)) == (4, 4)

    asyncio.run(night())


@pytest.mark.parametrize("status", [400, 401, 403])
def test_wrong_credentials_stop_the_run_at_once(status: int) -> None:
    async def night() -> None:
        refusal = gives({"error": "invalid_client", "error_description": f"no {CLIENT_SECRET}"}, status)
        async with scripted(token_steps=[refusal]) as script, script.client() as powerschool:
            with pytest.raises(Terminal) as raised:
                await first_read(powerschool)
            assert raised.value.code == "AUTH_FAILED"
            assert len(script.seen) == 1
            assert_nothing_secret(raised.value, script)

    asyncio.run(night())


def test_a_token_that_cannot_be_had_now_is_asked_for_again() -> None:
    async def night() -> None:
        page = web.Response(status=200, text="<html>", content_type="text/html")
        steps = [says(503, "", Retry_After="0.1"), says(500, ""), drop, page, gives({"no": "token"})]
        async with (
            scripted(usual=rows, token_steps=list(steps)) as script,
            script.client(wait_limit_seconds=12) as powerschool,
        ):
            assert await first_read(powerschool)
            assert powerschool.requests == Requests(total=7, retried=4, throttled=1)

    asyncio.run(night())


def test_without_a_token_a_read_is_transient_and_a_write_never_left() -> None:
    async def night() -> None:
        token_steps = [says(500, "") for _ in range(20)]
        async with (
            scripted(token_steps=list(token_steps)) as script,
            script.client(wait_limit_seconds=0.3) as powerschool,
        ):
            with pytest.raises(Transient) as raised:
                await first_read(powerschool)
            assert raised.value.code == "SIS_UNAVAILABLE"
            answer = await powerschool.create_assignment(8301, b"{}")
            assert (answer.code, answer.lost, answer.attempts) == ("SIS_UNAVAILABLE", False, 0)
            assert script.asked == []

    asyncio.run(night())


def test_no_error_shows_the_token_or_the_secret() -> None:
    async def echo(request: web.Request) -> web.StreamResponse:
        return says(400, f"bad request with {request.headers['Authorization']}")

    async def night() -> None:
        async with scripted(echo, echo) as script, script.client() as powerschool:
            with pytest.raises(PassbackError) as raised:
                await first_read(powerschool)
            assert_nothing_secret(raised.value, script)
            answer = await powerschool.write_scores(8301, 3401, b"{}")
            assert script.tokens[0] not in repr(answer)
            shown = f"{powerschool!r} {vars(powerschool)} {tokens._kept}"
            assert script.tokens[0] not in shown
            assert CLIENT_SECRET not in shown

    asyncio.run(night())


def assert_nothing_secret(error: BaseException, script: Script) -> None:
    shown = "".join(traceback.format_exception(error)) + repr(vars(error))
    for secret in (CLIENT_SECRET, "Y2xpZW50LTc6c2VjcmV0LVpxODE=", *script.tokens):
        assert secret not in shown


@pytest.mark.parametrize(
    ("expires_in", "used_seconds"),
    [("2504956", 2504896), ("3600", 3540), (3600, 3540), ("80", 40), ("0", 0), ("soon", 3540), (None, 3540)],
)
def test_a_token_is_used_until_a_minute_before_it_expires(expires_in: object, used_seconds: float) -> None:
    document = {"access_token": "t", "expires_in": expires_in}
    assert tokens.read_token(document, 1000.0).until == 1000.0 + used_seconds
    assert tokens.read_token({"access_token": "t"}, 1000.0).until == 1000.0 + 3540


def test_an_expired_token_is_replaced_before_it_is_used() -> None:
    async def night() -> None:
        short = gives({"access_token": "short-lived", "expires_in": "0.2"})
        async with scripted(usual=rows, token_steps=[short]) as script, script.client() as powerschool:
            await first_read(powerschool)
            await asyncio.sleep(0.15)
            await first_read(powerschool)
            used = [seen.headers["Authorization"] for seen in script.asked]
            assert used == ["Bearer short-lived", f"Bearer {script.tokens[0]}"]
            assert powerschool.requests.retried == 0

    asyncio.run(night())
