"""One Great Expectations checkpoint over staging: what failed, in our own words, and its Data Docs as static pages."""

from __future__ import annotations

import logging
import os
import re
import warnings
from collections.abc import Iterator, Mapping
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import psycopg
from psycopg import ClientCursor

from passback import database
from passback.database import Connection
from passback.errors import Terminal, Transient
from passback.quality.data_docs import SITE, site_of
from passback.quality.suites import COLUMNS, DAMAGED, FINDINGS, Column, Finding

if TYPE_CHECKING:
    from great_expectations.checkpoint.checkpoint import CheckpointResult
    from great_expectations.core import ExpectationValidationResult
    from great_expectations.data_context.data_context.ephemeral_data_context import EphemeralDataContext
    from great_expectations.expectations.expectation import Expectation

KEY = "passback"


def run(connection: Connection, uri: str, gate: str, seq: int, facts: Mapping[str, object], folder: Path) -> list[str]:
    """Checks the suites of `gate` (`otus`, `schoology`, `roster`) on the extraction `seq`: a line for each thing wrong.

    `facts` are the queries' parameters; the Data Docs go into `folder`. Raises Terminal where a check cannot be made.
    """
    context = _context(folder)
    checks: dict[str, Finding | Column] = {check.statement: check for check in FINDINGS[gate]}
    checks |= {f"{check.table}.{check.column}": check for check in COLUMNS[gate]}
    source = _source(context, uri)
    definitions = [
        _definition(context, source, f"{gate} {part}", query, expectations)
        for part, query, expectations in _suites(connection, checks, seq, facts)
    ]
    result = _checkpoint(context, gate, definitions)
    context.build_data_docs(site_names=[SITE])
    return [line for key, found in _failed(result) for line in _lines(gate, checks[key], found, facts)]


def _context(folder: Path) -> EphemeralDataContext:
    """A context of its own that keeps nothing but the Data Docs and calls nobody."""
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    logging.getLogger("great_expectations").setLevel(logging.WARNING)
    import great_expectations as gx
    from great_expectations.data_context.types.base import ProgressBarsConfig

    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    context.add_data_docs_site(site_name=SITE, site_config=cast("Any", site_of(folder)))
    return context


def _source(context: EphemeralDataContext, uri: str) -> Any:
    """The district's database as a data source; its own class for PostgreSQL knows no unix sockets, and says so."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="You are using a generic SQLDatasource")
        return context.data_sources.add_sql(
            "district", connection_string=uri.replace("postgresql://", "postgresql+psycopg://", 1)
        )


def _suites(
    connection: Connection, checks: Mapping[str, Finding | Column], seq: int, facts: Mapping[str, object]
) -> Iterator[tuple[str, str, list[Expectation]]]:
    """Each suite: its part, the query of the rows that it looks at, and its expectations."""
    findings = [(key, check) for key, check in checks.items() if isinstance(check, Finding)]
    columns = [(key, check) for key, check in checks.items() if isinstance(check, Column)]
    extraction = "select collection, declared, received, quarantined from passback.extraction_count where seq = %(seq)s"
    yield (
        "extraction",
        _bound(connection, extraction, {"seq": seq}),
        [_found(connection, key, check, facts) for key, check in findings],
    )
    for part, group in groupby(columns, key=lambda pair: pair[1].part):
        of_part = list(group)
        names = ", ".join(check.column for _, check in of_part)
        table, live = of_part[0][1].table, of_part[0][1].live
        yield part, f"select {names} from {table} where {live}", [_column(key, check) for key, check in of_part]  # noqa: S608


def _found(connection: Connection, key: str, check: Finding, facts: Mapping[str, object]) -> Expectation:
    from great_expectations.expectations.core.unexpected_rows_expectation import UnexpectedRowsExpectation

    query = _bound(connection, database.statement(check.statement), {**facts, "most": facts[check.limit]})
    literal = query.rstrip().rstrip(";").replace("{", "{{").replace("}", "}}")
    return UnexpectedRowsExpectation(
        # Great Expectations wants its own batch, the extraction, named in every query.
        unexpected_rows_query=f"select found.* from (\n{literal}\n) as found where exists (select from {{batch}})",  # noqa: S608
        description=check.expects, meta={KEY: key},
    )  # fmt: skip


def _column(key: str, check: Column) -> Expectation:
    from great_expectations.expectations.core.expect_column_values_to_be_in_set import ExpectColumnValuesToBeInSet
    from great_expectations.expectations.core.expect_column_values_to_not_be_null import ExpectColumnValuesToNotBeNull

    if check.values:
        return ExpectColumnValuesToBeInSet(column=check.column, value_set=list(check.values), meta={KEY: key})
    return ExpectColumnValuesToNotBeNull(column=check.column, meta={KEY: key})


def _definition(
    context: EphemeralDataContext, source: Any, name: str, query: str, expectations: list[Expectation]
) -> Any:
    import great_expectations as gx

    batch = source.add_query_asset(name, query=query).add_batch_definition_whole_table("now")
    suite = context.suites.add(gx.ExpectationSuite(name=name, expectations=expectations))
    return context.validation_definitions.add(gx.ValidationDefinition(name=name, data=batch, suite=suite))


def _checkpoint(context: EphemeralDataContext, gate: str, definitions: list[Any]) -> CheckpointResult:
    import great_expectations as gx

    checkpoint = gx.Checkpoint(name=gate, validation_definitions=definitions, result_format="COMPLETE")
    return context.checkpoints.add(checkpoint).run()


def _failed(result: CheckpointResult) -> Iterator[tuple[str, ExpectationValidationResult]]:
    """Each expectation that was not met, with the key of its check."""
    for suite in result.run_results.values():
        for found in suite.results:
            if not found.success and found.expectation_config is not None:
                yield found.expectation_config.meta[KEY], found


def _lines(
    gate: str, check: Finding | Column, found: ExpectationValidationResult, facts: Mapping[str, object]
) -> Iterator[str]:
    """One line for each thing that is wrong."""
    if error := _error(found.exception_info):
        if _passes(error):
            raise Transient(
                f"The district's database failed while the quality gate checked {gate} ({error}): run again."
            )
        raise Terminal(
            f"The quality gate could not check {gate} ({error}): it is not judged. Clear the task to try again."
        )
    if isinstance(check, Column):
        yield DAMAGED.format(gate=gate, part=check.part, column=check.column, **found.result)
        return
    for row in found.result["details"]["unexpected_rows"]:
        yield check.message.format(gate=gate, **row, most=facts[check.limit])


def _error(info: Any) -> str:
    """The first line of what made a check impossible, or '': the information is one error's, or one for each metric."""
    if not isinstance(info, dict):
        return ""
    if "raised_exception" in info:
        return str(info.get("exception_message")).splitlines()[0] if info["raised_exception"] else ""
    return next(filter(None, map(_error, info.values())), "")


def _passes(error: str) -> bool:
    """Whether SQLAlchemy's words name a failure of the server, and no defect of a query."""
    named = re.match(r"\(psycopg(?:\.errors)?\.(\w+)\)", error)
    kind = getattr(psycopg.errors, named[1], psycopg.DataError) if named else psycopg.DataError
    return isinstance(kind, type) and issubclass(kind, psycopg.OperationalError)


def _bound(connection: Connection, query: str, facts: Mapping[str, object]) -> str:
    """The query with its parameters bound by the driver, as one text: Great Expectations takes no parameters."""
    return ClientCursor(connection).mogrify(query.encode(), facts)
