"""The item page: one item's life over all runs."""

from __future__ import annotations

from fastapi import APIRouter

router = APIRouter()
