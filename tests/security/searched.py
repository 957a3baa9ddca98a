"""Everything that a night writes: files, tables, answers over HTTP, and the arguments of its processes."""

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
from psycopg import sql

from passback.local.postgres import Postgres
from passback.local.rest import Airflow

DATABASES = ("airflow", "airflow_night", "passback")
# Files that must hold secrets, and why; they must be their owner's alone.
ALLOWED = {
    "identity.json": "the home's own secrets, made once: the components get them as environment variables",
    "airflow/passwords.json": "the log-ins of Airflow's simple auth manager",
}
# What looks like a credential and is none of a district.
KNOWN = ("airflow/airflow.cfg: a credential: b'://postgres:airflow@'",)  # an example in Airflow's own comments


def files(home: Path) -> Iterator[tuple[str, bytes]]:
    """Every file under the home but those that may hold secrets, PostgreSQL's own too."""
    for path in sorted(home.rglob("*")):
        if path.is_file() and not path.is_symlink() and str(path.relative_to(home)) not in ALLOWED:
            yield str(path.relative_to(home)), path.read_bytes()


def rows(home: Path) -> Iterator[tuple[str, bytes]]:
    """Every table of every database, each as one text."""
    for database in DATABASES:
        with psycopg.connect(Postgres(home).uri(database)) as connection:
            tables = connection.execute(
                "select schemaname, tablename from pg_tables where schemaname not in ('pg_catalog', "
                "'information_schema') order by 1, 2"
            ).fetchall()
            for schema, table in tables:
                text = sql.SQL("select coalesce(string_agg(t::text, E'\\n'), '') from {} as t").format(
                    sql.Identifier(schema, table)
                )
                found = connection.execute(text).fetchone()
                yield f"{database}: {schema}.{table}", str(found[0] if found else "").encode()


def answers(airflow: Airflow, runs: list[tuple[str, str]]) -> Iterator[tuple[str, bytes]]:
    """What Airflow's API tells an administrator of the runs: parameters, XCom, logs, and of connections."""
    for path in ("connections", "variables", "config", "importErrors", "eventLogs?limit=500", "plugins", "providers"):
        yield f"GET {path}", _text(airflow, path)
    for dag_id, run_id in runs:
        at = f"dags/{dag_id}/dagRuns/{run_id}"
        yield f"GET {at}", _text(airflow, at)
        yield "xcom", _text(airflow, f"{at}/taskInstances/~/xcomEntries?limit=500")
        yield "tasks", _text(airflow, f"{at}/taskInstances?limit=500")
        for task in airflow.tasks(dag_id, run_id):
            for number in range(1, int(task["try_number"]) + 1):
                log = airflow.log(dag_id, run_id, task["task_id"], number, task["map_index"])
                yield f"log of {task['task_id']} {number}", log.encode()


def _text(airflow: Airflow, path: str) -> bytes:
    from passback.local.rest import AirflowError

    try:
        return str(airflow.call("GET", path)).encode()
    except AirflowError as error:  # refused as a whole: that is an answer too
        return str(error).encode()


class Watched:
    """Reads the arguments of this process's children, theirs too, again and again while the block lasts."""

    def __init__(self) -> None:
        self.seen: set[str] = set()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> "Watched":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join(timeout=30)

    def _watch(self) -> None:
        while not self._ended.is_set():
            for process in psutil.Process().children(recursive=True):
                try:
                    self.seen.add("\0".join(process.cmdline()))
                except psutil.Error:
                    continue
            time.sleep(0.1)
