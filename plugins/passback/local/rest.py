"""A small client of a running Airflow's REST API: what the commands and the tests need of it."""

import time
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote

import requests

FINISHED = frozenset({"success", "failed"})


class AirflowError(Exception):
    """Airflow refused a request; the message holds its own words."""


class Airflow:
    """The REST API of one Airflow with the simple auth manager."""

    def __init__(self, url: str, user: str, password: str) -> None:
        """`url` is the address of the api-server, without a path; the log-in is asked for a token when first needed."""
        self.url = url.rstrip("/")
        self.user = user
        self.password = password
        self._session = requests.Session()
        self._session.trust_env = False  # no proxy and no .netrc between us and this machine

    def call(self, method: str, path: str, **options: Any) -> Any:
        """The JSON answer to `method` on `path` under /api/v2; None for an empty one. Raises `AirflowError`."""
        if "Authorization" not in self._session.headers:
            self._log_in()
        answer = self._send(method, f"/api/v2/{path}", **options)
        if answer.status_code == requests.codes.unauthorized:  # the token has run out
            self._log_in()
            answer = self._send(method, f"/api/v2/{path}", **options)
        if not answer.ok:
            raise AirflowError(f"{method} {path}: {answer.status_code} {answer.text[:500]}")
        return answer.json() if answer.content else None

    def _log_in(self) -> None:
        answer = self._send("POST", "/auth/token", json={"username": self.user, "password": self.password})
        if not answer.ok:
            raise AirflowError(f"log-in as {self.user}: {answer.status_code} {answer.text[:200]}")
        self._session.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"

    def _send(self, method: str, path: str, **options: Any) -> requests.Response:
        try:
            return self._session.request(method, self.url + path, timeout=60, **options)
        except (requests.ConnectionError, requests.Timeout) as error:
            raise AirflowError(f"Airflow does not answer at {self.url}: {error}") from None

    def healthy(self) -> bool:
        """Whether metadata, scheduler and DAG processor all report healthy."""
        try:
            parts = self.call("GET", "monitor/health")
        except AirflowError:
            return False
        return all(parts.get(name, {}).get("status") == "healthy" for name in HEALTH)

    def serves_tasks(self) -> bool:
        """Whether the part that tasks talk to answers; the first question makes Airflow build it, for some seconds."""
        try:
            return self._send("GET", "/execution/health").ok
        except AirflowError:
            return False

    def dags(self) -> dict[str, dict[str, Any]]:
        """Every DAG that Airflow has read, by its id."""
        return {dag["dag_id"]: dag for dag in self.call("GET", "dags", params={"limit": 100})["dags"]}

    def import_errors(self) -> list[str]:
        """Why DAG files could not be read."""
        return [f"{e['filename']}: {e['stack_trace']}" for e in self.call("GET", "importErrors")["import_errors"]]

    def pause(self, dag_id: str, paused: bool) -> None:
        """Pause the DAG, or let it run."""
        self.call("PATCH", f"dags/{dag_id}", json={"is_paused": paused})

    def trigger(self, dag_id: str, conf: dict[str, Any] | None = None, run_id: str | None = None) -> str:
        """Start a run with these parameters now; returns its run id."""
        body: dict[str, Any] = {"logical_date": None, "conf": conf or {}}
        if run_id:
            body["dag_run_id"] = run_id
        return str(self.call("POST", f"dags/{dag_id}/dagRuns", json=body)["dag_run_id"])

    def run(self, dag_id: str, run_id: str) -> dict[str, Any]:
        """The run as Airflow tells it; `state` is queued, running, success or failed."""
        found: dict[str, Any] = self.call("GET", _run(dag_id, run_id))
        return found

    def tasks(self, dag_id: str, run_id: str) -> list[dict[str, Any]]:
        """The task instances of a run; mapped ones each by themselves, with `map_index` and `rendered_map_index`."""
        found: list[dict[str, Any]] = self.call("GET", f"{_run(dag_id, run_id)}/taskInstances", params={"limit": 1000})[
            "task_instances"
        ]
        return found

    def states(self, dag_id: str, run_id: str) -> dict[str, set[str]]:
        """The states of each task of a run, by its id; one state where it is not mapped, `none` before it is queued."""
        states: dict[str, set[str]] = {}
        for task in self.tasks(dag_id, run_id):
            states.setdefault(task["task_id"], set()).add(task["state"] or "none")
        return states

    def returned(self, dag_id: str, run_id: str, task_id: str, map_index: int = -1) -> Any:
        """What the task returned, or None."""
        path = f"{_run(dag_id, run_id)}/taskInstances/{task_id}/xcomEntries/return_value"
        try:
            return self.call("GET", path, params={"map_index": map_index, "deserialize": "true"})["value"]
        except AirflowError as error:
            if " 404 " in str(error):
                return None
            raise

    def log(self, dag_id: str, run_id: str, task_id: str, try_number: int = 1, map_index: int = -1) -> str:
        """The text of a task's log."""
        path = f"{_run(dag_id, run_id)}/taskInstances/{task_id}/logs/{try_number}"
        content = self.call("GET", path, params={"map_index": map_index, "full_content": "true"})["content"]
        return "\n".join(line["event"] if isinstance(line, dict) else str(line) for line in content)

    def wait(
        self,
        dag_id: str,
        run_id: str,
        seconds: float = 600,
        progress: Callable[[list[dict[str, Any]]], None] | None = None,
    ) -> str:
        """Wait until the run has ended and return its state; `progress` is told the tasks on the way.

        Raises `AirflowError` after `seconds`, with the states of the tasks.
        """
        for _ in _ticks(seconds, 1.0 if progress else 0.5):
            if progress:
                progress(self.tasks(dag_id, run_id))
            state = str(self.run(dag_id, run_id)["state"])
            if state in FINISHED:
                if progress:
                    progress(self.tasks(dag_id, run_id))
                return state
        raise AirflowError(f"{dag_id} {run_id} has not ended in {seconds:.0f} s: {self.states(dag_id, run_id)}")

    def wait_for_dag(self, dag_id: str, seconds: float = 120) -> None:
        """Wait until the DAG has been read; raises `AirflowError` with the import errors where it is not."""
        for _ in _ticks(seconds):
            if dag_id in self.dags():
                return
        raise AirflowError(f"{dag_id} was not read in {seconds:.0f} s: {self.import_errors()}")

    def clear(self, dag_id: str, run_id: str, task_ids: list[str], downstream: bool = True) -> None:
        """Let tasks of a run be done again, by default with all that follow them."""
        options = {"include_downstream": downstream, "only_failed": False, "reset_dag_runs": True, "dry_run": False}
        body = {"dag_run_id": run_id, "task_ids": task_ids, **options}
        self.call("POST", f"dags/{dag_id}/clearTaskInstances", json=body)

    def answer(self, dag_id: str, run_id: str, task_id: str, option: str) -> None:
        """Answer an approval that a task waits for; `option` is `Approve` or `Reject`."""
        path = f"{_run(dag_id, run_id)}/taskInstances/{task_id}/-1/hitlDetails"
        self.call("PATCH", path, json={"chosen_options": [option], "params_input": {}})

    def set_connection(self, connection_id: str, fields: dict[str, Any]) -> None:
        """Make or replace a connection; `fields` in Airflow's JSON form (`extra` an object)."""
        import json

        body = dict(fields, connection_id=connection_id)
        if not isinstance(body.get("extra", ""), str):
            body["extra"] = json.dumps(body["extra"])
        known = {c["connection_id"] for c in self.call("GET", "connections", params={"limit": 100})["connections"]}
        if connection_id in known:
            self.call("DELETE", f"connections/{connection_id}")
        self.call("POST", "connections", json=body)


HEALTH = ("metadatabase", "scheduler", "dag_processor")


def _run(dag_id: str, run_id: str) -> str:
    return f"dags/{dag_id}/dagRuns/{quote(run_id, safe='')}"


def _ticks(seconds: float, interval: float = 0.5) -> Iterator[None]:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        yield
        time.sleep(interval)
