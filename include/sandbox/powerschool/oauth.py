"""PowerSchool's tokens: given for client credentials, good for a time, and revocable at once."""

import base64
import binascii
import secrets
import time

from sandbox.powerschool import errors
from sandbox.powerschool.switches import Switches
from sandbox.wire import Answer, Call, Refusal, json_answer


class Tokens:
    """The tokens that are good now."""

    def __init__(self, client_id: str, client_secret: str, switches: Switches) -> None:
        """Know one plugin by its credentials."""
        self.client_id = client_id
        self.client_secret = client_secret
        self.switches = switches
        self._good_until: dict[str, float] = {}

    def give(self, call: Call) -> Answer:
        """Give a token for the plugin's credentials; `expires_in` is a text of seconds, as the real server sends it."""
        if not self._is_client(call.headers.get("Authorization", "")):
            return json_answer({"error": "invalid_client"}, 401)
        if b"grant_type=client_credentials" not in call.body:
            return json_answer({"error": "unsupported_grant_type"}, 400)
        token = secrets.token_hex(16)
        self._good_until[token] = time.monotonic() + self.switches.token_seconds
        expires = str(self.switches.token_seconds)
        return json_answer({"access_token": token, "token_type": "Bearer", "expires_in": expires})

    def _is_client(self, authorization: str) -> bool:
        scheme, _, encoded = authorization.partition(" ")
        try:
            given = base64.b64decode(encoded, validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            return False
        return scheme.lower() == "basic" and secrets.compare_digest(given, f"{self.client_id}:{self.client_secret}")

    def check(self, call: Call) -> Refusal | None:
        """Refuse a call whose token is missing, expired or revoked."""
        scheme, _, token = call.headers.get("Authorization", "").partition(" ")
        good = scheme.lower() == "bearer" and time.monotonic() < self._good_until.get(token, 0.0)
        return None if good and not self.switches.lasting_401 else errors.unauthorised()

    def revoke(self) -> int:
        """Revoke every token now; gives how many."""
        count = len(self._good_until)
        self._good_until.clear()
        return count
