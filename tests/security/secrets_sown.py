"""Unmistakable secrets and names, sown where a district's real ones would be, and every form that they could take."""

import base64
import json
import re
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

from passback.local.postgres import USER, Postgres
from sandbox.district import District
from sandbox.server import CLIENT_ID, CONSUMER_KEY, Sandbox

NAMES = {"first": "Zebulonia", "last": "Quackenbush", "mail": "zq@nowhere.example", "comment": "Unverwechselbar"}
# What stands before a credential in a header or an address, whoever it belongs to.
HEADERS = (
    rb"(?i)authorization['\"]?\s*[:=]\s*['\"]?(?:basic|bearer|oauth)\s+[^\s'\"*.<]{8}",
    rb"oauth_signature=",
    rb"(?i)\bbearer [A-Za-z0-9_-]{16}",
    rb"(?i)\bbasic [A-Za-z0-9+/]{16}",
    rb"://[^\s/'\"]+:[^\s/'\"*]+@",
)


@dataclass
class Sown:
    """Secrets by what they are."""

    home: Path
    secrets: dict[str, str] = field(default_factory=dict)

    def into_home(self) -> None:
        """The home's own secrets, before it makes some itself."""
        made = {"password": "admin", "jwt_secret": "jwt", "api_secret": "api"}
        kept = {name: f"{short}-{secrets.token_hex(24)}" for name, short in made.items()}
        kept["fernet_key"] = base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()
        path = self.home / "identity.json"
        path.touch(mode=0o600)
        path.write_text(json.dumps(kept), encoding="utf-8")
        self.secrets |= kept

    def connections(self, box: Sandbox) -> dict[str, str]:
        """The sandbox's connections and one with a password to the home's database, as environment variables."""
        self.secrets |= {
            "otus_token": box.token, "client_secret": box.client_secret, "consumer_secret": box.consumer_secret,
            "database_password": f"db p@ss/{secrets.token_urlsafe(12)}", "basic": f"{CLIENT_ID}:{box.client_secret}",
            "plaintext_signature": f"{box.consumer_secret}&",
        }  # fmt: skip
        return box.connections() | {"AIRFLOW_CONN_PASSBACK_DB": self.database(str(Postgres(self.home).socket_folder))}

    def database(self, host: str, **more: Any) -> str:
        """A connection to a database with the password."""
        fields = {"conn_type": "postgres", "host": host, "login": USER, "password": self.secrets["database_password"]}
        return json.dumps(fields | {"schema": "passback"} | more)

    def forms(self) -> dict[str, bytes]:
        """Each secret and name as it is, and encoded as logs, addresses and headers would have it."""
        forms: dict[str, bytes] = {}
        for name, text in (self.secrets | {f"a name ({key})": value for key, value in NAMES.items()}).items():
            plain = text.encode()
            ways = {
                "": plain, "base64": base64.b64encode(plain), "base64url": base64.urlsafe_b64encode(plain),
                "quoted": quote(text, safe="").encode(), "hex": plain.hex().encode(),
                "in JSON": json.dumps(text)[1:-1].encode(), "backwards": plain[::-1],
            }  # fmt: skip
            forms |= {f"{name} {way}".strip(): value.rstrip(b"=") for way, value in ways.items()}
        return forms


def with_names(district: District) -> District:
    """The district with people's names, addresses and comments in every record that real systems put them in."""
    person = {"name": f"{NAMES['first']} {NAMES['last']}", "first_name": NAMES["first"], "email": NAMES["mail"]}
    for collection in ("users", "students"):
        district.otus[collection] = [_with(record, person) for record in district.otus[collection]]
    district.otus["scores"] = [_with(record, {"comment": NAMES["comment"]}) for record in district.otus["scores"]]
    for section in district.schoology:
        section.enrollments = [
            _with(record, {"name_first": NAMES["first"], "name_last": NAMES["last"], "name_display": person["name"]})
            for record in section.enrollments
        ]
        section.grades = [_with(record, {"comment": NAMES["comment"]}) for record in section.grades]
    return district


def _with(record: bytes, more: dict[str, str]) -> bytes:
    try:
        value = json.loads(record)
    except ValueError:
        return record
    return json.dumps(value | more).encode() if isinstance(value, dict) else record


def found_in(text: bytes, forms: dict[str, bytes]) -> Iterator[str]:
    """Which secrets are in a text, and headers of credentials whoever they belong to."""
    yield from (name for name, form in forms.items() if form in text)
    for pattern in HEADERS:
        if (hit := re.search(pattern, text)) is not None:
            yield f"a credential: {hit[0][:60]!r}"


__all__ = ["CONSUMER_KEY", "NAMES", "Sown", "found_in", "with_names"]
