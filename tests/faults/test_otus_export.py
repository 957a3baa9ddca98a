"""Otus's export files, torn or made to harm: refused whole with the reason, and the next one is taken in."""

import gzip
import json
import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.faults.otus_source import OtusSource, scores
from tests.sources import otus_world as otus
from tests.sources.test_otus_files import seal

from passback.errors import Terminal
from passback.sources.otus import export as module

SCORES = "scores.jsonl.gz"


def replaced(folder: Path, stored: bytes, rows: int = 3) -> None:
    """The file of scores with other bytes, which the manifest seals."""
    (folder / SCORES).unlink()
    (folder / SCORES).write_bytes(stored)
    seal(folder, SCORES)
    otus.edit_manifest(folder, SCORES, rows=rows)


def leads_out(folder: Path) -> None:
    elsewhere = folder.parent / "elsewhere.gz"
    elsewhere.write_bytes((folder / SCORES).read_bytes())
    (folder / SCORES).unlink()
    (folder / SCORES).symlink_to(elsewhere)


def leads_nowhere(folder: Path) -> None:
    (folder / SCORES).unlink()
    (folder / SCORES).symlink_to(folder / "nothing.gz")


def pipe(folder: Path) -> None:
    (folder / SCORES).unlink()
    os.mkfifo(folder / SCORES)


def manifest_leads_out(folder: Path) -> None:
    elsewhere = folder.parent / "elsewhere.json"
    (folder / "manifest.json").rename(elsewhere)
    (folder / "manifest.json").symlink_to(elsewhere)


def manifest_without_end(folder: Path) -> None:
    (folder / "manifest.json").write_bytes(b" " * (2 << 20))


def climbs(folder: Path) -> None:
    """The manifest names files beside the folder, which are there."""
    (folder.parent / SCORES).write_bytes((folder / SCORES).read_bytes())
    manifest = json.loads((folder / "manifest.json").read_text())
    for name in (f"../{SCORES}", str(folder.parent / SCORES), f"x/../../{SCORES}"):
        manifest["files"][name] = manifest["files"][SCORES]
    del manifest["files"][SCORES]
    (folder / SCORES).unlink()
    (folder / "manifest.json").write_text(json.dumps(manifest))


def one_line_without_end(folder: Path) -> None:
    replaced(folder, gzip.compress(b'{"id":"' + b"a" * (40 << 20)))


def blank_lines_without_end(folder: Path) -> None:
    replaced(folder, gzip.compress(b"\n" * (3 << 20)))


def more_lines_than_declared(folder: Path) -> None:
    line = otus.encoded(otus.record("scores")) + b"\n"
    replaced(folder, gzip.compress(line * 60_000))


def torn(folder: Path) -> None:
    """As of an exporter that is still writing: the sum is of the whole file."""
    stored = (folder / SCORES).read_bytes()
    (folder / SCORES).write_bytes(stored[: len(stored) // 2])


def torn_and_plain(folder: Path) -> None:
    (folder / SCORES).unlink()
    lines = b"".join(otus.encoded(each) + b"\n" for each in scores(3))
    (folder / "scores.jsonl").write_bytes(lines[:-30])
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["files"]["scores.jsonl"] = manifest["files"].pop(SCORES)
    (folder / "manifest.json").write_text(json.dumps(manifest))


FAULTS: list[tuple[Callable[[Path], None], str]] = [
    (leads_out, r"scores\.jsonl\.gz is no file of this folder"),
    (leads_nowhere, r"scores\.jsonl\.gz is no file of this folder"),
    (pipe, r"scores\.jsonl\.gz is no file of this folder"),
    (manifest_leads_out, r"manifest\.json is no file of this folder"),
    (manifest_without_end, r"manifest\.json is larger than any manifest"),
    (climbs, r"scores\.jsonl\.gz, .* is missing"),
    (one_line_without_end, r"scores\.jsonl\.gz has a line of over 4 MB"),
    (blank_lines_without_end, r"scores\.jsonl\.gz has the SHA-256|scores\.jsonl\.gz has 0 rows"),
    (more_lines_than_declared, r"scores\.jsonl\.gz has at least [0-9,]+ rows, the manifest declares 3"),
    (torn, r"scores\.jsonl\.gz cannot be read to its end"),
    (torn_and_plain, r"scores\.jsonl has the SHA-256"),
]


@pytest.fixture
def export(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An export of three scores, which the connection points to."""
    folder = otus.write_export(tmp_path / "otus", otus.world(scores=scores(3)))
    monkeypatch.setenv("AIRFLOW_CONN_OTUS", json.dumps({"conn_type": "file", "extra": {"path": str(folder)}}))
    return folder


@pytest.mark.parametrize(("break_it", "message"), FAULTS)
def test_a_broken_export_is_refused_in_time_and_the_next_one_is_taken_in(
    break_it: Callable[[Path], None], message: str, otus_source: OtusSource, export: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(module, "LONGEST_LINE", 4 << 20)
    break_it(export)
    started = time.monotonic()
    with pytest.raises(Terminal, match=message):
        otus_source.extract()
    assert time.monotonic() - started < 20
    assert otus_source.points() == {}
    for file in export.iterdir():
        file.unlink()
    otus.write_export(export, otus.world(scores=scores(3)))
    otus_source.extract()
    assert len(otus_source.points()) == 3


def test_links_inside_the_folder_are_its_own_files(otus_source: OtusSource, export: Path) -> None:
    (export / "data").mkdir()
    (export / SCORES).rename(export / "data" / SCORES)
    (export / SCORES).symlink_to(Path("data") / SCORES)
    otus_source.extract()
    assert len(otus_source.points()) == 3


def test_an_export_of_a_wrong_clock_does_not_keep_out_those_that_follow(otus_source: OtusSource, export: Path) -> None:
    otus.write_export(export, otus.world(scores=scores(3)), at="2199-01-01T00:00:00Z")
    otus_source.extract()
    soon = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 3600))
    otus.write_export(export, otus.world(scores=scores(4)), at=soon)
    otus_source.extract()
    assert len(otus_source.points()) == 4
