"""The configuration as the pipeline sees it, with its opt-outs."""

from __future__ import annotations

from fastapi import APIRouter

router = APIRouter()
