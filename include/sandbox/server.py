"""The whole sandbox in one event loop: Otus, Schoology, PowerSchool and the control, on 127.0.0.1 only."""

import asyncio
import json
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from aiohttp import web

from sandbox.control import Control
from sandbox.control_server import ControlServer
from sandbox.district import District
from sandbox.otus.server import Otus
from sandbox.powerschool.server import PowerSchool
from sandbox.schoology.server import Schoology

HOST = "127.0.0.1"
CLIENT_ID = "passback-sandbox"
CONSUMER_KEY = "passback-sandbox-app"


class Sandbox:
    """A running sandbox: its addresses, its credentials and its control."""

    def __init__(
        self,
        district: District,
        powerschool: dict[str, Any] | None = None,
        otus: dict[str, Any] | None = None,
        schoology: dict[str, Any] | None = None,
    ) -> None:
        """Make the three servers for a district, with the lasting switches that are given.

        There is a connection to Schoology where the district has sections there, or `schoology` is given.
        """
        self.client_secret = secrets.token_urlsafe(24)
        self.token = secrets.token_urlsafe(24)
        self.consumer_secret = secrets.token_urlsafe(24)
        self.powerschool = PowerSchool(district, CLIENT_ID, self.client_secret)
        self.otus = Otus(district, self.token)
        self.schoology = Schoology(district, CONSUMER_KEY, self.consumer_secret)
        self._has_schoology = bool(district.schoology) or schoology is not None
        self.powerschool.set_switches(powerschool or {})
        self.otus.set_switches(otus or {})
        self.schoology.set_switches(schoology or {})
        self._runners: list[web.BaseRunner] = []
        self.ports: dict[str, int] = {}

    async def start(
        self, otus_port: int = 0, powerschool_port: int = 0, control_port: int = 0, schoology_port: int = 0
    ) -> None:
        """Listen on four ports (0: any free one)."""
        for name, system, port in (
            ("otus", self.otus, otus_port),
            ("powerschool", self.powerschool, powerschool_port),
            ("schoology", self.schoology, schoology_port),
        ):
            await self._listen(name, web.ServerRunner(web.Server(system, access_log=None), shutdown_timeout=0.5), port)
        control = ControlServer(self.powerschool, self.otus, self.schoology).application()
        await self._listen("control", web.AppRunner(control, access_log=None, shutdown_timeout=0.5), control_port)

    async def _listen(self, name: str, runner: web.BaseRunner, port: int) -> None:
        await runner.setup()
        self._runners.append(runner)
        await web.TCPSite(runner, HOST, port, backlog=1024).start()
        self.ports[name] = runner.addresses[0][1]

    async def stop(self) -> None:
        """Close all ports and what is open on them."""
        for runner in self._runners:
            await runner.cleanup()

    def url(self, name: str) -> str:
        """Give the address of `otus`, `schoology`, `powerschool` or `control`."""
        return f"http://{HOST}:{self.ports[name]}"

    @property
    def otus_url(self) -> str:
        """Give Otus's address."""
        return self.url("otus")

    @property
    def schoology_url(self) -> str:
        """Give Schoology's address; its calls begin with /v1."""
        return self.url("schoology")

    @property
    def powerschool_url(self) -> str:
        """Give PowerSchool's address."""
        return self.url("powerschool")

    @property
    def control(self) -> Control:
        """Give a client of the control interface."""
        return Control(self.url("control"))

    def connections(self) -> dict[str, str]:
        """Give the Airflow connections to the servers as environment variables, in Airflow's JSON form."""
        where = {"conn_type": "http", "host": HOST, "schema": "http"}
        connections = {
            "otus": {"password": self.token},
            "powerschool": {"login": CLIENT_ID, "password": self.client_secret},
        }
        if self._has_schoology:
            connections["schoology"] = {"login": CONSUMER_KEY, "password": self.consumer_secret}
        return {
            f"AIRFLOW_CONN_{name.upper()}": json.dumps({**where, "port": self.ports[name], **credentials})
            for name, credentials in connections.items()
        }


@contextmanager
def running(
    district: District,
    *,
    powerschool: dict[str, Any] | None = None,
    otus: dict[str, Any] | None = None,
    schoology: dict[str, Any] | None = None,
    otus_port: int = 0,
    powerschool_port: int = 0,
    control_port: int = 0,
    schoology_port: int = 0,
) -> Iterator[Sandbox]:
    """Run the sandbox in a background thread of this process while the block lasts.

    `powerschool`, `otus` and `schoology` are lasting switches to start with, e.g. `powerschool={"latency_ms": 50}`.
    """
    sandbox = Sandbox(district, powerschool, otus, schoology)
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="sandbox", daemon=True)
    thread.start()
    try:
        starting = sandbox.start(otus_port, powerschool_port, control_port, schoology_port)
        asyncio.run_coroutine_threadsafe(starting, loop).result(timeout=30)
        yield sandbox
    finally:
        asyncio.run_coroutine_threadsafe(sandbox.stop(), loop).result(timeout=30)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(timeout=10)
        loop.close()
