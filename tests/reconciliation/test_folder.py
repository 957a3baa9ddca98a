"""Where a report goes, and that it gets there whole and never over an older one."""

from pathlib import Path

import pytest
from tests.reconciliation.world import DAY, World

from passback.reconciliation import report_folder
from passback.reconciliation.folder import safe_name, writing


def test_a_report_stands_under_its_dag_its_day_and_its_run(world: World) -> None:
    run = world.run(run_id="manual__2026-10-15T07:00:00+00:00")
    report = world.reconcile(run)
    assert report.folder == world.reports / "passback_nightly" / "2026-10-15" / "manual__2026-10-15T07:00:00+00:00"
    assert report.folder == report_folder(
        str(world.reports), "passback_nightly", DAY, "manual__2026-10-15T07:00:00+00:00"
    )
    assert sorted(path.name for path in report.folder.iterdir()) == [
        "quarantine.csv", "reconciliation.csv", "reconciliation.html", "schools", "summary.json",
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["../x", "a/b", "..", ".", "", "a\\b\0", "x" * 400, "…" * 100])
def test_a_run_id_never_leaves_its_folder(name: str, tmp_path: Path) -> None:
    folder = report_folder(str(tmp_path), "passback_nightly", DAY, name)
    assert folder.resolve().parent == tmp_path / "passback_nightly" / "2026-10-15"
    assert len(folder.name.encode()) < 250


def test_distinct_runs_have_distinct_folders() -> None:
    names = ["a/b", "a_b", "a%2Fb", "..", "%2E%2E", "", "%", "x" * 400, "x" * 401]
    assert len({safe_name(name) for name in names}) == len(names)


def test_an_older_report_of_the_same_run_is_kept_whole(world: World) -> None:
    run = world.run()
    world.item(run, "A1", "OPTED_OUT")
    first = world.reconcile(run).folder / "summary.json"
    texts = [first.read_text()]
    for number in (1, 2):
        world.item(run, f"B{number}", "OPTED_OUT")
        report = world.reconcile(run)
        kept = report.folder / "previous" / str(number)
        assert (kept / "summary.json").read_text() == texts[-1]
        assert (kept / "schools" / "101.csv").exists()
        assert not (kept / "previous").exists()
        texts.append(first.read_text())
    assert (report.folder / "previous" / "1" / "summary.json").read_text() == texts[0]
    assert [path.name for path in report.folder.parent.iterdir()] == [report.folder.name]


def test_a_report_that_fails_leaves_the_older_one_in_place(tmp_path: Path) -> None:
    target = tmp_path / "run"
    with writing(target) as draft:
        (draft / "summary.json").write_text("old")
    with pytest.raises(OSError, match="no space"), writing(target) as draft:
        (draft / "summary.json").write_text("new")
        raise OSError("no space")
    assert (target / "summary.json").read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


def test_a_move_that_was_killed_half_way_is_mended(tmp_path: Path) -> None:
    target = tmp_path / "run"
    for name in (".run.old", ".run.new-killed"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "summary.json").write_text(name)
    with writing(target) as draft:
        (draft / "summary.json").write_text("new")
    assert (target / "summary.json").read_text() == "new"
    assert (target / "previous" / "1" / "summary.json").read_text() == ".run.old"
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


def test_a_report_goes_to_an_object_store_and_keeps_the_older_one(world: World, tmp_path: Path) -> None:
    from passback.reconciliation import reconcile

    run = world.run()
    world.item(run, "A1", "OPTED_OUT")
    store = f"file://{tmp_path}/store"
    told = reconcile(world.uri, run, store)
    assert told["folder"].startswith("file://")
    reconcile(world.uri, run, store)
    folder = tmp_path / "store" / "passback_nightly" / "2026-10-15" / "manual__0"
    names = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    files = ["quarantine.csv", "reconciliation.csv", "reconciliation.html", "schools/101.csv", "summary.json"]
    assert names == sorted(files + [f"previous/1/{name}" for name in files])
