"""One night of `passback_nightly` in one process: `python -m passback.local.night --as-of 2026-10-15`.

It is what `airflow dags test` does, with its own run id, one night per home at a time, the embedded database where no
other is given, and a clean end on TERM and INT. Airflow's own state of such nights is in a database of its own
(`airflow_night`): a scheduler of the same home (`make up`) would run the tasks of this night a second time.
"""

import argparse
import datetime
import json
import math
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from passback.local.environment import NIGHTLY, environment
from passback.local.home import BusyError, holder, is_held, locked, resolve
from passback.local.interruption import Interruption, NightStopped
from passback.local.postgres import Postgres

if TYPE_CHECKING:
    from airflow.sdk import DAG
    from rich.console import Console

    from passback.local.screen import TaskLines

GREEN, RED, WRONG_USE = 0, 1, 2


class WrongUseError(Exception):
    """The night could not begin: what was asked for, or the DAG itself, is wrong."""


def main(arguments: list[str] | None = None) -> int:
    """Run the night that the arguments describe; the exit status: 0 green, 1 red, 2 wrong use, 128 + n for a signal."""
    given = _parser().parse_args(arguments)
    try:
        conf = configuration(given.as_of, given.conf)
    except WrongUseError as error:
        print(error, file=sys.stderr)
        return WRONG_USE
    home = resolve()
    log = home / "logs" / "nights" / f"{datetime.datetime.now(datetime.UTC):%Y%m%dT%H%M%SZ}-{os.getpid()}.log"
    interruption = Interruption(lambda number: print(f"{number.name}: ending between two requests", file=sys.stderr))
    try:
        with registered(home), _turn(home), _servers(home):
            status = _night(home, conf, log, interruption)
    except NightStopped:
        interruption.disarm()
        status = RED
    return 128 + interruption.number if interruption.number else status


def configuration(as_of: str, conf: str) -> dict[str, Any]:
    """The DAG's parameters from the two texts of the command line; either may be empty."""
    try:
        parameters = json.loads(conf) if conf.strip() else {}
    except ValueError as error:
        raise WrongUseError(f"CONF is not JSON ({error}): {conf}") from None
    if not isinstance(parameters, dict):
        raise WrongUseError(f"CONF must be a JSON object of parameters: {conf}")
    if not as_of.strip():
        return parameters
    try:
        day = datetime.date.fromisoformat(as_of.strip()).isoformat()
    except ValueError:
        raise WrongUseError(f"AS_OF is not a day like 2026-10-15: {as_of}") from None
    if parameters.get("as_of") not in (None, day):
        raise WrongUseError(f"AS_OF says {day} and CONF says {parameters['as_of']}")
    return parameters | {"as_of": day}


@contextmanager
def registered(home: Path) -> Iterator[None]:
    """Say for the length of the block that this process is a night of the home, for `make down`; waiting ones too."""
    path = home / "nights" / f"{os.getpid()}.lock"
    try:
        with locked(path):
            yield
    finally:
        path.unlink(missing_ok=True)


@contextmanager
def _turn(home: Path) -> Iterator[None]:
    path = home / "night.lock"
    try:
        with locked(path):
            yield
            return
    except BusyError:
        print(f"another night of {home} is under way (process {holder(path)}): waiting for its end", file=sys.stderr)
    with locked(path, wait_seconds=math.inf):
        yield


@contextmanager
def _servers(home: Path) -> Iterator[None]:
    """The embedded server, which stays; where the district's database is another one, only while it is needed."""
    server = Postgres(home)
    passing = bool(os.environ.get("AIRFLOW_CONN_PASSBACK_DB")) and not server.is_running()
    server.start()
    try:
        yield
    finally:
        if passing and not is_held(home / "up.lock"):
            server.stop()


def _night(home: Path, conf: dict[str, Any], log: Path, interruption: Interruption) -> int:
    os.environ.update(environment(home, metadata="airflow_night"))
    sys.path[:0] = [path for path in os.environ["PYTHONPATH"].split(os.pathsep) if path not in sys.path]
    from passback.local.screen import TaskLines, silence

    console = silence(log)
    lines = TaskLines(console, interruption)
    interruption.give_up_retries = lambda: _give_up_retries(Postgres(home))
    try:
        return _run(conf, lines, console, log)
    except WrongUseError as error:
        lines.close()
        console.print(str(error), markup=False)
        return WRONG_USE
    except NightStopped:
        interruption.disarm()
        _close_runs()
        raise
    finally:
        lines.close()
        _last_line(lines.run_id, console, log)


