"""Otus from export files: the manifest is believed only where the files bear it out."""

import datetime as dt
import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.sources import otus_world as otus
from tests.sources.conftest import Extract

from passback.errors import Terminal

STAGED = "select id, deleted, invalid, seq from staging.otus_score order by id"


def seal(folder: Path, file: str) -> None:
    """Makes the manifest true again for a file that was written over, but for its rows."""
    otus.edit_manifest(folder, file, sha256=hashlib.sha256((folder / file).read_bytes()).hexdigest())


def test_a_whole_export_reaches_staging(database_uri: str, export: Path, extract: Extract) -> None:
    counts = extract()
    assert (counts["transport"], counts["full"], counts["cursor_moved"]) == ("files", True, False)
    assert counts["collections"] == {name: {"declared": 1, "received": 1, "quarantined": 0} for name in otus.IDS}
    (score,) = otus.select(database_uri, "select * from staging.otus_score")
    assert score == {
        "id": "r1", "seq": counts["seq"], "updated_at": dt.datetime(2026, 10, 1, 12, tzinfo=dt.UTC), "deleted": False,
        "invalid": None, "assignment_id": "a1", "student_id": "s1", "status": "graded", "points": 9.5,
        "excluded": False,
    }  # fmt: skip
    (user,) = otus.select(database_uri, "select role, sis_id, groups from staging.otus_user")
    assert user == {"role": "teacher", "sis_id": "8301", "groups": ['PowerSchool "Gradebook" Passback', "a\\b"]}
    (assessment,) = otus.select(database_uri, "select title, points_possible from staging.otus_assessment")
    assert assessment == {"title": "Unit 3\ttest", "points_possible": 12.0}


def test_the_run_and_the_extraction_tell_what_was_read(database_uri: str, export: Path, extract: Extract) -> None:
    counts = extract()
    (run,) = otus.select(database_uri, "select source, seq, state from passback.run_source")
    assert run == {"source": "otus", "seq": counts["seq"], "state": "read"}
    (extraction,) = otus.select(database_uri, "select * from passback.extraction")
    assert (extraction["transport"], extraction["full_listing"]) == ("files", True)
    assert extraction["source_time"] == dt.datetime(2026, 10, 1, 12, tzinfo=dt.UTC)
    assert extraction["finished_at"] is not None
    declared = otus.select(database_uri, "select declared, received, quarantined from passback.extraction_count")
    assert declared == [{"declared": 1, "received": 1, "quarantined": 0}] * 6


def test_plain_files_do_as_well(database_uri: str, tmp_path: Path, extract: Extract, export: Path) -> None:
    for file in export.iterdir():
        file.unlink()
    otus.write_export(export, otus.world(), compressed=False)
    assert extract()["collections"]["scores"]["received"] == 1


@pytest.mark.parametrize("scheme", ["", "file://"])
def test_a_local_folder_is_named_with_or_without_a_scheme(
    scheme: str, export: Path, extract: Extract, monkeypatch: pytest.MonkeyPatch
) -> None:
    connection = {"conn_type": "file", "extra": {"path": f"{scheme}{export}/"}}
    monkeypatch.setenv("AIRFLOW_CONN_OTUS", json.dumps(connection))
    assert extract()["collections"]["users"]["received"] == 1


def drop_file(folder: Path) -> None:
    (folder / "scores.jsonl.gz").unlink()


def add_file(folder: Path) -> None:
    (folder / "scores.jsonl").write_text("")


def drop_entry(folder: Path) -> None:
    manifest = json.loads((folder / "manifest.json").read_text())
    del manifest["files"]["users.jsonl.gz"]
    (folder / "users.jsonl.gz").unlink()
    (folder / "manifest.json").write_text(json.dumps(manifest))


def name_twice(folder: Path) -> None:
    (folder / "scores.jsonl").write_text("")
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["files"]["scores.jsonl"] = {"rows": 0, "sha256": hashlib.sha256(b"").hexdigest()}
    (folder / "manifest.json").write_text(json.dumps(manifest))


def cut(folder: Path) -> None:
    stored = (folder / "scores.jsonl.gz").read_bytes()
    (folder / "scores.jsonl.gz").write_bytes(stored[:-9])
    seal(folder, "scores.jsonl.gz")


def garble(folder: Path) -> None:
    (folder / "scores.jsonl.gz").write_bytes(b"not gzip at all")
    seal(folder, "scores.jsonl.gz")


def no_manifest(folder: Path) -> None:
    (folder / "manifest.json").unlink()


FAULTS: list[tuple[Callable[[Path], None], str]] = [
    (lambda folder: otus.edit_manifest(folder, "scores.jsonl.gz", rows=2), r"scores\.jsonl\.gz has 1 rows.*declares 2"),
    (
        lambda folder: otus.edit_manifest(folder, "users.jsonl.gz", sha256="0" * 64),
        r"users.* SHA-256 [0-9a-f]{64}, .*declares 0{64}",
    ),
    (drop_file, r"scores\.jsonl\.gz is missing; the manifest declares scores\.jsonl\.gz with 1 rows"),
    (add_file, r"scores\.jsonl is not in the manifest"),
    (drop_entry, r"names no file of the collection users"),
    (name_twice, r"names both scores\.jsonl and scores\.jsonl\.gz for the collection scores"),
    (cut, r"scores\.jsonl\.gz cannot be read to its end"),
    (garble, r"scores\.jsonl\.gz cannot be read to its end"),
    (no_manifest, r"manifest\.json is not there.*`path`"),
    (lambda folder: otus.edit_manifest(folder, "scores.jsonl.gz", rows="1"), r"manifest\.json cannot be understood"),
    (lambda folder: (folder / "manifest.json").write_text("{"), r"manifest\.json cannot be understood.*not JSON"),  # type: ignore[list-item]
]


