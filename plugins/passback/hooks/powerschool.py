"""The Airflow connection `powerschool`, turned into a PowerSchool client."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseHook

from passback.errors import PassbackError, Terminal
from passback.hooks import trust

if TYPE_CHECKING:
    from passback.powerschool.budget import Budget
    from passback.powerschool.client import PowerSchool

CONNECTION_ID = "powerschool"


class PowerSchoolHook(BaseHook):
    """Reads host, port, schema (default https), login (client id) and password (client secret) of the connection."""

    conn_name_attr = "powerschool_conn_id"
    default_conn_name = CONNECTION_ID
    conn_type = "http"
    hook_name = "PowerSchool"

    def __init__(self, powerschool_conn_id: str = CONNECTION_ID) -> None:
        """Names the connection; it is read when a client is asked for."""
        super().__init__()
        self.powerschool_conn_id = powerschool_conn_id

    def client(self, budget: Budget, **limits: float) -> PowerSchool:
        """A client of the connection's server; `limits`: `wait_limit_seconds`, `timeout_seconds`.

        Raises Terminal where the connection is missing or lacks its host or credentials.
        """
        from passback.powerschool.client import PowerSchool

        base_url, client_id, client_secret = self._server()
        return PowerSchool(base_url, client_id, client_secret, budget, **limits)

    def get_conn(self) -> PowerSchool:
        """A client that shares no budget with others: for a person at a prompt, not for a run."""
        from passback.powerschool.budget import NoBudget

        return self.client(NoBudget())

    def test_connection(self) -> tuple[bool, str]:
        """Asks for a token and the server's metadata; whether it worked, and what came of it."""
        try:
            metadata = asyncio.run(self._ask_metadata())
        except PassbackError as error:
            return False, str(error)
        version = metadata.get("powerschool_version", "of unknown version")
        return True, f"PowerSchool {version} answers, in the time zone {metadata.get('district_timezone', 'unknown')}."

    async def _ask_metadata(self) -> dict[str, Any]:
        from passback.powerschool.budget import NoBudget

        async with self.client(NoBudget(), wait_limit_seconds=15.0, timeout_seconds=10.0) as powerschool:
            return await powerschool.metadata()

    def _server(self) -> tuple[str, str, str]:
        from airflow.sdk.exceptions import AirflowNotFoundException

        variable = f"AIRFLOW_CONN_{self.powerschool_conn_id.upper()}"
        try:
            found = self.get_connection(self.powerschool_conn_id)
        except AirflowNotFoundException:
            raise Terminal(
                f"There is no Airflow connection `{self.powerschool_conn_id}`: set {variable} to PowerSchool's host, "
                "client id (login) and client secret (password)."
            ) from None
        values = {"host": found.host, "login (client id)": found.login, "password (client secret)": found.password}
        if missing := [name for name, value in values.items() if not value]:
            raise Terminal(f"The Airflow connection {variable} lacks its {', '.join(missing)}.")
        return trust.address(self.powerschool_conn_id, found), str(found.login), str(found.password)
