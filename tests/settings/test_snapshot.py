"""Where the settings lie, and the snapshot kept with a run."""

import json
import pickle
from pathlib import Path

import pytest
from tests.settings.files import CATEGORIES, File

from passback.settings import settings_path, to_json


def test_the_variable_names_the_file_and_the_project_has_a_default(project: Path, tmp_path: Path) -> None:
    assert settings_path({}) == settings_path({"PASSBACK_DISTRICT": ""}) == project / "include" / "district.toml"
    assert settings_path({"PASSBACK_DISTRICT": str(tmp_path / "a.toml")}) == tmp_path / "a.toml"
    assert settings_path({"PASSBACK_DISTRICT": "~/a.toml"}) == Path.home() / "a.toml"
    assert settings_path({"PASSBACK_DISTRICT": "a.toml"}) == Path.cwd() / "a.toml"


def test_the_snapshot_is_json_in_the_shape_of_the_file(file: File) -> None:
    snapshot = to_json(
        file.load(CATEGORIES + '[[opt_outs]]\nsource = "otus"\nsource_item_id = "a"\n[exceptions]\n9="skip"')
    )
    assert json.loads(json.dumps(snapshot)) == snapshot
    assert snapshot["effective_date"] == "2026-08-24"
    assert snapshot["grading_periods"] == ["Q1", "Q2", "Q3", "Q4"]
    assert snapshot["schools"]["102"]["categories"]["otus"] == {"Quiz": "Daily Work", "Exit ticket": "Exits"}
    assert snapshot["opt_outs"] == [{"source": "otus", "source_item_id": "a"}]
    assert snapshot["exceptions"] == {"1": "flag", "2": "flag", "3": "flag", "9": "skip"}
    assert snapshot["delivery"]["in_flight"] == 8
    assert "file" not in snapshot


def test_equal_settings_have_equal_snapshots_wherever_they_lie(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
    entries = [f'{{section_dcid = "{number}"}}' for number in range(100, 120)]
    one = File(tmp_path / "a").load(f"opt_outs = [{', '.join(entries)}]")
    other = File(tmp_path / "b").load(f"opt_outs = [{', '.join(reversed(entries))}]")
    assert json.dumps(to_json(one)) == json.dumps(to_json(other))
    assert to_json(one)["opt_outs"] == [{"section_dcid": str(number)} for number in range(100, 120)]


def test_settings_cannot_be_changed_and_can_be_handed_to_another_process(file: File) -> None:
    settings = file.load(CATEGORIES)
    with pytest.raises(AttributeError):
        settings.name = "Other"  # type: ignore[misc]
    with pytest.raises(AttributeError):
        settings.delivery.in_flight = 9  # type: ignore[misc]
    assert pickle.loads(pickle.dumps(settings)) == settings
