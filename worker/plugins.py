"""What a source and a sink promise, and how one is opened by name.

The packaging table is the registry (`copydesk.sources`, `copydesk.sinks`), ours and a stranger's alike.
A plugin is imported only when it is named.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, ClassVar, Literal, Protocol, cast, runtime_checkable

from pydantic import BaseModel, ConfigDict, ValidationError

from worker.errors import ConfigError, TransientError
from worker.models import BrokenRecord, CaptureFacts, RawCapture, Receipt, Reference, SinkItem

if TYPE_CHECKING:
    from worker.query import Found, Query

SINKS = "copydesk.sinks"
SOURCES = "copydesk.sources"
Guarantee = Literal["idempotent", "at_least_once"]


class Options(BaseModel):
    """The base of a plugin's own options; a typo must speak."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Source(Protocol):
    """A location in, captures out."""

    def recognizes(self, head: bytes, name: str) -> float:
        """How surely (0 to 1) a location with these first 64 KiB and this file name is of this kind.

        Content speaks louder than the name: at most 0.5 for a name alone.
        """
        ...

    def read(
        self, stream: BinaryIO, *, location: str, defaults: CaptureFacts, start: int = 0
    ) -> Iterator[RawCapture | BrokenRecord | Reference]:
        """Yield the captures of `stream` in order, broken records and references as values, in constant memory.

        `location` is its name for people and goes into each `origin`. `defaults` fills what the record
        does not say itself. `start` is a byte offset that an earlier `origin.offset` named: the reading
        begins at the record there, in a fresh stream. Several captures may share one offset (the entries
        of a feed, the members of a tar): a resume starts there and passes over those it already has.
        Raises BadCapture when the location as a whole cannot be read.
        """
        ...


class Sink(Protocol):
    """A sequence of deliveries in, one receipt each out."""

    Options: ClassVar[type[Options]]
    guarantee: ClassVar[Guarantee]

    def __init__(self, options: Any) -> None: ...

    def write(self, items: Sequence[SinkItem]) -> list[Receipt]:
        """One receipt per item, in order, once the effect is durable.

        Raises TransientError when the store as a whole is away: nothing of the batch is claimed then.
        """
        ...

    def close(self) -> None:
        """Give back what is held open; twice does no harm."""
        ...


@runtime_checkable
class Searchable(Protocol):
    """A sink whose store can be read back."""

    def search(self, query: Query) -> Iterator[Found]:
        """Yield the articles that stand in the store and answer `query`, in constant memory; retracted ones never.

        Makes nothing: a store that is not there yet holds nothing. Raises TransientError when it is away.
        """
        ...


@runtime_checkable
class Reachable(Protocol):
    """A sink that can be asked whether its store would answer."""

    def reach(self) -> str:
        """Who answered, in a few words; writes nothing. Raises TransientError when nobody does, or lets us not in."""
        ...


def reach_folder(folder: Path) -> str:
    """What `Reachable.reach` says of a store of files: whether files can be made there. Makes none.

    Raises TransientError with what stands in the way.
    """
    there = next(place for place in (folder, *folder.absolute().parents) if place.exists())
    if not there.is_dir():
        raise TransientError(f"{there} is a file where a folder is wanted; move it away")
    if not os.access(there, os.W_OK | os.X_OK):
        raise TransientError(f"{there} may not be written to by this user; change its owner or its mode")
    return f"{folder} takes files" if there == folder else f"{folder} will be made"


def known(group: str) -> list[str]:
    """The names that are installed in `group`, sorted."""
    return sorted({entry.name for entry in _entries(group)})


def open_source(kind: str, options: Mapping[str, Any] | None = None) -> Source:
    """The source named `kind`, with the owner's options for it."""
    factory = _load(SOURCES, kind)
    return cast(Source, factory(check_source(kind, kind, options)) if options else factory())


def check_source(name: str, kind: str, options: Mapping[str, Any]) -> Options:
    """The validated options of a source; opens nothing. A source that has none refuses any."""
    accepted = getattr(_load(SOURCES, kind), "Options", Options)
    try:
        return cast(Options, accepted.model_validate(dict(options)))
    except ValidationError as exc:
        first = exc.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or kind
        raise ConfigError(f"sources.toml: source {name!r} ({kind}): {where}: {first['msg']}") from exc


def recognize(head: bytes, name: str) -> str | None:
    """The kind of source that is surest about this content, or None when none knows it."""
    best, kind = 0.0, None
    for candidate in known(SOURCES):
        sure = open_source(candidate).recognizes(head, name)
        if sure > best:
            best, kind = sure, candidate
    return kind


def open_sink(name: str, kind: str, options: Mapping[str, Any]) -> Sink:
    """The sink of `kind` with validated `options`; `name` is the owner's name for it and stands in errors."""
    factory = _load(SINKS, kind)
    return cast(Sink, factory(check_sink(name, kind, options)))


def is_searchable(kind: str) -> bool:
    """Whether sinks of `kind` can be read back (`Searchable`)."""
    return hasattr(_load(SINKS, kind), "search")


def check_sink(name: str, kind: str, options: Mapping[str, Any]) -> Options:
    """The validated options of a sink; opens nothing."""
    factory = _load(SINKS, kind)
    try:
        return cast(Options, factory.Options.model_validate(dict(options)))
    except ValidationError as exc:
        first = exc.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or kind
        raise ConfigError(f"sinks.toml: sink {name!r} ({kind}): {where}: {first['msg']}") from exc


@cache
def _entries(group: str) -> tuple[EntryPoint, ...]:
    return tuple(entry_points(group=group))  # a walk over all installed packages: milliseconds each time


@cache
def _load(group: str, kind: str) -> Any:
    entry = _find(group, kind)
    try:
        return entry.load()
    except ModuleNotFoundError as exc:
        extra = kind.replace("_", "-")
        raise ConfigError(
            f"{group.removeprefix('copydesk.')[:-1]} {kind!r} needs a package that is not installed ({exc.name}); "
            f"install it with: pip install 'copydesk[{extra}]'"
        ) from exc


def _find(group: str, kind: str) -> EntryPoint:
    for entry in _entries(group):
        if entry.name == kind:
            return entry
    what = group.removeprefix("copydesk.")[:-1]
    raise ConfigError(f"no {what} named {kind!r} is installed; known: {', '.join(known(group)) or 'none'}")
