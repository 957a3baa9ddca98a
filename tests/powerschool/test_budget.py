"""The budget of requests that all processes share: slots that die with their holder, an interval, a pause."""

import asyncio
import multiprocessing
import os
import signal
import time
from collections.abc import Iterator
from multiprocessing.queues import Queue
from typing import Any

import psycopg
import pytest
from psycopg.pq import TransactionStatus

from passback import stop
from passback.errors import Transient
from passback.powerschool.budget import SharedBudget
from passback.stop import Stopped

SPAWN = multiprocessing.get_context("spawn")
HELD = "select count(*) from pg_locks where locktype = 'advisory' and objsubid = 2 and pid = pg_backend_pid()"


def budget_on(uri: str, in_flight: int = 3, min_interval_ms: int = 0) -> SharedBudget:
    return SharedBudget(lambda: psycopg.connect(uri), in_flight=in_flight, min_interval_ms=min_interval_ms)


@pytest.fixture
def connection(database_uri: str) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(database_uri, autocommit=True) as opened:
        yield opened


def work_in_slots(uri: str, workers: int, units: int, spans: "Queue[list[tuple[float, float]]]") -> None:
    """What a process does: so many workers at once, each with so many units of work, each in a slot."""
    budget, done = budget_on(uri), list[tuple[float, float]]()

    async def worker() -> None:
        with psycopg.connect(uri, autocommit=True) as connection:
            for _ in range(units):
                async with budget.slot(connection):
                    began = time.monotonic()
                    await asyncio.sleep(0.03)
                    done.append((began, time.monotonic()))

    async def all_workers() -> None:
        await asyncio.gather(*(worker() for _ in range(workers)))

    asyncio.run(all_workers())
    spans.put(done)


def take_turns(uri: str, interval_ms: int, turns: int, moments: "Queue[list[float]]") -> None:
    """What a process does: takes turns and notes when each was granted."""
    budget = budget_on(uri, min_interval_ms=interval_ms)

    async def grants() -> list[float]:
        found = []
        for _ in range(turns):
            wait = await budget.grant()
            found.append(time.monotonic() + wait)
        return found

    moments.put(asyncio.run(grants()))
    budget.close()


def hold_a_slot(uri: str, taken: "Queue[int]") -> None:
    """What a process does that is killed: takes a slot and never gives it back."""
    connection = psycopg.connect(uri, autocommit=True)
    taken.put(asyncio.run(budget_on(uri, in_flight=1).take_slot(connection)))
    time.sleep(60)


def in_two_processes(target: Any, *arguments: Any) -> list[Any]:
    """What both processes put into their queue."""
    queue: Queue[Any] = SPAWN.Queue()
    processes = [SPAWN.Process(target=target, args=(*arguments, queue)) for _ in range(2)]
    for process in processes:
        process.start()
    results = [queue.get(timeout=60) for _ in processes]
    for process in processes:
        process.join(timeout=30)
    return results


def test_two_processes_never_hold_more_slots_than_there_are(database_uri: str) -> None:
    spans = [span for part in in_two_processes(work_in_slots, database_uri, 4, 5) for span in part]
    assert len(spans) == 2 * 4 * 5
    events = sorted([(began, 1) for began, _ in spans] + [(ended, -1) for _, ended in spans])
    at_once, most = 0, 0
    for _, change in events:
        at_once += change
        most = max(most, at_once)
    assert most == 3


def test_two_processes_keep_the_interval_together(database_uri: str, connection: psycopg.Connection[Any]) -> None:
    began, now = time.monotonic(), connection.execute("select clock_timestamp()").fetchone()
    moments = [moment for part in in_two_processes(take_turns, database_uri, 20, 15) for moment in part]
    assert max(moments) - began >= 29 * 0.020
    # 30 turns of two processes, each with an interval of its own.
    used = "select (next_at - %s) >= 30 * interval '20 ms' from passback.api_budget"
    assert connection.execute(used, now).fetchone() == (True,)


def test_turns_asked_for_at_once_lie_an_interval_apart(database_uri: str) -> None:
    budget = budget_on(database_uri, min_interval_ms=1000)

    async def grants() -> list[float]:
        return sorted(await asyncio.gather(*(budget.grant() for _ in range(5))))

    assert [round(wait) for wait in asyncio.run(grants())] == [0, 1, 2, 3, 4]
    budget.close()


def test_a_killed_process_frees_its_slots(database_uri: str, connection: psycopg.Connection[Any]) -> None:
    taken: Queue[int] = SPAWN.Queue()
    process = SPAWN.Process(target=hold_a_slot, args=(database_uri, taken))
    process.start()
    assert taken.get(timeout=30) == 0
    budget = budget_on(database_uri, in_flight=1)
    assert budget.try_slot(connection) == (None, 0.0)
    assert process.pid is not None
    os.kill(process.pid, signal.SIGKILL)
    process.join(timeout=10)
    assert asyncio.run(asyncio.wait_for(budget.take_slot(connection), 10)) == 0


