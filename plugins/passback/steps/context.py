"""What every step stands on: the run that Airflow names, the settings, and the problems that a step leaves behind."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from passback import database, runs
from passback.errors import PassbackError
from passback.runs import Run
from passback.settings import Settings, load, settings_path


def this(dag_id: str, run_id: str) -> tuple[str, Run, Settings]:
    """The district's database, the run as `open_run` kept it, and the settings as they are now."""
    settings = read_settings()
    uri = database.uri_from_airflow()
    return uri, runs.find(uri, dag_id, run_id), settings


def today_in(settings: Settings) -> date:
    """PowerSchool's own day: who teaches is judged by it."""
    return datetime.now(ZoneInfo(settings.time_zone)).date()


def read_settings() -> Settings:
    """The district's settings, checked whole."""
    return load(settings_path(os.environ))


def powerschool_hook() -> Any:
    """The hook of the connection `powerschool`, imported where it is needed."""
    from passback.hooks.powerschool import PowerSchoolHook

    return PowerSchoolHook()


@contextmanager
def problems(uri: str, run: Run, step: str) -> Iterator[None]:
    """Keeps a failure of the step as a problem of the run, and the run from maintenance while the step works.

    A step that is run again starts clean. Raises Terminal where the run's rows are kept no longer.
    """
    with runs.in_use(uri, run):
        runs.clear_problems(uri, run.run_key, step)
        with _kept(uri, run, step):
            yield


@contextmanager
def _kept(uri: str, run: Run, step: str) -> Iterator[None]:
    try:
        yield
    except PassbackError as error:
        runs.add_problem(uri, run.run_key, step, str(error), error.code)
        raise
    except Exception as error:
        # Whatever else goes wrong may quote a row: its words stay in the task's log.
        runs.add_problem(uri, run.run_key, step, f"{type(error).__name__}: see the log of the task.")
        raise


@contextmanager
def stop_on_signals() -> Iterator[None]:
    """TERM and INT end sending between two requests: Airflow sends TERM where a task that is under way is cleared."""
    from passback import stop

    with stop.on_signals():
        yield
