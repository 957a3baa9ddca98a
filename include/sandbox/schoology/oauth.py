"""Schoology's gate: two-legged OAuth 1.0a, verified by oauthlib's own code (RFC 5849)."""

import time
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from oauthlib.oauth1.rfc5849 import signature

from sandbox.schoology.switches import Switches
from sandbox.wire import Answer, Call

SKEW_SECONDS = 300
REPLAYED = "Duplicate timestamp/nonce combination"
ONCE = ("oauth_consumer_key", "oauth_signature", "oauth_signature_method", "oauth_timestamp", "oauth_nonce")


class _Signed(NamedTuple):
    """What oauthlib verifies: the request as it came in."""

    http_method: str
    uri: str
    params: list[tuple[str, str]]
    signature: str


class Signatures:
    """Who may come in: one consumer key, and each timestamp with a nonce once."""

    def __init__(self, consumer_key: str, consumer_secret: str, switches: Switches) -> None:
        """Guard one app's key and secret."""
        self.consumer_key = consumer_key
        self._secret = consumer_secret
        self._switches = switches
        self._seen: dict[tuple[str, str], float] = {}

    def refusal(self, call: Call, raw_path: str) -> Answer | None:
        """Give the 401 for a request that is not signed as it must be; none for a good one, which is spent by it.

        The timestamp is held against the real clock: a test that sets the server's clock still signs by its own.
        """
        uri = f"http://{call.host}{raw_path}"
        authorization = {"Authorization": call.headers["Authorization"]} if "Authorization" in call.headers else {}
        try:
            params = signature.collect_parameters(
                uri_query=urlsplit(uri).query,
                body=_form_body(call),
                headers=authorization,
                exclude_oauth_signature=False,
            )
        except ValueError:
            return _unauthorised("The OAuth parameters cannot be read")
        said = dict(params)
        missing = [name for name in ONCE if [key for key, _ in params].count(name) != 1 or not said[name]]
        if missing:
            return _unauthorised(f"Missing or repeated {', '.join(missing)}")
        wrong = self._wrong(call, uri, params, said)
        return _unauthorised(wrong) if wrong else self._spend(said["oauth_timestamp"], said["oauth_nonce"])

    def _wrong(self, call: Call, uri: str, params: list[tuple[str, str]], said: dict[str, str]) -> str:
        """Say what is wrong with a request's parameters or signature; empty where nothing is."""
        if said.get("oauth_version", "1.0") != "1.0":
            return "Unknown oauth_version"
        if said.get("oauth_token") or said["oauth_consumer_key"] != self.consumer_key:
            return "Invalid consumer key or token"
        if not said["oauth_timestamp"].isdecimal() or abs(time.time() - int(said["oauth_timestamp"])) > SKEW_SECONDS:
            return "Expired timestamp"
        to_sign = [pair for pair in params if pair[0] != "oauth_signature"]
        signed: Any = _Signed(call.method, uri, to_sign, said["oauth_signature"])
        method = said["oauth_signature_method"]
        if method == "HMAC-SHA1":
            good = signature.verify_hmac_sha1(signed, self._secret, "")
        elif method == "PLAINTEXT" and self._switches.plaintext:
            good = signature.verify_plaintext(signed, self._secret, "")
        else:
            return f"Signature method {method} is not accepted"
        return "" if good else "Invalid signature"

    def _spend(self, timestamp: str, nonce: str) -> Answer | None:
        if (timestamp, nonce) in self._seen:
            return _unauthorised(REPLAYED)
        now = time.time()
        if len(self._seen) > 50_000:
            # What is older than the skew on both sides is refused by its timestamp alone.
            self._seen = {pair: at for pair, at in self._seen.items() if now - at <= 2 * SKEW_SECONDS}
        self._seen[timestamp, nonce] = now
        return None


def _form_body(call: Call) -> str:
    """Give the body where it takes part in the signature: a form's (RFC 5849 §3.4.1.3.1)."""
    form = call.headers.get("Content-Type", "").split(";")[0].strip().lower() == "application/x-www-form-urlencoded"
    return call.body.decode(errors="replace") if form else ""


def _unauthorised(message: str) -> Answer:
    return Answer(401, message.encode(), {"WWW-Authenticate": 'OAuth realm="Schoology API"'}, "text/plain")
