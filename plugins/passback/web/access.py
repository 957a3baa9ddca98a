"""Who may do what: Airflow's own log-in and permissions on every route, and no write from a foreign page.

Reading needs the right to read `passback_nightly`; a sync the right to trigger `passback_sync`; an opt-out the right to
edit `passback_nightly`. Airflow keeps no token against cross-site request forgery: its cookie is SameSite=Lax, and
every write that the cookie vouches for must say that it comes from one of our own pages.
"""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlsplit

from airflow.api_fastapi.app import get_auth_manager
from airflow.api_fastapi.auth.managers.base_auth_manager import ResourceMethod
from airflow.api_fastapi.auth.managers.models.base_user import BaseUser
from airflow.api_fastapi.auth.managers.models.resource_details import DagAccessEntity, DagDetails
from airflow.api_fastapi.core_api.security import GetUserDep
from airflow.configuration import conf
from airflow.models.dag import DagModel
from fastapi import Depends, HTTPException, Request

NIGHTLY = "passback_nightly"
SYNC = "passback_sync"


class Allowed:
    """What one user may do here, by Airflow's permissions."""

    def __init__(self, user: BaseUser) -> None:
        self.user = user
        self.name = user.get_name()

    @property
    def read(self) -> bool:
        """Whether the user may see the pages."""
        return self._may("GET", NIGHTLY)

    @property
    def sync(self) -> bool:
        """Whether the user may press *Sync*."""
        return self._may("POST", SYNC, DagAccessEntity.RUN)

    @property
    def opt_out(self) -> bool:
        """Whether the user may switch opt-outs."""
        return self._may("PUT", NIGHTLY)

    def _may(self, method: ResourceMethod, dag_id: str, entity: DagAccessEntity | None = None) -> bool:
        details = DagDetails(id=dag_id, team_name=DagModel.get_team_name(dag_id))
        return get_auth_manager().is_authorized_dag(
            method=method, access_entity=entity, details=details, user=self.user
        )


def allowed(user: GetUserDep) -> Allowed:
    """The rights of whoever asks; 401 for nobody."""
    return Allowed(user)


AllowedDep = Annotated[Allowed, Depends(allowed)]


def may_read(may: AllowedDep) -> None:
    """403 unless the user may read the nightly DAG: on the whole application."""
    if not may.read:
        raise HTTPException(403, f"To see these pages you need the right to read the DAG {NIGHTLY}.")


def may_sync(may: AllowedDep) -> None:
    """403 unless the user may trigger the sync DAG."""
    if not may.sync:
        raise HTTPException(403, f"To sync you need the right to trigger the DAG {SYNC}.")


def may_opt_out(may: AllowedDep) -> None:
    """403 unless the user may edit the nightly DAG."""
    if not may.opt_out:
        raise HTTPException(403, f"To switch an opt-out you need the right to edit the DAG {NIGHTLY}.")


def from_our_pages(request: Request) -> None:
    """403 for a write that may come from a foreign page: on the whole application.

    A bearer token in the header is never added by a browser, and Airflow then ignores the cookie: such a request needs
    no `Origin`. Any other write needs one that is ours, and where the browser says `Sec-Fetch-Site`, `same-origin`.
    """
    if request.method in ("GET", "HEAD") or _has_bearer_token(request):
        return
    site = request.headers.get("sec-fetch-site", "same-origin")
    if site != "same-origin" or request.headers.get("origin") not in _our_origins(request):
        raise HTTPException(403, "This request does not come from a page of this Airflow: repeat it there.")


def _has_bearer_token(request: Request) -> bool:
    return request.headers.get("authorization", "").lower().startswith("bearer ")


def _our_origins(request: Request) -> set[str]:
    """The origin that the request was sent to, and the one that Airflow is configured with (`[api] base_url`)."""
    configured = urlsplit(conf.get("api", "base_url", fallback="") or "")
    ours = {f"{request.url.scheme}://{request.headers.get('host', '')}"}
    return ours | {f"{configured.scheme}://{configured.netloc}"} if configured.netloc else ours
