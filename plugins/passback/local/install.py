"""Installs everything into `.venv` from the hashed lock, on a machine with nothing but Python 3.11+ and make.

Runs before anything is installed, so on the standard library alone: a bootstrap environment gets a pinned uv by pip,
and uv fills the virtual environment, byte-compiled (imports are three times slower without, and every task pays).
"""

import argparse
import ast
import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

UV = "uv==0.13.9"
PROJECT = Path(__file__).resolve().parents[3]
BOOTSTRAP = PROJECT / "build" / "uv"
ENVIRONMENT = PROJECT / ".venv"
LOCK = PROJECT / "requirements.lock"


def install() -> None:
    """Make `.venv` hold exactly what the lock names."""
    if not (ENVIRONMENT / "bin" / "python").exists():
        _uv("venv", "--quiet", "--clear", "--python", sys.executable, str(ENVIRONMENT))
    python = str(ENVIRONMENT / "bin" / "python")
    _uv("pip", "sync", "--require-hashes", "--compile-bytecode", "--python", python, str(LOCK))


def lock() -> None:
    """Compile the lock anew from requirements.txt: every version and hash, for every platform, no address in it."""
    options = ["--universal", "--generate-hashes", "--no-header", "--no-emit-index-url", "--no-emit-find-links"]
    _uv("pip", "compile", *options, "--quiet", "--upgrade", "--output-file", LOCK.name, "requirements.txt")


def _uv(*arguments: str) -> None:
    program = BOOTSTRAP / "bin" / "uv"
    if not program.exists():
        _bootstrap()
    subprocess.run([str(program), *arguments], check=True, cwd=PROJECT, env=os.environ | _package_sources())


def _bootstrap() -> None:
    shutil.rmtree(BOOTSTRAP, ignore_errors=True)
    try:
        venv.create(BOOTSTRAP, with_pip=True)
    except subprocess.CalledProcessError:
        sys.exit("This Python cannot make virtual environments: install its venv package (Debian: python3-venv).")
    subprocess.run(
        [str(BOOTSTRAP / "bin" / "pip"), "install", "--quiet", "--disable-pip-version-check", UV], check=True
    )


def _package_sources() -> dict[str, str]:
    """What the machine's settings tell pip about where packages are, for uv, which reads none of them."""
    told = subprocess.run(
        [str(BOOTSTRAP / "bin" / "pip"), "config", "list"], check=True, capture_output=True, text=True
    ).stdout
    found: dict[str, str] = {}
    for line in told.splitlines():  # the environment's own (:env:) come first, and win
        name, _, value = line.partition("=")
        found.setdefault(name.rpartition(".")[2], str(ast.literal_eval(value)))
    names = {
        "index-url": "UV_DEFAULT_INDEX",
        "extra-index-url": "UV_INDEX",
        "find-links": "UV_FIND_LINKS",
        "cert": "SSL_CERT_FILE",
    }
    sources = {ours: found[theirs] for theirs, ours in names.items() if theirs in found and ours not in os.environ}
    # Every hash is pinned, so a package of the same name on another index cannot slip in.
    return {"UV_INDEX_STRATEGY": "unsafe-best-match", "UV_LINK_MODE": "copy"} | sources


def main() -> None:
    """Install, or with `--lock` compile the lock."""
    if sys.version_info < (3, 11):  # noqa: UP036  # it runs under whatever Python the machine has
        sys.exit(f"Passback needs Python 3.11 or newer; {sys.executable} is older (make PYTHON=… chooses another)")
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lock", action="store_true", help="compile requirements.lock from requirements.txt")
    if parser.parse_args().lock:
        lock()
    else:
        install()


if __name__ == "__main__":
    main()
