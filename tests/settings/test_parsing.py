"""Settings files that are missing, are no TOML or no text."""

from pathlib import Path

import pytest
from tests.settings.files import REQUIRED

from passback.errors import Terminal
from passback.settings import load


@pytest.mark.parametrize(
    ("content", "place"),
    [
        ('name = "Example\n', "line 1, column 16"),
        ("name = 'a'\n\nzone = = 3\n", "line 3, column 8"),
        ("name = 'a'\nname = 'b'\n", "line 2, column 11"),
        ("name = 'a'\r\nx = 2026-02-30\r\n", "line 2"),
        ("name = 'a'\nperiods = [1,", "line 2, column 14"),
        ("[delivery]\nin_flight = 1\n[delivery]\n", "line 3"),
    ],
)
def test_a_slip_in_the_toml_is_told_with_line_and_column(tmp_path: Path, content: str, place: str) -> None:
    path = tmp_path / "district.toml"
    path.write_bytes(content.encode())
    with pytest.raises(Terminal) as refused:
        load(path)
    assert str(path) in str(refused.value)
    assert "not valid TOML" in str(refused.value)
    assert place in str(refused.value)


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_a_file_that_is_no_utf8_is_told_with_line_and_column(tmp_path: Path, mark: bytes) -> None:
    path = tmp_path / "district.toml"
    path.write_bytes(mark + 'a = "x"\nname = "Añasco"'.encode("latin-1"))
    with pytest.raises(Terminal, match="not UTF-8 text \\(at line 2, column 10\\)"):
        load(path)


def test_a_file_from_a_windows_editor_is_read(tmp_path: Path) -> None:
    path = tmp_path / "district.toml"
    lines = [f"{key} = {value}" for key, value in REQUIRED.items()]
    path.write_bytes(b"\xef\xbb\xbf" + "\r\n".join(lines).encode())
    assert load(path).name == "Example Unified"


@pytest.mark.parametrize(
    "content", ["x = " + "9" * 5000, "x = " + "[" * 20_000, "[batches]\notus_page = " + "9" * 4000]
)
def test_a_file_of_absurd_size_is_refused_like_any_other(tmp_path: Path, content: str) -> None:
    path = tmp_path / "district.toml"
    path.write_text(content)
    with pytest.raises(Terminal, match=r"district\.toml"):
        load(path)


@pytest.mark.parametrize("name", ["nowhere.toml", ""])
def test_a_missing_file_names_the_variable_that_names_it(tmp_path: Path, name: str) -> None:
    with pytest.raises(Terminal, match="PASSBACK_DISTRICT") as refused:
        load(tmp_path / name)
    assert str(tmp_path / name) in str(refused.value)
