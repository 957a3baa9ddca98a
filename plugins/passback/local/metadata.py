"""Airflow's own state: its database made or upgraded, and its pools, in one process (a CLI call each costs 3 s)."""

import importlib.metadata
import os
from pathlib import Path

from passback.local.environment import POOLS
from passback.local.home import locked


def prepare() -> None:
    """Make or upgrade Airflow's database and its pools, for the environment of this process; quick where it is done.

    Two processes of one home may call it at once. A stamp file in Airflow's home remembers what was prepared.
    """
    from airflow import settings

    home = Path(os.environ["AIRFLOW_HOME"])
    uri = str(settings.SQL_ALCHEMY_CONN).replace("+psycopg", "")
    with locked(home / "metadata.lock", wait_seconds=600):
        if not is_prepared(home, uri):
            _migrate()
            _make_pools()
            _stamp(home, uri).write_text(_wanted(), encoding="utf-8")


def is_prepared(airflow_home: Path, uri: str) -> bool:
    """Whether the stamp says that this version's tables and pools were made in the database, and it has tables.

    Looks without importing Airflow, which alone would take seconds.
    """
    import psycopg

    stamp = _stamp(airflow_home, uri)
    if not stamp.exists() or stamp.read_text(encoding="utf-8") != _wanted():
        return False
    with psycopg.connect(uri) as connection:
        row = connection.execute("select to_regclass('alembic_version') is not null").fetchone()
    return bool(row and row[0])


def _stamp(airflow_home: Path, uri: str) -> Path:
    return airflow_home / f"prepared-{uri.rpartition('/')[2].partition('?')[0]}"


def _wanted() -> str:
    return f"{importlib.metadata.version('apache-airflow-core')} {sorted(POOLS.items())}\n"


def _migrate() -> None:
    from airflow.utils.db import upgradedb

    upgradedb()


def _make_pools() -> None:
    from airflow.models.pool import Pool
    from airflow.utils.session import create_session

    with create_session() as session:
        there = {pool.pool for pool in Pool.get_pools(session=session)}
    for name in POOLS.keys() - there:  # an administrator may have changed the size of one that is there
        Pool.create_or_update_pool(
            name=name, slots=POOLS[name], description=f"requests to {name} at once, in tasks", include_deferred=False
        )


if __name__ == "__main__":
    prepare()
