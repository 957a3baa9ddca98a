"""Passback's pages inside Airflow: an entry in the navigation, a tab on every run, and the API behind them."""

from __future__ import annotations

from typing import Any

from airflow.plugins_manager import AirflowPlugin


class Pages:
    """The pages' ASGI application, imported with its first request: scheduler and tasks never load it."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Hand the request on."""
        from passback.web.app import app  # noqa: PLC0415

        await app(scope, receive, send)


class PassbackPlugin(AirflowPlugin):
    """What Airflow is told of us. Addresses are relative to Airflow's own, which may lie under a path."""

    name = "passback"
    fastapi_apps = [{"app": Pages(), "url_prefix": "/passback", "name": "Passback"}]  # noqa: RUF012
    external_views = [  # noqa: RUF012
        {
            "name": "Passback",
            "href": "passback/",
            "destination": "nav",
            "url_route": "passback",
            "nav_top_level": True,
            "icon": "passback/icon.svg",
            "icon_dark_mode": "passback/icon.svg?dark=true",
        },
        {
            "name": "Passback",
            "href": "passback/run?dag_id={DAG_ID}&run_id={RUN_ID}",
            "destination": "dag_run",
            "url_route": "passback_run",
            "icon": "passback/icon.svg",
            "icon_dark_mode": "passback/icon.svg?dark=true",
        },
    ]
