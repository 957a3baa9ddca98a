"""Otus's other transport: a folder of JSON lines with a manifest."""

import gzip
import hashlib
import json
from pathlib import Path

from sandbox.otus.content import Content, stamp


def export_files(
    content: Content,
    folder: Path,
    *,
    compressed: bool = True,
    full: bool = True,
    since: int | None = None,
    extra_lines: dict[str, list[str]] | None = None,
) -> Path:
    """Write every collection and `manifest.json`; gives the manifest's path.

    `since` (milliseconds) leaves out what was not touched since; `extra_lines` adds lines that are no JSON, which the
    manifest counts and seals like all others.
    """
    folder.mkdir(parents=True, exist_ok=True)
    files = {}
    for name, collection in content.collections.items():
        records = [
            record
            for place, record in enumerate(collection.records)
            if since is None or collection.touched[place] >= since
        ]
        lines = records + [line.encode() for line in (extra_lines or {}).get(name, [])]
        data = b"".join(line + b"\n" for line in lines)
        file_name = f"{name}.jsonl.gz" if compressed else f"{name}.jsonl"
        stored = gzip.compress(data, compresslevel=1, mtime=0) if compressed else data
        (folder / file_name).write_bytes(stored)
        files[file_name] = {"rows": len(lines), "sha256": hashlib.sha256(stored).hexdigest()}
    manifest = folder / "manifest.json"
    manifest.write_text(json.dumps({"exported_at": stamp(content.now()), "full": full, "files": files}, indent=1))
    return manifest
