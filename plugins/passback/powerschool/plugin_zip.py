"""Builds the PowerSchool plugin, the zip that an administrator uploads: `python -m passback.powerschool.plugin_zip`."""

import sys
import zipfile
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[3]
SOURCE = PROJECT / "include" / "powerschool_plugin"
TARGET = PROJECT / "build" / "passback-powerschool-plugin.zip"
EARLIEST = (1980, 1, 1, 0, 0, 0)  # the first instant that the zip format can hold
MODE = 0o644 << 16
UNIX = 3


def members(source: Path = SOURCE) -> list[str]:
    """The paths in the zip, in its order: plugin.xml at the root, then queries_root/*.named_queries.xml by name.

    PowerSchool refuses a zip whose plugin.xml is not at the root, and ignores query files of any other name. Raises
    FileNotFoundError where `source` is not a plugin's folder.
    """
    if not (source / "plugin.xml").is_file():
        raise FileNotFoundError(f"{source} holds no plugin.xml: it is not the folder of a PowerSchool plugin.")
    queries = sorted(path.name for path in (source / "queries_root").glob("*.named_queries.xml"))
    return ["plugin.xml", *(f"queries_root/{name}" for name in queries)]


def build(target: Path = TARGET, source: Path = SOURCE) -> Path:
    """Writes the zip to `target` and returns it; the same source gives the same bytes on every machine."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(target, "w") as archive:
        for name in members(source):
            entry = zipfile.ZipInfo(name, date_time=EARLIEST)
            entry.create_system = UNIX
            entry.external_attr = MODE
            # stored, not deflated: compressed bytes differ from one zlib to the next
            entry.compress_type = zipfile.ZIP_STORED
            archive.writestr(entry, (source / name).read_bytes())
    return target


if __name__ == "__main__":
    sys.stdout.write(f"{build()}\n")
