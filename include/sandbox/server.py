"""The whole sandbox in one event loop: Otus, PowerSchool and the control interface, on 127.0.0.1 only."""

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

HOST = "127.0.0.1"
CLIENT_ID = "passback-sandbox"


class Sandbox:
    """A running sandbox: its addresses, its credentials and its control."""

    def __init__(self, district: District, powerschool: dict[str, Any] | None, otus: dict[str, Any] | None) -> None:
        """Make both servers for a district, with the lasting switches that are given."""
        self.client_secret = secrets.token_urlsafe(24)
        self.token = secrets.token_urlsafe(24)
        self.powerschool = PowerSchool(district, CLIENT_ID, self.client_secret)
        self.otus = Otus(district, self.token)
        self.powerschool.set_switches(powerschool or {})
        self.otus.set_switches(otus or {})
        self._runners: list[web.BaseRunner] = []
        self.ports: dict[str, int] = {}

    async def start(self, otus_port: int = 0, powerschool_port: int = 0, control_port: int = 0) -> None:
        """Listen on three ports (0: any free one)."""
        control = ControlServer(self.powerschool, self.otus).application()
        otus, powerschool = (web.Server(system, access_log=None) for system in (self.otus, self.powerschool))
        await self._listen("otus", web.ServerRunner(otus, shutdown_timeout=0.5), otus_port)
        await self._listen("powerschool", web.ServerRunner(powerschool, shutdown_timeout=0.5), powerschool_port)
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
        """Give the address of `otus`, `powerschool` or `control`."""
        return f"http://{HOST}:{self.ports[name]}"

    @property
    def otus_url(self) -> str:
        """Give Otus's address."""
        return self.url("otus")

    @property
    def powerschool_url(self) -> str:
        """Give PowerSchool's address."""
        return self.url("powerschool")

    @property
    def control(self) -> Control:
        """Give a client of the control interface."""
        return Control(self.url("control"))

    def connections(self) -> dict[str, str]:
        """Give the Airflow connections to both servers as environment variables, in Airflow's JSON form."""
        where = {"conn_type": "http", "host": HOST, "schema": "http"}
        otus = {**where, "port": self.ports["otus"], "password": self.token}
        powerschool = {
            **where,
            "port": self.ports["powerschool"],
            "login": CLIENT_ID,
            "password": self.client_secret,
        }
        return {"AIRFLOW_CONN_OTUS": json.dumps(otus), "AIRFLOW_CONN_POWERSCHOOL": json.dumps(powerschool)}


@contextmanager
def running(
    district: District,
    *,
    powerschool: dict[str, Any] | None = None,
    otus: dict[str, Any] | None = None,
    otus_port: int = 0,
    powerschool_port: int = 0,
    control_port: int = 0,
) -> Iterator[Sandbox]:
    """Run the sandbox in a background thread of this process while the block lasts.

    `powerschool` and `otus` are lasting switches to start with, e.g. `powerschool={"latency_ms": 50}`.
    """
    sandbox = Sandbox(district, powerschool, otus)
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="sandbox", daemon=True)
    thread.start()
    try:
        started = asyncio.run_coroutine_threadsafe(sandbox.start(otus_port, powerschool_port, control_port), loop)
        started.result(timeout=30)
        yield sandbox
    finally:
        asyncio.run_coroutine_threadsafe(sandbox.stop(), loop).result(timeout=30)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(timeout=10)
        loop.close()
