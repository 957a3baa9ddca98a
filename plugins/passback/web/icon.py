"""The entry's icon in Airflow's navigation, with a red dot wherever errors stand."""

from __future__ import annotations

import psycopg
from fastapi import APIRouter
from fastapi.responses import Response

from passback import database
from passback.errors import Terminal, Transient
from passback.web.queries import reading
from passback.web.shell import render

router = APIRouter()


@router.get("/icon.svg")
def icon(dark: bool = False) -> Response:
    """An image of 20 × 20 for a light or dark navigation."""
    picture = render("icon.svg", dark=dark, errors_stand=_errors_stand())
    return Response(picture, media_type="image/svg+xml")


def _errors_stand() -> bool:
    """Whether an error stands; not where nothing can be asked: an entry without its picture helps nobody."""
    try:
        for connection in reading():
            return bool(database.one(connection, "status_errors_stand")["errors_stand"])
    except (psycopg.Error, Transient, Terminal):
        pass
    return False
