"""Asks servers by each hook's own test, in a process of its own: authorities are read when a process begins.

`python asker.py <JSON: {name: {"connection": …, "fields": {…}}}>` prints `{name: [worked, what was said, seconds]}`.
"""

import json
import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

SECRETS = {"otus": {"password": "otus-bearer"}, "default": {"login": "client-id", "password": "client-secret"}}


def ask(name: str, wanted: dict[str, Any]) -> tuple[str, list[Any]]:
    from passback.hooks.otus import OtusHook
    from passback.hooks.powerschool import PowerSchoolHook
    from passback.hooks.schoology import SchoologyHook

    hooks = {"otus": OtusHook, "schoology": SchoologyHook, "powerschool": PowerSchoolHook}
    began = time.monotonic()
    worked, said = hooks[wanted["connection"]](wanted["id"]).test_connection()
    return name, [worked, said, time.monotonic() - began]


def main() -> None:
    wanted = json.loads(sys.argv[1])
    for number, one in enumerate(wanted.values()):
        one["id"] = f"{one['connection']}_{number}"
        secret = SECRETS.get(one["connection"], SECRETS["default"])
        os.environ[f"AIRFLOW_CONN_{one['id'].upper()}"] = json.dumps({"conn_type": "http", **secret, **one["fields"]})
    with ThreadPoolExecutor(8) as pool:
        print(json.dumps(dict(pool.map(lambda pair: ask(*pair), wanted.items()))))


if __name__ == "__main__":
    main()
