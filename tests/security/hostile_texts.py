"""An attack in every text of the district's database, whoever wrote it: sources, teachers, PowerSchool, people."""

import psycopg
from psycopg import sql
from tests.security.payloads import EVERYWHERE

# Words of ours, which a check or an enumeration keeps: a source, an outcome, a code.
OURS = {"source", "outcome", "level", "code", "other_codes", "severity", "owner", "kind", "state", "action", "dag_id"}


def poison(uri: str) -> int:
    """Puts the attack behind every text that the database lets be changed; returns how many columns there were."""
    columns = (
        "select table_schema, table_name, column_name from information_schema.columns join information_schema.tables "
        "using (table_schema, table_name) where table_schema in ('staging', 'passback') and data_type = 'text' "
        "and table_type = 'BASE TABLE' and is_generated = 'NEVER' and not (column_name = any(%s))"
    )
    changed = 0
    with psycopg.connect(uri, autocommit=True) as connection:
        # Keys are changed alike in all tables, so what belonged together still does.
        connection.execute("set session_replication_role = replica")
        for schema, table, column in connection.execute(columns, [sorted(OURS)]).fetchall():
            statement = sql.SQL("update {} set {c} = {c} || %s where {c} <> ''").format(
                sql.Identifier(schema, table), c=sql.Identifier(column)
            )
            try:
                changed += connection.execute(statement, [EVERYWHERE]).rowcount > 0
            except psycopg.errors.CheckViolation:
                continue
    return changed
