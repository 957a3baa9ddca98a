"""`make down`: end all that runs for one home: nights (waiting ones too), Airflow, the sandbox, PostgreSQL."""

import os
import signal
import sys
import time
from contextlib import suppress
from pathlib import Path

from passback.local import up
from passback.local.home import is_held, resolve
from passback.local.postgres import Postgres

NIGHT_SECONDS = 120.0


def down(home: Path) -> list[str]:
    """End everything of the home; returns what was ended, in words."""
    ended = [f"night (process {pid})" for pid in end_nights(home)]
    if up.end(home):
        ended.append("Airflow")
    server = Postgres(home)
    if server.is_running():
        server.stop()
        ended.append("PostgreSQL")
    return ended


def end_nights(home: Path) -> list[int]:
    """End the nights of the home cleanly; one that does not end in time is killed. Returns their process ids."""
    nights = {int(path.stem): path for path in (home / "nights").glob("*.lock") if is_held(path)}
    for number in (signal.SIGTERM, signal.SIGKILL):
        left = {pid: path for pid, path in nights.items() if is_held(path)}
        for pid in left:
            with suppress(ProcessLookupError):
                os.kill(pid, number)
        deadline = time.monotonic() + NIGHT_SECONDS
        while any(is_held(path) for path in left.values()) and time.monotonic() < deadline:
            time.sleep(0.1)
    return sorted(nights)


def main() -> int:
    """End everything and say what."""
    home = resolve()
    ended = down(home)
    print(f"{home}: ended {', '.join(ended)}" if ended else f"{home}: nothing was running")
    return 0


if __name__ == "__main__":
    sys.exit(main())
