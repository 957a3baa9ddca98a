"""The naive version, on a sample: frames, `to_sql`, a request a score, a commit a row; the rest is multiplied."""

from __future__ import annotations

import time

import pandas as pd
import psycopg
import sqlalchemy as sa

from bench.world import World

SAMPLE_ROWS = 2_000
COMMITS = 300


def naive_seconds(world: World, request_seconds: float, sent_share: float) -> dict[str, float]:
    """Seconds that the naive version would take for one first night of the whole district, by what it does.

    `request_seconds`: of one call without a second one under way; `sent_share`: scores sent of all that are staged.
    """
    scores = world.size.scores
    engine = sa.create_engine(world.server.uri(driver="postgresql+psycopg"))
    with engine.connect() as connection:
        frame = pd.read_sql(sa.text(f"select * from staging.otus_score limit {SAMPLE_ROWS}"), connection)
    rows = len(frame)
    begun = time.perf_counter()
    frame.to_sql("naive_sample", engine, schema="public", if_exists="replace", index=False)
    loading = (time.perf_counter() - begun) / rows * scores
    engine.dispose()
    committing = _commit_seconds(world) * scores * sent_share
    with psycopg.connect(world.uri) as connection:
        connection.execute("drop table public.naive_sample")
    sending = request_seconds * scores * sent_share
    parts = {"to_sql": loading, "one_request_a_score": sending, "one_commit_a_row": committing}
    return {name: round(seconds, 1) for name, seconds in parts.items()} | {"total": round(sum(parts.values()), 1)}


def _commit_seconds(world: World) -> float:
    """One row of the ledger updated and committed."""
    with psycopg.connect(world.uri, autocommit=True) as connection:
        keys = connection.execute(
            "select item_key, student_number from passback.ledger_score limit %s", [COMMITS]
        ).fetchall()
        begun = time.perf_counter()
        for key in keys:
            connection.execute(
                "update passback.ledger_score set confirmed = confirmed where item_key = %s and student_number = %s",
                key,
            )
        return (time.perf_counter() - begun) / max(len(keys), 1)
