"""Sending: the plan to PowerSchool, shard by shard, and the read-back of what was sent."""

from __future__ import annotations

from passback import database, runs
from passback.errors import Terminal
from passback.steps.context import powerschool_hook, problems, stop_on_signals, this


def deliver(dag_id: str, run_id: str, shard: int) -> dict[str, int]:
    """Sends one shard of the plan; returns the requests it took."""
    from passback.delivery.engine import Shard, deliver_shard

    uri, run, settings = this(dag_id, run_id)
    stopped = runs.stopped_by(uri, run.run_key)
    if stopped:
        raise Terminal(f"The run was stopped by {stopped}: nothing more is sent.", stopped)
    ends_at = runs.open_window(uri, run.run_key, settings.delivery.max_minutes)
    with problems(uri, run, f"deliver {shard}"), stop_on_signals():
        try:
            requests = deliver_shard(uri, Shard(run.run_key, shard, ends_at), settings, powerschool_hook())
        except Terminal as error:
            if error.code:
                runs.stop(uri, run.run_key, error.code)
            raise
        finally:
            _note_dropped(uri, run.run_key, shard)
    return {"requests": requests.total, "repeated": requests.retried, "throttled": requests.throttled}


def _note_dropped(uri: str, run_key: int, shard: int) -> None:
    """Says in the report how much of the plan another run has made needless, or older than what is known by now."""
    with database.connect(uri) as connection:
        scores = int(database.one(connection, "run_dropped", run_key=run_key, shard=shard)["scores"])
    said = f"{scores:,} planned score{'s were' if scores > 1 else ' was'} not sent: another run has delivered or judged"
    runs.note(uri, run_key, f"deliver {shard}", f"{said} the same item since." if scores else None)


def verify(dag_id: str, run_id: str) -> dict[str, int]:
    """Reads back what this run wrote, and confirms it or takes it back."""
    from passback.verification import verify as read_back

    uri, run, settings = this(dag_id, run_id)
    with problems(uri, run, "verify"), stop_on_signals():
        counts = read_back(uri, run.run_key, settings, powerschool_hook())
        if counts["unread"]:
            runs.add_problem(
                uri, run.run_key, "verify", f"{counts['unread']} sections could not be read back.", "SIS_UNAVAILABLE"
            )
    return counts
