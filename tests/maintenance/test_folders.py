"""Reports and Data Docs live only as long as the settings say; what is not ours is left alone."""

import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from passback.maintenance.folders import delete_data_docs, delete_reports

NOW = datetime.now(UTC)
BEFORE = NOW - timedelta(days=400)


def report(reports: Path, days: int, run_id: str, dag_id: str = "passback_nightly", as_of: str = "") -> Path:
    """A report that was finished so many days ago."""
    at = NOW - timedelta(days=days)
    folder = reports / dag_id / (as_of or at.date().isoformat()) / run_id
    (folder / "schools").mkdir(parents=True)
    summary = {"run_id": run_id, "dag_id": dag_id, "started_at": at.isoformat(), "finished_at": at.isoformat()}
    (folder / "summary.json").write_text(json.dumps(summary), encoding="utf-8")
    (folder / "schools" / "101.csv").write_text("student_number\n", encoding="utf-8")
    return folder


@pytest.mark.parametrize("scheme", ["", "file://"])
def test_reports_go_when_they_are_older_than_their_days(tmp_path: Path, scheme: str) -> None:
    old, young = report(tmp_path, 401, "old"), report(tmp_path, 399, "young")
    later = report(tmp_path, 1, "an old day judged yesterday", as_of=old.parent.name)
    preview = report(tmp_path, 500, "preview", "passback_sync")
    assert delete_reports(f"{scheme}{tmp_path}", BEFORE, dry_run=True) == 2
    assert old.exists()
    assert delete_reports(f"{scheme}{tmp_path}", BEFORE, dry_run=False) == 2
    assert [path.exists() for path in (old, preview, young, later)] == [False, False, True, True]
    assert delete_reports(f"{scheme}{tmp_path}", BEFORE, dry_run=False) == 0


def test_a_day_without_reports_goes_too(tmp_path: Path) -> None:
    old = report(tmp_path, 401, "old")
    delete_reports(str(tmp_path), BEFORE, dry_run=False)
    assert not old.parent.exists()


def test_what_no_run_of_ours_wrote_stays(tmp_path: Path) -> None:
    other_dag = report(tmp_path, 500, "run", "other_dag")
    moved = report(tmp_path, 500, "run").rename(tmp_path / "passback_nightly" / "2020-01-01-kept")
    no_day = report(tmp_path, 500, "run", as_of="kept")
    no_summary = report(tmp_path, 500, "incomplete")
    (no_summary / "summary.json").unlink()
    renamed = report(tmp_path, 500, "first")
    renamed = renamed.rename(renamed.with_name("renamed by hand"))
    elsewhere = report(tmp_path / "elsewhere", 500, "run")
    linked = tmp_path / "passback_nightly" / elsewhere.parent.name
    linked = linked.with_name("2020-02-02")
    linked.symlink_to(elsewhere.parent)
    assert delete_reports(str(tmp_path), BEFORE, dry_run=False) == 0
    assert all(path.exists() for path in (other_dag, moved, no_day, no_summary, renamed, elsewhere, linked))
    assert delete_reports(str(tmp_path / "never written"), BEFORE, dry_run=False) == 0


def test_data_docs_go_by_their_age(tmp_path: Path) -> None:
    for name, days in (("old", 401), ("young", 399)):
        folder = tmp_path / "data_docs" / name
        folder.mkdir(parents=True)
        at = (NOW - timedelta(days=days)).timestamp()
        os.utime(folder, (at, at))
    assert delete_data_docs(tmp_path, BEFORE, dry_run=True) == 1
    assert delete_data_docs(tmp_path, BEFORE, dry_run=False) == 1
    assert [path.name for path in (tmp_path / "data_docs").iterdir()] == ["young"]
    assert delete_data_docs(tmp_path / "no home", BEFORE, dry_run=False) == 0
