"""Otus's contract, its wrong pages, its edits and its files, over real HTTP."""

import gzip
import hashlib
import json
from pathlib import Path

import pytest
import requests

from .conftest import Plugin


def everything(plugin: Plugin, collection: str, **query: object) -> list:
    records, cursor = [], None
    for _ in range(1000):
        page = plugin.otus(collection, **query, **({"cursor": cursor} if cursor else {})).json()
        records += page["data"]
        cursor = page["next_cursor"]
        if cursor is None:
            return records
    raise AssertionError("the pages do not end")


def test_pages_hold_every_record_once(plugin: Plugin, small) -> None:
    for collection, held in small.district.otus.items():
        assert everything(plugin, collection, limit=37) == [json.loads(record) for record in held]
        assert plugin.otus(collection, limit=1).json()["total"] == len(held)


def test_a_bad_token_is_401(plugin: Plugin) -> None:
    assert plugin.otus("users", token="wrong").status_code == 401


@pytest.mark.parametrize(
    "query", [{"limit": 0}, {"limit": "many"}, {"cursor": "x"}, {"updated_since": "2026-10-01"}, {"page": 2}]
)
def test_a_bad_parameter_is_400_with_an_error(plugin: Plugin, query: dict[str, object]) -> None:
    answer = plugin.otus("users", **query)
    assert answer.status_code == 400
    assert answer.json()["error"]


def test_a_cursor_belongs_to_its_question(plugin: Plugin) -> None:
    cursor = plugin.otus("scores", limit=5).json()["next_cursor"]
    assert plugin.otus("scores", cursor=cursor, updated_since="2026-10-01T00:00:00Z").status_code == 400


def test_updated_since_is_inclusive_and_the_servers_time_leads_to_the_next_run(plugin: Plugin) -> None:
    control = plugin.box.control.otus
    control.do("set_clock", at="2026-10-16T07:00:00Z")
    first = plugin.otus("scores", limit=1).json()
    assert first["server_time"] == "2026-10-16T07:00:00Z"
    control.edit("scores", "amounts.zero", points=3)
    changed = everything(plugin, "scores", updated_since=first["server_time"])
    assert [record["id"] for record in changed] == ["amounts.zero"]
    assert changed[0]["updated_at"] == first["server_time"]
    assert everything(plugin, "scores", updated_since="2026-10-16T07:00:00.001Z") == []


def test_an_edit_during_paging_neither_repeats_nor_loses_another_record(plugin: Plugin, small) -> None:
    plugin.box.control.otus.hook("scores", "edit", {"collection": "scores", "id": "amounts.zero", "points": 3})
    records = everything(plugin, "scores", limit=100)
    assert len(records) == len(small.district.otus["scores"])


def test_records_are_deleted_upserted_broken_and_purged(plugin: Plugin) -> None:
    control = plugin.box.control.otus
    since = plugin.otus("students", limit=1).json()["server_time"]
    control.delete("students", "st-200001")
    control.upsert("students", {"id": "st-new", "deleted": False, "sis_id": "900001"})
    control.do("remove_field", collection="students", id="st-200002", field="sis_id")
    control.do("purge", collection="students", id="st-200003")
    changed = {record["id"]: record for record in everything(plugin, "students", updated_since=since)}
    assert set(changed) == {"st-200001", "st-new", "st-200002"}
    assert changed["st-200001"]["deleted"] is True
    assert "sis_id" not in changed["st-200002"]
    assert "st-200003" not in {record.get("id") for record in everything(plugin, "students")}


def test_a_share_of_all_scores_can_be_changed(plugin: Plugin) -> None:
    since = plugin.otus("scores", limit=1).json()["server_time"]
    changed = plugin.box.control.otus.do("change_scores", share=0.1, seed=3)
    assert changed > 50
    assert len(everything(plugin, "scores", updated_since=since)) == changed


@pytest.mark.parametrize(("form", "total"), [("true", 76), ("wrong", 77), ("null", None), ("missing", "none")])
def test_the_total_can_be_true_wrong_null_or_missing(plugin: Plugin, form: str, total: object) -> None:
    plugin.box.control.otus.switches(total=form)
    assert plugin.otus("users").json().get("total", "none") == total


def test_throttling_carries_a_wait(plugin: Plugin) -> None:
    plugin.box.control.otus.fault("throttle", retry_after=3)
    answer = plugin.otus("users")
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "3")
    assert plugin.otus("users").status_code == 200


@pytest.mark.parametrize("effect", ["not_json", "truncate", "html"])
def test_a_page_can_be_no_json(plugin: Plugin, effect: str) -> None:
    plugin.box.control.otus.fault(effect, kind="scores", status=200)
    answer = plugin.otus("scores")
    assert answer.status_code == 200
    with pytest.raises(ValueError):
        answer.json()


def test_a_page_can_have_another_shape_or_never_come(plugin: Plugin) -> None:
    plugin.box.control.otus.fault("wrong_shape", kind="users")
    assert "data" not in plugin.otus("users").json()
    plugin.box.control.otus.fault("drop_before_commit", kind="users")
    with pytest.raises(requests.ConnectionError):
        plugin.otus("users")
    plugin.box.control.otus.switches(maintenance=503)
    assert plugin.otus("users").headers["Content-Type"].startswith("text/html")


def test_a_cursor_or_a_page_can_repeat(plugin: Plugin) -> None:
    control = plugin.box.control.otus
    first = plugin.otus("scores", limit=100).json()
    control.switches(repeat_cursor=True)
    again = plugin.otus("scores", limit=100, cursor=first["next_cursor"]).json()
    assert again["next_cursor"] == first["next_cursor"]
    control.switches(repeat_cursor=False, repeat_page=True)
    second = plugin.otus("scores", limit=100, cursor=first["next_cursor"]).json()
    assert second["data"] == first["data"]
    assert second["next_cursor"] != first["next_cursor"]


@pytest.mark.parametrize("compressed", [True, False])
def test_the_files_agree_with_their_manifest_and_with_the_pages(
    plugin: Plugin, tmp_path: Path, compressed: bool
) -> None:
    manifest = json.loads(Path(plugin.box.control.otus.export_files(str(tmp_path), compressed=compressed)).read_text())
    assert manifest["full"] is True
    assert len(manifest["files"]) == 6
    for name, told in manifest["files"].items():
        stored = (tmp_path / name).read_bytes()
        assert hashlib.sha256(stored).hexdigest() == told["sha256"]
        lines = (gzip.decompress(stored) if compressed else stored).splitlines()
        assert len(lines) == told["rows"]
        assert [json.loads(line) for line in lines] == everything(plugin, name.split(".")[0])


def test_files_can_hold_lines_that_are_no_json_and_only_what_changed(plugin: Plugin, tmp_path: Path) -> None:
    control = plugin.box.control.otus
    since = plugin.otus("scores", limit=1).json()["server_time"]
    control.edit("scores", "amounts.zero", points=3)
    control.export_files(
        str(tmp_path), compressed=False, full=False, updated_since=since, extra_lines={"scores": ['{"id": "cut of']}
    )
    lines = (tmp_path / "scores.jsonl").read_text().splitlines()
    assert len(lines) == 2
    assert lines[1] == '{"id": "cut of'
    assert json.loads((tmp_path / "manifest.json").read_text())["full"] is False
