"""`make demo`: two nights of the sandbox district under a real scheduler, and what they say.

The first night sends all that is eligible. Then a teacher corrects a score and somebody renames an assessment in Otus,
another teacher types a score into PowerSchool; the second night must send the two changes and nothing else. The exit
status is 0 only where both nights behaved.
"""

import json
import os
import sys
from pathlib import Path
from typing import Any, NamedTuple

from rich import box
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from passback.local import up
from passback.local.environment import NIGHTLY
from passback.local.home import PROJECT, holder, is_held, resolve
from passback.local.postgres import Postgres
from passback.local.reports import report_folder
from passback.local.rest import Airflow, AirflowError
from passback.reconciliation import terminal

AS_OF = "2026-10-15"
SCORED_ITEM, RENAMED_ITEM = "ordinary-86001-1", "ordinary-86002-1"


class Edits(NamedTuple):
    """What was changed between the two nights."""

    corrected_student: str
    teachers_student: str
    teachers_points: float
    new_title: str


def main() -> int:
    """Show the demo; 0 where both nights behaved, 1 where one did not, 2 where Airflow did not come up."""
    console = Console(highlight=False)
    home = resolve()
    os.umask(0o077)
    if is_held(up.lock_of(home)):
        console.print(f"Airflow is already up for {home} (process {holder(up.lock_of(home))}): make down first")
        return 2
    given = {name: value for name, value in os.environ.items() if not name.startswith(("AIRFLOW", "PASSBACK_SANDBOX"))}
    given["PASSBACK_DISTRICT"] = str(PROJECT / "include" / "district.toml")
    keeps_database = Postgres(home).is_running()
    try:
        with console.status("starting PostgreSQL, the sandbox district and Airflow"):
            airflow = up.start(home, given)
        return _two_nights(airflow, home, console)
    except (up.UpError, AirflowError) as error:
        console.print(str(error), markup=False)
        return 2
    finally:
        with console.status("stopping"):
            up.end(home)
            if not keeps_database:
                Postgres(home).stop()


def _two_nights(airflow: Airflow, home: Path, console: Console) -> int:
    from sandbox.control import Control

    control = Control(up.told(home)["control"])
    console.print(up.addresses(home), markup=False)
    reports = os.environ.get("PASSBACK_REPORTS") or str(home / "reports")
    problems = _night(airflow, reports, "First night", console)
    if not problems and not control.writes():
        problems = ["the first night sent nothing to PowerSchool"]
    if not problems:
        console.print(f"\nPowerSchool received {len(control.writes())} writes.")
        edits = edit(control)
        _tell(edits, console)
        control.clear_logs()
        problems = _night(airflow, reports, "Second night", console) or differences(control, edits)
        _show(control.writes(), console)
    for problem in problems:
        console.print(f"[red]✗[/] {problem}")
    if not problems:
        console.print("[green]✓[/] only the differences went, and the teacher's own score stayed")
    console.print("\n`make up` keeps it all running at the same addresses, `make down` stops it.")
    return 1 if problems else 0


def _night(airflow: Airflow, reports: str, title: str, console: Console) -> list[str]:
    """Run a night, show its reconciliation, and return what was wrong with it."""
    console.rule(title)
    run_id = airflow.trigger(NIGHTLY, {"as_of": AS_OF})
    columns = (TextColumn("{task.description:<32}"), BarColumn(), TextColumn("{task.percentage:3.0f} %"))
    with Progress(*columns, TimeElapsedColumn(), console=console, transient=True) as progress:
        bar = progress.add_task("waiting for the scheduler", total=None)

        def show(tasks: list[dict[str, Any]]) -> None:
            ended = [task for task in tasks if task["state"] in {"success", "failed", "skipped", "upstream_failed"}]
            under_way = sorted({task["task_id"] for task in tasks if task["state"] == "running"})
            description = ", ".join(under_way)[:32] or "between two tasks"
            progress.update(bar, total=len(tasks) or None, completed=len(ended), description=description)

        state = airflow.wait(NIGHTLY, run_id, progress=show)
    folder = report_folder(reports, run_id)
    if folder is None:
        failed = [task for task, states in airflow.states(NIGHTLY, run_id).items() if "failed" in states]
        return [f"the night ended {state} and wrote no report; failed: {', '.join(failed) or 'nothing'}"]
    terminal.show(str(folder), console)
    summary = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    problems = [] if state == "success" else [f"the night ended red ({run_id})"]
    return problems + ([] if summary["balanced"] else ["the books do not balance"])


def edit(control: Any) -> Edits:
    """Change a score and a title in Otus, and a score in PowerSchool, as people do between two nights."""
    held = control.powerschool.assignments(SCORED_ITEM)[0]
    corrected, teachers = sorted(held["scores"])[:2]
    points = held["scores"][corrected]["points"]
    control.otus.edit("scores", f"{SCORED_ITEM}.{corrected}", points=points + 1)
    title = "Renamed between two nights"
    control.otus.edit("assessments", f"as-{RENAMED_ITEM}", title=title)
    teachers_points = held["scores"][teachers]["points"] + 2
    control.powerschool.edit_score(SCORED_ITEM, teachers, teachers_points)
    return Edits(corrected, teachers, teachers_points, title)


def _tell(edits: Edits, console: Console) -> None:
    console.print(
        f"\nBetween the nights: in Otus student {edits.corrected_student}'s score on {SCORED_ITEM} was corrected and "
        f"{RENAMED_ITEM} got the title “{edits.new_title}”;\nin PowerSchool a teacher typed "
        f"{edits.teachers_points:g} for student {edits.teachers_student} on {SCORED_ITEM}.",
        markup=False,
    )


def _show(writes: list[dict[str, Any]], console: Console) -> None:
    """Print the requests that changed something in PowerSchool, as its own log has them."""
    table = Table(title="what the second night wrote to PowerSchool", title_justify="left", box=box.SIMPLE_HEAD)
    for name in ("kind", "method", "path", "status"):
        table.add_column(name)
    for write in writes[:20]:
        table.add_row(write["kind"], write["method"], write["path"], str(write["status"]))
    console.print(table)


def differences(control: Any, edits: Edits) -> list[str]:
    """What the second night did in PowerSchool beyond the edits, or failed to do; empty where it behaved."""
    problems = []
    writes = control.writes()
    kinds = [write["kind"] for write in writes]
    if kinds.count("create") or kinds.count("delete"):
        problems.append("the second night created or deleted assignments")
    if kinds.count("update") != 1:
        problems.append(f"one assignment was renamed, {kinds.count('update')} updates went")
    if kinds.count("score") != 2:
        problems.append(f"two items had scores to send, {kinds.count('score')} score calls went")
    scored = control.powerschool.assignments(SCORED_ITEM)[0]["scores"]
    if scored[edits.teachers_student]["points"] != edits.teachers_points:
        problems.append("the teacher's own score was overwritten")
    renamed = control.powerschool.assignments(RENAMED_ITEM)[0]
    if not renamed["name"].startswith(edits.new_title[:20]):
        problems.append(f"the assignment is still called {renamed['name']}")
    return problems


if __name__ == "__main__":
    sys.exit(main())
