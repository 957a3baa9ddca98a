"""The Airflow connection `otus`: a client of Otus's extract over HTTP, or the folder of its export files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import requests
from airflow.sdk import BaseHook
from airflow.sdk.exceptions import AirflowNotFoundException

from passback.errors import PassbackError, Terminal
from passback.hooks import bodies, trust
from passback.hooks.patience import (
    ATTEMPT_SECONDS,
    CONNECT_SECONDS,
    FIRST_BACKOFF_SECONDS,
    PATIENCE_SECONDS,
    Patience,
    RequestCounts,
    System,
    answered,
    body_of,
    is_web_page,
)

__all__ = ["OtusClient", "OtusHook", "RequestCounts"]

CONNECTION_ID = "otus"
OTUS = System(
    "Otus",
    f"Check host, port and scheme of the connection `{CONNECTION_ID}`; nothing of this extraction was kept.",
    "Nothing of this extraction was kept; it is tried again later.",
)


class _Bearer(requests.auth.AuthBase):
    """Sets the token itself: a header alone would be replaced by what a .netrc file holds for the host."""

    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self._token}"
        return request


@dataclass(slots=True)
class OtusClient:
    """`GET {base}/v1/{collection}` with repeats: throttling is waited for, outages are tried again."""

    base_url: str
    token: str = field(repr=False)
    counts: RequestCounts = field(default_factory=RequestCounts)
    patience: float = field(default_factory=lambda: PATIENCE_SECONDS)
    session: requests.Session = field(default_factory=bodies.session, repr=False)

    def page(self, collection: str, number: int, query: Mapping[str, str]) -> bytes:
        """The body of one page; raises Terminal where repeating is useless, Transient where time may help.

        `number` counts the pages of the collection from 1 and is for messages only.
        """
        where = f"Otus: page {number} of {collection}"
        url = f"{self.base_url}/v1/{collection}"
        patience = Patience(OTUS, self.counts, self.patience, FIRST_BACKOFF_SECONDS)
        return patience.call(where, lambda left: self._attempt(where, url, query, left))

    def close(self) -> None:
        """Gives the connections back."""
        self.session.close()

    def _attempt(self, where: str, url: str, query: Mapping[str, str], left: float) -> bytes:
        timeouts = (min(CONNECT_SECONDS, left), min(ATTEMPT_SECONDS, left))
        answer = answered(
            OTUS, where, lambda: self.session.get(
                url, params=query, auth=_Bearer(self.token), timeout=timeouts, allow_redirects=False,
                headers={"Accept": "application/json"}, stream=True,
            )
        )  # fmt: skip
        if answer.status_code == 401:
            raise Terminal(
                f"{where}: Otus refused the token (401). Put a valid bearer token into the password of the connection "
                f"`{CONNECTION_ID}`.", "AUTH_FAILED",
            )  # fmt: skip
        if answer.status_code == 403 and not is_web_page(answer):
            raise Terminal(
                f"{where}: Otus does not let the token read it (403). Have the token of the connection "
                f"`{CONNECTION_ID}` given the right to read all six collections.", "AUTH_FAILED",
            )  # fmt: skip
        return body_of(OTUS, where, answer, self.counts)


class OtusHook(BaseHook):
    """The connection `otus`: of type `http` with the bearer token as password, or of type `file` with `extra.path`."""

    conn_name_attr = "otus_conn_id"
    default_conn_name = CONNECTION_ID
    hook_name = "Otus"

    def __init__(self, otus_conn_id: str = CONNECTION_ID, counts: RequestCounts | None = None) -> None:
        """Nothing is read yet; requests are counted in `counts`."""
        super().__init__()
        self.otus_conn_id = otus_conn_id
        self.counts = counts or RequestCounts()

    @property
    def files_path(self) -> str | None:
        """The folder or object-store prefix of the export files; None where the connection is an HTTP one."""
        found = self._connection()
        path = found.extra_dejson.get("path")
        if found.conn_type == "file" or path:
            if not isinstance(path, str) or not path:
                raise Terminal(
                    f'The connection `{self.otus_conn_id}` is of type file and needs {{"path": …}} as extra.'
                )
            return path
        return None

    def get_conn(self) -> OtusClient:
        """A client of the HTTP transport; raises Terminal where the connection lacks something."""
        found = self._connection()
        base_url = trust.address(self.otus_conn_id, found)
        if not found.password:
            raise Terminal(f"The connection `{self.otus_conn_id}` needs Otus's bearer token as password.")
        return OtusClient(base_url, found.password, self.counts)

    def test_connection(self) -> tuple[bool, str]:
        """Asks for one user, or reads the export's manifest; says what came of it."""
        from passback.sources.otus.export import Export
        from passback.sources.otus.pages import Pages

        try:
            path = self.files_path
            if path:
                return True, f"The export of {Export(path).source_time:%Y-%m-%d %H:%M %Z} can be read."
            client = self.get_conn()
            client.patience = CONNECT_SECONDS
            next(Pages(client, None, 1).rows("users"))
        except PassbackError as error:
            return False, str(error)
        return True, "Otus answered with a page of users."

    def _connection(self) -> Any:
        try:
            return BaseHook.get_connection(self.otus_conn_id)
        except AirflowNotFoundException:
            raise Terminal(
                f"There is no Airflow connection `{self.otus_conn_id}`: set AIRFLOW_CONN_{self.otus_conn_id.upper()}."
            ) from None
