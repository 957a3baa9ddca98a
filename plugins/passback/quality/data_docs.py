"""Data Docs as plain pages: Great Expectations' own, without what they would load from elsewhere, and a front page.

Its pages ask five networks for scripts and styles; nothing here may, and they say everything without.
"""

from __future__ import annotations

import html
import json
import re
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

SITE = "passback"

_VERDICT = "verdict.json"
_ELSEWHERE = re.compile(r"<script\b.*?</script>|<(?:link|img)\b[^>]*>", re.DOTALL | re.IGNORECASE)
_STYLE = (
    "<style>body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:60rem;padding:0 1rem;color:#222}"
    "table{border-collapse:collapse}td,th{padding:.3rem .6rem;border-bottom:1px solid #ddd;text-align:left;"
    "vertical-align:top}pre,code{white-space:pre-wrap}svg,.alert{display:none}"
    ".good{color:#176b2c}.bad{color:#a31515}</style>"
)


def site_of(folder: Path) -> dict[str, Any]:
    """Great Expectations' settings of a site in a folder."""
    return {
        "class_name": "SiteBuilder",
        "show_how_to_buttons": False,
        "store_backend": {"class_name": "TupleFilesystemStoreBackend", "base_directory": str(folder)},
        "site_index_builder": {"class_name": "DefaultSiteIndexBuilder"},
    }


def keep(docs: Path, gate: str, lines: Sequence[str]) -> None:
    """Makes the pages of one gate plain, and writes the front page of all gates of the run again."""
    folder = docs / gate
    for page in folder.rglob("*.html"):
        plain = _ELSEWHERE.sub("", page.read_text(encoding="utf-8"))
        page.write_text(plain.replace("</head>", f"{_STYLE}</head>", 1), encoding="utf-8")
    shutil.rmtree(folder / "static", ignore_errors=True)
    # Its index is filled in by a script.
    (folder / "index.html").unlink(missing_ok=True)
    (folder / _VERDICT).write_text(json.dumps(list(lines), ensure_ascii=False), encoding="utf-8")
    (docs / "index.html").write_text(_front(docs), encoding="utf-8")


def _front(docs: Path) -> str:
    parts = "".join(_part(docs, verdict.parent) for verdict in sorted(docs.glob(f"*/{_VERDICT}")))
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Quality gate</title>{_STYLE}</head>'
        f"<body><h1>Quality gate: {html.escape(docs.name)}</h1>{parts}</body></html>"
    )


def _part(docs: Path, folder: Path) -> str:
    lines = json.loads((folder / _VERDICT).read_text(encoding="utf-8"))
    kind, verdict = ("bad", "refused") if lines else ("good", "passed")
    wrong = "".join(f"<li>{html.escape(line)}</li>" for line in lines)
    pages = "".join(
        f'<li><a href="{html.escape(str(page.relative_to(docs)))}">{html.escape(page.stem)}</a></li>'
        for page in sorted(folder.glob("validations/**/*.html"))
    )
    return (
        f'<h2 class="{kind}">{html.escape(folder.name)}: {verdict}</h2>'
        f"<ul>{wrong}</ul><p>What was checked:</p><ul>{pages}</ul>"
    )
