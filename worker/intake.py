"""Locations in, captures out: what is named is opened, recognised by its content, and read. Opens nothing else."""

from __future__ import annotations

import glob
import io
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from worker.errors import BadCapture
from worker.models import BrokenRecord, CaptureFacts, Origin, RawCapture, Reference
from worker.plugins import SOURCES, known, open_source, recognize

STDIN = "-"
HEAD_BYTES = 64 * 1024


@dataclass(frozen=True)
class Unreadable:
    """A location that could not be read at all."""

    location: str
    detail: str


def expand(locations: Sequence[str]) -> list[str]:
    """Files named by files, folders and globs, in a stable order; hidden files are left out.

    A name that matches nothing stays as it is, so that opening it says what is wrong.
    """
    files: list[str] = []
    for location in locations:
        path = Path(location)
        if location == STDIN:
            files.append(location)
        elif path.is_dir():
            inside = (p for p in path.rglob("*") if p.is_file())
            files += sorted(
                str(p) for p in inside if not any(part.startswith(".") for part in p.relative_to(path).parts)
            )
        elif not path.exists() and glob.has_magic(location):
            found = sorted(p for p in glob.glob(location, recursive=True) if Path(p).is_file())
            files += found or [location]
        else:
            files.append(location)
    return files


def read(
    locations: Sequence[str], *, kind: str = "auto", defaults: CaptureFacts | None = None
) -> Iterator[RawCapture | BrokenRecord | Unreadable]:
    """Every capture of the locations, in order; what is broken comes as a value and the rest goes on."""
    facts = defaults or CaptureFacts()
    for location in expand(locations):
        try:
            with _opened(location) as stream:
                name = kind
                if kind == "auto":
                    found = recognize(_peek(stream), location)
                    if found is None:
                        yield Unreadable(
                            location, f"of no known format; known: {', '.join(known(SOURCES))}; say which with --format"
                        )
                        continue
                    name = found
                for item in open_source(name).read(stream, location=location, defaults=facts):
                    if not isinstance(item, Reference):  # not yet joined to the captures they speak of
                        yield item
        except BadCapture as exc:
            yield Unreadable(location, str(exc).removeprefix(f"{location}: "))
        except OSError as exc:
            yield Unreadable(location, exc.strerror or str(exc))


@contextmanager
def _opened(location: str) -> Iterator[BinaryIO]:
    if location == STDIN:
        yield io.BufferedReader(io.FileIO(sys.stdin.fileno(), closefd=False), HEAD_BYTES)
        return
    with open(location, "rb", buffering=HEAD_BYTES) as stream:
        yield stream


def _peek(stream: BinaryIO) -> bytes:
    if stream.seekable():
        head = stream.read(HEAD_BYTES)
        stream.seek(0)
        return head
    assert isinstance(stream, io.BufferedReader)
    return stream.peek(HEAD_BYTES)[:HEAD_BYTES]


def place(origin: Origin) -> str:
    """Where a record stands, for people: file, member, record and offset.

    >>> place(Origin(location="a.jsonl", record=17, offset=4012))
    'a.jsonl: record 17 (byte 4012)'
    """
    text = origin.location + (f"!{origin.member}" if origin.member else "")
    if origin.record is not None:
        text += f": record {origin.record}"
    if origin.offset is not None:
        text += f" (byte {origin.offset})"
    return text
