"""What a night shows on the terminal: the task under way, each task's counts when it is done, and what went wrong."""

import contextlib
import json
import os
import sys
import time
from pathlib import Path
from textwrap import shorten
from typing import Any

from airflow.listeners import hookimpl
from rich.console import Console
from rich.markup import escape
from rich.status import Status

from passback.local.interruption import Interruption

MOST_COUNTS = 8


def silence(log: Path) -> Console:
    """Send everything that this process prints to `log`, and return a console on what was its standard output."""
    log.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    sys.stdout.flush()
    terminal = os.fdopen(os.dup(1), "w", encoding="utf-8", errors="replace")
    with log.open("ab") as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
    return Console(file=terminal, highlight=False, soft_wrap=True)


class TaskLines:
    """An Airflow listener that shows the tasks of one night as they start and end."""

    def __init__(self, console: Console, interruption: Interruption) -> None:
        """Show on `console`, and tell `interruption` when a task is under way."""
        self.run_id: str | None = None
        self._console = console
        self._interruption = interruption
        self._status: Status | None = console.status("starting") if console.is_terminal else None
        self._started = time.monotonic()
        if self._status:
            self._status.start()

    def close(self) -> None:
        """Take the line of the task under way off the terminal."""
        if self._status:
            self._status.stop()

    @hookimpl
    def on_task_instance_running(self, previous_state: object, task_instance: Any) -> None:
        """Show that the task is under way."""
        self._interruption.task_begins()
        self.run_id = task_instance.run_id
        self._started = time.monotonic()
        if self._status:
            self._status.update(escape(_label(task_instance)))

    @hookimpl
    def on_task_instance_success(self, previous_state: object, task_instance: Any) -> None:
        """Show what the task returned."""
        self._interruption.task_ended()
        self._line("[green]✓[/]", task_instance, _counts(task_instance))

    @hookimpl
    def on_task_instance_skipped(self, previous_state: object, task_instance: Any) -> None:
        """Show that the task had nothing to do."""
        self._interruption.task_ended()
        self._line("[dim]–[/]", task_instance, "skipped")

    @hookimpl
    def on_task_instance_failed(self, previous_state: object, task_instance: Any, error: object) -> None:
        """Show why the task failed."""
        self._interruption.task_ended()
        self._line("[red]✗[/]", task_instance, f"{type(error).__name__}: {error}" if error else "failed")

    def _line(self, mark: str, task_instance: Any, text: str) -> None:
        seconds = time.monotonic() - self._started
        label = f"{_label(task_instance):<32}"
        self._console.print(f"{mark} {escape(label)} {seconds:6.1f} s  {escape(shorten(text, 300))}".rstrip())


def _label(task_instance: Any) -> str:
    if task_instance.map_index is None or task_instance.map_index < 0:
        return str(task_instance.task_id)
    name = getattr(task_instance, "rendered_map_index", None) or task_instance.map_index
    return f"{task_instance.task_id} [{name}]"


def _counts(task_instance: Any) -> str:
    """The numbers that the task returned: every task of the night returns ids and counts, never rows."""
    value: object = _returned(task_instance)
    if isinstance(value, str):
        with contextlib.suppress(ValueError):
            value = json.loads(value)
    numbers = _numbers(value)
    return ", ".join(numbers[:MOST_COUNTS]) + (" …" if len(numbers) > MOST_COUNTS else "")


def _numbers(value: object, name: str = "") -> list[str]:
    if isinstance(value, dict):
        return [text for key, inner in value.items() for text in _numbers(inner, f"{name} {key}".strip())]
    if isinstance(value, int) and not isinstance(value, bool) and value:
        return [f"{name} {value:,}".strip()]
    return []


def _returned(task_instance: Any) -> object:
    from airflow.models.xcom import XComModel
    from airflow.settings import get_engine
    from sqlalchemy import select

    wanted = select(XComModel.value).where(
        XComModel.dag_id == task_instance.dag_id,
        XComModel.run_id == task_instance.run_id,
        XComModel.task_id == task_instance.task_id,
        XComModel.map_index == (-1 if task_instance.map_index is None else task_instance.map_index),
        XComModel.key == "return_value",
    )
    with get_engine().connect() as connection:  # type: ignore[no-untyped-call]  # the session is `dag.test`'s
        return connection.execute(wanted).scalar()
