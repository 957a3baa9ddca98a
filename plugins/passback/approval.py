"""The question of a release in Airflow's UI: what it shows, and until when it waits, is known when it is asked."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from airflow.providers.standard.operators.hitl import HITLOperator
from airflow.sdk import Context
from airflow.utils.helpers import build_airflow_dagrun_url

from passback.orchestration import this_run

APPROVE, REJECT = "Approve", "Reject"


class Approval(HITLOperator):
    """Waits until somebody approves or rejects, or `[guard] release_until` is there; gives the decision.

    Not Airflow's own ApprovalOperator: a rejection there skips what follows, and the report is to be written all the
    same. Its time-out would be fixed when the file is parsed.
    """

    def __init__(self, **kwargs: Any) -> None:
        """Takes what every operator takes."""
        # No answer counts as REJECT: without a default the task would fail. The body and the time are set in `execute`.
        super().__init__(
            subject="Release what the guard holds?", options=[APPROVE, REJECT], defaults=REJECT,
            response_timeout=timedelta(days=1), execution_timeout=None, **kwargs,
        )  # fmt: skip

    def execute(self, context: Context) -> None:
        """Asks, and parks the task."""
        from passback import steps

        question, self.response_timeout = steps.release_question(*this_run(), build_airflow_dagrun_url)
        self.subject, self.body = question.subject, question.body
        super().execute(context)

    def execute_complete(self, context: Context, event: dict[str, Any]) -> str:
        """Keeps the answer with the release."""
        from passback import steps

        answer = super().execute_complete(context, event)
        user = answer["responded_by_user"]
        who = str(user["name"] or user["id"]) if user else None
        return steps.decide(*this_run(), answer["chosen_options"][0] == APPROVE, who, answer["responded_at"])
