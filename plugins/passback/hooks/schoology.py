"""The Airflow connection `schoology`, turned into a client of Schoology."""

from __future__ import annotations

from typing import Any

from airflow.sdk import BaseHook
from airflow.sdk.exceptions import AirflowNotFoundException

from passback.errors import PassbackError, Terminal
from passback.hooks import trust
from passback.hooks.patience import CONNECT_SECONDS, RequestCounts
from passback.hooks.throttle import Throttle
from passback.sources.schoology.client import CONNECTION_ID, SIGNATURE_METHODS, SchoologyClient


class SchoologyHook(BaseHook):
    """The connection `schoology`: consumer key as login, consumer secret as password, `extra.signature_method`."""

    conn_name_attr = "schoology_conn_id"
    default_conn_name = CONNECTION_ID
    conn_type = "http"
    hook_name = "Schoology"

    def __init__(self, schoology_conn_id: str = CONNECTION_ID, counts: RequestCounts | None = None) -> None:
        """Nothing is read yet; requests are counted in `counts`."""
        super().__init__()
        self.schoology_conn_id = schoology_conn_id
        self.counts = counts or RequestCounts()

    def get_conn(self, throttle: Throttle | None = None) -> SchoologyClient:
        """A client of the connection; raises Terminal where the connection lacks something."""
        found = self._connection()
        base_url = trust.address(self.schoology_conn_id, found)
        lacks = [
            name
            for name, value in (
                ("the school app's consumer key as login", found.login),
                ("its secret as password", found.password),
            )
            if not value
        ]
        if lacks:
            raise Terminal(f"The connection `{self.schoology_conn_id}` needs {' and '.join(lacks)}.")
        method = str(found.extra_dejson.get("signature_method") or SIGNATURE_METHODS[0])
        if method not in SIGNATURE_METHODS:
            raise Terminal(
                f"The connection `{self.schoology_conn_id}` has an unknown signature_method in its extra: write "
                f"{' or '.join(SIGNATURE_METHODS)}."
            )
        if method == "PLAINTEXT" and not base_url.startswith("https://"):
            raise Terminal(
                f"The connection `{self.schoology_conn_id}` signs with PLAINTEXT, which shows the secret to everybody "
                "on the way: use https as schema, or HMAC-SHA1."
            )
        return SchoologyClient(base_url, found.login, found.password, method, self.counts, throttle)

    def test_connection(self) -> tuple[bool, str]:
        """Asks for one section by a code; says what came of it."""
        try:
            client = self.get_conn()
            client.patience = CONNECT_SECONDS
            client.get("a page of sections", "/v1/sections?section_school_codes=0&limit=1")
        except PassbackError as error:
            return False, str(error)
        return True, "Schoology answered with a page of sections."

    def _connection(self) -> Any:
        try:
            return BaseHook.get_connection(self.schoology_conn_id)
        except AirflowNotFoundException:
            raise Terminal(
                f"There is no Airflow connection `{self.schoology_conn_id}`: set "
                f"AIRFLOW_CONN_{self.schoology_conn_id.upper()}."
            ) from None
