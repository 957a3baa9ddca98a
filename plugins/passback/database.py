"""The district's database: runs the named statements of include/sql, and moves rows by COPY."""

from __future__ import annotations

import io
import logging
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import quote, urlencode

import psycopg
from psycopg import sql
from psycopg.rows import dict_row

from passback.errors import Terminal, Transient, catalogue

if TYPE_CHECKING:
    import pandas as pd

SQL_FOLDER = Path(__file__).resolve().parents[2] / "include" / "sql"
CONNECTION_ID = "passback_db"
COPY_BLOCK = 1 << 20
MIGRATION_LOCK, MIGRATION_WAIT = "schema", "300s"

log = logging.getLogger(__name__)

# What is quoted may hold two dashes; nothing of ours is between /* and */.
_QUOTED_OR_COMMENT = re.compile(r"'[^']*'|\"[^\"]*\"|(\$\w*\$).*?\1|--[^\n]*", re.DOTALL)

Connection = psycopg.Connection[tuple[Any, ...]]


@cache
def statement(name: str) -> str:
    """The text of include/sql/<name>.sql without its comments.

    They name the statement's inputs, and values are bound wherever an input is named: a line break in one would end the
    comment, and what follows it would be run.
    """
    text = (SQL_FOLDER / f"{name}.sql").read_text(encoding="utf-8")
    return _QUOTED_OR_COMMENT.sub(lambda found: "" if found[0].startswith("--") else found[0], text).strip()


def uri_from_airflow() -> str:
    """The URI of the Airflow connection `passback_db`; raises Terminal where there is none."""
    from airflow.sdk import BaseHook
    from airflow.sdk.exceptions import AirflowNotFoundException

    try:
        found = BaseHook.get_connection(CONNECTION_ID)
    except AirflowNotFoundException as error:
        raise Terminal(
            f"There is no Airflow connection `{CONNECTION_ID}`: set AIRFLOW_CONN_PASSBACK_DB to a PostgreSQL database."
        ) from error
    user = quote(found.login or "", safe="")
    secret = f":{quote(found.password, safe='')}" if found.password else ""
    query = dict(found.extra_dejson)
    host = found.host or ""
    if host.startswith("/"):
        query["host"], host = host, ""
    port = f":{found.port}" if found.port and host else ""
    if found.port and not host:
        query["port"] = str(found.port)
    options = f"?{urlencode(query)}" if query else ""
    return f"postgresql://{user}{secret}@{host}{port}/{quote(found.schema or 'passback', safe='')}{options}"


@contextmanager
def connect(uri: str | None = None, *, autocommit: bool = False, doing: str = "") -> Iterator[Connection]:
    """A connection to the district's database (of `uri`, else of Airflow's `passback_db`); commits at a good end.

    Raises Transient where the server cannot be reached, or fails in the block (a lost connection, a full disk): the
    message says what to do and never holds the password. `doing` says in it what was under way ("while …").
    """
    target = uri or uri_from_airflow()
    try:
        connection = psycopg.connect(target, autocommit=autocommit, options="-c timezone=UTC -c jit=off")
    except psycopg.OperationalError as error:
        where = psycopg.conninfo.conninfo_to_dict(target)
        raise Transient(
            f"The district's database {where.get('dbname')} at {where.get('host') or 'the local socket'} cannot be "
            f"reached ({str(error).splitlines()[-1]}): check that PostgreSQL runs and has room on its disk, and the "
            f"connection `{CONNECTION_ID}`."
        ) from None
    try:
        with connection:
            yield connection
    except (psycopg.errors.QueryCanceled, psycopg.errors.LockNotAvailable):
        raise  # a limit of our own: whoever set it knows what it means
    except psycopg.OperationalError as error:
        raise failed(error, doing) from error


