"""
### After a lost or restored database: the ledger from PowerSchool

Reads PowerSchool's roster, lists every section and its scores, and brings the ledger to what PowerSchool holds under
our markers: `docs/runbook.md#the-database-was-restored-from-a-backup` says when and how. It writes nothing to
PowerSchool, can be ended and cleared at any time, and a second run changes nothing that the first one found.

What it changed is *unverified*: where the next night's values are the same, the row is ordinary from then on; where
they differ, the change is held as `UNVERIFIED`. Then run this DAG again with `accept`, once the two values have been
compared (`preview.csv` of that night):

| `accept` | what becomes of what is held |
|---|---|
| empty | nothing: the run rebuilds |
| `source` | the next run sends the source's values |
| `powerschool` | PowerSchool's values stay, until the source changes again |

The same by command: `make rebuild-ledger`, `make release-unverified`.
"""

from __future__ import annotations

from airflow.sdk import Param, dag

from passback import tasks
from passback.orchestration import DEFAULT_ARGS

PARAMS = {
    "accept": Param(
        None,
        type=["null", "string"],
        enum=[None, "source", "powerschool"],
        title="Release",
        description="Empty: rebuild. Else: whose values stay where they differ from a rebuilt row.",
    ),
    "sections": Param(
        None,
        type=["null", "array"],
        items={"type": "integer"},
        title="Sections",
        description="Only these PowerSchool sections (SECTIONS.DCID). Empty: all of the roster.",
    ),
    "dry_run": Param(
        False,
        type="boolean",
        title="Preview",
        description="A rebuild that only says in rebuild.csv what it would change.",
    ),
}


@dag(
    dag_id="passback_rebuild",
    doc_md=__doc__,
    schedule=None,
    max_active_runs=1,
    is_paused_upon_creation=False,
    tags=["passback", "powerschool"],
    default_args=DEFAULT_ARGS,
    params=PARAMS,
)
def passback_rebuild() -> None:
    """Rebuild, or release."""
    tasks.rebuild_ledger() >> tasks.release_unverified()


passback_rebuild()
