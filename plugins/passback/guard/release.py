"""A release: what it asks about, what was decided, and what of it is still as it was approved."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Literal

from passback import database
from passback.database import Connection
from passback.errors import Terminal
from passback.guard.figures import NOT_APPROVED
from passback.guard.holding import keep_reasons
from passback.guard.question import Facts, Question, question

if TYPE_CHECKING:
    from passback.settings import Settings

STEP = "release"
SAMPLE_ROWS = 10

Verdict = Literal["approved", "rejected", "unanswered"]

WAITS = (
    "Not sent by this release: its old or new value is not the approved one (any more). The next night plans it anew."
)
SAID = {
    "approved": "Approved by {who} at {when}.",
    "rejected": "Rejected by {who} at {when}: nothing was sent. The next night plans these changes anew.",
    "unanswered": "Nobody answered until {when}: nothing was sent. The next night plans these changes anew.",
}


@dataclass(frozen=True, slots=True)
class Held:
    """A run that holds changes: how many, in which sources, of which school day and schools (None: all)."""

    run_key: int
    dag_id: str
    run_id: str
    as_of: date
    dry_run: bool
    schools: list[str] | None
    items: int
    scores: int
    sources: list[str]

    @property
    def waits(self) -> bool:
        """Whether there is anything to ask about: a preview holds changes that nobody was about to send."""
        return bool(self.items or self.scores) and not self.dry_run


@dataclass(frozen=True, slots=True)
class Decision:
    """Who decided what about a release, and when; nobody's name where it was left unanswered."""

    verdict: Verdict
    decided_by: str
    decided_at: datetime


def held_by(uri: str, dag_id: str, run_id: str) -> Held:
    """What the run of these names in Airflow holds; raises Terminal where there is no such run."""
    with database.connect(uri) as connection:
        found = database.rows(connection, "release_held", dag_id=dag_id, run_id=run_id)
    if not found:
        raise Terminal(
            f"There is no run {run_id!r} of {dag_id}: the parameter held_run_id names the run whose changes wait."
        )
    return Held(**found[0])


def ask(uri: str, run_key: int, held: Held) -> None:
    """Keeps what the release `run_key` asks about, once: what was shown is what is approved."""
    with database.connect(uri) as connection:
        database.run(connection, "release_ask", run_key=run_key, held_run_key=held.run_key)
        connection.execute("analyze passback.release_item, passback.release_score")


def asked_question(uri: str, run_key: int, until: datetime, run_url: str) -> Question:
    """The question of the release, which waits until `until` (in the district's own time)."""
    with database.connect(uri) as connection:
        database.run(connection, "release_wait", run_key=run_key, waits_until=until)
        return question(
            Facts(
                release=database.one(connection, "release_of", run_key=run_key),
                schools=database.rows(connection, "release_schools", run_key=run_key),
                sample=database.rows(connection, "release_sample", run_key=run_key, limit=SAMPLE_ROWS),
                until=in_words(until),
                run_url=run_url,
            )
        )


def held_run(uri: str, run_key: int) -> tuple[str, str]:
    """DAG and run id of the run whose changes the release is about."""
    with database.connect(uri) as connection:
        found = database.one(connection, "release_of", run_key=run_key)
    return found["held_dag_id"], found["held_run_id"]


def decide(uri: str, run_key: int, decision: Decision) -> None:
    """Keeps a decision, and tells it in the release's report."""
    said = SAID[decision.verdict].format(who=decision.decided_by, when=f"{decision.decided_at:%Y-%m-%d %H:%M:%S %Z}")
    with database.connect(uri) as connection:
        facts = {"decided_by": decision.decided_by, "decided_at": decision.decided_at}
        database.run(connection, "release_decide", run_key=run_key, decision=decision.verdict, **facts)
        database.run(connection, "run_notes_clear", run_key=run_key, step=STEP)
        database.run(connection, "run_note_add", run_key=run_key, step=STEP, message=said)


def decision_of(uri: str, run_key: int) -> Decision | None:
    """The last decision about the release, if there is one."""
    with database.connect(uri) as connection:
        found = database.rows(connection, "release_decision", run_key=run_key)
    return Decision(found[0]["decision"], found[0]["decided_by"], found[0]["decided_at"]) if found else None


def read_sources(uri: str, run_key: int) -> dict[str, int]:
    """The newest whole extraction of each source of the release, which it judges."""
    with database.connect(uri) as connection:
        return {row["source"]: row["seq"] for row in database.rows(connection, "release_read", run_key=run_key)}


def sections(uri: str, run_key: int) -> list[int]:
    """The sections in which the release's items were when it was asked, or are by now."""
    with database.connect(uri) as connection:
        return list(database.one(connection, "release_sections", run_key=run_key)["sections"])


def accept_unverified(uri: str, run_key: int, decision: Decision) -> None:
    """Makes ordinary changes of those approved ones whose ledger rows were rebuilt from PowerSchool."""
    with database.connect(uri) as connection:
        database.run(connection, "release_accept", run_key=run_key, by=decision.decided_by)


def prune(uri: str, run_key: int) -> None:
    """Leaves of what was judged with the sections only the release's own items."""
    with database.connect(uri) as connection:
        database.run(connection, "release_prune", run_key=run_key)
        connection.execute("analyze passback.run_item, passback.run_score")


def hold_unapproved(connection: Connection, run_key: int, settings: Settings) -> None:
    """Holds what the release's plan holds beside the approved changes (a `Hold`), and says how many of those go."""
    database.run(connection, "release_mark", run_key=run_key, bit=NOT_APPROVED)
    database.run(connection, "guard_hold", run_key=run_key)
    keep_reasons(connection, run_key, lambda limits, source: WAITS)
    counts = database.one(connection, "release_counts", run_key=run_key)
    database.run(connection, "run_notes_clear", run_key=run_key, step="plan")
    database.run(connection, "run_note_add", run_key=run_key, step="plan", message=_becomes(counts))


def in_words(moment: datetime) -> str:
    """A moment as people read it, with its zone."""
    return f"{moment:%Y-%m-%d %H:%M} ({moment.tzinfo})"


def _becomes(counts: dict[str, Any]) -> str:
    approved, planned, moved = (int(counts[name]) for name in ("approved", "planned", "moved"))
    rest = approved - planned - moved
    words = [f"Of {approved:,} approved changes {planned:,} were still as approved when this release was planned"]
    if moved:
        words.append(f"{moved:,} have another old or new value by now and wait for the next night")
    if rest:
        words.append(f"{rest:,} need nothing any more, or no longer pass")
    return "; ".join(words) + "."