def _run(conf: dict[str, Any], lines: "TaskLines", console: "Console", log: Path) -> int:
    from airflow.sdk.listener import get_listener_manager

    from passback.local import metadata

    metadata.prepare()
    dag = _dag()
    _check(dag, conf)
    get_listener_manager().add_listener(lines)  # type: ignore[no-untyped-call]
    # A logical date of its own: without one `dag.test` would clear the tasks of every night before.
    run = dag.test(logical_date=datetime.datetime.now(datetime.UTC), run_conf=conf)
    lines.close()
    green = str(run.state) == "success"
    console.print(f"[{'green' if green else 'red'}]{'green' if green else 'red'}[/] {run.run_id}")
    if not green:
        console.print(f"the whole log: {log}", markup=False)
    return GREEN if green else RED


def _dag() -> "DAG":
    from airflow import settings
    from airflow.dag_processing.dagbag import DagBag

    bag = DagBag(dag_folder=Path(settings.DAGS_FOLDER) / f"{NIGHTLY}.py")
    dag = bag.dags.get(NIGHTLY)
    if dag is None:
        problems = "\n".join(bag.import_errors.values()) or "there is no such DAG"
        raise WrongUseError(f"{NIGHTLY} cannot be read from {bag.dag_folder}: {problems}")
    return dag


def _check(dag: "DAG", conf: dict[str, Any]) -> None:
    from airflow.sdk.exceptions import ParamValidationError

    if unknown := conf.keys() - dag.params.keys():
        raise WrongUseError(f"{NIGHTLY} has no parameter {sorted(unknown)}; it has {sorted(dag.params)}")
    for name, value in conf.items():
        try:
            dag.params.get_param(name).resolve(value=value)
        except ParamValidationError as error:
            raise WrongUseError(f"the parameter {name} is wrong: {error}") from None


def _give_up_retries(server: Postgres) -> bool:
    """Let tasks that wait for a retry be failed ones, so that the rest of the stopped night goes on to its report."""
    import psycopg

    given_up = "update task_instance set state = 'failed' where dag_id = %s and state = 'up_for_retry'"
    with psycopg.connect(server.uri("airflow_night")) as connection:
        return connection.execute(given_up, [NIGHTLY]).rowcount > 0


def _close_runs() -> None:
    """Mark what the interrupted night left unfinished as failed, so that no later look takes it for running."""
    from airflow import settings
    from airflow.models.dagrun import DagRun
    from airflow.utils.session import create_session
    from airflow.utils.state import DagRunState, State, TaskInstanceState
    from sqlalchemy import select

    if settings.Session is not None:
        settings.Session.remove()  # what the main thread had open when it was interrupted
    unfinished = select(DagRun).where(DagRun.dag_id == NIGHTLY, DagRun.state.in_(State.unfinished_dr_states))
    with create_session() as session:
        for run in session.scalars(unfinished):  # ours alone: one night per home, in a database of its own
            for task in run.get_task_instances(session=session):
                if task.state not in State.finished:
                    task.state = TaskInstanceState.FAILED
            run.set_state(DagRunState.FAILED)


def _last_line(run_id: str | None, console: "Console", log: Path) -> None:
    from passback.local.reports import report_folder

    folder = report_folder(os.environ["PASSBACK_REPORTS"], run_id) if run_id else None
    if folder is None:
        console.print(f"no report was written; the whole log: {log}", markup=False)
    else:
        console.print(str(folder), markup=False)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="make night", description="One night in one process.")
    parser.add_argument("--as-of", default="", help="the school day to judge, like 2026-10-15; default: today")
    parser.add_argument("--conf", default="", help='the DAG\'s parameters as JSON, like {"sources": ["otus"]}')
    return parser


if __name__ == "__main__":
    status = main()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)  # the interpreter would take 2 s to take Airflow's modules apart
