"""The tab on a run of Airflow's: its books."""

from __future__ import annotations

from fastapi import APIRouter

router = APIRouter()
