"""A real HTTP server that answers in the order of a script: for answers that an honest PowerSchool never gives."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import msgspec
from aiohttp import web

from passback.powerschool.budget import NoBudget
from passback.powerschool.client import PowerSchool

CLIENT_ID, CLIENT_SECRET = "client-7", "secret-Zq81"
Step = web.StreamResponse | Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass
class Seen:
    """One request as it arrived."""

    method: str
    path: str
    body: bytes
    headers: dict[str, str]


@dataclass
class Script:
    """What is answered next; `token_steps` and `steps` are used up in order, then `usual` answers for ever."""

    steps: list[Step] = field(default_factory=list)
    token_steps: list[Step] = field(default_factory=list)
    usual: Callable[[], web.StreamResponse] = lambda: says(500, "the script has ended")
    seen: list[Seen] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)
    url: str = ""

    @property
    def asked(self) -> list[Seen]:
        """The requests other than for tokens."""
        return [seen for seen in self.seen if not seen.path.startswith("/oauth")]

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """The next step's answer."""
        body = await request.read()
        self.seen.append(Seen(request.method, request.path_qs, body, dict(request.headers)))
        is_token = request.path.startswith("/oauth")
        steps = self.token_steps if is_token else self.steps
        step: Step = steps.pop(0) if steps else self._give_token() if is_token else self.usual()
        return step if isinstance(step, web.StreamResponse) else await step(request)

    def _give_token(self) -> web.Response:
        self.tokens.append(f"token-{len(self.tokens) + 1}-of-this-script")
        return gives({"access_token": self.tokens[-1], "token_type": "Bearer", "expires_in": "2504956"})

    def client(self, **limits: float) -> PowerSchool:
        """A client of this server that gives up after two seconds."""
        return PowerSchool(
            self.url,
            CLIENT_ID,
            CLIENT_SECRET,
            NoBudget(),
            **{"wait_limit_seconds": 2.0, "timeout_seconds": 1.0} | limits,
        )


def gives(document: Any, status: int = 200, **headers: str) -> web.Response:
    """An answer with a JSON document."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return web.Response(
        status=status, body=msgspec.json.encode(document), headers=named, content_type="application/json"
    )


def says(status: int, message: str, **headers: str) -> web.Response:
    """An answer with a message in PowerSchool's form."""
    return gives({"message": message}, status, **headers)


async def drop(request: web.Request) -> web.StreamResponse:
    """Closes the connection without an answer."""
    assert request.transport is not None
    request.transport.abort()
    return web.Response()


def after(seconds: float, answer: web.Response) -> Step:
    """The answer after a time."""

    async def late(_: web.Request) -> web.StreamResponse:
        await asyncio.sleep(seconds)
        return answer

    return late


@asynccontextmanager
async def scripted(*steps: Step, port: int = 0, **more: Any) -> AsyncIterator[Script]:
    """Runs the server for the length of the block."""
    script = Script(steps=list(steps), **more)
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", script.answer)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", port)
    await site.start()
    script.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield script
    finally:
        await runner.cleanup()
