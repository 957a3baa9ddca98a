"""What is delivered again, late or by two runs at once: each thing goes once."""

from typing import Any

import pytest

from passback.errors import Terminal


def test_two_runs_planned_on_the_same_base_send_each_thing_once(nights: Any) -> None:
    first, second = nights.planned(), nights.planned()
    nights.deliver(*second)
    nights.deliver(*first)
    report = nights.finish(first[0])
    assert report.totals("items") == {"unchanged": 3}
    assert report.totals("scores") == {"unchanged": 9}
    assert nights.one_each()


def test_an_older_run_never_replaces_what_a_newer_one_delivered(nights: Any) -> None:
    nights.run()
    nights.otus.edit("scores", "quiz.1001", points=5)
    older = nights.planned()
    nights.otus.edit("scores", "quiz.1001", points=6)
    nights.run()
    nights.deliver(*older)
    nights.finish(older[0])
    assert nights.points("quiz")["1001"] == 6
    assert nights.ledger("quiz")["1001"] == 6


def test_a_cleared_delivery_sends_nothing_twice_and_keeps_what_it_proved(nights: Any) -> None:
    run_id, shards = nights.planned()
    nights.deliver(run_id, shards)
    nights.box.control.clear_logs()
    nights.deliver(run_id, shards)
    report = nights.finish(run_id)
    assert report.writes == []
    assert report.totals("items") == {"created": 3}
    assert report.totals("scores") == {"created": 9}


def test_a_night_cleared_from_its_start_keeps_what_it_proved(nights: Any) -> None:
    from passback import steps

    run_id, shards = nights.planned()
    nights.deliver(run_id, shards)
    nights.finish(run_id)
    nights.box.control.clear_logs()
    steps.evaluate("passback_nightly", run_id)
    nights.deliver(run_id, steps.plan("passback_nightly", run_id))
    report = nights.finish(run_id)
    assert report.writes == []
    assert report.totals("items") == {"created": 3}
    assert report.totals("scores") == {"created": 9}


def test_a_delivery_that_refused_credentials_stopped_can_be_cleared_once_they_are_mended(nights: Any) -> None:
    from passback import database

    run_id, shards = nights.planned()
    nights.powerschool.switches(lasting_401=True)
    for _ in range(2):
        with pytest.raises(Terminal):
            nights.deliver(run_id, shards)
    nights.powerschool.switches(lasting_401=False)
    with database.connect(nights.uri) as connection:
        connection.execute("update passback.run_problem set recorded_at = recorded_at - interval '1 hour'")
    nights.deliver(run_id, shards)
    report = nights.finish(run_id)
    assert report.totals("items") == {"created": 3}
    assert report.red == []
