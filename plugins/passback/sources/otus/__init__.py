"""Otus: its six collections, over HTTP or from export files, into the tables staging.otus_*."""
