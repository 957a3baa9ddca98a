"""
### Sync: one item, one section, one teacher's sections, or everything, now

The same work as the night's, for the part that is asked for: from the *Sync* buttons of the status pages, from this
trigger form, or by REST:

```
POST /api/v2/dags/passback_sync/dagRuns   {"logical_date": null, "conf": {"section_dcid": "85001"}}
```

Give one of `section_dcid`, `users_dcid` (a teacher's sections) and `source` with `source_item_id`; none of them is
everything. It judges today. Only what differs from the last delivery is sent, so a sync can be asked for at any time.

**Asked for twice.** `join` looks for a sync of the same part that is under way: then this run ends at once, green, with
everything skipped, and the other one does the work. Syncs of different parts, and the night, may meet: they take turns
section by section.
"""

from __future__ import annotations

from airflow.sdk import dag

from passback import tasks
from passback.orchestration import DEFAULT_ARGS, SYNC


@dag(
    dag_id="passback_sync",
    doc_md=__doc__,
    schedule=None,
    max_active_runs=8,
    is_paused_upon_creation=False,
    tags=["passback", "otus", "schoology", "powerschool"],
    default_args=DEFAULT_ARGS,
    params=SYNC,
)
def passback_sync() -> None:
    """The night's graph behind `join`."""
    roster, otus, schoology = tasks.extract_roster(), tasks.extract_otus(), tasks.extract_schoology()
    tasks.join() >> tasks.open_run() >> [roster, otus]
    roster >> schoology
    shards = tasks.plan()
    [otus, schoology] >> tasks.check_quality() >> tasks.evaluate() >> shards
    verdict = tasks.verdict()
    shards >> tasks.ask_for_release() >> verdict
    tasks.deliver.expand(shard=shards) >> tasks.verify() >> tasks.reconcile() >> verdict


passback_sync()
