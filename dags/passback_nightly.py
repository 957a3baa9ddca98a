"""
### The night: Otus and Schoology to PowerSchool

Every night this DAG carries assignments and scores from the learning platforms into the PowerSchool gradebook, and
accounts for every one of them.

| task | what it does | where it stops |
|---|---|---|
| `open_run` | checks settings and connections, keeps the run and its as-of day | a wrong setting: nothing is read |
| `extract_roster` | reads PowerSchool's roster: sections, teachers, enrolments … | no roster: the run stops |
| `extract_otus` | reads what changed in Otus into staging | an unreadable source is left out; the run ends red |
| `extract_schoology` | the same of Schoology, by the roster's sections | likewise; a source that is off is skipped |
| `check_quality` | Great Expectations on the staged tables | a failing source is left out, a failing roster stops |
| `evaluate` | judges every item and every score by the rules | |
| `plan` | compares with the ledger: what differs is sent, less what the mass-change guard holds | |
| `ask_for_release` | starts `passback_release` where the guard holds something; skipped where it does not | |
| `deliver` | one task a shard of schools; writes are on record before they are sent | refused credentials stop it |
| `verify` | reads back what was written | |
| `reconcile` | draws up the books and writes the report, on a red night too | |
| `verdict` | red or green, with every reason | |

**As-of day.** A scheduled night at 02:00 closes the day before; a backfill judges each night's own day; a run by hand
judges today, or the parameter `as_of`. **Red** means somebody must look: `docs/runbook.md` goes from symptom to
command. Any task can be cleared and run again: nothing is sent twice.
"""

from __future__ import annotations

from datetime import datetime

from airflow.sdk import CronDataIntervalTimetable, dag

from passback import schedule, tasks
from passback.orchestration import DEFAULT_ARGS, NIGHT


@dag(
    dag_id="passback_nightly",
    doc_md=__doc__,
    schedule=CronDataIntervalTimetable("0 2 * * *", timezone=schedule.zone()),
    start_date=datetime.fromisoformat("2026-07-01T00:00:00+00:00"),
    catchup=False,
    max_active_runs=1,
    tags=["passback", "otus", "schoology", "powerschool"],
    default_args=DEFAULT_ARGS,
    params=NIGHT,
)
def passback_nightly() -> None:
    """The night as a graph; the tasks are in passback.tasks, the work in passback.steps."""
    roster, otus, schoology = tasks.extract_roster(), tasks.extract_otus(), tasks.extract_schoology()
    tasks.open_run() >> [roster, otus]
    roster >> schoology
    shards = tasks.plan()
    [otus, schoology] >> tasks.check_quality() >> tasks.evaluate() >> shards
    verdict = tasks.verdict()
    shards >> tasks.ask_for_release() >> verdict
    tasks.deliver.expand(shard=shards) >> tasks.verify() >> tasks.reconcile() >> verdict


passback_nightly()
