"""What a database administrator does in these tests: loses a database, backs it up, restores it."""

import subprocess
from pathlib import Path
from urllib.parse import urlsplit

import psycopg

from passback.local.postgres import Postgres, binaries


def name_of(uri: str) -> str:
    """The database's name."""
    return urlsplit(uri).path.lstrip("/")


def lose(postgres: Postgres, uri: str) -> None:
    """The database is gone; an empty one stands in its place."""
    with psycopg.connect(postgres.uri("postgres"), autocommit=True) as connection:
        connection.execute(f"drop database {name_of(uri)} with (force)")
        connection.execute(f"create database {name_of(uri)}")


def back_up(uri: str, to: Path) -> None:
    """`pg_dump`, as the runbook says."""
    subprocess.run([binaries() / "pg_dump", "--format=custom", f"--file={to}", uri], check=True)


def restore(postgres: Postgres, uri: str, backup: Path) -> None:
    """`pg_restore` into an empty database, as the runbook says."""
    lose(postgres, uri)
    load(uri, backup)


def load(uri: str, backup: Path, *options: str) -> None:
    """`pg_restore` into the database."""
    command = [binaries() / "pg_restore", "--exit-on-error", "--no-owner", f"--dbname={uri}", *options, backup]
    subprocess.run(command, check=True)
