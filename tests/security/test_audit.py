"""The audit of the dependencies: what it finds wrong, and that it never says well what nobody has looked at."""

import subprocess
from importlib.metadata import Distribution, PathDistribution, distributions
from pathlib import Path

import pytest

from passback.local import audit
from passback.local.audit import Advisories

HASH = "    --hash=sha256:" + "ab" * 32


@pytest.fixture
def lock(project: Path) -> list[audit.Locked]:
    return audit.locked((project / "requirements.lock").read_text(encoding="utf-8"))


def test_everything_in_the_lock_is_pinned_with_its_hashes(lock: list[audit.Locked]) -> None:
    assert len(lock) > 150
    assert list(audit.unpinned(lock)) == []


def test_every_direct_requirement_is_in_the_lock_as_it_is_pinned(project: Path, lock: list[audit.Locked]) -> None:
    lines = (project / "requirements.txt").read_text(encoding="utf-8").splitlines()
    direct = audit.locked("\n".join(line for line in lines if not line.startswith("#")))
    assert {(each.name, each.version) for each in direct} <= {(each.name, each.version) for each in lock}


def test_what_is_installed_is_the_locks_and_under_licences_of_the_list(lock: list[audit.Locked]) -> None:
    assert list(audit.doubtful(distributions())) == []
    installed = {each.name: each.version for each in lock if each.here}
    assert list(audit.strangers(lock, installed)) == []


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        (f"aiohttp==3.14.5 \\\n{HASH}", []),
        (f"aiohttp==3.14.5 ; python_version > '3' \\\n{HASH} \\\n{HASH}\n    # via x", []),
        ("aiohttp==3.14.5", ["aiohttp has no hash"]),
        (f"aiohttp>=3 \\\n{HASH}", ["aiohttp is not pinned to one version"]),
        (f"aiohttp==3.* \\\n{HASH}", ["aiohttp is not pinned to one version"]),
        (f"aiohttp @ https://elsewhere.example/a.whl \\\n{HASH}", ["aiohttp is not pinned to one version"]),
        (f"aiohttp==3.14.5 \\\n{HASH[:-1]}", ["aiohttp has no hash"]),
    ],
)
def test_a_requirement_that_may_change_is_found(text: str, wrong: list[str]) -> None:
    assert list(audit.unpinned(audit.locked(text))) == wrong


def test_what_the_lock_does_not_name_is_found() -> None:
    lock = audit.locked(f"aiohttp==3.14.5 \\\n{HASH}\ncolorama==0.4.6 ; sys_platform == 'win32' \\\n{HASH}")
    assert list(audit.strangers(lock, {"aiohttp": "3.14.5"})) == []
    assert list(audit.strangers(lock, {"aiohttp": "3.14.4", "evil": "1"})) == [
        "aiohttp 3.14.4 is installed, the lock has 3.14.5",
        "evil 1 is installed and not in the lock",
    ]
    assert list(audit.strangers(lock, {})) == ["aiohttp of the lock is not installed"]


def distribution(folder: Path, *lines: str) -> Distribution:
    folder.mkdir()
    (folder / "METADATA").write_text("\n".join(["Metadata-Version: 2.4", "Name: x", "Version: 1", *lines, ""]))
    return PathDistribution(folder)


@pytest.mark.parametrize(
    ("lines", "wrong"),
    [
        (["License-Expression: MIT AND (Apache-2.0 OR GPL-3.0-only)"], []),
        (["Classifier: License :: OSI Approved :: MIT License"], []),
        (["License-Expression: MIT AND GPL-3.0-only"], ["x is under GPL-3.0-only and MIT"]),
        (["License: Proprietary, all rights reserved"], ["x is under Proprietary, all rights reserved"]),
        ([], ["x is under no licence that it names"]),
        (
            ["License-Expression: MIT", "Classifier: Development Status :: 7 - Inactive"],
            ["x is no longer maintained, its authors say"],
        ),
    ],
)
def test_a_licence_outside_the_list_and_what_is_given_up_are_found(
    tmp_path: Path, lines: list[str], wrong: list[str]
) -> None:
    assert list(audit.doubtful([distribution(tmp_path / "x.dist-info", *lines)])) == wrong


ANSWER = {
    "dependencies": [
        {"name": "aiohttp", "version": "3.0.0", "vulns": [{"id": "PYSEC-1", "fix_versions": ["3.1.0"]}]},
        {"name": "rich", "version": "15.0.0", "vulns": []},
        {"name": "ours", "skip_reason": "Dependency not found on PyPI"},
    ]
}


def test_what_a_service_knows_and_does_not_know_is_read() -> None:
    told = audit.read_answer("pypi", ANSWER)
    assert told.found == ["aiohttp 3.0.0: PYSEC-1, mended in 3.1.0"]
    assert (told.answered, told.asked, told.unknown) == (True, 3, ["ours"])


def test_a_service_without_a_record_of_anything_has_audited_nothing() -> None:
    answer = {"dependencies": [{"name": "aiohttp", "skip_reason": "Dependency not found on PyPI (3.14.5)"}]}
    assert not audit.read_answer("pypi", answer).answered


@pytest.mark.parametrize(
    ("services", "status"),
    [
        ([Advisories("pypi", 203)], audit.CLEAN),
        ([Advisories("pypi", 203, [], ["aiohttp 3: PYSEC-1, mended in 4"])], audit.WRONG),
        ([Advisories("pypi", 203, ["x"] * 203), Advisories("osv", 203)], audit.CLEAN),
        ([Advisories("pypi", 203, ["x"] * 203), Advisories("osv", why_not="no answer")], audit.NOT_AUDITED),
        ([], audit.NOT_AUDITED),
    ],
)
def test_only_what_a_service_has_looked_at_is_called_audited(
    project: Path, services: list[Advisories], status: int, capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(audit, "strangers", lambda *_: ())  # a developer's environment may hold more
    assert audit.audit(project, [lambda _, told=told: told for told in services]) == status
    assert ("NOT AUDITED" in capsys.readouterr().out) == (status == audit.NOT_AUDITED)


def test_make_knows_the_command(project: Path) -> None:
    told = subprocess.run(["make", "-n", "audit"], cwd=project, capture_output=True, text=True, check=True)
    assert "-m passback.local.audit" in told.stdout
