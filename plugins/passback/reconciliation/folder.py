"""The folder of a run's report: where it is, and how a report gets there whole and never over an older one."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import quote

PREVIOUS = "previous"
LAST_FILE = "summary.json"
LONGEST_NAME = 200


def report_folder(reports: str, dag_id: str, as_of: date, run_id: str) -> Any:
    """The folder `<reports>/<dag_id>/<as_of>/<run_id>`: a `Path`, or an `ObjectStoragePath` of a URL."""
    return root(reports) / safe_name(dag_id) / as_of.isoformat() / safe_name(run_id)


def root(reports: str) -> Any:
    """The report path itself, local or in an object store (`s3://connection@bucket/reports`)."""
    if "://" not in reports:
        return Path(reports).expanduser().absolute()
    from airflow.sdk import ObjectStoragePath

    return ObjectStoragePath(reports)


def safe_name(name: str) -> str:
    """`name` as one part of a path: what could leave the folder is percent-encoded, distinct names stay distinct."""
    safe = quote(name, safe=":+@,= ")
    if safe.strip(".") == "":
        safe = safe.replace(".", "%2E") or "%"
    if len(safe) > LONGEST_NAME:
        safe = f"{safe[:LONGEST_NAME]}-{hashlib.sha256(name.encode()).hexdigest()[:16]}"
    return safe


@contextmanager
def writing(target: Any) -> Iterator[Path]:
    """A local folder to write the report into; at a good end it is moved to `target` whole.

    What is in `target` already moves to `target/previous/<n>`. An error leaves `target` as it was.
    """
    local = isinstance(target, Path)
    if local:
        target.parent.mkdir(parents=True, exist_ok=True)
        _recover(target)
    prefix = f".{target.name}.new-"
    for abandoned in target.parent.glob(f"{prefix}*") if local else ():
        shutil.rmtree(abandoned)
    draft = Path(tempfile.mkdtemp(prefix=prefix if local else "passback-report-", dir=target.parent if local else None))
    try:
        draft.chmod(0o755)
        yield draft
        if local:
            _swap(draft, target)
        else:
            _upload(draft, target)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _swap(draft: Path, target: Path) -> None:
    """Puts `draft` in the place of `target`, whose files it takes along as links under `previous/<n>`."""
    if not target.exists():
        draft.rename(target)
        return
    older = target / PREVIOUS
    if older.exists():
        shutil.copytree(older, draft / PREVIOUS, copy_function=_link)
    number = 1 + max((int(path.name) for path in older.glob("*") if path.name.isdigit()), default=0)
    kept = draft / PREVIOUS / str(number)
    shutil.copytree(target, kept, copy_function=_link, ignore=lambda at, _: {PREVIOUS} if at == str(target) else set())
    aside = _aside(target)
    target.rename(aside)
    draft.rename(target)
    shutil.rmtree(aside)


def _recover(target: Path) -> None:
    """Ends a move that a kill cut in two: without a report in place, the one moved aside comes back."""
    aside = _aside(target)
    if not aside.exists():
        return
    if target.exists():
        shutil.rmtree(aside)
    else:
        aside.rename(target)


def _aside(target: Path) -> Path:
    return target.with_name(f".{target.name}.old")


def _link(source: str, destination: str) -> None:
    try:
        os.link(source, destination)
    except OSError:  # a file system without links
        shutil.copy2(source, destination)


def _upload(draft: Path, target: Any) -> None:
    """Copies `draft` to an object store, its summary last: where that is, the report is whole."""
    held = [path for path in _files(target) if path.relative_to(target).parts[0] != PREVIOUS] if target.exists() else []
    if held:
        older = target / PREVIOUS
        taken = [int(path.name) for path in older.iterdir() if path.name.isdigit()] if older.exists() else []
        kept = older / str(1 + max(taken, default=0))
        for path in held:
            _move(path, kept / str(path.relative_to(target)))
    for path in sorted(_files(draft), key=lambda path: path.name == LAST_FILE):
        to = target / path.relative_to(draft).as_posix()
        to.parent.mkdir(parents=True, exist_ok=True)
        with path.open("rb") as source, to.open("wb") as sink:
            shutil.copyfileobj(source, sink)


def _move(path: Any, to: Any) -> None:
    to.parent.mkdir(parents=True, exist_ok=True)
    with path.open("rb") as source, to.open("wb") as sink:
        shutil.copyfileobj(source, sink)
    path.unlink()


def _files(folder: Any) -> list[Any]:
    found: list[Any] = []
    for path in folder.iterdir():
        found.extend(_files(path) if path.is_dir() else [path])
    return found
