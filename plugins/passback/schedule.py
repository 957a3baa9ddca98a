"""The time zone of the schedule: Airflow must know it without reading the settings."""

import os

DEFAULT_ZONE = "America/Chicago"


def zone() -> str:
    """The IANA name in PASSBACK_TIME_ZONE, which must be the settings' `time_zone` (`open_run` checks that)."""
    return os.environ.get("PASSBACK_TIME_ZONE") or DEFAULT_ZONE
