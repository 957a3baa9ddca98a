"""Where the browser of the tests comes from, with programs of our own on PATH."""

from pathlib import Path

import pytest

from passback.local import browser


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that is all of PATH, beside the system's plain commands."""
    folder = tmp_path / "programs"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}:/nowhere")
    return folder


def program(folder: Path, name: str, script: str) -> Path:
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    path.chmod(0o755)
    return path


def test_a_stub_that_does_not_start_is_passed_over(programs: Path) -> None:
    program(programs, "chromium-browser", "echo 'requires the chromium snap to be installed' >&2; exit 1")
    wanted = program(programs, "google-chrome", "echo Chrome 150")
    assert browser.chromium() == wanted


@pytest.mark.skipif("os.geteuid() != 0", reason="apt installs as root only")
def test_root_gets_the_package_once_the_lists_are_there(programs: Path) -> None:
    made = programs / "chromium"
    program(
        programs,
        "apt-get",
        f'case "$*" in\n'
        f"*update*) : >{programs}/lists ;;\n"
        f"*) [ -e {programs}/lists ] || {{ echo 'no lists' >&2; exit 100; }}\n"
        f"   printf '#!/bin/sh\\n' >{made}; /bin/chmod +x {made} ;;\n"
        "esac",
    )
    assert browser.chromium() == made


def test_where_nothing_helps_the_error_says_what_was_tried(programs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program(programs, "apt-get", "echo 'E: no such package' >&2; exit 100")
    monkeypatch.setattr("sys.executable", str(program(programs, "python", "echo 'cannot download' >&2; exit 1")))
    with pytest.raises(browser.BrowserError, match="cannot download"):
        browser.chromium()