def failed(error: psycopg.OperationalError, doing: str = "") -> Transient:
    """What a failure of the server means for a step, and what to do about it."""
    said = next(iter(str(error).splitlines()), type(error).__name__)
    if isinstance(error, psycopg.errors.DiskFull):
        advice = "its disk is full. Free space (docs/runbook.md, “Disk full”), then run the task again"
    elif isinstance(error, psycopg.errors.DeadlockDetected | psycopg.errors.SerializationFailure):
        advice = "another task was in its way. Run the task again"
    elif error.sqlstate is not None and error.sqlstate.startswith("53"):
        advice = "it has reached one of its limits. See PostgreSQL's log, then run the task again"
    else:
        advice = "check that PostgreSQL runs and has room on its disk, then run the task again"
    return Transient(
        f"The district's database failed{f' {doing}' if doing else ''} ({said}): {advice}; what was not committed is "
        "not kept, and what was on its way is settled by the next attempt."
    )


def run(connection: Connection, name: str, **parameters: object) -> int:
    """Runs the named statement (one or several, in one go) and returns the last one's row count."""
    with psycopg.ClientCursor(connection) as cursor:
        cursor.execute(cast("Any", statement(name)), parameters)
        while cursor.nextset():
            pass
        return cursor.rowcount


def rows(connection: Connection, name: str, **parameters: object) -> list[dict[str, Any]]:
    """The rows of the named query (of the last one, where the file holds several), each a dict by column."""
    with psycopg.ClientCursor(connection, row_factory=dict_row) as cursor:
        cursor.execute(cast("Any", statement(name)), parameters)
        while cursor.nextset():
            pass
        return cursor.fetchall()


def one(connection: Connection, name: str, **parameters: object) -> dict[str, Any]:
    """The first row of the named query; raises LookupError where it has none."""
    found = rows(connection, name, **parameters)
    if not found:
        raise LookupError(f"include/sql/{name}.sql gave no row")
    return found[0]


def copy_in(connection: Connection, table: str, columns: Sequence[str], lines: Iterable[Sequence[object]]) -> int:
    """Writes `lines` (each a sequence in the order of `columns`) into `table` by COPY and returns how many."""
    count = 0
    with connection.cursor() as cursor, cursor.copy(_copy_into(table, columns)) as copy:
        for line in lines:
            copy.write_row(line)
            count += 1
    return count


def copy_frame(connection: Connection, table: str, frame: pd.DataFrame) -> int:
    """Writes a frame into the columns of the same names of `table` by COPY (CSV; a missing value is NULL)."""
    buffer = io.StringIO()
    # What holds a character of the line's end is put in quotes: for PostgreSQL a lone carriage return is one, too.
    frame.to_csv(buffer, index=False, header=False, lineterminator="\r\n")
    into = sql.SQL("copy {} ({}) from stdin (format csv)").format(
        _identifier(table), sql.SQL(", ").join(map(sql.Identifier, frame.columns))
    )
    with connection.cursor() as cursor, cursor.copy(into) as copy:
        copy.write(buffer.getvalue())
    return len(frame)


def frame(connection: Connection, name: str, dtypes: Mapping[str, str], **parameters: object) -> pd.DataFrame:
    """The named query's rows as one frame (see `frames`), empty where it has none."""
    import pandas as pd

    found = list(frames(connection, name, dtypes, chunk_rows=1 << 62, **parameters))
    return found[0] if found else pd.DataFrame({column: pd.Series(dtype=dtype) for column, dtype in dtypes.items()})


