"""The Airflow connection `otus`: a client of Otus's extract over HTTP, or the folder of its export files."""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

import requests
from airflow.sdk import BaseHook
from airflow.sdk.exceptions import AirflowNotFoundException

from passback.errors import PassbackError, Terminal, Transient

log = logging.getLogger(__name__)

CONNECTION_ID = "otus"
# All waits and repeats of one call together stay under this; one attempt waits at most `ATTEMPT` for an answer.
PATIENCE_SECONDS = 60.0
CONNECT_SECONDS = 10.0
ATTEMPT_SECONDS = 30.0
FIRST_BACKOFF_SECONDS = 0.5
LONGEST_BACKOFF_SECONDS = 10.0
# A body that is no JSON may be a torn answer: it is asked for again so often, and no more.
TORN_ANSWERS = 3


@dataclass(slots=True)
class RequestCounts:
    """HTTP requests so far: all of them, repeats after an error, and answers that asked to wait."""

    total: int = 0
    retried: int = 0
    throttled: int = 0


class _AgainError(Exception):
    """This attempt failed in a way that may pass; `wait` is what the server asked for, in seconds."""

    def __init__(self, why: str, wait: float | None = None) -> None:
        super().__init__(why)
        self.wait = wait


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
    session: requests.Session = field(default_factory=requests.Session, repr=False)

    def page(self, collection: str, number: int, query: Mapping[str, str]) -> bytes:
        """The body of one page; raises Terminal where repeating is useless, Transient where time may help.

        `number` counts the pages of the collection from 1 and is for messages only.
        """
        where = f"Otus: page {number} of {collection}"
        url = f"{self.base_url}/v1/{collection}"
        return self._patiently(where, lambda left: self._attempt(where, url, query, left))

    def close(self) -> None:
        """Gives the connections back."""
        self.session.close()

    def _patiently(self, where: str, attempt: Callable[[float], bytes]) -> bytes:
        ends = time.monotonic() + self.patience
        tries = torn = 0
        while True:
            tries += 1
            self.counts.total += 1
            self.counts.retried += tries > 1
            try:
                return attempt(max(ends - time.monotonic(), 1.0))
            except _AgainError as again:
                torn += again.wait == 0
                wait = again.wait or _backoff(tries)
                if torn >= TORN_ANSWERS:
                    raise Terminal(f"{where} is not JSON, {torn} times over. {_LOOK}") from None
                if time.monotonic() + wait >= ends:
                    raise Transient(f"{where} cannot be read: {again}, after {tries} attempts. {_LATER}") from None
                log.warning("%s: %s; trying again in %.1f s", where, again, wait)
                time.sleep(wait)

    def _attempt(self, where: str, url: str, query: Mapping[str, str], left: float) -> bytes:
        timeouts = (min(CONNECT_SECONDS, left), min(ATTEMPT_SECONDS, left))
        try:
            answer = self.session.get(
                url, params=query, auth=_Bearer(self.token), timeout=timeouts, allow_redirects=False,
                headers={"Accept": "application/json"},
            )  # fmt: skip
        except requests.exceptions.SSLError as error:
            raise Terminal(f"{where}: the server's certificate is not trusted ({_short(error)}). {_LOOK}") from None
        except (requests.exceptions.InvalidURL, requests.exceptions.InvalidSchema) as error:
            raise Terminal(f"{where}: the address is not valid ({type(error).__name__}). {_LOOK}") from None
        except requests.RequestException as error:
            raise _AgainError(_outage(error)) from None
        return self._judged(where, answer)

    def _judged(self, where: str, answer: requests.Response) -> bytes:
        """The body of a good answer; every other one as the exception that it deserves."""
        status, html = answer.status_code, "html" in answer.headers.get("Content-Type", "").lower()
        if status == 401:
            raise Terminal(
                f"{where}: Otus refused the token (401). Put a valid bearer token into the password of the connection "
                f"`{CONNECTION_ID}`.", "AUTH_FAILED",
            )  # fmt: skip
        if status == 429 or (status == 503 and "Retry-After" in answer.headers):
            self.counts.throttled += 1
            raise _AgainError(f"Otus asks to wait ({status})", _retry_after(answer.headers.get("Retry-After")))
        if status >= 500:
            raise _AgainError(f"Otus answers {status}{' with a web page' if html else ''}")
        if html:
            raise Transient(
                f"{where} is a web page (status {status}), not data: maintenance, or a log-in page. {_LOOK}"
            )
        if status != 200:
            raise Terminal(f"{where}: Otus answers {status}{_said(answer)}. {_LOOK}")
        body = answer.content
        if not body.strip().startswith(b"{") or not body.strip().endswith(b"}"):
            raise _AgainError("the answer is not JSON", 0)
        return body


_LOOK = f"Check host, port and scheme of the connection `{CONNECTION_ID}`; nothing of this extraction was kept."
_LATER = "Nothing of this extraction was kept; it is tried again later."


def _backoff(tries: int) -> float:
    """Half a second, doubled each time, with up to half as much again so that clients do not march in step."""
    return min(FIRST_BACKOFF_SECONDS * 2.0 ** (tries - 1), LONGEST_BACKOFF_SECONDS) * random.uniform(1, 1.5)  # noqa: S311


def _retry_after(given: str | None) -> float | None:
    """The seconds that a Retry-After header asks for (a number or an HTTP date), or None."""
    if not given:
        return None
    try:
        return max(float(given), 0.01)
    except ValueError:
        pass
    try:
        return max((parsedate_to_datetime(given) - datetime.now(UTC)).total_seconds(), 0.01)
    except (ValueError, TypeError):
        return None


def _outage(error: requests.RequestException) -> str:
    if isinstance(error, requests.Timeout):
        return "no answer in time"
    return "the connection failed" if isinstance(error, requests.ConnectionError) else "the answer broke off"


def _short(error: Exception) -> str:
    found = str(error)
    return found[found.rfind(": ") + 2 :].rstrip(")'\"")[:120]


def _said(answer: requests.Response) -> str:
    """What Otus gives as the `error` of a refusal, short, or ''."""
    try:
        said = answer.json().get("error")
    except (ValueError, AttributeError):
        return ""
    return f" ({said[:120]})" if isinstance(said, str) and said else ""


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
        host = (found.host or "").strip().rstrip("/")
        if "://" not in host:
            host = f"{found.schema or 'https'}://{host}"
        address = urlsplit(host)
        if address.scheme not in ("http", "https") or not address.hostname:
            raise Terminal(f"The connection `{self.otus_conn_id}` needs a host, and http or https as schema.")
        if not found.password:
            raise Terminal(f"The connection `{self.otus_conn_id}` needs Otus's bearer token as password.")
        port = f":{found.port}" if found.port else ""
        return OtusClient(host + port, found.password, self.counts)

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
