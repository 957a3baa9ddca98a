"""Runs that meet on the same sections, each a process of its own, with random pauses: one state in the end."""

import os
import random
import time
from typing import Any

import psycopg
import pytest
import yoyo
from tests.overlap.processes import Crew, pauses

NIGHTLY, SYNC = "passback_nightly", "passback_sync"
ITEMS = ("quiz", "essay", "lab")
STUDENTS = ("1001", "1002", "1003")
LATENCY = 0.02
SEEDS = [int(seed) for seed in os.environ.get("OVERLAP_SEEDS", "1").split(",")]


def rising(nights: Any) -> None:
    """The source's values only ever rise in these tests: a value lower than one sent before is an older version."""
    last: dict[tuple[int, int], float] = {}
    for request in nights.powerschool.log(method="PUT", kind="score"):
        if request["status"] != 200:
            continue
        for row in request["body"]["assignment_scores"]:
            key = (row["_assignmentsection"]["assignmentsectionid"], row["studentsdcid"])
            assert row["scorepoints"] >= last.get(key, 0), f"{key}: {row['scorepoints']} after {last[key]}"
            last[key] = row["scorepoints"]


def most_in_flight(nights: Any, seconds: float) -> int:
    """How many requests were at PowerSchool at once, each of which it takes at least so many seconds over."""
    moments = [request["at"] for request in nights.powerschool.log()]
    return max(sum(moment <= other < moment + seconds for other in moments) for moment in moments)


def balanced(nights: Any) -> list[Any]:
    """Runs whose books were drawn up and do not balance, or that left a problem."""
    with psycopg.connect(nights.uri) as connection:
        return connection.execute(
            "select r.run_id, r.balanced, p.message from passback.run as r "
            "left join passback.run_problem as p using (run_key) where r.balanced is false or p.message is not null"
        ).fetchall()


def settled(nights: Any) -> None:
    """What holds after all of them, and one more night: source, PowerSchool and ledger are one."""
    nights.run("2026-10-15")
    assert [len(nights.powerschool.assignments(item)) for item in ITEMS] == [1, 1, 1]
    given = {record["id"]: record["points"] for record in nights.grades}
    for item in ITEMS:
        wanted = {student: given[f"{item}.{student}"] for student in STUDENTS}
        assert nights.points(item) == wanted == nights.ledger(item)
    assert nights.run("2026-10-15").writes == []


class Source:
    """Grades that rise while the runs are under way."""

    def __init__(self, nights: Any, chance: random.Random) -> None:
        self.nights, self.chance = nights, chance
        self.points = {f"{item}.{student}": 8.0 for item in ITEMS for student in STUDENTS}
        nights.grades = []

    def rise(self) -> None:
        score = self.chance.choice(list(self.points))
        self.points[score] += 1
        self.nights.otus.edit("scores", score, points=self.points[score])
        self.nights.grades = [{"id": key, "points": points} for key, points in self.points.items()]


@pytest.mark.parametrize("seed", SEEDS)
def test_nights_syncs_a_rebuild_and_maintenance_meet_over_one_gradebook(
    without_deadlocks: Any, crew: Crew, seed: int
) -> None:
    nights = without_deadlocks
    chance = random.Random(seed)
    print(f"OVERLAP_SEEDS={seed}")
    nights.settings(("in_flight = 8", "in_flight = 2"), ("settle_seconds = 300", "settle_seconds = 2"))
    nights.powerschool.switches(latency_ms=LATENCY * 1000)
    source = Source(nights, chance)
    source.rise()
    longest = 2.0
    crew.start("whole", NIGHTLY, "tonight", "2026-10-15", pauses(chance, longest))
    crew.start("whole", NIGHTLY, "backfilled", "2026-10-14", pauses(chance, longest))
    crew.start("whole", SYNC, "section", None, pauses(chance, longest), section_dcid="85001")
    crew.start("whole", SYNC, "item", None, pauses(chance, longest), source="otus", source_item_id="quiz")
    crew.start("maintain", 3)
    crew.start("migrate", nights.uri, 5)
    others = [process for _, process in crew.started]
    while any(process.is_alive() for process in others):
        source.rise()
        others[0].join(0.3)
        if sum(process.is_alive() for process in others) == 2 and len(crew.started) == len(others):
            crew.start("rebuild")
    codes = crew.ended()
    failed = [crew.said(number)[-2000:] for number, code in enumerate(codes) if code]
    # The item's sync may begin before anybody has read the item: then it says so, and does nothing.
    assert [text for text in failed if "has never been read" not in text] == []
    rising(nights)
    assert most_in_flight(nights, LATENCY) <= 2
    assert balanced(nights) == []
    nights.powerschool.switches(latency_ms=0)
    settled(nights)


