"""Airflow runs every Python file under plugins/ as a module named by its stem, unless the ignore file keeps it away."""

from pathlib import Path

from airflow._shared.module_loading import find_path_from_directory


def test_airflow_imports_no_file_of_the_library_by_itself(project: Path) -> None:
    seen = {Path(path).relative_to(project / "plugins") for path in files(project / "plugins")}
    assert not {path for path in seen if path.parts[0] == "passback"}
    assert seen <= {Path("passback_plugin.py"), Path(".airflowignore")}


def test_without_the_ignore_file_it_would(project: Path, tmp_path: Path) -> None:
    (tmp_path / "passback").symlink_to(project / "plugins" / "passback")
    assert any(Path(path).name == "database.py" for path in files(tmp_path))


def files(folder: Path) -> list[str]:
    return list(find_path_from_directory(str(folder), ".airflowignore", "glob"))
