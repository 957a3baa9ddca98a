"""The circuit breaker that all processes share: what opens it, who may try, and what closes it."""

import asyncio
import multiprocessing
import signal
import time
from collections.abc import Iterator
from multiprocessing.queues import Queue
from typing import Any

import psycopg
import pytest
from tests.powerschool.scripted_server import CLIENT_ID, CLIENT_SECRET, after, gives, says, scripted

from passback.powerschool import breaker
from passback.powerschool.budget import NoBudget, SharedBudget
from passback.powerschool.client import PowerSchool

SPAWN = multiprocessing.get_context("spawn")
STATE = "select failures, open_until is not null from passback.api_budget where api = 'powerschool'"
DUE = "update passback.api_budget set open_until = clock_timestamp() where api = 'powerschool'"


@pytest.fixture
def connection(database_uri: str) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(database_uri, autocommit=True) as opened:
        yield opened


def budget_on(uri: str) -> SharedBudget:
    return SharedBudget(lambda: psycopg.connect(uri, autocommit=True))


async def write_scores(url: str, uri: str, calls: int, limit: float = 2.0) -> list[tuple[str, int]]:
    """So many calls of a client of its own, each under a slot: their codes and requests."""
    budget, done = budget_on(uri), []
    limits = {"wait_limit_seconds": limit, "timeout_seconds": limit}
    client = PowerSchool(url, CLIENT_ID, CLIENT_SECRET, budget, **limits)
    with psycopg.connect(uri, autocommit=True) as connection:
        async with client as powerschool, budget.slot(connection):
            for _ in range(calls):
                answer = await powerschool.write_scores(8301, 3401, b"{}")
                done.append((answer.code, answer.attempts))
    budget.close()
    return done


def in_a_process(url: str, uri: str, calls: int, limit: float, done: "Queue[list[tuple[str, int]]]") -> None:
    """What a process does: some calls, one after the other."""
    done.put(asyncio.run(write_scores(url, uri, calls, limit)))


async def processes(number: int, url: str, uri: str, calls: int, limit: float = 2.0) -> list[list[tuple[str, int]]]:
    """What so many processes side by side came to; the server of this process goes on meanwhile."""
    queue: Queue[Any] = SPAWN.Queue()
    started = [SPAWN.Process(target=in_a_process, args=(url, uri, calls, limit, queue)) for _ in range(number)]
    for process in started:
        process.start()
    results = [await asyncio.to_thread(queue.get, timeout=120) for _ in started]
    for process in started:
        await asyncio.to_thread(process.join, 30)
    return results


def probe_and_die(uri: str, granted: "Queue[int | None]", lease_seconds: float) -> None:
    """What a process does that is killed: it takes the probe and never ends it."""
    state = breaker.SharedState(budget_on(uri).row)
    granted.put(asyncio.run(state.ask(lease_seconds)).probe)
    time.sleep(60)


def opened(uri: str, connection: psycopg.Connection[Any]) -> None:
    """Five calls in a row ended without PowerSchool, and the moment of the next probe has come."""
    state = breaker.SharedState(budget_on(uri).row)
    for _ in range(breaker.BREAKER_CALLS):
        asyncio.run(state.failed(None))
    assert connection.execute(STATE).fetchone() == (5, True)
    connection.execute(DUE)


def test_the_failures_of_two_processes_add_up_and_then_neither_asks(
    database_uri: str, connection: psycopg.Connection[Any]
) -> None:
    async def night() -> None:
        async with scripted(usual=lambda: says(500, "")) as script:
            results = await processes(2, script.url, database_uri, 6)
            asked = [attempts for result in results for _, attempts in result]
            # The one that failed last did not know yet that the other's call had been the fifth.
            assert 5 <= len(script.asked) == sum(asked) <= 6
            assert {code for result in results for code, _ in result} == {"SIS_UNAVAILABLE"}

    asyncio.run(night())
    assert connection.execute(STATE).fetchone() == (5, True)


def test_a_breaker_that_another_process_opened_is_seen_with_the_next_slot(
    database_uri: str, connection: psycopg.Connection[Any]
) -> None:
    opened(database_uri, connection)
    connection.execute("update passback.api_budget set open_until = clock_timestamp() + interval '60 s'")

    async def night() -> None:
        async with scripted(usual=lambda: gives({})) as script:
            assert await write_scores(script.url, database_uri, 3) == [("SIS_UNAVAILABLE", 0)] * 3
            assert script.seen == []

    asyncio.run(night())


