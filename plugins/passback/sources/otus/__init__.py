"""Otus: its six collections, over HTTP or from export files, into the tables staging.otus_*."""

from passback.sources.otus.extract import extract_otus

__all__ = ["extract_otus"]
