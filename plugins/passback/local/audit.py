"""`make audit`: what can be said of the dependencies, here and by an advisory service where one can be reached.

Without a network it still shows that everything is pinned and hashed, that nothing else is installed, and under which
licences it is. Known vulnerabilities need a service (PyPI's own, else OSV): where neither answers it says so plainly.

Exit status: 0 all is well, 1 something is wrong, 3 nothing is wrong here and no advisory service could be asked.
"""

import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from importlib.metadata import Distribution, distributions
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from passback.local.home import PROJECT

CLEAN, WRONG, NOT_AUDITED = 0, 1, 3
SERVICES = ("pypi", "osv")
SERVICE_SECONDS = 600
# What may be used and passed on with a pipeline under the Apache licence; the weak copyleft ones only as libraries.
LICENCES = frozenset(
    {"MIT", "MIT-0", "Apache-2.0", "BSD", "BSD-2-Clause", "BSD-3-Clause", "0BSD", "ISC", "PSF-2.0", "Python-2.0",
     "Zlib", "CC0-1.0", "Unlicense", "MPL-2.0", "LGPL-3.0-only", "Artistic"}
)  # fmt: skip
SPOKEN = {
    "mit license": "MIT", "apache software license": "Apache-2.0", "bsd license": "BSD", "3-clause bsd license":
    "BSD-3-Clause", "isc license (iscl)": "ISC", "python software foundation license": "PSF-2.0",
    "mozilla public license 2.0 (mpl 2.0)": "MPL-2.0", "the unlicense (unlicense)": "Unlicense",
    "artistic license": "Artistic", "dfsg approved": "",
}  # fmt: skip
# Their metadata name no licence; their repositories do.
NAMED_HERE = {"atheris": "Apache-2.0", "axe-playwright-python": "MIT"}
# Several licences of which one may be chosen; classifiers cannot say whether all hold or one may be chosen.
CHOSEN = {"text-unidecode": "Artistic"}
INACTIVE = "Development Status :: 7 - Inactive"


@dataclass(frozen=True)
class Locked:
    """One requirement of the lock: its exact version, how many hashes, and whether it is for this machine."""

    name: str
    version: str
    hashes: int
    here: bool


@dataclass
class Advisories:
    """What a service said: how many it knows, which it does not, and what is known of them."""

    service: str
    asked: int = 0
    unknown: list[str] = field(default_factory=list)
    found: list[str] = field(default_factory=list)
    why_not: str = ""

    @property
    def answered(self) -> bool:
        """Whether it knew anything at all: an index without records is no advisory service."""
        return not self.why_not and self.asked > len(self.unknown)


def locked(text: str) -> list[Locked]:
    """The requirements of a lock; one that is not pinned to one version has none."""
    found = []
    for entry in re.split(r"\n(?=\S)", re.sub(r"\\\n", " ", text)):
        stated = entry.partition("--hash=")[0].strip()
        if not stated or stated.startswith("#"):
            continue
        requirement = Requirement(stated)
        pins = [each.version for each in requirement.specifier if each.operator == "==" and "*" not in each.version]
        here = requirement.marker is None or requirement.marker.evaluate()
        hashes = len(re.findall(r"--hash=sha256:[0-9a-f]{64}(?![0-9a-f])", entry))
        found.append(Locked(canonicalize_name(requirement.name), pins[0] if len(pins) == 1 else "", hashes, here))
    return found


def unpinned(lock: Iterable[Locked]) -> Iterator[str]:
    """Requirements that could become something else tomorrow."""
    for each in lock:
        if not each.version:
            yield f"{each.name} is not pinned to one version"
        if not each.hashes:
            yield f"{each.name} has no hash"


def strangers(lock: Iterable[Locked], installed: Mapping[str, str]) -> Iterator[str]:
    """Where what is installed is not what the lock says."""
    by_name: dict[str, set[str]] = {}
    for each in lock:
        if each.here:
            by_name.setdefault(each.name, set()).add(each.version)
    for name, version in sorted(installed.items()):
        if name not in by_name:
            yield f"{name} {version} is installed and not in the lock"
        elif version not in by_name[name]:
            yield f"{name} {version} is installed, the lock has {', '.join(sorted(by_name[name]))}"
    yield from (f"{name} of the lock is not installed" for name in sorted(by_name.keys() - installed.keys()))


