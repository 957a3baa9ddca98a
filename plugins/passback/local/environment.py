"""The environment variables that make one home a whole Airflow: every path, port and secret of it lies in the home."""

import base64
import json
import os
import secrets
import socket
import tomllib
import zoneinfo
from collections.abc import Callable, Container, Mapping, Sequence
from pathlib import Path

from passback.local.home import PROJECT, locked
from passback.local.postgres import USER, Postgres

NIGHTLY = "passback_nightly"
ADMINISTRATOR = "admin"
PORTS = ("api", "worker_log", "trigger_log")
POOLS = {"otus": 4, "schoology": 4, "powerschool": 8}


def environment(home: Path, given: Mapping[str, str] | None = None, metadata: str = "airflow") -> dict[str, str]:
    """The variables of Airflow under `home`, over those `given` (default: this process's).

    `metadata` names the database of Airflow's own state. What the district decides (connections, settings, report
    path) is taken from `given` where it is there.
    """
    base = dict(os.environ if given is None else given)
    kept = identity(home)
    server = Postgres(home)
    dags = base.get("PASSBACK_DAGS") or str(PROJECT / "dags")  # tests run DAGs of their own
    more_users = base.get("PASSBACK_MORE_USERS", "").split()  # tests log in as others, too: `name:role`
    airflow = _airflow(home, kept, server.uri(metadata), dags, more_users)
    return base | _paths(home, base) | _district(home, base, server) | airflow | _TUNED


def identity(home: Path) -> dict[str, str]:
    """The home's own ports and secrets, made once and kept, readable by the owner only."""
    path = home / "identity.json"
    with locked(home / "identity.lock", wait_seconds=30):
        kept: dict[str, str] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
        before = len(kept)
        for name, make in _SECRETS.items():
            kept.setdefault(name, make())
        for name in PORTS:
            kept.setdefault(f"{name}_port", str(free_port(set(kept.values()))))
        if len(kept) > before:
            _write_private(path, json.dumps(kept, indent=2))
        passwords = home / "airflow" / "passwords.json"
        if not passwords.exists():
            passwords.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            _write_private(passwords, json.dumps({ADMINISTRATOR: kept["password"]}))
    return kept


def renew_taken_ports(home: Path) -> None:
    """Choose new ports in place of kept ones that another program has taken; for when nothing of the home runs."""
    kept = identity(home)
    taken = [name for name in PORTS if not _is_free(int(kept[f"{name}_port"]))]
    if taken:
        left = {key: value for key, value in kept.items() if key not in {f"{name}_port" for name in taken}}
        _write_private(home / "identity.json", json.dumps(left, indent=2))
        identity(home)


def database_connection(server: Postgres, database: str = "passback") -> str:
    """The connection `passback_db` to a database of the embedded server, in Airflow's JSON form."""
    fields = {"conn_type": "postgres", "host": str(server.socket_folder), "login": USER, "schema": database}
    return json.dumps(fields)


_SECRETS: dict[str, Callable[[], str]] = {
    "password": lambda: secrets.token_urlsafe(12),
    "jwt_secret": lambda: secrets.token_hex(32),
    "api_secret": lambda: secrets.token_hex(32),
    "fernet_key": lambda: base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
}

# Measured: the gap between two tasks 0.9 s -> 0.1 s; a task lost with its scheduler is back in 15 s, not in 120.
_TUNED = {
    "AIRFLOW__SCHEDULER__SCHEDULER_IDLE_SLEEP_TIME": "0.05",
    "AIRFLOW__WORKERS__MIN_HEARTBEAT_INTERVAL": "1",
    "AIRFLOW__SCHEDULER__ORPHANED_TASKS_CHECK_INTERVAL": "10",
    "AIRFLOW__SCHEDULER__SCHEDULER_HEALTH_CHECK_THRESHOLD": "10",
    "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT": "20",
    "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT_DETECTION_INTERVAL": "5",
    "AIRFLOW__DAG_PROCESSOR__REFRESH_INTERVAL": "15",
    "AIRFLOW__DAG_PROCESSOR__PARSING_PROCESSES": "1",
    "AIRFLOW__CORE__PARALLELISM": "8",
    "AIRFLOW__API__WORKERS": "1",
}