def test_of_two_processes_one_probes_and_the_other_goes_on_when_it_is_answered(
    database_uri: str, connection: psycopg.Connection[Any]
) -> None:
    opened(database_uri, connection)

    async def night() -> None:
        under_way = most = 0

        async def slowly(_: Any) -> Any:
            nonlocal under_way, most
            under_way += 1
            if connection.execute(STATE).fetchone() == (5, True):
                most = max(most, under_way)
            await asyncio.sleep(0.5)
            under_way -= 1
            return gives({})

        async with scripted(*[slowly] * 6) as script:
            results = await processes(2, script.url, database_uri, 3, limit=60.0)
            assert results == [[("", 1)] * 3] * 2
            assert most == 1

    asyncio.run(night())
    assert connection.execute(STATE).fetchone() == (0, False)


def test_a_killed_prober_holds_nobody_up_for_longer_than_its_turn(
    database_uri: str, connection: psycopg.Connection[Any]
) -> None:
    opened(database_uri, connection)
    granted: Queue[int | None] = SPAWN.Queue()
    process = SPAWN.Process(target=probe_and_die, args=(database_uri, granted, 3.0))
    process.start()
    assert granted.get(timeout=60) == 1
    process.kill()
    process.join(timeout=10)
    assert process.exitcode == -signal.SIGKILL
    state = breaker.SharedState(budget_on(database_uri).row)
    probe, ends_at = None, time.monotonic() + 60
    while probe is None and time.monotonic() < ends_at:
        probe = asyncio.run(state.ask(5.0)).probe
        time.sleep(0.1)
    assert probe == 2
    assert connection.execute("select probe_until > clock_timestamp() from passback.api_budget").fetchone() == (True,)


def test_a_failed_probe_leaves_it_open_for_twice_as_long_up_to_a_limit(
    database_uri: str, connection: psycopg.Connection[Any]
) -> None:
    opened(database_uri, connection)
    state = breaker.SharedState(budget_on(database_uri).row)

    async def probes() -> list[int]:
        waits = []
        for _ in range(5):
            probe = (await state.ask(60.0)).probe
            assert probe is not None
            assert (await state.ask(60.0)).probe is None
            await state.failed(probe - 1)  # an older probe and a call from before say nothing new
            await state.failed(None)
            assert (await state.ask(60.0)).probe is None
            await state.failed(probe)
            waits.append(round(state.standing.wait_seconds))
            connection.execute(DUE)
        return waits

    assert asyncio.run(probes()) == [10, 20, 30, 30, 30]


def test_a_probe_that_asked_nothing_leaves_its_turn_to_the_next(
    database_uri: str, connection: psycopg.Connection[Any]
) -> None:
    opened(database_uri, connection)
    state = breaker.SharedState(budget_on(database_uri).row)

    async def returns() -> None:
        probe = (await state.ask(60.0)).probe
        assert probe is not None
        state.give_back(probe)
        assert (await state.ask(60.0)).probe == probe + 1
        state.give_back(probe)
        assert (await state.ask(60.0)).probe is None

    asyncio.run(returns())


def test_the_next_run_waits_for_the_probe_and_carries_on(
    database_uri: str, connection: psycopg.Connection[Any]
) -> None:
    opened(database_uri, connection)
    connection.execute("update passback.api_budget set open_until = clock_timestamp() + interval '1 s'")

    async def night() -> None:
        async with scripted(usual=lambda: gives({})) as script:
            assert await write_scores(script.url, database_uri, 2, limit=30.0) == [("", 1)] * 2

    asyncio.run(night())
    assert connection.execute(STATE).fetchone() == (0, False)


def test_a_refusal_is_an_answer_and_closes_the_breaker(database_uri: str, connection: psycopg.Connection[Any]) -> None:
    opened(database_uri, connection)

    async def night() -> None:
        async with scripted(says(409, "locked"), says(500, ""), usual=lambda: gives({})) as script:
            found = await write_scores(script.url, database_uri, 3)
            assert [code for code, _ in found] == ["ASSIGNMENT_LOCKED", "SIS_UNAVAILABLE", ""]

    asyncio.run(night())
    assert connection.execute(STATE).fetchone() == (0, False)