def test_one_session_takes_each_slot_once(database_uri: str, connection: psycopg.Connection[Any]) -> None:
    budget = budget_on(database_uri)
    slots = [budget.try_slot(connection)[0] for _ in range(4)]
    assert slots[3] is None
    assert sorted(slot for slot in slots if slot is not None) == [0, 1, 2]
    assert connection.execute(HELD).fetchone() == (3,)
    budget.free_slot(connection, 1)
    assert budget.try_slot(connection) == (1, 0.0)


def test_taking_a_slot_takes_one_lock_and_giving_it_back_leaves_none(
    database_uri: str, connection: psycopg.Connection[Any]
) -> None:
    budget = budget_on(database_uri, in_flight=64)

    async def unit() -> None:
        async with budget.slot(connection):
            assert connection.execute(HELD).fetchone() == (1,)
            raise LookupError

    with pytest.raises(LookupError):
        asyncio.run(unit())
    assert connection.execute(HELD).fetchone() == (0,)


def test_a_slot_of_a_connection_that_broke_is_free_already(database_uri: str) -> None:
    budget = budget_on(database_uri, in_flight=1)

    async def unit() -> None:
        with psycopg.connect(database_uri, autocommit=True) as broken:
            async with budget.slot(broken):
                broken.close()

    asyncio.run(unit())
    with psycopg.connect(database_uri, autocommit=True) as other:
        assert asyncio.run(asyncio.wait_for(budget.take_slot(other), 5)) == 0


def test_a_slot_is_freed_where_the_unit_of_work_failed_in_sql(database_uri: str) -> None:
    async def unit(connection: psycopg.Connection[Any]) -> None:
        async with budget_on(database_uri).slot(connection):
            connection.execute("select 1 / 0")

    with psycopg.connect(database_uri) as connection:
        with pytest.raises(psycopg.errors.DivisionByZero):
            asyncio.run(unit(connection))
        assert connection.execute(HELD).fetchone() == (0,)


def test_a_slot_opens_no_transaction(database_uri: str) -> None:
    budget = budget_on(database_uri)
    with psycopg.connect(database_uri) as connection:
        slot = asyncio.run(budget.take_slot(connection))
        assert connection.info.transaction_status == TransactionStatus.IDLE
        connection.execute("select 1")
        budget.free_slot(connection, slot)
        assert connection.info.transaction_status == TransactionStatus.INTRANS


def test_a_pause_is_seen_by_the_others_slots_and_turns(database_uri: str, connection: psycopg.Connection[Any]) -> None:
    throttled, other = budget_on(database_uri), budget_on(database_uri, min_interval_ms=1)

    async def pause() -> None:
        await throttled.throttled(3.0)
        await throttled.throttled(0.1)  # a shorter one does not end it
        assert 1.0 < await other.grant() <= 3.0
        slot, left = other.try_slot(connection)
        assert slot is None
        assert 0.5 < left <= 3.0
        began = time.monotonic()
        await other.take_slot(connection)
        assert 0.3 < time.monotonic() - began < 15

    asyncio.run(pause())
    throttled.close()
    other.close()


def test_a_pause_lasts_a_quarter_of_an_hour_at_most(database_uri: str, connection: psycopg.Connection[Any]) -> None:
    budget = budget_on(database_uri)
    asyncio.run(budget.throttled(1e9))
    assert 890 < budget.try_slot(connection)[1] <= 900
    budget.close()


def test_a_broken_connection_of_the_budget_is_opened_anew(
    database_uri: str, connection: psycopg.Connection[Any]
) -> None:
    budget = budget_on(database_uri, min_interval_ms=1)
    asyncio.run(budget.grant())
    others = "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> "
    connection.execute(others + "pg_backend_pid()")
    assert asyncio.run(budget.grant()) <= 0.001
    budget.close()


def test_a_database_that_is_away_is_transient() -> None:
    def connect() -> psycopg.Connection[Any]:
        raise psycopg.OperationalError("password=hidden")

    with pytest.raises(Transient, match="district's database") as raised:
        asyncio.run(SharedBudget(connect, min_interval_ms=5).grant())
    assert "hidden" not in str(raised.value)


def test_without_an_interval_no_turn_asks_the_database() -> None:
    budget = SharedBudget(lambda: pytest.fail("asked"), min_interval_ms=0)
    assert asyncio.run(budget.grant()) == 0.0


def test_a_stop_ends_the_wait_for_a_slot(
    database_uri: str, connection: psycopg.Connection[Any], stoppable: None
) -> None:
    async def wait_and_stop() -> None:
        with psycopg.connect(database_uri, autocommit=True) as holder:
            budget = budget_on(database_uri, in_flight=1)
            await budget.take_slot(holder)
            waiting = asyncio.create_task(budget.take_slot(connection))
            await asyncio.sleep(0.1)
            assert not waiting.done()
            stop.request()
            with pytest.raises(Stopped):
                await asyncio.wait_for(waiting, 2)

    asyncio.run(wait_and_stop())
