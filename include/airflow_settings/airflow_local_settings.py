"""Airflow reads this file in every process it starts: it makes the tasks of a LocalExecutor start fast.

A task is a fork of the scheduler and inherits what the scheduler has imported: without this every task would import
pandas, pandera and Great Expectations itself (2 s a task, now 0.2 s). Other processes never pay for it.
"""

import os
import sys

os.environ.setdefault("GX_ANALYTICS_ENABLED", "false")

if sys.argv[1:2] == ["scheduler"]:
    import logging

    logging.getLogger("great_expectations").setLevel(logging.WARNING)
    import great_expectations  # noqa: F401
    import pandas  # noqa: F401
    import pandera.pandas  # noqa: F401