def test_a_client_that_waited_in_vain_waits_no_second_time(
    database_uri: str, connection: psycopg.Connection[Any]
) -> None:
    def due_in(seconds: int) -> None:
        connection.execute(
            "update passback.api_budget set open_until = clock_timestamp() + make_interval(secs => %s)", [seconds]
        )

    opened(database_uri, connection)
    due_in(60)
    budget, waits = budget_on(database_uri), list[float]()
    budget.try_slot(connection)

    async def sleep(seconds: float) -> None:
        waits.append(seconds)
        due_in(900)  # another's probe has failed meanwhile

    async def calls() -> None:
        way = breaker.Breaker(budget.breaker, sleep)
        assert await way.admit(120.0) is None
        assert len(waits) == 1
        due_in(60)
        assert await way.admit(120.0) is None
        assert len(waits) == 1
        due_in(0)
        probe = await way.admit(120.0)
        assert probe
        await way.failed(probe)
        assert await way.admit(120.0) is None
        due_in(0)
        assert await way.admit(120.0)
        await way.answered()
        assert await way.admit(120.0) == 0

    asyncio.run(calls())
    budget.close()


def test_a_pause_longer_than_a_call_holds_the_probe_back(
    database_uri: str, connection: psycopg.Connection[Any]
) -> None:
    opened(database_uri, connection)
    budget = budget_on(database_uri)

    async def night() -> None:
        await budget.throttled(60)
        async with scripted(usual=lambda: gives({})) as script:
            assert await write_scores(script.url, database_uri, 2) == [("SIS_UNAVAILABLE", 0)] * 2

    asyncio.run(night())
    budget.close()


def test_while_all_is_well_the_breaker_writes_nothing(database_uri: str, connection: psycopg.Connection[Any]) -> None:
    async def night() -> None:
        async with scripted(usual=lambda: gives({})) as script:
            assert await write_scores(script.url, database_uri, 20) == [("", 1)] * 20

    asyncio.run(night())
    assert connection.execute(STATE).fetchone() is None
    budget = SharedBudget(lambda: pytest.fail("asked"))

    async def healthy() -> None:
        way = breaker.Breaker(budget.breaker, asyncio.sleep)
        assert await way.admit(1.0) == 0
        await way.answered()

    asyncio.run(healthy())


def test_a_state_that_cannot_be_kept_costs_no_answer(caplog: pytest.LogCaptureFixture) -> None:
    def away() -> psycopg.Connection[Any]:
        raise psycopg.OperationalError("password=hidden")

    async def night() -> None:
        async with scripted(says(500, ""), gives({})) as script:
            limits = {"wait_limit_seconds": 2.0, "timeout_seconds": 1.0}
            async with PowerSchool(script.url, CLIENT_ID, CLIENT_SECRET, SharedBudget(away), **limits) as powerschool:
                assert (await powerschool.write_scores(8301, 3401, b"{}")).lost
                assert (await powerschool.write_scores(8301, 3401, b"{}")).accepted

    asyncio.run(night())
    assert "was not kept" in caplog.text
    assert "hidden" not in caplog.text


def test_a_moment_written_before_the_clock_was_set_back_holds_nobody_up(
    database_uri: str, connection: psycopg.Connection[Any]
) -> None:
    opened(database_uri, connection)
    ahead = "clock_timestamp() + interval '2 hours'"
    connection.execute(
        f"update passback.api_budget set open_until = {ahead}, probe_until = {ahead}, next_at = {ahead}, "
        f"paused_until = {ahead}, granted_at = array[{ahead}, {ahead}]"
    )
    budget = SharedBudget(lambda: psycopg.connect(database_uri, autocommit=True), min_interval_ms=5)
    assert budget.try_slot(connection)[1] == 0.0
    assert asyncio.run(budget.grant()) < 1
    assert asyncio.run(budget.breaker.ask(1.0)).probe is not None
    waits = budget.row("budget_window_grant", requests=2, window_seconds=5.2)
    assert waits["wait_seconds"] < 6
    assert not waits["pause_seconds"]
    budget.close()


def test_a_client_alone_keeps_the_same_state_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(breaker, "OPEN_SECONDS", 0.2)

    async def night() -> None:
        steps = [*(says(500, "") for _ in range(6)), after(0.3, gives({}))]
        async with scripted(*steps, usual=lambda: gives({})) as script:
            client = PowerSchool(
                script.url, CLIENT_ID, CLIENT_SECRET, NoBudget(), wait_limit_seconds=5.0, timeout_seconds=5.0
            )
            async with client as powerschool:
                for _ in range(6):  # the sixth is a probe, and fails
                    assert (await powerschool.write_scores(8301, 3401, b"{}")).lost
                answers = await asyncio.gather(*(powerschool.write_scores(8301, 3401, b"{}") for _ in range(3)))
                assert [answer.code for answer in answers] == ["", "", ""]
            assert len(script.asked) == 9

    asyncio.run(night())
