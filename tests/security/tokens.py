"""Tokens as Airflow itself would sign them, and as a forger would."""

import datetime as dt
import json
from pathlib import Path
from typing import Any

import jwt


def token_of(home: Path, name: str, role: str | None, **claims: Any) -> str:
    """A token for a user with this role (None: no right at all), signed with the home's own secret."""
    kept = json.loads((home / "identity.json").read_text(encoding="utf-8"))
    return signed(kept["jwt_secret"], name, role, **claims)


def signed(secret: str, name: str, role: str | None, algorithm: str = "HS512", **claims: Any) -> str:
    """A token signed with this secret."""
    now = dt.datetime.now(dt.UTC)
    usual = {"sub": name, "role": role, "aud": "apache-airflow", "iat": now, "nbf": now,
             "exp": now + dt.timedelta(hours=1)}  # fmt: skip
    return jwt.encode(usual | claims, secret, algorithm=algorithm)
