"""HTTPS servers with a right certificate and with every kind of wrong one; each remembers whether anybody asked it."""

import datetime as dt
import json
import ssl
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import trustme

HOST = "localhost"
EXPIRED = dt.datetime(2020, 1, 31, tzinfo=dt.UTC)
ANSWERS = {
    "/v1/users": {"data": [], "next_cursor": None, "server_time": "2026-11-21T06:00:00Z", "total": 0},
    "/v1/sections": {"section": [], "total": 0, "links": {}},
    "/oauth/access_token/": {"access_token": "token-of-a-trusted-server", "expires_in": "2504956"},
    "/ws/v1/metadata": {"metadata": {"powerschool_version": "24.1", "district_timezone": "America/Chicago"}},
}


@dataclass
class Server:
    """One HTTPS server of this machine: its port, and the requests that reached it."""

    port: int
    asked: list[str] = field(default_factory=list)


@dataclass
class Authorities:
    """The district's own authority, whose bundle a client may be told, and one that nobody knows."""

    own: trustme.CA = field(default_factory=trustme.CA)
    unknown: trustme.CA = field(default_factory=trustme.CA)

    def bundle(self, path: Path) -> Path:
        """The file with the district's own authority."""
        self.own.cert_pem.write_to_path(str(path))
        return path

    def context(self, kind: str) -> ssl.SSLContext:
        """A server's side of TLS, of the kind that the name says."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        certificates = {
            "another host's certificate": lambda: self.own.issue_cert("sis.elsewhere.example"),
            "an unknown authority": lambda: self.unknown.issue_cert(HOST),
            "an expired certificate": lambda: self.own.issue_cert(
                HOST, not_before=EXPIRED - dt.timedelta(days=365), not_after=EXPIRED
            ),
        }
        certificates.get(kind, lambda: self.own.issue_cert(HOST))().configure_cert(context)
        if kind == "TLS 1.1 only":
            with warnings.catch_warnings(action="ignore"):  # Python itself advises against it
                context.minimum_version, context.maximum_version = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1
            context.set_ciphers("DEFAULT:@SECLEVEL=0")
        return context


WRONG = {
    "another host's certificate": "ostname mismatch",
    "an unknown authority": "unable to get local issuer",
    "an expired certificate": "expired",
    "TLS 1.1 only": "older than 1.2",
    "no TLS": "does not speak TLS",
}
RIGHT = "the right certificate"


@contextmanager
def serving(authorities: Authorities, kind: str) -> Iterator[Server]:
    """A server of this kind for the length of the block."""
    server = Server(0)
    http = ThreadingHTTPServer((HOST, 0), _handler(server))
    http.daemon_threads = True
    server.port = http.server_address[1]
    if kind != "no TLS":
        http.socket = authorities.context(kind).wrap_socket(
            http.socket, server_side=True, do_handshake_on_connect=False
        )
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        http.shutdown()
        http.server_close()
        thread.join(timeout=10)


def _handler(server: Server) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        """Answers what the three systems would; a handshake that the client ends is no request."""

        protocol_version = "HTTP/1.1"

        def handle(self) -> None:
            try:
                super().handle()
            except OSError:  # ssl's own errors are OSErrors
                return

        def do_GET(self) -> None:
            server.asked.append(self.path)
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            body = json.dumps(ANSWERS.get(self.path.partition("?")[0], {})).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_GET  # noqa: N815

        def log_message(self, *arguments: object) -> None:
            """Say nothing."""

    return Handler
