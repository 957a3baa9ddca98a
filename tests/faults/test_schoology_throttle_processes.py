"""One limit for all processes: several ask at once, and Schoology's own throttle never has to refuse one of them."""

import os
import subprocess
import sys
import textwrap
from pathlib import Path

from tests.faults.schoology_source import SchoologySource
from tests.sources.schoology import world

PROCESSES, EACH, LIMIT, SERVERS_LIMIT = 3, 9, 13, 15
ASKER = textwrap.dedent(
    """
    import os
    from passback.hooks.throttle import Throttle
    from passback.sources.schoology.client import SchoologyClient

    throttle = Throttle(os.environ["URI"], "schoology", int(os.environ["LIMIT"]), 60)
    client = SchoologyClient(os.environ["URL"], os.environ["KEY"], os.environ["SECRET"], throttle=throttle)
    for number in range(int(os.environ["EACH"])):
        client.get("a page", f"/v1/sections?section_school_codes={number}&limit=1")
    print(client.counts.total, client.counts.throttled)
    """
)


def test_processes_at_once_keep_the_limit_together(
    schoology_source: SchoologySource, clean_environment: dict[str, str], project: Path
) -> None:
    box = schoology_source.serve(world.section(), requests_per_5_seconds=SERVERS_LIMIT)
    given = {
        **clean_environment, "PYTHONPATH": str(project / "plugins"), "URI": schoology_source.uri,
        "URL": box.schoology_url, "KEY": "passback-sandbox-app", "SECRET": box.consumer_secret, "LIMIT": str(LIMIT),
        "EACH": str(EACH), "PATH": os.environ["PATH"],
    }  # fmt: skip
    asking = [
        subprocess.Popen([sys.executable, "-c", ASKER], env=given, stdout=subprocess.PIPE, text=True)
        for _ in range(PROCESSES)
    ]
    assert [process.communicate(timeout=120)[0].split() for process in asking] == [[str(EACH), "0"]] * PROCESSES
    log = box.control.schoology.log()
    assert {entry["status"] for entry in log} == {200}
    arrived = sorted(entry["at"] for entry in log)
    assert len(arrived) == PROCESSES * EACH
    assert all(
        later - sooner >= 5 for sooner, later in zip(arrived, arrived[SERVERS_LIMIT:], strict=False)
    )  # as many as the server allows, never one more
