"""The files in a tar and in a zip, one by one, and what stands in the way of reading them."""

from __future__ import annotations

import io
import tarfile
import zipfile
from collections.abc import Iterator
from tarfile import TarFile, TarInfo
from typing import IO, BinaryIO, NamedTuple, Self, cast

from worker.errors import BadCapture
from worker.sources.archive.streams import (
    DAMAGES,
    ENDS_EARLY,
    FREE_BYTES,
    MAX_RATIO,
    REFUSALS,
    Damaged,
    Forward,
    seekable,
    watched,
)

MAX_MEMBERS = 500_000  # of a zip: its whole directory is held in memory, about 500 bytes each
MAX_EXTENSION_BYTES = 1024 * 1024  # of one extended tar header; a judgement, names have at most some thousand
_EXTENSIONS = (tarfile.XHDTYPE, tarfile.XGLTYPE, tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK)


_INVALID_HEADER: type[Exception] = tarfile.InvalidHeaderError  # type: ignore[attr-defined]
_SUBSEQUENT_HEADER: type[Exception] = tarfile.SubsequentHeaderError  # type: ignore[attr-defined]


class Member(NamedTuple):
    """A file in an archive, or what stands in the way of reading it."""

    name: str
    offset: int
    stream: io.BufferedReader | None
    refusal: Damaged | None = None


def is_tar(head: bytes) -> bool:
    if head[257:262] == b"ustar":
        return True
    try:
        return len(head) >= 512 and tarfile.TarInfo.frombuf(head[:512], "utf-8", "surrogateescape").isreg()
    except (tarfile.HeaderError, ValueError):
        return False


class _BadHeader(Damaged):
    pass


class _TarInfo(TarInfo):
    """A tar header that does not take a damaged header for the end of the archive, as tarfile does.

    Its extensions (long names, pax records), which are held in memory, have a limit.
    """

    @classmethod
    def fromtarfile(cls, tarfile: TarFile) -> Self:
        try:
            return super().fromtarfile(tarfile)
        except (_INVALID_HEADER, _SUBSEQUENT_HEADER) as exc:  # the latter: damage behind an extension, or the end
            if not isinstance(exc, _INVALID_HEADER) and not isinstance(exc.__context__, _INVALID_HEADER):
                raise
            raise _BadHeader("corrupt_member", "a header is damaged; passed over up to the next good one") from exc

    def _proc_member(self, tarfile: TarFile) -> TarInfo:  # what tarfile offers to subclasses
        if self.type in _EXTENSIONS and self.size > MAX_EXTENSION_BYTES:
            raise _BadHeader("corrupt_member", "an extended header without measure")
        return cast(TarInfo, super()._proc_member(tarfile))  # type: ignore[misc]


def tar_members(stream: io.BufferedReader, start: int) -> Iterator[Member]:
    """The files from offset `start` on. A damaged header costs what follows up to the next good one."""
    damaged = False
    try:
        if stream.seekable():
            tar = tarfile.open(fileobj=stream, mode="r:", tarinfo=_TarInfo)  # noqa: SIM115
        else:
            tar = tarfile.open(fileobj=cast(IO[bytes], Forward(stream)), mode="r|", tarinfo=_TarInfo)  # noqa: SIM115
        while True:
            try:
                info = tar.next()
            except _BadHeader as exc:
                if not damaged:
                    yield Member("", tar.offset, None, exc)
                damaged = True
                tar.offset = tar.fileobj.tell()
                continue
            damaged = False
            if info is None:
                return
            tar.members = []  # type: ignore[attr-defined]  # else it remembers them all
            if info.offset < start or info.isdir() or _is_hidden(info.name):
                continue
            if refusal := _refusal(info.name, link=not info.isreg() or info.issparse()):
                yield Member(info.name, info.offset, None, refusal)
            elif (packed := tar.extractfile(info)) is not None:
                yield Member(info.name, info.offset, watched(cast(io.BufferedIOBase, packed)))
    except tarfile.ReadError as exc:
        raise Damaged("truncated_input", "the tar ends early") from exc
    except (*DAMAGES, *ENDS_EARLY) as exc:
        raise Damaged("corrupt_member", "the tar is damaged") from exc


class Zip:
    """A zip whose directory could be read; raises BadCapture, or Damaged when it is a bomb."""

    def __init__(self, stream: BinaryIO, location: str) -> None:
        stream = seekable(stream, location)
        try:
            self._archive = zipfile.ZipFile(stream)
            self.infos = sorted(self._archive.infolist(), key=lambda info: info.header_offset)
        except (*DAMAGES, *ENDS_EARLY, *REFUSALS, IndexError, KeyError) as exc:
            raise BadCapture(f"{location}: the zip has no readable directory: it is cut short or damaged") from exc
        if len(self.infos) > MAX_MEMBERS:
            raise BadCapture(f"{location}: {len(self.infos)} members are more than {MAX_MEMBERS}; split it or use tar")
        size = stream.seek(0, io.SEEK_END)
        if sum(info.compress_size for info in self.infos) > 2 * size:  # members that lie over each other
            raise Damaged("zip_bomb", "its members share their packed bytes")

    def members(self, start: int = 0) -> Iterator[Member]:
        """The files from offset `start` on, in the order in which they lie."""
        for info in self.infos:
            if info.header_offset >= start and not info.is_dir() and not _is_hidden(info.filename):
                yield self.member(info)

    def member(self, info: zipfile.ZipInfo) -> Member:
        link = (info.external_attr >> 28) == 0xA  # S_IFLNK
        refusal = _refusal(info.filename, link=link)
        if info.file_size > max(FREE_BYTES, MAX_RATIO * info.compress_size):
            refusal = Damaged("zip_bomb", f"{info.compress_size} bytes that unpack to {info.file_size}")
        if refusal:
            return Member(info.filename, info.header_offset, None, refusal)
        try:
            packed = self._archive.open(info)
        except (*DAMAGES, *ENDS_EARLY, *REFUSALS):
            refusal = Damaged("unreadable_member", "it is damaged, encrypted or packed by an unknown method")
            return Member(info.filename, info.header_offset, None, refusal)
        return Member(
            info.filename, info.header_offset, watched(cast(io.BufferedIOBase, packed), lambda: info.compress_size)
        )


def _refusal(name: str, *, link: bool) -> Damaged | None:
    """Why a member is not read by its name or nature."""
    if link:
        return Damaged("unsafe_member", "a link, a device or a sparse file; only plain files are read")
    if name.startswith(("/", "\\")) or ".." in _parts(name) or name[1:2] == ":":
        return Damaged("unsafe_member", "its name points out of the archive")
    return None


def _parts(name: str) -> list[str]:
    return name.replace("\\", "/").split("/")


def _is_hidden(name: str) -> bool:
    return any((part.startswith(".") and part.strip(".")) or part == "__MACOSX" for part in _parts(name))
