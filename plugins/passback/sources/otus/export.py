"""Otus from files: a folder or object-store prefix with a manifest and one file of JSON lines per collection.

Every file is read once, as a stream: its rows are counted and its bytes summed on the way, and the caller keeps
nothing of it before `verify` has compared both with the manifest.
"""

from __future__ import annotations

import datetime as dt
import gzip
import hashlib
import io
import os
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, TYPE_CHECKING, Annotated, Any, cast

import msgspec

from passback.errors import Terminal
from passback.sources.otus.records import Rows, UnsureError, one_by_one, typed
from passback.sources.otus.staging import COLLECTIONS, Collection

if TYPE_CHECKING:
    from airflow.sdk import ObjectStoragePath

MANIFEST = "manifest.json"
ENDINGS = (".jsonl", ".jsonl.gz")
BLOCK_BYTES = 1 << 20
# A record of a title of megabytes is still a line; more is no export, or one packed to burst.
LONGEST_LINE = 64 << 20
LARGEST_MANIFEST = 1 << 20
MOST_BLANK_LINES = 100_000

_BOM = b"\xef\xbb\xbf"
_TRY_AGAIN = "Have it exported again; nothing of this export was kept."


class Declared(msgspec.Struct):
    """What the manifest says of one file: its rows, and the SHA-256 of its bytes as they are stored, in hex."""

    rows: Annotated[int, msgspec.Meta(ge=0)]
    sha256: str


class Manifest(msgspec.Struct):
    """manifest.json: a `full` export holds everything, so that what it lacks is gone."""

    exported_at: Annotated[dt.datetime, msgspec.Meta(tz=True)]
    full: bool
    files: dict[str, Declared]


class Export:
    """One export; opening it reads the manifest and checks that it and the folder name the same files."""

    transport = "files"
    asked_since: dt.datetime | None = None

    def __init__(self, path: str) -> None:
        """`path` is what Airflow's object storage reads (`s3://…`, `file://…`), or a local folder."""
        self.folder = _folder(path)
        self.manifest = self._read_manifest()
        self.source_time: dt.datetime | None = self.manifest.exported_at
        self.files = self._files()
        self.declared: dict[str, int | None] = {
            name: self.manifest.files[file].rows for name, file in self.files.items()
        }

    @property
    def full_listing(self) -> bool:
        """Whether the export holds everything."""
        return self.manifest.full

    @property
    def tells_deleted(self) -> bool:
        """Whether what the export lacks is gone from Otus."""
        return self.manifest.full

    def rows(self, name: str) -> Iterator[Rows]:
        """The rows of one collection, a block at a time; at the end raises Terminal unless the manifest was right."""
        file, collection = self.files[name], COLLECTIONS[name]
        lines, declared = _Lines(collection, file), self.manifest.files[file]
        try:
            with self._opened(file) as stored:
                summed = _Summed(stored)
                opened = gzip.GzipFile(fileobj=summed) if file.endswith(".gz") else summed
                for block in _blocks(opened):
                    yield lines.read(block)
                    if lines.count > declared.rows or lines.blank > declared.rows + MOST_BLANK_LINES:
                        break
                summed.drain()
        except (OSError, EOFError, zlib.error) as error:
            raise Terminal(f"Otus's export: {file} cannot be read to its end ({_what(error)}). {_TRY_AGAIN}") from None
        except _TooLongError:
            raise Terminal(
                f"Otus's export: {file} has a line of over {LONGEST_LINE >> 20} MB: it is no export. {_TRY_AGAIN}"
            ) from None
        self._verify(file, lines.count, summed.digest.hexdigest())

    def _verify(self, file: str, rows: int, digest: str) -> None:
        declared = self.manifest.files[file]
        if rows != declared.rows:
            some = "at least " if rows > declared.rows else ""
            raise Terminal(
                f"Otus's export: {file} has {some}{rows:,} rows, the manifest declares {declared.rows:,}. {_TRY_AGAIN}"
            )
        if digest != declared.sha256.strip().lower():
            raise Terminal(
                f"Otus's export: {file} has the SHA-256 {digest}, the manifest declares {declared.sha256[:80]}. "
                + _TRY_AGAIN
            )

    def _read_manifest(self) -> Manifest:
        place = self.folder / MANIFEST
        try:
            with self._opened(MANIFEST) as stored:
                text = stored.read(LARGEST_MANIFEST + 1)
            if len(text) > LARGEST_MANIFEST:
                raise Terminal(f"Otus's export: {MANIFEST} is larger than any manifest. {_TRY_AGAIN}")
            return msgspec.json.decode(text.removeprefix(_BOM), type=Manifest)
        except FileNotFoundError:
            raise Terminal(
                f"Otus's export: {place} is not there. Check `path` in the extra of the connection `otus`."
            ) from None
        except OSError as error:
            raise Terminal(f"Otus's export: {place} cannot be read ({_what(error)}).") from None
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            wrong = str(error) if isinstance(error, msgspec.ValidationError) else "it is not JSON"
            raise Terminal(f"Otus's export: {MANIFEST} cannot be understood ({wrong}). {_TRY_AGAIN}") from None

    def _opened(self, name: str) -> IO[bytes]:
        """A file of the export; raises Terminal unless it is one, and its own: no pipe, and no link to elsewhere."""
        place: Any = self.folder / name
        if self.folder.protocol == "file" and os.path.lexists(place.path):
            # What an exporter may write must not lead a reader anywhere else.
            found = Path(place.path).resolve()
            if not found.is_file() or not found.is_relative_to(Path(self.folder.path).resolve()):
                raise Terminal(f"Otus's export: {name} is no file of this folder (a link or a pipe). {_TRY_AGAIN}")
        return cast("IO[bytes]", place.open("rb"))

    def _files(self) -> dict[str, str]:
        """The file of each collection; raises Terminal unless manifest and folder agree on all of them."""
        there = {path.name for path in self.folder.iterdir() if path.name.endswith(ENDINGS)}
        declared = set(self.manifest.files)
        if undeclared := sorted(there - declared):
            raise Terminal(f"Otus's export: {', '.join(undeclared)} is not in the manifest. {_TRY_AGAIN}")
        if missing := sorted(declared - there):
            rows = self.manifest.files[missing[0]].rows
            raise Terminal(
                f"Otus's export: {', '.join(missing)} is missing; the manifest declares {missing[0]} with {rows:,} "
                f"rows. {_TRY_AGAIN}"
            )
        return {name: self._file(name, declared) for name in COLLECTIONS}

    def _file(self, name: str, declared: set[str]) -> str:
        found = [name + ending for ending in ENDINGS if name + ending in declared]
        if len(found) != 1:
            which = "names no file of" if not found else f"names both {' and '.join(found)} for"
            raise Terminal(f"Otus's export: the manifest {which} the collection {name}. {_TRY_AGAIN}")
        return found[0]


