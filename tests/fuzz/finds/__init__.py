"""Finds of past campaigns: `records/*.json` through nights, `parsers/<target>-<hash>` through their parser."""

from pathlib import Path

_HERE = Path(__file__).parent
RECORDS = sorted((_HERE / "records").glob("*.json"))
PARSERS = sorted(path for path in (_HERE / "parsers").iterdir() if "-" in path.name)
