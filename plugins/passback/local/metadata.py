"""Airflow's own state: its database made or upgraded, and its pools, in one process (a CLI call each costs 3 s)."""

import os
from pathlib import Path

from passback.local.environment import POOLS
from passback.local.home import locked


def prepare() -> None:
    """Make or upgrade Airflow's database and its pools, for the environment of this process; quick where it is done.

    Two processes of one home may call it at once. A stamp file in Airflow's home remembers what was prepared.
    """
    from airflow import __version__, settings

    home = Path(os.environ["AIRFLOW_HOME"])
    database = str(settings.SQL_ALCHEMY_CONN).rpartition("/")[2].partition("?")[0]
    stamp = home / f"prepared-{database}"
    wanted = f"{__version__} {sorted(POOLS.items())}\n"
    with locked(home / "metadata.lock", wait_seconds=600):
        if stamp.exists() and stamp.read_text(encoding="utf-8") == wanted and _has_tables():
            return
        _migrate()
        _make_pools()
        stamp.write_text(wanted, encoding="utf-8")


def _has_tables() -> bool:
    from airflow.settings import get_engine
    from sqlalchemy import inspect

    return bool(inspect(get_engine()).has_table("alembic_version"))  # type: ignore[no-untyped-call]


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
