"""Streams that cannot be trusted: what was packed comes out watched for damage and for bombs."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import struct
import tarfile
import tempfile
import zipfile
import zlib
from collections.abc import Callable
from typing import IO, BinaryIO, cast

from worker.errors import BadCapture
from worker.sources import HEAD_BYTES

MAX_RATIO = 200  # unpacked to packed; text packs 3 to 20 times, a bomb 1000 times
FREE_BYTES = 64 * 1024 * 1024  # unpacked before the ratio is looked at
MAX_COPY_BYTES = 1024 * 1024 * 1024  # of a zip that comes through a pipe or lies in another archive
_COPY_IN_MEMORY = 8 * 1024 * 1024

ENDS_EARLY = (EOFError,)
DAMAGES = (zlib.error, lzma.LZMAError, zipfile.BadZipFile, tarfile.TarError, struct.error, OSError, ValueError)
REFUSALS = (NotImplementedError, RuntimeError)  # an unknown method, an encrypted member


class Damaged(BadCapture):
    """What was packed cannot be read on; `reason` is the short word for it."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason


class _Watched(io.RawIOBase):
    """The unpacked bytes of `packed`; raises Damaged."""

    def __init__(self, packed: io.BufferedIOBase, size: Callable[[], int] | None) -> None:
        self._packed = packed
        self._size = size
        self._passed = 0
        self._damage: Damaged | None = None

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        filled = 0
        if self._damage:
            raise self._damage
        try:
            while filled < len(buffer) and (piece := self._read(len(buffer) - filled)):
                buffer[filled : filled + len(piece)] = piece
                filled += len(piece)
        except Damaged as exc:
            if not filled:
                raise
            self._damage = exc  # what came before it is read first
        self._passed += filled
        if self._size and self._passed > FREE_BYTES and self._passed > MAX_RATIO * self._size():
            raise Damaged("zip_bomb", f"it unpacks to more than {MAX_RATIO} times its size")
        return filled

    def _read(self, size: int) -> bytes:
        try:
            return self._packed.read1(size)  # not `read`: that loses what precedes the damage
        except Damaged:
            raise
        except ENDS_EARLY as exc:
            raise Damaged("truncated_input", "it ends inside its compressed data") from exc
        except REFUSALS as exc:
            raise Damaged("unreadable_member", "it is encrypted, or packed by an unknown method") from exc
        except tarfile.ReadError as exc:
            raise Damaged("truncated_input", "it ends inside a member") from exc
        except DAMAGES as exc:
            raise Damaged("corrupt_member", "its packed data is damaged") from exc


class Forward:
    """A stream for tarfile: short reads, so that nothing is lost when the next one raises Damaged."""

    def __init__(self, stream: io.BufferedReader) -> None:
        self.read = stream.read1


def watched(packed: io.BufferedIOBase, size: Callable[[], int] | None = None) -> io.BufferedReader:
    """A reader over unpacked bytes; `size` tells the packed bytes read so far, for the ratio."""
    return io.BufferedReader(_Watched(packed, size), HEAD_BYTES)


class _Counted(io.RawIOBase):
    """A stream that counts the bytes read from it."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self.passed = 0

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        piece = self._stream.read(size)
        self.passed += len(piece)
        return piece


def unpacked(stream: BinaryIO, head: bytes) -> io.BufferedReader | None:
    """The one file inside a gzip, bzip2 or xz stream; None when it is none of these."""
    openers: dict[bytes, Callable[[IO[bytes]], io.BufferedIOBase]] = {
        b"\x1f\x8b": lambda packed: gzip.GzipFile(fileobj=packed, mode="rb"),
        b"BZh": bz2.BZ2File,
        b"\xfd7zXZ\x00": lzma.LZMAFile,
    }
    counted = _Counted(stream)
    for magic, opener in openers.items():
        if head.startswith(magic):
            return watched(opener(cast(IO[bytes], counted)), lambda: counted.passed)
    return None


def peekable(stream: BinaryIO) -> io.BufferedReader:
    """The same stream, or a reader over it, that shows its first bytes before they are read."""
    if isinstance(stream, io.BufferedReader):
        return stream
    return io.BufferedReader(cast(io.RawIOBase, stream), HEAD_BYTES)


def seekable(stream: BinaryIO, location: str) -> BinaryIO:
    """The same stream if it can be read in any order, else a copy, on disk when it is large."""
    if stream.seekable():
        return stream
    copy = tempfile.SpooledTemporaryFile(max_size=_COPY_IN_MEMORY)  # noqa: SIM115  # lives as long as it is read
    size = 0
    while piece := stream.read(1 << 20):
        size += len(piece)
        if size > MAX_COPY_BYTES:
            raise BadCapture(f"{location}: a zip of more than {MAX_COPY_BYTES // 2**20} MiB in a pipe; give the file")
        copy.write(piece)
    copy.seek(0)
    return copy  # type: ignore[return-value]
