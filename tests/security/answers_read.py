"""Reads answers as a browser would: which elements, attributes and addresses they hold, and with which headers."""

from collections.abc import Iterator
from html.parser import HTMLParser

import requests
from tests.security.payloads import MARK

OURS = {"svg", "rect", "path", "circle", "g", "line", "text", "title", "polyline", "polygon", "desc", "defs"}
SCRIPTS = ("static/",)
ADDRESSES = ("href", "src", "action", "formaction", "poster", "data", "srcset", "background", "xlink:href")
POLICY = {"default-src": "'self'", "base-uri": "'none'", "form-action": "'self'", "frame-ancestors": "'self'",
          "object-src": "'none'"}  # fmt: skip


class Elements(HTMLParser):
    """Collects each element with its attributes, and the texts inside of scripts and styles."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[tuple[str, dict[str, str]]] = []
        self.comments: list[str] = []
        self.texts: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, {name: value or "" for name, value in attrs}))

    handle_startendtag = handle_starttag

    def handle_comment(self, data: str) -> None:
        self.comments.append(data)

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def injected(text: str) -> Iterator[str]:
    """What an attacker got into the page: elements, attributes, inline scripts, addresses and comments not ours."""
    page = Elements(text)
    for tag, attributes in page.found:
        if MARK in tag or tag in ("iframe", "object", "embed", "base", "applet", "frame"):
            yield f"<{tag}>"
        if tag == "script" and not attributes.get("src", "").startswith(SCRIPTS):
            yield f"<script {attributes}>"
        if tag == "link" and not attributes.get("href", "").startswith(SCRIPTS):
            yield f"<link {attributes}>"
        if tag == "meta" and attributes.keys() - {"charset", "name", "content"}:
            yield f"<meta {attributes}>"
        for name, value in attributes.items():
            if name.startswith("on") or MARK in name or name in ("style", "srcdoc"):
                yield f"<{tag} {name}={value!r}>"
            if name in ADDRESSES and not is_relative(value):
                yield f"<{tag} {name}={value!r}>"
    yield from (f"<!--{comment}-->" for comment in page.comments if MARK in comment)


def is_relative(address: str) -> bool:
    """Whether an address leads to this server and runs nothing."""
    before_path = address.replace("\t", "").replace("\n", "").strip().partition("?")[0].partition("#")[0]
    return "//" not in before_path[:8] and ":" not in before_path.partition("/")[0] and "\\" not in before_path


def wrong_headers(answer: requests.Response) -> Iterator[str]:
    """What is missing from, or too much in, the headers of an answer."""
    policy = dict(
        part.strip().partition(" ")[::2] for part in answer.headers.get("content-security-policy", "").split(";")
    )
    sandboxed = "sandbox" in policy
    if sandboxed:
        wanted = {"default-src": "'none'", "base-uri": "'none'", "form-action": "'none'", "frame-ancestors": "'self'"}
    else:
        wanted = POLICY
    yield from (f"{name} {policy.get(name)}" for name, value in wanted.items() if policy.get(name) != value)
    if any("unsafe" in policy.get(name, "") for name in ("default-src", "script-src")) or "allow-scripts" in policy.get(
        "sandbox", ""
    ):
        yield f"unsafe policy {policy}"
    fixed = {
        "x-content-type-options": "nosniff",
        "referrer-policy": "same-origin",
        "cross-origin-resource-policy": "same-origin",
    }
    yield from (
        f"{name}: {answer.headers.get(name)}" for name, value in fixed.items() if answer.headers.get(name) != value
    )
    cache = answer.headers.get("cache-control", "")
    if cache != "no-store" and not ("/static/" in answer.url and cache.startswith("private")):
        yield f"cache-control: {cache}"
    if "content-type" not in answer.headers and answer.content:
        yield "no content-type"
    if "text/" in answer.headers.get("content-type", "") and "charset=utf-8" not in answer.headers["content-type"]:
        yield answer.headers["content-type"]
    unwanted = {"access-control-allow-origin", "access-control-allow-credentials", "x-powered-by", "location"}
    yield from (f"{name}: {answer.headers[name]}" for name in unwanted if name in answer.headers)
    if MARK in str({name.lower() for name in answer.headers}) or MARK in answer.headers.get("set-cookie", ""):
        yield f"an attacker's header: {answer.headers}"
