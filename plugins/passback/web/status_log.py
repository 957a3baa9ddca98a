"""The status log: every item with its last successful sync, its status and reason, and what can be done about it."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, HTTPException, Query
from fastapi.responses import HTMLResponse
from pydantic import BaseModel, Field, model_validator

from passback import database
from passback.errors import catalogue
from passback.web.queued import Queued, queued
from passback.web.shell import Shell, ShellDep, address
from passback.web.sync import Dcid, ItemId

router = APIRouter()

ROWS = 50
ATTEMPTS = 20
SORTS = {"title": "Title", "due": "Due", "synced": "Last successful sync", "status": "Status"}
DEFAULT_SORT = "-due"

Text = Annotated[str, Field(max_length=200, pattern=r"^[^\x00]*$")]


class Filters(BaseModel):
    """What the address asks for; an empty parameter is not there."""

    q: Text | None = None
    school: Text | None = None
    teacher: Dcid | None = None
    section: Dcid | None = None
    source: Literal["otus", "schoology"] | None = None
    status: Literal["successful", "error", "queued", "not_yet_synced", "skipped", "held"] | None = None
    code: Text | None = None
    scores: Literal["failed", "held"] | None = None
    sort: Literal["title", "-title", "due", "-due", "synced", "-synced", "status", "-status"] = "-due"
    page: Annotated[int, Field(ge=1, le=100_000)] = 1

    @model_validator(mode="before")
    @classmethod
    def without_empty(cls, given: Any) -> Any:
        """A form sends every field, also those left empty."""
        return {name: value for name, value in given.items() if value != ""} if isinstance(given, dict) else given

    @property
    def narrowed(self) -> bool:
        """Whether any filter is set."""
        return any(value for name, value in self.model_dump().items() if name not in ("sort", "page"))

    def address(self, route: str = "", **changed: object) -> str:
        """The address with the filters as they are but for `changed` (None takes one away); its first page."""
        given = self.model_dump() | {"page": None} | changed
        return address(route, **given | {"sort": None if given["sort"] == DEFAULT_SORT else given["sort"]})

    def parameters(self) -> dict[str, object]:
        """As the statements of the status log take them."""
        words = self.q.strip() if self.q else ""
        for special in "\\%_":
            words = words.replace(special, f"\\{special}")
        return {
            "school": self.school, "teacher": self.teacher, "section": self.section, "source": self.source,
            "code": self.code, "scores": self.scores, "words": f"%{words}%" if words else None,
            "exactly": self.q.strip() if self.q else None,
        }  # fmt: skip


FiltersQuery = Annotated[Filters, Query()]


class Log:
    """One page of the log: its rows, and how many items there are of each status."""

    def __init__(self, shell: Shell, filters: Filters, waiting: Queued) -> None:
        given = filters.parameters() | waiting.parameters()
        counts = database.rows(shell.reading, "status_counts", **given)
        self.counts: dict[str, int] = {row["status"]: row["items"] for row in counts}
        self.failed_scores = {row["status"]: row["with_failed_scores"] for row in counts}
        self.held_scores = {row["status"]: row["with_held_scores"] for row in counts}
        self.found = self.counts.get(filters.status, 0) if filters.status else sum(self.counts.values())
        self.pages = max(1, -(-self.found // ROWS))
        self.page = min(filters.page, self.pages)
        self.rows = database.rows(
            shell.reading, "status_page", **given, status=filters.status, sort=filters.sort, rows=ROWS,
            skip=(self.page - 1) * ROWS,
        )  # fmt: skip

    @property
    def waiting(self) -> int:
        """How many items that the filters leave are queued."""
        return self.counts.get("queued", 0)


@router.get("/")
def status_log(shell: ShellDep, filters: FiltersQuery) -> HTMLResponse:
    """The whole page, as the address says."""
    section = database.rows(shell.reading, "status_section", section=filters.section) if filters.section else []
    return shell.page(
        "status_log.html",
        "",
        "Status log",
        schools=database.rows(shell.reading, "status_schools"),
        code_options=[(code, code) for code in catalogue()],
        section=section[0] if section else None,
        **_shown(shell, filters),
    )


@router.get("/log")
def log(shell: ShellDep, filters: FiltersQuery) -> HTMLResponse:
    """The counts and rows alone, for the page to put in place of older ones."""
    return shell.fragment("status_rows.html", **_shown(shell, filters))


@router.get("/problem")
def problem(
    shell: ShellDep, source: Literal["otus", "schoology"], item_id: Annotated[ItemId, Query(alias="id")]
) -> HTMLResponse:
    """What *View error* opens: message, cause, fix and owner, and every attempt of late; 404 for an unknown item."""
    found = database.rows(shell.reading, "status_item", source=source, source_item_id=item_id)
    if not found:
        raise HTTPException(404, "There is no such item.")
    item = found[0]
    codes = database.rows(shell.reading, "status_item_codes", codes=item["codes"], score_codes=item["score_codes"])
    key = {"item_key": item["item_key"], "rows": ATTEMPTS}
    runs = database.rows(shell.reading, "status_item_runs", **key)
    writes = database.rows(shell.reading, "status_item_writes", **key)
    return shell.fragment("status_problem.html", item=item, codes=codes, runs=runs, writes=writes)


def _shown(shell: Shell, filters: Filters) -> dict[str, Any]:
    log = Log(shell, filters, queued(shell.reading))
    return {"filters": filters, "log": log, "sorts": SORTS, "fragment": filters.address("log", page=log.page)}
