"""
### Release: what the mass-change guard held, sent once somebody approves it

The guard starts this DAG where a night or a sync holds changes (`MASS_CHANGE_HELD`). It shows the figures and parks on
an approval: *Required actions* of this run, or the bell in Airflow's navigation.

| task | what it does |
|---|---|
| `open_release` | keeps what is asked about: every held change, old → new |
| `approve` | shows figures and a sample; waits for *Approve* or *Reject* until `[guard] release_until`, local time |
| `evaluate` | judges the items concerned as the sources are staged now |
| `plan` | compares with the ledger anew, and leaves in what is still exactly as it was approved |
| `deliver`, `verify` | as every night: on record before it is sent, read back after |
| `reconcile`, `verdict` | books and report of its own, with who decided and when |

**Approved**: a change goes only where its old and its new value are those that were shown; any other waits for the next
night. **Rejected, or not answered in time**: nothing is sent, the run ends green and its report says so, and the next
night plans the changes anew (and holds them again while they go beyond the limits).

By hand: trigger it with the run id of the night that holds.
"""

from __future__ import annotations

from airflow.sdk import dag

from passback import tasks
from passback.approval import Approval
from passback.orchestration import DEFAULT_ARGS, HELD


@dag(
    dag_id="passback_release",
    doc_md=__doc__,
    schedule=None,
    max_active_runs=16,
    is_paused_upon_creation=False,
    tags=["passback", "powerschool"],
    default_args=DEFAULT_ARGS,
    params=HELD,
)
def passback_release() -> None:
    """The night's second half behind an approval."""
    shards = tasks.plan_release()
    tasks.open_release() >> Approval(task_id="approve") >> tasks.evaluate_release() >> shards
    tasks.deliver.expand(shard=shards) >> tasks.verify() >> tasks.reconcile() >> tasks.verdict()


passback_release()
