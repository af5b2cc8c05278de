"""Locations in, captures out: what is named is opened, recognised by its content, and read. Opens nothing else."""

from __future__ import annotations

import glob
import io
import json
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from worker import remote
from worker.errors import BadCapture
from worker.models import BrokenRecord, CaptureFacts, Origin, RawCapture, Reference, digest_of
from worker.plugins import SOURCES, known, open_source, recognize
from worker.references import References
from worker.sources import told_facts

STDIN = "-"
HEAD_BYTES = 64 * 1024
MAX_SIDECAR_BYTES = 1024 * 1024
SIDECAR = ".json"  # story.txt.json beside story.txt says what the document itself does not
REFERRING = (".xml", ".xml.gz", ".rss", ".atom", ".rdf")  # names that feeds and sitemaps bear


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
        elif remote.is_remote(location):
            files += _expand_remote(location)
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
    every = set(files)
    return [file for file in files if not (file.endswith(SIDECAR) and file.removesuffix(SIDECAR) in every)]


def _expand_remote(location: str) -> list[str]:
    try:
        return remote.expand(location)
    except (OSError, BadCapture):
        return [location]  # opening it says what is wrong


class Places:
    """How far each location was read, for who wants to begin again there. This one remembers nothing.

    A reading has a name (`key`) that changes with the file, the owner's name for the source and the format.
    """

    def begin(self, key: str) -> tuple[int, int] | None:
        """The offset to begin at and the records to pass over there; None when all was read before."""
        return 0, 0

    def at(self, location: str, stream: BinaryIO | None) -> None:
        """The location whose turn it is, and the stream it is read from; None when it is passed over."""

    def took(self, key: str, offset: int, taken: int) -> None:
        """The record just given out is the `taken`-th at `offset`."""

    def finished(self, key: str) -> None:
        """The last record of the location was given out."""


def read(
    locations: Sequence[str],
    *,
    kind: str = "auto",
    defaults: CaptureFacts | None = None,
    references: References | None = None,
    places: Places | None = None,
    options: Mapping[str, Mapping[str, Any]] | None = None,
) -> Iterator[RawCapture | BrokenRecord | Unreadable]:
    """Every capture of the locations, in order; what is broken comes as a value and the rest goes on.

    References are kept in `references` and joined to the captures of their addresses: those of files that are
    named like a feed or a sitemap (`REFERRING`) to all captures, the others to those that come after them.
    `options` are the owner's for kinds of sources.
    """
    facts = defaults or CaptureFacts()
    held = References() if references is None else references
    named = expand(locations)
    for location in named:
        if remote.file_name(location).lower().endswith(REFERRING):
            for item in _items(location, kind, facts, Places(), options or {}):
                if isinstance(item, Reference):
                    held.remember(item)
    for location in named:
        for item in _items(location, kind, facts, places or Places(), options or {}):
            if isinstance(item, Reference):
                held.remember(item)
            elif isinstance(item, RawCapture):
                yield held.join(item)
            else:
                yield item


def _items(
    location: str, kind: str, facts: CaptureFacts, places: Places, options: Mapping[str, Mapping[str, Any]]
) -> Iterator[RawCapture | BrokenRecord | Reference | Unreadable]:
    key = _key(location, kind, facts, options)
    begin = places.begin(key) if key else (0, 0)
    if begin is None:
        places.at(location, None)
        return
    start, pass_over = begin
    try:
        with _opened(location) as stream:
            places.at(location, stream)
            name = kind
            if kind == "auto":
                found = recognize(_peek(stream), remote.file_name(location))
                if found is None:
                    yield Unreadable(
                        location, f"of no known format; known: {', '.join(known(SOURCES))}; say which with --format"
                    )
                    return
                name = found
            if remote.is_page(location) and name in ("html", "text") and facts.url is None:
                facts = facts.model_copy(update={"url": location})
            if name in ("html", "text") and os.path.isfile(location + SIDECAR):
                try:
                    facts = _beside(location, facts)
                except ValueError as exc:
                    origin = Origin(location=location + SIDECAR)
                    yield BrokenRecord(origin=origin, reason="invalid_json", detail=_no_sidecar(exc), lost=False)
            offset, taken = start, 0
            for item in open_source(name, _options(name, options)).read(
                stream, location=location, defaults=facts, start=start
            ):
                if isinstance(item, BrokenRecord) and not item.lost:
                    yield item  # only a remark: it takes no place among the records
                    continue
                at = offset if item.origin.offset is None else item.origin.offset
                offset, taken = at, taken + 1 if at == offset else 1
                if offset == start and taken <= pass_over:
                    continue
                if key:
                    places.took(key, offset, taken)
                yield item
        if key:
            places.finished(key)
    except BadCapture as exc:
        yield Unreadable(location, str(exc).removeprefix(f"{location}: "))
    except OSError as exc:
        yield Unreadable(location, exc.strerror or str(exc))


def _options(kind: str, options: Mapping[str, Mapping[str, Any]]) -> Mapping[str, Any] | None:
    """The owner's options for a kind of source; for archives those of all kinds, for what lies inside."""
    if kind == "archive" and options and kind not in options:
        return {"inside": options}
    return options.get(kind)


def _no_sidecar(error: ValueError) -> str:
    return f"no sidecar, read without it: {str(error).partition(chr(10))[0]}"


def _beside(location: str, facts: CaptureFacts) -> CaptureFacts:
    """The facts with those of the document's sidecar; raises ValueError when that is none."""
    with open(location + SIDECAR, "rb") as file:
        said = json.loads(file.read(MAX_SIDECAR_BYTES))
    if not isinstance(said, dict):
        raise ValueError("expected an object")
    return CaptureFacts.model_validate(facts.model_dump() | told_facts(said))


def _key(location: str, kind: str, facts: CaptureFacts, options: Mapping[str, Mapping[str, Any]]) -> str | None:
    """The name of a reading; None for what cannot be read twice."""
    if remote.is_remote(location):
        try:
            seen_as = remote.version(location)
        except (OSError, BadCapture):
            return None
        told = [location, seen_as, kind, facts.model_dump(), *([options] if options else [])]
        return digest_of("reading", *told) if seen_as else None
    try:
        seen = os.stat(location)
    except (OSError, ValueError):
        return None
    if not Path(location).is_file():
        return None
    file = [os.path.realpath(location), seen.st_size, seen.st_mtime_ns]
    if os.path.isfile(location + SIDECAR):
        file.append(os.stat(location + SIDECAR).st_mtime_ns)
    return digest_of("reading", *file, kind, facts.model_dump(), *([options] if options else []))


@contextmanager
def _opened(location: str) -> Iterator[BinaryIO]:
    if location == STDIN:
        yield io.BufferedReader(io.FileIO(sys.stdin.fileno(), closefd=False), HEAD_BYTES)
        return
    if remote.is_remote(location):
        with remote.opened(location) as stream:
            yield stream
        return
    with open(location, "rb", buffering=HEAD_BYTES) as file:
        yield file


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
