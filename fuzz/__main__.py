"""`python -m fuzz`: hostile records through whole nights, hostile bytes through every parser. See docs/fuzzing.md."""

from __future__ import annotations

import argparse
import logging
import os
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg

from passback.local.environment import environment
from passback.local.home import PROJECT
from passback.local.postgres import Postgres

if TYPE_CHECKING:
    from fuzz.campaign import Result
    from fuzz.ground import Ground

FINDS = PROJECT / "build" / "fuzz" / "finds"
CORPUS = PROJECT / "build" / "fuzz" / "corpus"
TEMPLATE = "fuzz_template"


def arguments() -> argparse.ArgumentParser:
    """Describe the command line."""
    parser = argparse.ArgumentParser(prog="make fuzz ARGS=…", description=__doc__)
    parser.add_argument(
        "--target", action="append", help="otus, schoology, powerschool, or a parser; several times (all)"
    )
    parser.add_argument("--records", type=int, default=100_000, help="records of each source (100000)")
    parser.add_argument("--inputs", type=int, default=100_000, help="inputs of each parser (100000)")
    parser.add_argument("--seconds", type=int, default=0, help="at most so many seconds for each parser (0: no limit)")
    parser.add_argument("--batch", type=int, default=6_000, help="records of one night (6000)")
    parser.add_argument("--seed", type=int, default=int(time.time()) % 1_000_000, help="the same seed, the same inputs")
    parser.add_argument("--repeat", type=Path, help="a find's file: run it again and say what it breaks")
    return parser


@contextmanager
def home() -> Iterator[Path]:
    """A home of its own, whose variables Airflow reads before anything of it is imported; gone at the end."""
    place = Path(tempfile.mkdtemp(prefix="passback-fuzz-"))
    outside = {name: value for name, value in os.environ.items() if not name.startswith(("AIRFLOW", "PASSBACK_"))}
    os.environ.clear()
    os.environ.update(environment(place, outside, metadata="airflow_night"))
    try:
        yield place
    finally:
        shutil.rmtree(place, ignore_errors=True)


@contextmanager
def ground(place: Path) -> Iterator[Ground]:
    """A server with a migrated template."""
    from fuzz.ground import Ground
    from passback.database import migrate

    server = Postgres(place, durable=False).start()
    try:
        with psycopg.connect(server.uri("postgres"), autocommit=True) as administrator:
            administrator.execute(f"create database {TEMPLATE}")
            migrate(server.uri(TEMPLATE))
            administrator.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity where datname = %s", [TEMPLATE]
            )
        yield Ground(server, TEMPLATE, place)
    finally:
        server.stop()


def main() -> int:
    """Fuzz what is asked for; 1 where there was a find."""
    asked = arguments().parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with home() as place:
        from fuzz import campaign, parsers

        logging.disable(logging.WARNING)
        if asked.repeat:
            return repeat(asked.repeat, place)
        known = [*campaign.SOURCES, *parsers.targets()]
        wanted = asked.target or known
        if unknown := [name for name in wanted if name not in known]:
            raise SystemExit(f"no target {', '.join(unknown)}; there are: {', '.join(known)}")
        results = []
        if sources := [name for name in wanted if name in campaign.SOURCES]:
            with ground(place) as server:
                for name in sources:
                    results.append(campaign.nights(server, name, asked.records, asked.seed, FINDS, tell, asked.batch))
        for name in wanted:
            if name not in campaign.SOURCES:
                results.append(campaign.parser(name, asked.inputs, asked.seconds, asked.seed, CORPUS, FINDS, tell))
    show(results)
    return int(any(result.finds for result in results))


def repeat(path: Path, place: Path) -> int:
    """Runs a find again: records through a night, bytes through their parser."""
    from fuzz import campaign, parsers

    try:
        if path.suffix == ".json":
            source, drawn = campaign.kept(path)
            with ground(place) as server:
                print(campaign.SOURCES[source].check(server, drawn))
        else:
            parsers.targets()[path.name.rpartition("-")[0]].try_input(path.read_bytes())
    except Exception as error:
        print(f"still a find: {type(error).__name__}: {str(error)[:2000]}")
        return 1
    print("no find any more")
    return 0


def show(results: list[Result]) -> None:
    """The table of the campaign, and every find below it."""
    print(f"\n{'target':<20}{'inputs':>12}{'finds':>7}{'seconds':>9}{'seed':>9}")
    for result in results:
        print(f"{result.target:<20}{result.inputs:>12,}{len(result.finds):>7}{result.seconds:>9.0f}{result.seed:>9}")
        if result.more:
            print("  " + ", ".join(f"{number:,} {name}" for name, number in result.more.items()))
        for find in result.finds[:20]:
            print(f"  {find}")


def tell(line: str) -> None:
    """Progress."""
    print(line, flush=True)


if __name__ == "__main__":
    sys.exit(main())