class _Lines:
    """Turns blocks of whole lines into rows, and counts the lines that hold something."""

    def __init__(self, collection: Collection, file: str) -> None:
        self.collection = collection
        self.file = file
        self.count = 0
        self._line = 1
        self._decode = msgspec.json.Decoder(collection.record).decode_lines

    @property
    def blank(self) -> int:
        """How many lines hold nothing."""
        return self._line - 1 - self.count

    def read(self, block: bytes) -> Rows:
        """The rows of one block, which ends where a line ends."""
        if self._line == 1:
            block = block.removeprefix(_BOM)
        lines = block.count(b"\n") + (not block.endswith(b"\n"))
        try:
            rows = typed(self.collection, block, self._decode)
            # Blank lines, two objects on a line or one on two: whose line is whose must be looked at.
            if rows.received != lines:
                raise UnsureError
        except UnsureError:
            rows = one_by_one(self.collection, self._objects(block))
        self._line += lines
        self.count += rows.received
        return rows

    def _objects(self, block: bytes) -> Iterator[tuple[str, bytes]]:
        for number, line in enumerate(block.split(b"\n"), start=self._line):
            if line.strip():
                yield f"{self.file} line {number}", line


class _TooLongError(Exception):
    """A line that no record is as long as."""


class _Summed(io.RawIOBase):
    """A stream that sums up every byte which is read through it."""

    def __init__(self, stored: IO[bytes]) -> None:
        self._stored = stored
        self.digest = hashlib.sha256()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        block = self._stored.read(len(buffer))
        self.digest.update(block)
        buffer[: len(block)] = block
        return len(block)

    def drain(self) -> None:
        """Reads what is left, so that the sum is of the whole file."""
        while self.read(BLOCK_BYTES):
            pass


def _blocks(opened: gzip.GzipFile | io.RawIOBase) -> Iterator[bytes]:
    """The stream in blocks of about `BLOCK_BYTES` that end where a line ends; raises _TooLongError."""
    left: list[bytes] = []
    while block := opened.read(BLOCK_BYTES):
        whole, newline, rest = block.rpartition(b"\n")
        if newline:
            yield b"".join([*left, whole, newline])
            left = []
        left.append(rest)
        if sum(map(len, left)) > LONGEST_LINE:
            raise _TooLongError
    if any(left):
        yield b"".join(left)


def _folder(path: str) -> ObjectStoragePath:
    from airflow.sdk import ObjectStoragePath

    return ObjectStoragePath(path if "://" in path else f"file://{Path(path).expanduser().absolute()}")


def _what(error: BaseException) -> str:
    return getattr(error, "strerror", None) or type(error).__name__
