"""Whom a connection may be trusted to: HTTPS wherever the network is not our own, and what a refused certificate means.

Certificates are always verified. Which authorities count is OpenSSL's and requests' own business: `SSL_CERT_FILE`
(PowerSchool) and `REQUESTS_CA_BUNDLE` (Otus, Schoology) name a district's own bundle.
"""

from __future__ import annotations

import ipaddress
import logging
import re
import ssl
from base64 import b64decode
from typing import Any
from urllib.parse import unquote, urlsplit

from passback.errors import Terminal

log = logging.getLogger(__name__)

ADVICE = (
    "Nothing was sent, no credentials either. Where the district's own authority has signed the certificate, name its "
    "bundle in SSL_CERT_FILE and REQUESTS_CA_BUNDLE (docs/settings.md)."
)
# Anything shorter is a word of the header itself.
SHORTEST_SECRET = 8
OWN_SUFFIXES = (".local", ".localhost", ".internal", ".lan", ".home.arpa", ".test")
# What OpenSSL says of a handshake that fails the same way every time, by its name of the reason.
LASTING = {
    "UNSUPPORTED_PROTOCOL": "it offers only versions of TLS older than 1.2",
    "TLSV1_ALERT_PROTOCOL_VERSION": "it offers only versions of TLS older than 1.2",
    "WRONG_VERSION_NUMBER": "it does not speak TLS on this port",
    "HTTP_REQUEST": "it does not speak TLS on this port",
    "SSLV3_ALERT_HANDSHAKE_FAILURE": "it refuses the TLS handshake",
    "TLSV13_ALERT_CERTIFICATE_REQUIRED": "it asks for a certificate of ours",
}


def refusal(error: BaseException) -> str:
    """Why no connection to this server can be trusted until somebody acts; '' for an outage, which may pass."""
    cause = _tls_error(error)
    if isinstance(cause, ssl.SSLCertVerificationError):
        return f"its certificate is not trusted ({(cause.verify_message or 'it cannot be verified').rstrip('.')})"
    return LASTING.get(cause.reason or "", "") if cause is not None else ""


def without_credentials(body: bytes, sent: str | bytes | None) -> bytes:
    """A refusal's body with an ellipsis in place of every credential that its request sent.

    `sent` is the request's `Authorization`. A server, or a proxy before it, may say again what it was told, and its
    words go into logs and reports.
    """
    header = sent.decode("latin-1") if isinstance(sent, bytes) else sent or ""
    words = [word for word in re.split(r'[\s",]+', header) if not word.endswith("=") or not word.startswith("oauth_")]
    forms = {form for word in words for form in (word, unquote(word), unquote(word).rstrip("&="))}
    for word in words[1:] if header[:6].lower() == "basic " else ():
        forms |= set(_decoded(word).split(":", 1))
    for form in sorted((form for form in forms if len(form) >= SHORTEST_SECRET), key=len, reverse=True):
        body = body.replace(form.encode(), "…".encode())
    return body


def _decoded(basic: str) -> str:
    try:
        return b64decode(basic).decode()
    except ValueError:
        return ""


def address(connection_id: str, found: Any) -> str:
    """The base URL of an HTTP connection: scheme (default https), host and port.

    `found` is Airflow's connection; its host may hold the scheme, and the API's `/v1`. Raises Terminal for another
    scheme, a missing host, and plain HTTP to a server on the internet; warns of it inside the district's own network.
    """
    host = (found.host or "").strip()
    if "://" not in host:
        host = f"{found.schema or 'https'}://{host}"
    try:
        parts = urlsplit(host)
        name = parts.hostname
    except ValueError:
        parts, name = urlsplit(""), None
    if parts.scheme not in ("http", "https") or not name:
        raise Terminal(f"The connection `{connection_id}` needs a host, and http or https as schema.")
    if parts.username is not None or parts.password is not None:
        raise Terminal(
            f"The connection `{connection_id}` has credentials in its host: put them into login and password."
        )
    if parts.scheme == "http" and not is_this_machine(name):
        _judge_plain_http(connection_id, name)
    return host.rstrip("/").removesuffix("/v1") + (f":{found.port}" if found.port else "")


def is_this_machine(name: str) -> bool:
    """Whether the host is a loopback one, by its name alone."""
    literal = _ip(name)
    return literal.is_loopback if literal is not None else name == "localhost" or name.endswith(".localhost")


def is_own_network(name: str) -> bool:
    """Whether the host can only be inside the district's own network, by its name alone: nothing is looked up."""
    literal = _ip(name)
    if literal is not None:
        return literal.is_private or literal.is_link_local
    return "." not in name or name.endswith(OWN_SUFFIXES)


def _judge_plain_http(connection_id: str, name: str) -> None:
    if not is_own_network(name):
        raise Terminal(
            f"The connection `{connection_id}` leads to {name} by plain http, which shows credentials and scores to "
            "everybody on the way: use https as schema."
        )
    log.warning(
        "The connection `%s` leads to %s by plain http: whoever can listen in the district's network sees credentials "
        "and scores. Use https as schema.", connection_id, name,
    )  # fmt: skip


def _ip(name: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(name)
    except ValueError:
        return None


def _tls_error(error: BaseException) -> ssl.SSLError | None:
    """The error of the ssl module inside what an HTTP library raised."""
    waiting: list[Any] = [error]
    seen: set[int] = set()
    while waiting:
        found = waiting.pop(0)
        if not isinstance(found, BaseException) or id(found) in seen:
            continue
        seen.add(id(found))
        if type(found).__module__ in ("ssl", "_ssl") and isinstance(found, ssl.SSLError):
            return found
        inner = [getattr(found, name, None) for name in ("reason", "certificate_error", "os_error", "_os_error")]
        waiting += [*inner, *found.args, found.__cause__, found.__context__]
    return None
