"""Every route of the pages, read off the application itself, with what it takes: a new one is covered too."""

import dataclasses
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
from fastapi.routing import APIRoute
from pydantic import BaseModel

from passback.web.app import pages

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND")


@dataclass(frozen=True)
class Known:
    """Things that exist in the database that the pages show."""

    uri: str
    reports: Path
    run_id: str
    item: tuple[str, str]
    section: int
    teacher: int
    title: str

    @classmethod
    def of(cls, uri: str, reports: Path) -> "Known":
        """Looks them up: an item that failed, and the first run."""
        with psycopg.connect(uri) as connection:
            run = connection.execute("select run_id from passback.run order by run_key limit 1").fetchone()
            item = connection.execute(
                "select source, source_item_id, section_dcid, users_dcid, title from passback.item_status where "
                "outcome = 'failed' and section_dcid is not null and users_dcid is not null order by item_key limit 1"
            ).fetchone()
        assert run and item
        return cls(uri, reports, run[0], (item[0], item[1]), item[2], item[3], item[4])

    def value(self, route: str, name: str) -> str | None:
        """A value of a route's parameter that is needed and exists; None for one that may be left out."""
        return {
            "name": "reconciliation.csv" if route == "/report" else "passback.css",
            "dag_id": "passback_nightly",
            "run_id": self.run_id,
            "source": self.item[0],
            "id": self.item[1],
        }.get(name)

    def body(self, name: str) -> Any:
        """A value of a field of a write's body."""
        return {"section_dcid": self.section, "opted_out": True}.get(name)


@dataclass(frozen=True)
class Route:
    """One route with one method: its path, its parameters by name (true: it must be given), its body's fields."""

    method: str
    path: str
    in_path: tuple[str, ...]
    in_query: dict[str, bool]
    in_body: dict[str, bool] = field(default_factory=dict)

    @property
    def reads(self) -> bool:
        """Whether the method changes nothing."""
        return self.method == "GET"

    def address(self, known: Known) -> str:
        """The path under /passback with values for what is in it."""
        path = self.path
        for name in self.in_path:
            path = path.replace(f"{{{name}}}", str(known.value(self.path, name)))
        return path

    def needed(self, known: Known) -> dict[str, str]:
        """The query that a request to it must have."""
        found = {name: known.value(self.path, name) for name, must in self.in_query.items() if must}
        unknown = [name for name, value in found.items() if value is None]
        assert not unknown, f"{self.path}: say in Known.value what {unknown} may be"
        return {name: str(value) for name, value in found.items()}

    def body(self, known: Known) -> dict[str, Any]:
        """A body that it takes."""
        return {name: value for name in self.in_body if (value := known.body(name)) is not None}


def every() -> list[Route]:
    """All routes of the application, those of its routers too."""
    found = []
    for route in pages.routes:
        assert isinstance(route, APIRoute), f"{route} is not behind the application's dependencies"
        for method in sorted(route.methods):
            found.append(
                Route(
                    method, route.path, tuple(one.alias for one in route.dependant.path_params),
                    _fields(route.dependant.query_params), _fields(route.dependant.body_params),
                )
            )  # fmt: skip
    return sorted(found, key=lambda route: (route.path, route.method))


def _fields(parameters: Any) -> dict[str, bool]:
    found: dict[str, bool] = {}
    for one in parameters:
        model = one.field_info.annotation
        if isinstance(model, type) and issubclass(model, BaseModel):
            found |= {name: each.is_required() for name, each in model.model_fields.items()}
        else:
            found[one.alias] = one.field_info.is_required()
    return found


def named(route: Route) -> str:
    """The route as a test's name."""
    return f"{route.method} {route.path}"


ROUTES = every()
READS = [route for route in ROUTES if route.reads]
WRITES = [route for route in ROUTES if not route.reads]
PAGES = [route for route in READS if not route.path.startswith(("/static", "/icon"))]


def with_values(known: Known, **values: Any) -> Known:
    """The same with other things."""
    return dataclasses.replace(known, **values)