def _paths(home: Path, base: Mapping[str, str]) -> dict[str, str]:
    ours = [str(PROJECT / "plugins"), str(PROJECT / "include" / "airflow_settings")]
    before = [path for path in base.get("PYTHONPATH", "").split(os.pathsep) if path and path not in ours]
    local = {"127.0.0.1", "localhost"}
    unproxied = ",".join(sorted(local | {name for name in base.get("NO_PROXY", "").split(",") if name}))
    return {
        "PASSBACK_HOME": str(home),
        "PYTHONPATH": os.pathsep.join(ours + before),
        "PYTHONUNBUFFERED": "1",
        "NO_PROXY": unproxied,
        "no_proxy": unproxied,
        "GX_ANALYTICS_ENABLED": "false",
        "OBJC_DISABLE_INITIALIZE_FORK_SAFETY": "YES",  # macOS: the LocalExecutor forks
    }


def _district(home: Path, base: Mapping[str, str], server: Postgres) -> dict[str, str]:
    settings = Path(base.get("PASSBACK_DISTRICT") or PROJECT / "include" / "district.toml").expanduser()
    zone = base.get("PASSBACK_TIME_ZONE") or _time_zone(settings)
    return ({"PASSBACK_TIME_ZONE": zone} if zone else {}) | {
        "PASSBACK_DISTRICT": str(settings.absolute()),
        "PASSBACK_REPORTS": base.get("PASSBACK_REPORTS") or str(home / "reports"),
        "AIRFLOW_CONN_PASSBACK_DB": base.get("AIRFLOW_CONN_PASSBACK_DB") or database_connection(server),
    }


def _time_zone(settings: Path) -> str:
    """The district's time zone, for the DAGs' timetables; empty where the settings cannot be read.

    A DAG file never reads the settings: wrong ones are to be a red run with a clear message, not a vanished DAG.
    """
    try:
        zone = tomllib.loads(settings.read_text(encoding="utf-8"))["time_zone"]
        return zone if isinstance(zone, str) and zoneinfo.ZoneInfo(zone) else ""
    except (OSError, KeyError, ValueError, zoneinfo.ZoneInfoNotFoundError):
        return ""


def _airflow(
    home: Path, kept: Mapping[str, str], metadata_uri: str, dags: str, more_users: Sequence[str]
) -> dict[str, str]:
    address = metadata_uri.replace("postgresql://", "postgresql+psycopg://", 1)
    airflow_home = home / "airflow"
    api = f"http://127.0.0.1:{kept['api_port']}"
    return {
        "AIRFLOW_HOME": str(airflow_home),
        "AIRFLOW__CORE__DAGS_FOLDER": dags,
        "AIRFLOW__CORE__PLUGINS_FOLDER": str(PROJECT / "plugins"),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__EXECUTOR": "LocalExecutor",
        "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "False",
        "AIRFLOW__CORE__FERNET_KEY": kept["fernet_key"],
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": ",".join([f"{ADMINISTRATOR}:admin", *more_users]),
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS": "False",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(airflow_home / "passwords.json"),
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"{api}/execution/",
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": address,
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN_ASYNC": address,
        "AIRFLOW__API__HOST": "127.0.0.1",
        "AIRFLOW__API__PORT": kept["api_port"],
        "AIRFLOW__API__BASE_URL": api,
        "AIRFLOW__API__SECRET_KEY": kept["api_secret"],
        "AIRFLOW__API_AUTH__JWT_SECRET": kept["jwt_secret"],
        "AIRFLOW__LOGGING__BASE_LOG_FOLDER": str(airflow_home / "logs"),
        "AIRFLOW__LOGGING__COLORED_CONSOLE_LOG": "False",
        "AIRFLOW__LOGGING__WORKER_LOG_SERVER_PORT": kept["worker_log_port"],
        "AIRFLOW__LOGGING__TRIGGER_LOG_SERVER_PORT": kept["trigger_log_port"],
        "AIRFLOW__USAGE_DATA_COLLECTION__ENABLED": "False",
    }


def free_port(taken: Container[str] = ()) -> int:
    """A port of 127.0.0.1 on which nothing listens, and none of those taken."""
    while True:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = int(probe.getsockname()[1])
        if str(port) not in taken:
            return port


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _write_private(path: Path, text: str) -> None:
    fresh = path.with_suffix(".new")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
    fresh.replace(path)