def test_the_interval_between_requests_is_kept_over_all_processes(nights: Any, crew: Crew) -> None:
    nights.run()
    nights.box.control.clear_logs()
    nights.settings(("min_interval_ms = 0", "min_interval_ms = 150"))
    for number, section in enumerate((85001, 85002)):
        crew.start("whole", SYNC, f"sync-{number}", None, [0.0] * 6, section_dcid=section)
    crew.start("rebuild")
    assert crew.ended() == [0, 0, 0]
    moments = [request["at"] for request in nights.powerschool.log() if request["kind"] != "token"]
    assert len(moments) > 15
    # Each may come as late as its process is scheduled, by a second over all; three budgets would take a third.
    assert moments[-1] - moments[0] >= 0.15 * (len(moments) - 1) - 1


def test_two_processes_bring_one_empty_database_up_to_date_at_once(empty_database_uri: str, crew: Crew) -> None:
    for _ in range(3):
        crew.start("migrate", empty_database_uri, 2)
    assert crew.ended() == [0, 0, 0]
    with psycopg.connect(empty_database_uri) as connection:
        assert connection.execute("select count(*) from passback.code").fetchone() != (0,)


def test_a_process_that_was_killed_over_the_schema_keeps_nobody_out(database_uri: str) -> None:
    from passback import database

    with psycopg.connect(database_uri, autocommit=True) as connection:
        connection.execute("insert into yoyo_lock (locked, ctime, pid) values (1, now(), 1)")
    database.migrate(database_uri)


def test_a_process_that_is_killed_before_it_marks_a_migration_has_not_applied_it(
    empty_database_uri: str, crew: Crew
) -> None:
    from passback import database

    with psycopg.connect(empty_database_uri, autocommit=True) as connection:
        own_tables = yoyo.get_backend(empty_database_uri.replace("postgresql:", "postgresql+psycopg:"))
        own_tables.ensure_internal_schema_updated()
        own_tables.connection.close()
        connection.execute(
            "create function slow() returns trigger language plpgsql as "
            "$$begin if new.migration_id = '0003_outcomes' then perform pg_sleep(60); end if; return new; end$$"
        )
        connection.execute("create trigger slow before insert on _yoyo_migration for each row execute function slow()")
        process = crew.start("migrate", empty_database_uri, 1)
        sleeping = "select pid from pg_stat_activity where datname = current_database() and wait_event = 'PgSleep'"
        deadline = time.monotonic() + 120
        while (found := connection.execute(sleeping).fetchone()) is None:
            assert time.monotonic() < deadline, "it never came to mark the migration"
            time.sleep(0.05)
        process.kill()
        connection.execute("select pg_terminate_backend(%s)", found)
        connection.execute("drop trigger slow on _yoyo_migration")
        database.migrate(empty_database_uri)
        assert connection.execute("select count(*) from passback.code").fetchone() != (0,)


def test_two_reconciliations_of_one_run_and_of_another_keep_every_report(nights: Any, crew: Crew) -> None:
    first, second = nights.run().summary["run_id"], nights.run().summary["run_id"]
    for run_id in (first, first, second):
        crew.start("reconcile", NIGHTLY, run_id)
    assert crew.ended() == [0, 0, 0]
    folder = nights.home / "reports" / NIGHTLY / "2026-10-15"
    for run_id, kept in ((first, ["1", "2"]), (second, ["1"])):
        assert sorted(path.name for path in (folder / run_id / "previous").iterdir()) == kept
        assert (folder / run_id / "summary.json").is_file()
    assert [path for path in folder.iterdir() if path.name.startswith(".")] == []


def test_a_release_approved_while_a_night_delivers_sends_only_what_is_still_as_it_was_approved(
    nights: Any, crew: Crew
) -> None:
    import datetime as dt

    from passback import runs, steps

    nights.run("2026-10-14")
    nights.settings(("scores_changed_share = 1", "scores_changed_share = 0.2"))
    nights.otus.edit("scores", "quiz.1001", points=9)
    nights.otus.edit("scores", "lab.1001", points=9)
    held, shards = nights.planned("2026-10-15")
    nights.deliver(held, shards)
    assert nights.finish(held).totals("scores") == {"held": 2, "unchanged": 7}
    asked = steps.release_to_ask(NIGHTLY, held)
    release = "passback_release"
    assert asked is not None
    steps.open_release(runs.Asked(release, asked["run_id"], False, None, dt.datetime.now(dt.UTC), asked["conf"]))
    nights.otus.edit("scores", "lab.1001", points=10)  # one that was not approved
    nights.settings()
    nights.powerschool.switches(latency_ms=50)
    night = nights.planned("2026-10-15")
    crew.start("deliver", NIGHTLY, night[0], 1)
    steps.decide(release, asked["run_id"], True, "admin", dt.datetime.now(dt.UTC))
    steps.evaluate_release(release, asked["run_id"])
    for shard in steps.plan_release(release, asked["run_id"]):
        crew.start("deliver", release, asked["run_id"], shard["shard"])
    assert set(crew.ended()) == {0}
    rising(nights)
    for dag_id, run_id in ((NIGHTLY, night[0]), (release, asked["run_id"])):
        assert nights.finish(run_id, dag_id).red == []
    assert (nights.points("quiz")["1001"], nights.points("lab")["1001"]) == (9, 10)
    assert nights.ledger("lab")["1001"] == 10
