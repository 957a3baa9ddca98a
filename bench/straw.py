"""The straw man's night, run beside the product's: a process of its own, its own database, an equal district."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from bench.product import kinds
from bench.usage import Database
from bench.world import World

# The stages of the straw man that ask PowerSchool.
ASKING = ("extract_roster", "create", "scores", "read_back")


@dataclass(frozen=True)
class StrawNight:
    """One night of the straw man: seconds by stage, requests by kind, what it sent."""

    name: str
    seconds: dict[str, float]
    requests: dict[str, int]
    otus_requests: int
    sent: int
    confirmed: int
    mismatched: int
    peak_mb: float
    backend_peak_mb: float
    database_cpu_seconds: float

    @property
    def total(self) -> float:
        """Seconds of all stages."""
        return round(sum(self.seconds.values()), 3)

    def as_json(self) -> dict[str, Any]:
        """The night as the result file keeps it."""
        return {**asdict(self), "total_seconds": self.total}


def night(world: World, name: str, as_of: str, tell: Callable[[str, float, float], None]) -> StrawNight:
    """Does one night; `tell` is called once for each stage when all are done. Raises SystemExit where it fails."""
    district = world.straw_man
    district.control.clear_logs()
    log = world.logs / f"straw-{name.replace(' ', '-')}.log"
    postmaster = int((world.server.data / "postmaster.pid").read_text(encoding="utf-8").split()[0])
    with log.open("wb") as file, Database(postmaster) as database:
        done = subprocess.run(
            [sys.executable, "-m", "bench.straw_man", *_arguments(world, name, as_of)],
            env=world.environment(),
            cwd=world.home,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=file,
            check=False,
        )
    if done.returncode:
        said = log.read_text(encoding="utf-8", errors="replace")[-3000:]
        raise SystemExit(f"the straw man's {name} night ended with {done.returncode}:\n{said}")
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    if told["refused_calls"]:
        raise SystemExit(f"the straw man's {name}: {told['refused_calls']} calls were refused")
    told["seconds"].pop("total")
    for stage, seconds in told["seconds"].items():
        tell(stage, seconds, told["peak_memory_mb"])
    return StrawNight(
        name=name,
        seconds=told["seconds"],
        requests=kinds(district),
        otus_requests=told["requests"].get("otus", 0),
        sent=told["sent"],
        confirmed=told["confirmed"],
        mismatched=told["mismatched"],
        peak_mb=told["peak_memory_mb"],
        backend_peak_mb=database.peak_mb,
        database_cpu_seconds=database.cpu,
    )


def _arguments(world: World, name: str, as_of: str) -> list[str]:
    given = {key: json.loads(value) for key, value in world.straw_man.connections.items()}
    otus, powerschool = given["AIRFLOW_CONN_OTUS"], given["AIRFLOW_CONN_POWERSCHOOL"]
    return [
        "--database", world.straw_uri,
        "--otus", f"http://{otus['host']}:{otus['port']}", "--otus-token", otus["password"],
        "--powerschool", f"http://{powerschool['host']}:{powerschool['port']}",
        "--client", f"{powerschool['login']}:{powerschool['password']}",
        "--as-of", as_of, "--district", str(world.settings),
        "--report", str(world.home / f"straw-{name.replace(' ', '-')}.csv"),
        "--in-flight", str(world.size.in_flight),
    ]  # fmt: skip
