"""Rows of the ledger that were rebuilt from PowerSchool: what a plan makes ordinary, and what of it waits."""

from __future__ import annotations

from passback import database
from passback.database import Connection

MESSAGE = (
    "The ledger was rebuilt from PowerSchool, and the source's value differs from what PowerSchool holds. Both are in "
    "preview.csv; make release-unverified sends the source's, or keeps PowerSchool's."
)


def hold_unverified(connection: Connection, run_key: int) -> None:
    """Takes out of a plan that is being made what differs from a rebuilt row; where they agree, the row is ordinary.

    Works on the temporary tables wanted and planned_score, before the guard measures them.
    """
    if database.one(connection, "plan_unverified_any")["found"]:
        database.run(connection, "plan_unverified", run_key=run_key)


def keep_reasons(connection: Connection, run_key: int) -> None:
    """Keeps why the changes that `hold_unverified` took out wait."""
    database.run(connection, "plan_unverified_reasons", run_key=run_key, message=MESSAGE)