def doubtful(found: Iterable[Distribution]) -> Iterator[str]:
    """Distributions under a licence that is not on the list, or that their authors have given up."""
    for each in found:
        name = canonicalize_name(each.metadata["Name"])
        licences = licences_of(each)
        if not licences or licences - LICENCES:
            yield f"{name} is under {' and '.join(sorted(licences)) or 'no licence that it names'}"
        if INACTIVE in (each.metadata.get_all("Classifier") or []):
            yield f"{name} is no longer maintained, its authors say"


def licences_of(found: Distribution) -> set[str]:
    """The licences that all hold; of those that may be chosen from, the ones on the list."""
    name, stated = canonicalize_name(found.metadata["Name"]), found.metadata.json
    if name in NAMED_HERE or name in CHOSEN:
        return {NAMED_HERE.get(name) or CHOSEN[name]}
    spoken = [each.rpartition(" :: ")[2] for each in stated.get("classifier", []) if str(each).startswith("License ::")]
    lines = str(stated.get("license", "")).strip().splitlines()
    expression = str(stated.get("license_expression", ""))
    expressions = [expression] if expression else spoken or lines[:1]
    held: set[str] = set()
    for each in expressions:
        for all_of in re.split(r"\s+and\s+", SPOKEN.get(each.lower(), each), flags=re.IGNORECASE):
            choice = [
                SPOKEN.get(one.lower(), one) for one in re.split(r"\s+or\s+", all_of.strip("() "), flags=re.IGNORECASE)
            ]
            held |= {one for one in choice if one in LICENCES} or set(choice)
    return held - {""}


def ask(service: str, lock: Path) -> Advisories:
    """What `pip-audit` learns from one service about every requirement of the lock."""
    command = [sys.executable, "-m", "pip_audit", "--requirement", str(lock), "--no-deps", "--disable-pip", "--format",
               "json", "--progress-spinner", "off", "--vulnerability-service", service]  # fmt: skip
    try:
        told = subprocess.run(command, capture_output=True, text=True, check=False, timeout=SERVICE_SECONDS)
    except subprocess.TimeoutExpired:
        return Advisories(service, why_not=f"no answer in {SERVICE_SECONDS} s")
    try:
        answer: dict[str, Any] = json.loads(told.stdout)
    except ValueError:
        said = told.stderr.strip().splitlines() or [f"pip-audit ended with {told.returncode}"]
        return Advisories(service, why_not=said[-1][:200])
    return read_answer(service, answer)


def read_answer(service: str, answer: Mapping[str, Any]) -> Advisories:
    """pip-audit's JSON, read."""
    advisories = Advisories(service)
    for each in answer.get("dependencies", []):
        advisories.asked += 1
        if "skip_reason" in each:
            advisories.unknown.append(str(each["name"]))
        for known in each.get("vulns", []):
            mended = ", ".join(known.get("fix_versions") or []) or "no version yet"
            advisories.found.append(f"{each['name']} {each['version']}: {known['id']}, mended in {mended}")
    return advisories


def audit(project: Path = PROJECT, services: Iterable[Callable[[Path], Advisories]] | None = None) -> int:
    """Says everything, and returns the exit status."""
    path = project / "requirements.lock"
    lock = locked(path.read_text(encoding="utf-8"))
    found = list(distributions())
    installed: dict[str, str] = {canonicalize_name(each.metadata["Name"]): each.version for each in found}
    wrong = [
        *_say(f"{len(lock)} requirements of the lock, each pinned with its hashes", unpinned(lock)),
        *_say(f"{len(installed)} installed distributions, each the lock's", strangers(lock, installed)),
        *_say("their licences are all on the list, and none is given up", doubtful(found)),
    ]
    asked = services if services is not None else [partial(ask, name) for name in SERVICES]
    for service in asked:
        advisories = service(path)
        if advisories.answered:
            known = (
                f"{advisories.asked - len(advisories.unknown)} of {advisories.asked} audited by {advisories.service}"
            )
            wrong += _say(f"{known}: no known vulnerability", advisories.found)
            if advisories.unknown:
                print(f"NOTE  {advisories.service} does not know {', '.join(advisories.unknown)}")
            return WRONG if wrong else CLEAN
        why = advisories.why_not or "it has no record of any of them"
        print(f"NOTE  {advisories.service} was asked for known vulnerabilities in vain: {why}")
    print("NOT AUDITED for known vulnerabilities: no advisory service could be reached. Run it where one can.")
    return WRONG if wrong else NOT_AUDITED


def _say(good: str, problems: Iterable[str]) -> list[str]:
    """Print what is wrong, or that nothing is; returns the problems."""
    wrong = list(problems)
    print("\n".join(f"WRONG {problem}" for problem in wrong) or f"ok    {good}")
    return wrong


if __name__ == "__main__":
    sys.exit(audit())
