"""The project's own DAG passback_nightly; only its retries come after two seconds, not after two minutes.

A hundred killed nights would spend three hours waiting otherwise. The file it is made from is dags/passback_nightly.py.
"""

import runpy
from datetime import timedelta
from pathlib import Path

from airflow.sdk import ExceptionRetryPolicy, RetryAction, RetryRule

from passback import orchestration

SOON = timedelta(seconds=2)
PROJECT = Path(__file__).resolve().parents[2]

orchestration.DEFAULT_ARGS |= {
    "retry_delay": SOON,
    "retry_policy": ExceptionRetryPolicy(
        [
            RetryRule("passback.errors.Terminal", RetryAction.FAIL, reason="stays until somebody acts"),
            RetryRule("passback.errors.Transient", RetryAction.RETRY, SOON, reason="may pass by itself"),
        ]
    ),
}
passback_nightly = runpy.run_path(str(PROJECT / "dags" / "passback_nightly.py"))["passback_nightly"]
