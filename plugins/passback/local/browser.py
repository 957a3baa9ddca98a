"""A Chromium for the tests of the pages: from PATH, else installed by apt as root, else by Playwright."""

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
APT = ("apt-get", "-qq", "-y", "-o", "DPkg::Lock::Timeout=300")
# The package alone brings no font, and a page without letters has nothing to look at.
PACKAGES = ("chromium", "fonts-dejavu-core")
_WHERE_PLAYWRIGHT_HAS_IT = """
from playwright.sync_api import sync_playwright
with sync_playwright() as playwright:
    print(playwright.chromium.executable_path)
"""


class BrowserError(Exception):
    """There is no browser and none could be installed; the message says what was tried."""


def chromium() -> Path:
    """The path of a Chromium that starts; installed where the machine has none. Raises `BrowserError`."""
    tried: list[str] = []
    return on_path() or _by_apt(tried) or _by_playwright(tried)


def on_path() -> Path | None:
    """The first browser on PATH that starts; some systems carry a stub under its name that only points to a store."""
    for name in NAMES:
        found = shutil.which(name)
        if found and _starts(Path(found)):
            return Path(found)
    return None


def _starts(program: Path) -> bool:
    try:
        asked = subprocess.run([program, "--version"], capture_output=True, timeout=60, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return asked.returncode == 0


def _by_apt(tried: list[str]) -> Path | None:
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        tried.append("apt-get: only as root, on a system that has it")
        return None
    install = [*APT, "install", "--no-install-recommends", *PACKAGES]
    if _runs(install, []) or (_runs([*APT, "update"], tried) and _runs(install, tried)):
        return on_path()
    return None


def _by_playwright(tried: list[str]) -> Path:
    if _runs([sys.executable, "-m", "playwright", "install", "chromium"], tried):
        asked = [sys.executable, "-c", _WHERE_PLAYWRIGHT_HAS_IT]
        found = Path(subprocess.run(asked, capture_output=True, text=True, check=True).stdout.strip())
        if _starts(found):
            return found
        tried.append(f"{found} does not start: `playwright install-deps chromium` as root installs what it needs")
    raise BrowserError("the browser tests need Chromium on PATH, and it could not be installed\n" + "\n".join(tried))


def _runs(command: Sequence[str], tried: list[str]) -> bool:
    """Whether the command ends well; where it does not, `tried` gets its last words."""
    quiet = dict(os.environ, DEBIAN_FRONTEND="noninteractive")
    ended = subprocess.run(command, env=quiet, capture_output=True, text=True, errors="replace", check=False)
    if ended.returncode:
        tried.append(f"{' '.join(command)}: {(ended.stderr or ended.stdout).strip()[-500:]}")
    return ended.returncode == 0
