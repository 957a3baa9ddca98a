"""The control interface: JSON over HTTP on a port of its own, for tests, the demo and curious people."""

from collections.abc import Callable
from typing import Any

import msgspec
from aiohttp import web

from sandbox.faults import Fault, Hook
from sandbox.otus.server import Otus
from sandbox.powerschool.server import PowerSchool
from sandbox.schoology.server import Schoology

System = PowerSchool | Otus | Schoology


class ControlServer:
    """`POST /control/{system}/{action}`, `GET|DELETE /control/{system}/log`, `GET /control/{system}/state`."""

    def __init__(self, powerschool: PowerSchool, otus: Otus, schoology: Schoology) -> None:
        """Control all three servers."""
        self.systems: dict[str, System] = {"powerschool": powerschool, "otus": otus, "schoology": schoology}

    def application(self) -> web.Application:
        """Build the web application."""
        app = web.Application(client_max_size=64 * 1024 * 1024)
        app.router.add_get("/control/{system}/log", self._log)
        app.router.add_delete("/control/{system}/log", self._forget)
        app.router.add_get("/control/{system}/{what}", self._look)
        app.router.add_post("/control/{system}/{action}", self._act)
        return app

    def _system(self, request: web.Request) -> System:
        system = self.systems.get(request.match_info["system"])
        if system is None:
            raise web.HTTPNotFound(text="no such system; powerschool, otus or schoology")
        return system

    async def _log(self, request: web.Request) -> web.Response:
        asked = request.query
        log = self._system(request).log
        return _json(log.read(asked.get("method"), asked.get("path_prefix", ""), asked.get("kind", "")))

    async def _forget(self, request: web.Request) -> web.Response:
        self._system(request).log.clear()
        return _json({"ok": True})

    async def _look(self, request: web.Request) -> web.Response:
        system, what = self._system(request), request.match_info["what"]
        if what == "state":
            return _json(system.gradebook.state() if isinstance(system, PowerSchool) else system.state())
        if what == "counts":
            return _json(system.log.counts())
        if what == "switches":
            return _json(msgspec.to_builtins(system.switches))
        if what == "pending":
            return _json(
                {"faults": system.faults.pending, "hooks": system.hooks.pending, "hook_failures": system.hook_failures}
            )
        if what == "roster" and isinstance(system, PowerSchool):
            return _json(system.roster.as_builtins())
        raise web.HTTPNotFound(text="state, log, counts, switches, pending or roster")

    async def _act(self, request: web.Request) -> web.Response:
        system, action = self._system(request), request.match_info["action"]
        try:
            arguments = msgspec.json.decode(await request.read() or b"{}", type=dict[str, Any])
            result = self._common(system).get(action, _edit(system, action))(arguments)
        except (KeyError, TypeError, ValueError, msgspec.MsgspecError) as error:
            return _json({"ok": False, "error": f"{type(error).__name__}: {error}"}, 400)
        return _json({"ok": True, "result": result})

    @staticmethod
    def _common(system: System) -> dict[str, Callable[[dict[str, Any]], Any]]:
        """Give the actions that all systems have."""

        def clear(_: dict[str, Any]) -> None:
            system.faults.clear()
            system.hooks.pending = []

        return {
            "switches": system.set_switches,
            "fault": lambda sent: system.faults.add(msgspec.convert(sent, Fault)),
            "hook": lambda sent: system.hooks.pending.append(msgspec.convert(sent, Hook)),
            "clear": clear,
        }


def _edit(system: System, action: str) -> Callable[[dict[str, Any]], Any]:
    return lambda arguments: system.edit(action, arguments)


def _json(value: Any, status: int = 200) -> web.Response:
    return web.Response(body=msgspec.json.encode(value), status=status, content_type="application/json")
