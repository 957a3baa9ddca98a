"""The error guide: the catalogue of codes as a page."""

from __future__ import annotations

from fastapi import APIRouter

router = APIRouter()
