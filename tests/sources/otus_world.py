"""A tiny Otus for tests: good objects to start from, an export writer, and a look into staging."""

import gzip
import hashlib
import json
from pathlib import Path
from typing import Any

import psycopg
from psycopg.rows import dict_row

from sandbox.district import OTUS_COLLECTIONS, District

AT = "2026-10-01T12:00:00Z"
TOKEN = "a-token"

GOOD: dict[str, dict[str, Any]] = {
    "users": {"role": "teacher", "sis_id": "08301", "groups": ['PowerSchool "Gradebook" Passback', "a\\b"]},
    "students": {"sis_id": "0100001"},
    "classes": {"name": "Algebra", "school_id": "101", "sis_section_id": "85001", "teacher_ids": ["u1"]},
    "assessments": {
        "identifier": "S130545", "title": "Unit 3\ttest", "kind": "assessment", "assessment_type": "Quiz",
        "grading_scale": "points", "points_possible": 12, "created_at": AT,
    },
    "assignments": {
        "assessment_id": "e1", "class_id": "c1", "assigned_by": "u1", "assigned_at": AT, "due_date": "2026-10-08",
        "submission_date": None, "include_in_final_grade": True,
    },
    "scores": {
        "assignment_id": "a1", "student_id": "s1", "status": "graded", "points": 9.5, "excluded": False,
        "excused": False, "missing": False,
    },
}  # fmt: skip
IDS = {"users": "u1", "students": "s1", "classes": "c1", "assessments": "e1", "assignments": "a1", "scores": "r1"}


def record(collection: str, **changes: Any) -> dict[str, Any]:
    """A good object of the collection, changed; a field given as `...` is left out."""
    whole = {"id": IDS[collection], "updated_at": AT, "deleted": False, **GOOD[collection], **changes}
    return {name: value for name, value in whole.items() if value is not ...}


def world(**collections: list[Any]) -> dict[str, list[Any]]:
    """One good object of every collection; the collections that are given take the place of theirs."""
    return {name: collections.get(name, [record(name)]) for name in OTUS_COLLECTIONS}


def encoded(value: Any) -> bytes:
    """A line or an array's element: bytes are taken as they are."""
    return value if isinstance(value, bytes) else json.dumps(value).encode()


def district(objects: dict[str, list[Any]]) -> District:
    """A district with nothing but these objects in Otus."""
    otus = {name: [encoded(each) for each in objects.get(name, [])] for name in OTUS_COLLECTIONS}
    return District([], [], [], [], [], [], [], otus=otus)


def write_export(
    folder: Path, objects: dict[str, list[Any]], *, at: str = AT, full: bool = True, compressed: bool = True
) -> Path:
    """The objects as export files with a true manifest."""
    folder.mkdir(parents=True, exist_ok=True)
    files = {}
    for name in OTUS_COLLECTIONS:
        data = b"".join(encoded(each) + b"\n" for each in objects.get(name, []))
        stored = gzip.compress(data) if compressed else data
        file = f"{name}.jsonl.gz" if compressed else f"{name}.jsonl"
        (folder / file).write_bytes(stored)
        files[file] = {"rows": len(objects.get(name, [])), "sha256": hashlib.sha256(stored).hexdigest()}
    (folder / "manifest.json").write_text(json.dumps({"exported_at": at, "full": full, "files": files}))
    return folder


def edit_manifest(folder: Path, file: str, **changes: Any) -> None:
    """Changes what the manifest says of one file."""
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["files"][file].update(changes)
    (folder / "manifest.json").write_text(json.dumps(manifest))


def select(uri: str, statement: str, *parameters: object) -> list[dict[str, Any]]:
    """The rows of a query, each a dict."""
    with psycopg.connect(uri, row_factory=dict_row, options="-c timezone=UTC") as connection:
        return connection.execute(statement.encode(), parameters).fetchall()


def new_run(uri: str, name: str = "night") -> int:
    """A run to extract for."""
    return int(
        select(
            uri,
            "insert into passback.run (dag_id, run_id, as_of, dry_run, parameters, settings, sources, year_first_day, "
            "year_last_day) values ('passback_nightly', %s || gen_random_uuid(), '2026-10-15', false, '{}', '{}', "
            "'{otus}', '2026-07-01', '2027-06-30') returning run_key",
            name,
        )[0]["run_key"]
    )