def frames(
    connection: Connection, name: str, dtypes: Mapping[str, str], chunk_rows: int, **parameters: object
) -> Iterator[pd.DataFrame]:
    """The named query's rows as frames of at most `chunk_rows`, by COPY, so that memory stays flat.

    `dtypes`: pandas dtypes by column, in the query's order; `datetime64[s]` columns are parsed as dates.
    """
    import pandas as pd

    dates = [column for column, dtype in dtypes.items() if dtype.startswith("datetime64")]
    others = {column: dtype for column, dtype in dtypes.items() if column not in dates}
    bound = psycopg.ClientCursor(connection).mogrify(cast("Any", statement(name).rstrip().rstrip(";")), parameters)
    outgoing = sql.SQL("copy ({}) to stdout (format csv)").format(sql.SQL(cast("Any", bound)))
    with connection.cursor() as cursor, cursor.copy(outgoing) as copy:
        source = cast("Any", io.BufferedReader(_CopyReader(copy), COPY_BLOCK))
        try:
            reader = pd.read_csv(
                source, header=None, names=list(dtypes), dtype=others, chunksize=chunk_rows,
                keep_default_na=False, na_values=[""], true_values=["t"], false_values=["f"],
            )  # fmt: skip
        except pd.errors.EmptyDataError:
            return
        for frame in reader:
            for column in dates:
                frame[column] = frame[column].astype("datetime64[s]")
            yield frame


class _CopyReader(io.RawIOBase):
    """A COPY TO STDOUT as a readable stream."""

    def __init__(self, copy: psycopg.Copy) -> None:
        self._blocks = iter(copy)
        self._left = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._left:
            block = next(self._blocks, None)
            if block is None:
                return 0
            self._left = bytes(block)
        size = min(len(buffer), len(self._left))
        buffer[:size] = self._left[:size]
        self._left = self._left[size:]
        return size


def migrate(uri: str) -> None:
    """Applies the numbered files of include/sql/schema that the database lacks, and writes the codes' catalogue."""
    import yoyo

    logging.getLogger("yoyo").setLevel(logging.WARNING)
    # A user named like one of our schemas would otherwise find yoyo's tables in that schema, and not in public.
    pinned = f"{uri}{'&' if '?' in uri else '?'}schema=public"
    with connect(uri):
        pass  # a server that is not there is told in our words
    try:
        backend = yoyo.get_backend(pinned.replace("postgresql://", "postgresql+psycopg://", 1))
        migrations = yoyo.read_migrations(str(SQL_FOLDER / "schema"))
        with _alone(uri):
            backend.break_lock()  # of one that was killed: the lock held here is the one that counts
            for migration in backend.to_apply(migrations):
                with backend.transaction():  # yoyo's own `apply_one` marks it afterwards: a kill could come between
                    migration.process_steps(backend, "apply")
                    backend.mark_one(migration)
        backend.connection.close()
    except psycopg.OperationalError as error:
        raise failed(error, "while its schema was brought up to date") from error
    with connect(uri, doing="while its schema was brought up to date") as connection:
        with connection.cursor() as cursor:
            cursor.execute("create temporary table catalogue (like passback.code) on commit drop")
        copy_in(
            connection, "catalogue", ("bit", "code", "kind", "severity", "owner", "message", "fix", "outcome"),
            ((c.bit, c.code, c.kind, c.severity, c.owner, c.message, c.fix, c.outcome) for c in catalogue().values()),
        )  # fmt: skip
        run(connection, "code_refresh")


@contextmanager
def _alone(uri: str) -> Iterator[None]:
    """One process at a time brings the schema up to date; one that is killed leaves no lock behind, as yoyo's would."""
    with connect(uri, autocommit=True) as connection:
        if not one(connection, "extraction_try_hold", lock=MIGRATION_LOCK)["held"]:
            log.info("another process brings the schema up to date: waiting for it, %s at most", MIGRATION_WAIT)
            try:
                run(connection, "extraction_hold", lock=MIGRATION_LOCK, wait=MIGRATION_WAIT)
            except psycopg.errors.LockNotAvailable:
                raise Transient(
                    f"Another process has been bringing the schema up to date for over {MIGRATION_WAIT}: wait for it, "
                    "then run the task again."
                ) from None
        yield


def _identifier(table: str) -> sql.Identifier:
    return sql.Identifier(*table.split("."))


def _copy_into(table: str, columns: Sequence[str]) -> sql.Composed:
    names = sql.SQL(", ").join(map(sql.Identifier, columns))
    return sql.SQL("copy {} ({}) from stdin").format(_identifier(table), names)
