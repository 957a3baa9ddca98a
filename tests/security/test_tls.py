"""TLS is verified by all three clients: what a wrong certificate leads to, and that nothing was sent before."""

import ast
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from tests.security import asker
from tests.security.tls_servers import HOST, RIGHT, WRONG, Authorities, Server, serving

from passback.errors import Terminal
from passback.hooks import trust

CLIENTS = ("otus", "schoology", "powerschool")
Said = dict[str, tuple[bool, str, float]]


@dataclass
class Outcome:
    """What every client said of every server, and what the servers saw."""

    said: Said
    servers: dict[str, Server]


@pytest.fixture(scope="module")
def authorities() -> Authorities:
    return Authorities()


@pytest.fixture(scope="module")
def servers(authorities: Authorities) -> Iterator[dict[str, Server]]:
    with ExitStack() as stack:
        yield {
            f"{client}: {kind}": stack.enter_context(serving(authorities, kind))
            for client in CLIENTS
            for kind in (*WRONG, RIGHT)
        }


@pytest.fixture(scope="module")
def asked(authorities: Authorities, servers: dict[str, Server], tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    """Each client asks each server, with the district's bundle in the two variables."""
    bundle = str(authorities.bundle(tmp_path_factory.mktemp("authorities") / "district.pem"))
    return Outcome(say(servers, {"SSL_CERT_FILE": bundle, "REQUESTS_CA_BUNDLE": bundle}), servers)


def say(servers: dict[str, Server], variables: dict[str, str]) -> Said:
    wanted: dict[str, dict[str, Any]] = {
        name: {"connection": name.partition(":")[0], "fields": {"host": HOST, "port": server.port, "schema": "https"}}
        for name, server in servers.items()
    }
    told = subprocess.run(
        [sys.executable, asker.__file__, json.dumps(wanted)], env=dict(os.environ) | variables,
        capture_output=True, text=True, check=True, timeout=120,
    )  # fmt: skip
    return dict(json.loads(told.stdout.splitlines()[-1]))


@pytest.mark.parametrize("kind", WRONG)
@pytest.mark.parametrize("client", CLIENTS)
def test_a_server_that_cannot_be_trusted_is_refused_at_once_and_told_nothing(
    asked: Outcome, client: str, kind: str
) -> None:
    worked, said, seconds = asked.said[f"{client}: {kind}"]
    assert not worked
    assert "is not trusted" in said
    assert WRONG[kind] in said
    assert "SSL_CERT_FILE" in said and "Nothing was sent" in said
    assert "secret" not in said and "otus-bearer" not in said
    assert asked.servers[f"{client}: {kind}"].asked == []
    assert seconds < 8, "a certificate does not get better by repeating"


@pytest.mark.parametrize("client", CLIENTS)
def test_a_certificate_of_the_districts_own_authority_is_accepted(asked: Outcome, client: str) -> None:
    worked, said, _ = asked.said[f"{client}: {RIGHT}"]
    assert worked, said
    assert asked.servers[f"{client}: {RIGHT}"].asked


def test_without_the_two_variables_the_districts_own_authority_is_unknown(servers: dict[str, Server]) -> None:
    right = {name: server for name, server in servers.items() if name.endswith(RIGHT)}
    before = [len(server.asked) for server in right.values()]
    for name, (worked, said, _) in say(right, {}).items():
        assert not worked, name
        assert "is not trusted" in said
    assert [len(server.asked) for server in right.values()] == before


def test_verification_is_switched_off_nowhere(project: Path) -> None:
    off = {"verify", "ssl", "verify_ssl", "check_hostname", "verify_mode", "cert_reqs"}
    found = []
    for path in (*project.glob("plugins/**/*.py"), *project.glob("dags/**/*.py"), *project.glob("include/**/*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [node.arg] if isinstance(node, ast.keyword) else []
            if isinstance(node, ast.Assign):
                names = [getattr(target, "attr", "") for target in node.targets]
            if isinstance(node, ast.Attribute) and node.attr in ("CERT_NONE", "_create_unverified_context"):
                found.append(f"{path.name}:{node.lineno}")
            found += [f"{path.name}:{getattr(node, 'lineno', node.value.lineno)}" for name in names if name in off]  # type: ignore[attr-defined]
    assert found == []


def connection(host: str, schema: str | None = None, port: int | None = None) -> Any:
    return SimpleNamespace(host=host, schema=schema, port=port)


@pytest.mark.parametrize(
    ("given", "base_url"),
    [
        (connection("ps.example.org"), "https://ps.example.org"),
        (connection("ps.example.org", "https", 8443), "https://ps.example.org:8443"),
        (connection("https://api.schoology.com/v1/"), "https://api.schoology.com"),
        (connection("127.0.0.1", "http", 80), "http://127.0.0.1:80"),
        (connection("http://[::1]", None, 80), "http://[::1]:80"),
        (connection("localhost", "http"), "http://localhost"),
    ],
)
def test_a_connections_address_is_https_unless_it_is_this_machine(given: Any, base_url: str) -> None:
    assert trust.address("otus", given) == base_url


@pytest.mark.parametrize("host", ["ps.example.org", "8.8.8.8", "[2001:4860:4860::8888]", "localhost.example.org"])
def test_plain_http_to_the_internet_is_refused(host: str) -> None:
    with pytest.raises(Terminal, match="plain http"):
        trust.address("powerschool", connection(host, "http"))


@pytest.mark.parametrize("host", ["sandbox", "10.1.2.3", "otus.internal", "192.168.4.5"])
def test_plain_http_inside_the_districts_network_is_warned_of(host: str, caplog: pytest.LogCaptureFixture) -> None:
    assert trust.address("otus", connection(host, "http", 8080)) == f"http://{host}:8080"
    assert "plain http" in caplog.text


@pytest.mark.parametrize(
    "given",
    [connection(""), connection("h", "ftp"), connection("https://"), connection("http://["), connection("file:///etc")],
)
def test_an_address_that_is_none_is_refused(given: Any) -> None:
    with pytest.raises(Terminal, match="needs a host, and http or https"):
        trust.address("otus", given)


def test_a_log_in_in_the_host_is_refused_and_not_repeated() -> None:
    with pytest.raises(Terminal) as refused:
        trust.address("otus", connection("https://me:hunter2@otus.example.org"))
    assert "hunter2" not in str(refused.value)


@pytest.mark.parametrize(
    ("sent", "said", "told"),
    [
        ("Bearer otus-bearer-token", "bad token otus-bearer-token!", "bad token …!"),
        (b"Bearer otus-bearer-token", "bad token otus-bearer-token!", "bad token …!"),
        ("Basic Y2xpZW50LWlkLTE6aHVudGVyMi1odW50ZXIy", "Y2xpZW50LWlkLTE6aHVudGVyMi1odW50ZXIy", "…"),
        ("Basic Y2xpZW50LWlkLTE6aHVudGVyMi1odW50ZXIy", "client-id-1 with hunter2-hunter2", "… with …"),
        ('OAuth realm="x", oauth_consumer_key="consumer-key", oauth_signature="sec%2Fret-sec%26"', "sec/ret-sec&", "…"),
        ('OAuth oauth_signature="sec%2Fret-sec%26"', "sec/ret-sec or sec%2Fret-sec%26", "… or …"),
        ("", "nothing was sent", "nothing was sent"),
        (None, "Basic words stay", "Basic words stay"),
    ],
)
def test_what_a_server_says_again_of_our_credentials_is_left_out(sent: Any, said: str, told: str) -> None:
    assert trust.without_credentials(said.encode(), sent).decode() == told
