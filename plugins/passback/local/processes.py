"""What the local runtime asks about processes: is this pid still the program we mean, and end it."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from pathlib import Path


def runs(pid: int, *words: str) -> bool:
    """Whether `pid` is a living process (no zombie) whose command line holds every one of `words`.

    A pid read from a file may be a zombie that nobody reaps, or long since another program's: both count as dead.
    """
    state, command = _state_and_command(pid)
    return state not in ("", "Z", "X") and all(word in command for word in words)


def _state_and_command(pid: int) -> tuple[str, str]:
    proc = Path("/proc") / str(pid)
    if not Path("/proc/self").exists():  # macOS
        answer = subprocess.run(
            ["ps", "-o", "state=,command=", "-p", str(pid)], capture_output=True, text=True, check=False
        )
        state, _, command = answer.stdout.strip().partition(" ")
        return state[:1], command
    try:
        # The name in brackets may hold blanks and brackets itself: the state follows the last one.
        state = proc.joinpath("stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()[0]
        command = proc.joinpath("cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except (FileNotFoundError, ProcessLookupError, IndexError):
        return "", ""
    return state, command


def end(pid: int, *words: str, first: signal.Signals = signal.SIGTERM, seconds: float = 30.0) -> bool:
    """Ask the process to end with `first`, wait up to `seconds`; returns whether it is gone."""
    deadline = time.monotonic() + seconds
    try:
        os.kill(pid, first)
    except ProcessLookupError:
        return True
    while runs(pid, *words):
        if time.monotonic() >= deadline:
            return False
        time.sleep(0.05)
    return True


def die_with_parent() -> None:
    """Ask Linux to end this process when its parent dies, so that a killed parent leaves no orphans (`preexec_fn`)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGTERM)
