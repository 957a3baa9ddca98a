"""The home: one folder (`PASSBACK_HOME`) holds every local state, so that two homes never disturb each other."""

import fcntl
import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[3]


class BusyError(Exception):
    """Another process holds the lock that was asked for."""


def resolve(environment: Mapping[str, str] | None = None) -> Path:
    """The absolute path of the home that the environment names (`PASSBACK_HOME`, else `.passback` in the project).

    The folder is made where it is missing, readable by its owner only: it holds passwords and students' scores.
    """
    given = (os.environ if environment is None else environment).get("PASSBACK_HOME", "")
    home = (Path(given).expanduser() if given else PROJECT / ".passback").absolute()
    if not home.is_dir():
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
    return home


@contextmanager
def locked(path: Path, wait_seconds: float = 0.0) -> Iterator[None]:
    """Hold the lock file `path` for the length of the block, over all processes of the machine.

    The kernel frees the lock when its holder dies, so it can never be stale. Raises `BusyError` after `wait_seconds`
    (`math.inf`: never). The file holds the pid of the last holder, for messages only.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+", encoding="utf-8") as file:
        _acquire(file.fileno(), path, time.monotonic() + wait_seconds)
        file.truncate(0)
        file.write(f"{os.getpid()}\n")
        file.flush()
        yield


def _acquire(descriptor: int, path: Path, deadline: float) -> None:
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= deadline:
                raise BusyError(f"{path} is held by process {holder(path) or 'unknown'}") from None
            time.sleep(0.1)
        else:
            return


def holder(path: Path) -> int | None:
    """The pid written by the last holder of the lock file `path`, alive or not."""
    try:
        text = path.read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        return None
    return int(text) if text.isdigit() else None


def is_held(path: Path) -> bool:
    """Whether a living process holds the lock file `path` now."""
    if not path.exists():
        return False
    try:
        with path.open("a+", encoding="utf-8") as file:
            fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    return False
