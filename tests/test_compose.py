"""docker-compose.yaml without an engine: its references, its variables, and its very commands, run on this machine."""

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
import requests
import yaml

from passback.local.components import Component, stop
from passback.local.environment import free_port
from passback.local.postgres import Postgres

VARIABLE = re.compile(r"(?<!\$)\$\{(\w+)(?:(:[?-])([^}]*))?\}")
PARTS = ("api-server", "scheduler", "dag-processor", "triggerer")
GIVEN = {
    "POSTGRES_PASSWORD": "one",
    "PASSBACK_DB_PASSWORD": "two",
    "FERNET_KEY": "kTPtzXlE0KNF2mSoJJv1r0GqJzD7pVbqJ2iBjnnmXPI=",
    "API_SECRET_KEY": "three",
    "JWT_SECRET": "four" * 16,
}


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    text = (Path(__file__).parents[1] / "docker-compose.yaml").read_text(encoding="utf-8")
    return dict(yaml.safe_load(text))


def test_every_reference_leads_somewhere(compose: dict[str, Any], project: Path) -> None:
    services, volumes = compose["services"], compose["volumes"]
    for name, service in services.items():
        assert set(service.get("depends_on", {})) <= set(services), name
        for target, wish in service.get("depends_on", {}).items():
            if wish["condition"] == "service_healthy":
                assert "healthcheck" in services[target], f"{name} waits for the health of {target}"
        for volume in service.get("volumes", []):
            source = volume.partition(":")[0]
            assert source in volumes or (project / source).exists(), volume
        if "build" in service:
            assert (project / service["build"]["dockerfile"]).exists()
        if service.get("network_mode", "").startswith("service:"):
            assert service["network_mode"].removeprefix("service:") in services


def test_every_variable_is_in_the_example_and_every_required_one_says_so(compose: dict[str, Any]) -> None:
    text = (Path(__file__).parents[1] / "docker-compose.yaml").read_text(encoding="utf-8")
    used = {name: (kind, value) for name, kind, value in VARIABLE.findall(text)}
    assert set(used) == set(example())
    required = {name for name, (kind, _) in used.items() if kind == ":?"}
    assert required == set(GIVEN)
    assert all(used[name][0] for name in used), "a variable without a default or a message"
    assert not [name for name in required if example()[name]], "a secret has a value in the example"


def test_what_is_optional_has_the_examples_value_as_its_default() -> None:
    text = (Path(__file__).parents[1] / "docker-compose.yaml").read_text(encoding="utf-8")
    defaults = {name: value for name, kind, value in VARIABLE.findall(text) if kind == ":-"}
    assert defaults == {name: example()[name] for name in defaults}


def test_every_service_that_runs_is_restarted_and_watched(compose: dict[str, Any]) -> None:
    for name in ("postgres", *PARTS):
        service = compose["services"][name]
        assert service["restart"] == "unless-stopped"
        assert service["healthcheck"]["test"]


def test_the_image_has_the_airflow_that_is_pinned(project: Path) -> None:
    pinned = re.search(r"^apache-airflow==(\S+)", (project / "requirements.txt").read_text(), re.M)
    assert pinned
    assert f"FROM apache/airflow:{pinned[1]}-python3.11" in (project / "docker" / "Dockerfile").read_text()


@pytest.mark.scheduler
def test_its_commands_bring_up_a_healthy_airflow(
    compose: dict[str, Any], postgres: Postgres, clean_environment: dict[str, str], project: Path, tmp_path: Path
) -> None:
    ports = {name: str(free_port()) for name in ("8080", "8974")}
    (tmp_path / "passback").mkdir()  # as the image has it
    with _empty_database(postgres) as uri:
        services = {name: _here(one, uri, ports, project, tmp_path) for name, one in compose["services"].items()}
        environment = clean_environment | services["scheduler"]["environment"] | _log_servers()
        subprocess.run(_command(services["airflow-init"]), env=environment, cwd=tmp_path, check=True, timeout=120)
        components = [
            Component(name, _command(services[name]), environment, tmp_path / f"{name}.log") for name in PARTS
        ]
        try:
            _wait_until_healthy(components, ports)
        finally:
            stop(components)


def _wait_until_healthy(components: list[Component], ports: dict[str, str]) -> None:
    deadline, seen = time.monotonic() + 60, "nothing answered"
    while time.monotonic() < deadline:
        for component in components:
            component.keep_running()
        time.sleep(0.5)
        try:
            parts = requests.get(f"http://localhost:{ports['8080']}/api/v2/monitor/health", timeout=5).json()
            scheduler = requests.get(f"http://localhost:{ports['8974']}/health", timeout=5)
            seen = f"{scheduler.status_code} {parts}"
        except (requests.ConnectionError, requests.JSONDecodeError):
            continue
        if scheduler.ok and {part["status"] for part in parts.values()} == {"healthy"}:
            assert [component.starts for component in components] == [1, 1, 1, 1]
            return
    logs = "\n".join(component.log.read_text(errors="replace")[-2000:] for component in components)
    raise AssertionError(f"{seen}\n{logs}")


def _here(service: dict[str, Any], uri: str, ports: dict[str, str], project: Path, folder: Path) -> dict[str, Any]:
    """The service as it would be on this machine: mounts, the database and ports instead of the containers' own."""
    here = {
        f"postgresql+psycopg://airflow:{GIVEN['POSTGRES_PASSWORD']}@postgres/airflow": uri,
        "http://api-server:8080": f"http://127.0.0.1:{ports['8080']}",
        **{f"/opt/airflow/{name}": str(project / name) for name in ("dags", "plugins", "include")},
        "/opt/airflow": str(folder),
    }
    environment = {}
    for name, value in service.get("environment", {}).items():
        text = VARIABLE.sub(lambda found: GIVEN.get(found[1], found[3] if found[2] == ":-" else ""), value)
        for there, replacement in here.items():
            text = text.replace(there, replacement)
        environment[name] = ports.get(text, text)
    return dict(service, environment=environment)


def _log_servers() -> dict[str, str]:
    """Each container has its own ports for these; on this machine other Airflows may run."""
    return {f"AIRFLOW__LOGGING__{name}_LOG_SERVER_PORT": str(free_port()) for name in ("WORKER", "TRIGGER")}


def _command(service: dict[str, Any]) -> list[str]:
    program, *arguments = service["command"]
    return [str(Path(sys.executable).with_name(program)), *arguments]


@contextmanager
def _empty_database(postgres: Postgres) -> Iterator[str]:
    name = f"compose_{os.getpid()}"
    with psycopg.connect(postgres.uri("postgres"), autocommit=True) as connection:
        connection.execute(f"create database {name}")
    yield postgres.uri(name, driver="postgresql+psycopg")
    with psycopg.connect(postgres.uri("postgres"), autocommit=True) as connection:
        connection.execute(f"drop database {name} with (force)")


def example() -> dict[str, str]:
    lines = (Path(__file__).parents[1] / ".env.example").read_text(encoding="utf-8").splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))
