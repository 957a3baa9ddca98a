"""`make chaos`: kill anything, anywhere. Three drivers, each by its name with its own arguments, or all of them.

- `stages`: a night as one process a step; something dies at one of the listed writes and commits;
- `sabotage`: the delivery code is broken on purpose, and the same schedules must notice;
- `airflow`: a night under a real Airflow; tasks, scheduler, database and connections die.
"""

from __future__ import annotations

import importlib
import io
import sys
import time
from contextlib import redirect_stdout

from rich import box
from rich.console import Console
from rich.table import Table

ALL: dict[str, list[str]] = {
    "stages": ["--seed", "1", "--count", "300"],
    "sabotage": [],
    "airflow": ["--first", "1", "--schedules", "60"],
}


class Heard(io.TextIOBase):
    """Passes on what a driver prints, and keeps its last line."""

    def __init__(self) -> None:
        """What is printed goes on to the standard output of now."""
        self.out, self.last, self._line = sys.stdout, "", ""

    def write(self, text: str) -> int:
        """Prints it."""
        self._line += text
        *whole, self._line = self._line.split("\n")
        self.last = next((line.strip() for line in reversed(whole) if line.strip()), self.last)
        return self.out.write(text)

    def flush(self) -> None:
        """Prints it now."""
        self.out.flush()

    def isatty(self) -> bool:
        """Whether a person looks on."""
        return self.out.isatty()


def driven(name: str, arguments: list[str]) -> int:
    """One driver with its arguments; 0 where nothing was lost and nothing slipped through."""
    return int(importlib.import_module(f"chaos.{'airflow_tree' if name == 'airflow' else name}").main(arguments))


def everything() -> int:
    """All drivers one after the other, and one table."""
    table = Table(title="make chaos", title_justify="left", box=box.SIMPLE_HEAD)
    for column in ("driver", "", "minutes", "what it says"):
        table.add_column(column)
    worst = 0
    for name, arguments in ALL.items():
        heard, began = Heard(), time.monotonic()
        with redirect_stdout(heard):
            status = driven(name, arguments)
        mark = "[red]✗[/]" if status else "[green]✓[/]"
        table.add_row(name, mark, f"{(time.monotonic() - began) / 60:.0f}", heard.last)
        worst = max(worst, status)
    Console(highlight=False).print(table)
    return worst


def main(arguments: list[str]) -> int:
    """Run the driver that is named, or all."""
    if not arguments:
        return everything()
    name, *rest = arguments
    if name not in ALL:
        print(f"{__doc__}\nthere is no driver {name!r}: {', '.join(ALL)}", file=sys.stderr)
        return 2
    return driven(name, rest)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