@pytest.mark.parametrize(("break_it", "message"), FAULTS)
def test_an_export_that_is_not_what_it_declares_is_refused_whole(
    break_it: Callable[[Path], Any], message: str, database_uri: str, export: Path, extract: Extract
) -> None:
    break_it(export)
    with pytest.raises(Terminal, match=message):
        extract()
    assert otus.select(database_uri, STAGED) == []
    assert otus.select(database_uri, "select * from staging.otus_user") == []
    assert otus.select(database_uri, "select * from passback.extraction") == []


def test_a_bad_line_is_quarantined_where_it_stands(database_uri: str, export: Path, extract: Extract) -> None:
    lines = [otus.record("scores", id="r1"), b"", b"half a line {", otus.record("scores", id="r2", points="x")]
    otus.write_export(export, otus.world(scores=lines))
    otus.edit_manifest(export, "scores.jsonl.gz", rows=3)
    counts = extract()
    assert counts["collections"]["scores"] == {"declared": 3, "received": 3, "quarantined": 2}
    quarantine = otus.select(database_uri, "select * from staging.quarantine order by quarantine_id")
    assert [(q["place"], q["source_id"], q["field"], q["found_type"]) for q in quarantine] == [
        ("scores.jsonl.gz line 3", "", "", "not JSON"),
        ("scores.jsonl.gz line 4", "r2", "points", "text"),
    ]
    assert {q["collection"] for q in quarantine} == {"scores"}
    (bad,) = otus.select(database_uri, "select * from staging.otus_score where invalid is not null")
    assert (bad["id"], bad["assignment_id"], bad["points"], bad["updated_at"]) == ("r2", "a1", None, None)
    assert bad["invalid"] == quarantine[1]["reason"]


def test_blocks_end_where_lines_end(
    export: Path, extract: Extract, database_uri: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from passback.sources.otus import export as module

    monkeypatch.setattr(module, "BLOCK_BYTES", 100)
    scores: list[Any] = [otus.record("scores", id=f"r{number:03}") for number in range(60)]
    scores[41] = b"{"
    otus.write_export(export, otus.world(scores=scores))
    assert extract()["collections"]["scores"] == {"declared": 60, "received": 60, "quarantined": 1}
    assert otus.select(database_uri, "select place from staging.quarantine")[0]["place"] == "scores.jsonl.gz line 42"
    assert len(otus.select(database_uri, STAGED)) == 59


def test_a_byte_order_mark_and_windows_line_ends_do_no_harm(export: Path, extract: Extract) -> None:
    lines = otus.world(users=[b"\xef\xbb\xbf" + otus.encoded(otus.record("users")) + b"\r"])
    otus.write_export(export, lines)
    assert extract()["collections"]["users"] == {"declared": 1, "received": 1, "quarantined": 0}


def test_a_full_export_marks_as_deleted_what_it_lacks(database_uri: str, export: Path, extract: Extract) -> None:
    both = [otus.record("scores", id="r1"), otus.record("scores", id="r2", points="bad")]
    otus.write_export(export, otus.world(scores=both))
    first = extract()
    otus.write_export(export, otus.world(scores=both[:1]), at="2026-10-02T12:00:00Z")
    second = extract()
    assert otus.select(database_uri, STAGED) == [
        {"id": "r1", "deleted": False, "invalid": None, "seq": first["seq"]},
        {"id": "r2", "deleted": True, "invalid": None, "seq": second["seq"]},
    ]
    assert otus.select(database_uri, "select * from staging.quarantine") == []
    otus.write_export(export, otus.world(scores=both), at="2026-10-03T12:00:00Z")
    extract()
    assert [row["deleted"] for row in otus.select(database_uri, STAGED)] == [False, False]


def test_a_partial_export_deletes_nothing(database_uri: str, export: Path, extract: Extract) -> None:
    extract()
    otus.write_export(export, {"users": []}, at="2026-10-02T12:00:00Z", full=False)
    assert extract()["full"] is False
    assert [row["deleted"] for row in otus.select(database_uri, STAGED)] == [False]


def test_an_older_export_is_refused(database_uri: str, export: Path, extract: Extract) -> None:
    extract()
    extract()
    otus.write_export(export, otus.world(scores=[]), at="2026-09-30T12:00:00Z")
    with pytest.raises(Terminal, match=r"export of 2026-09-30 12:00:00 UTC is older .*2026-10-01 12:00:00 UTC"):
        extract()
    assert [row["deleted"] for row in otus.select(database_uri, STAGED)] == [False]


def test_a_file_connection_without_a_path_is_told(extract: Extract, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRFLOW_CONN_OTUS", '{"conn_type": "file"}')
    with pytest.raises(Terminal, match=r"connection `otus`.*path"):
        extract()


def test_a_missing_connection_is_told(extract: Extract, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AIRFLOW_CONN_OTUS", raising=False)
    with pytest.raises(Terminal, match="no Airflow connection `otus`"):
        extract()
