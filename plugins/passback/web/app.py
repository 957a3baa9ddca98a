"""The pages' application: every route behind Airflow's log-in and permissions, security headers on every answer."""

from __future__ import annotations

import logging
from pathlib import Path

import psycopg
from fastapi import Depends, FastAPI, HTTPException, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import FileResponse, HTMLResponse, JSONResponse, Response
from starlette.exceptions import HTTPException as StarletteHTTPException

from passback.errors import Terminal, Transient
from passback.web import configuration, error_guide, icon, item_page, opt_out, run_tab, status_log, sync
from passback.web.access import from_our_pages, may_read
from passback.web.guarded import Guarded
from passback.web.shell import FOLDER, render

log = logging.getLogger(__name__)

STATIC = {path.name: path for path in (FOLDER / "static").iterdir()}
pages = FastAPI(
    title="Passback",
    docs_url=None,
    redoc_url=None,
    openapi_url=None,
    redirect_slashes=False,
    dependencies=[Depends(may_read), Depends(from_our_pages)],
)
for _module in (status_log, sync, opt_out, item_page, error_guide, configuration, run_tab, icon):
    pages.include_router(_module.router)


@pages.get("/static/{name}")
def static(name: str) -> FileResponse:
    """One of our own style sheets, scripts and images."""
    found: Path | None = STATIC.get(name)
    if found is None:
        raise HTTPException(404, "There is no such file.")
    return FileResponse(found, headers={"cache-control": "private, max-age=86400"})


@pages.exception_handler(StarletteHTTPException)
def refused(request: Request, error: StarletteHTTPException) -> Response:
    """What Airflow or a route refuses, in the form that was asked for."""
    return _problem(request, error.status_code, str(error.detail))


@pages.exception_handler(RequestValidationError)
def malformed(request: Request, error: RequestValidationError) -> Response:
    """A parameter that cannot be meant."""
    said = [f"{'.'.join(str(part) for part in e['loc'][1:]) or e['loc'][0]}: {e['msg']}" for e in error.errors()]
    return _problem(request, 422, "; ".join(said))


@pages.exception_handler(psycopg.DataError)
def unreadable(request: Request, error: psycopg.DataError) -> Response:
    """A value that PostgreSQL cannot hold, such as a text with a zero byte."""
    return _problem(request, 400, "One of the values cannot be read.")


@pages.exception_handler(psycopg.errors.QueryCanceled)
def too_slow(request: Request, error: psycopg.errors.QueryCanceled) -> Response:
    """A read that took too long."""
    return _problem(request, 503, "The database takes too long for this: narrow it down with a filter, or try again.")


@pages.exception_handler(psycopg.errors.UndefinedTable)
@pages.exception_handler(psycopg.errors.UndefinedColumn)
@pages.exception_handler(psycopg.errors.InvalidSchemaName)
def no_night_yet(request: Request, error: psycopg.Error) -> Response:
    """A database without our tables, or with those of an older version: the first run makes them."""
    log.info("The pages wait for the first run: %s", str(error).splitlines()[0])
    text = "No night has run yet: the first run of passback_nightly fills these pages."
    if _wants_page(request):
        return HTMLResponse(render("empty.html", title="Passback", text=text))
    return JSONResponse({"detail": text}, 409)


@pages.exception_handler(Transient)
@pages.exception_handler(Terminal)
@pages.exception_handler(psycopg.OperationalError)
def unreachable(request: Request, error: Exception) -> Response:
    """A database that is not there."""
    log.warning("The pages cannot read the district's database: %s", error)
    return _problem(request, 503, "The district's database cannot be reached: Airflow's log says why.")


@pages.exception_handler(Exception)
def broken(request: Request, error: Exception) -> Response:
    """A defect of ours: the trace is in the api-server's log, and nothing of it in the answer."""
    return _problem(request, 500, "That did not work, and it is our fault: the log of Airflow's api-server says why.")


def _wants_page(request: Request) -> bool:
    return "text/html" in request.headers.get("accept", "") and "/api/" not in request.url.path


def _problem(request: Request, status: int, text: str) -> Response:
    if not _wants_page(request):
        return JSONResponse({"detail": text}, status)
    return HTMLResponse(render("problem.html", title="Passback", status=status, text=text), status)


app = Guarded(pages, _problem)
