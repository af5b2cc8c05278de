"""How a web archive is compressed: gzip, Zstandard (with its dictionary) or LZ4, all with one face."""

from __future__ import annotations

import sys
import zlib
from collections.abc import Callable
from functools import partial
from types import ModuleType
from typing import BinaryIO, Protocol

zstd: ModuleType | None = None
try:
    if sys.version_info >= (3, 14):
        from compression import zstd
    else:
        from backports import zstd
except ImportError:
    pass

# what the decompressors raise on damaged input: lz4 a RuntimeError, zstd its own
DAMAGES: tuple[type[Exception], ...] = (zlib.error, RuntimeError, EOFError, ValueError, OSError)
if zstd is not None:
    DAMAGES += (zstd.ZstdError,)
GZIP, ZSTD, LZ4 = b"\x1f\x8b\x08", b"\x28\xb5\x2f\xfd", b"\x04\x22\x4d\x18"
MAX_DICTIONARY = 16 * 1024 * 1024  # bytes; a judgement, trained ones have about 100 kB
_ZSTD_DICTIONARY = b"\x5d\x2a\x4d\x18"  # the skippable frame before a .warc.zst (IIPC, WARC/Zstandard 1.0)


class Damage(Exception):
    """The stream cannot be read on from here; `truncated` when it simply ends too early."""

    def __init__(self, detail: str, *, truncated: bool = False) -> None:
        super().__init__(detail)
        self.truncated = truncated


class MissingLibrary(Exception):
    """The package named is needed to decompress this stream."""


class Decompressor(Protocol):
    """What bz2, lz4 and zstd have in common; one member long."""

    @property
    def eof(self) -> bool: ...
    @property
    def needs_input(self) -> bool: ...
    @property
    def unused_data(self) -> bytes | None: ...
    def decompress(self, data: bytes, max_length: int = -1) -> bytes: ...


class _GzipMember:
    """zlib's decompressor with the face of the others."""

    def __init__(self) -> None:
        self._zlib = zlib.decompressobj(31)
        self.needs_input = True

    @property
    def eof(self) -> bool:
        return self._zlib.eof

    @property
    def unused_data(self) -> bytes:
        return self._zlib.unused_data

    def decompress(self, data: bytes, max_length: int = 0) -> bytes:
        out = self._zlib.decompress(self._zlib.unconsumed_tail + data, max_length)
        self.needs_input = not self._zlib.unconsumed_tail and len(out) < max_length
        return out


def compression_of(head: bytes) -> bytes | None:
    """The magic number of the compression, or None for a plain archive."""
    if head.startswith(_ZSTD_DICTIONARY):
        return ZSTD
    return next((magic for magic in (GZIP, ZSTD, LZ4) if head.startswith(magic)), None)


def peek(head: bytes, size: int = 512) -> bytes:
    """The first decompressed bytes; empty when they cannot be had."""
    magic = compression_of(head)
    if magic is None:
        return head[:size]
    try:
        dictionary, end, head = read_dictionary(head)
        return opener(magic, dictionary)().decompress(head[end:], size)
    except DAMAGES:
        return b""
    except (MissingLibrary, Damage):
        return b""


def opener(magic: bytes, dictionary: bytes) -> Callable[[], Decompressor]:
    """What makes a decompressor for one member; raises MissingLibrary, and Damage for a senseless dictionary."""
    if magic == GZIP:
        return _GzipMember
    if magic == ZSTD:
        if zstd is None:
            raise MissingLibrary("backports.zstd")
        try:
            return partial(zstd.ZstdDecompressor, zstd.ZstdDict(dictionary) if dictionary else None)
        except DAMAGES as exc:
            raise Damage("its dictionary is damaged") from exc
    try:
        import lz4.frame
    except ImportError as exc:
        raise MissingLibrary("lz4") from exc
    return lz4.frame.LZ4FrameDecompressor  # type: ignore[no-any-return]


def read_dictionary(head: bytes, stream: BinaryIO | None = None) -> tuple[bytes, int, bytes]:
    """The Zstandard dictionary in the skippable frame at the head, where it ends, and the head with all of it.

    Raises Damage when the frame is cut or absurdly long.
    """
    if not head.startswith(_ZSTD_DICTIONARY):
        return b"", 0, head
    end = 8 + int.from_bytes(head[4:8], "little")
    if end > MAX_DICTIONARY:
        raise Damage(f"a dictionary of {end} bytes")
    if stream is not None and len(head) < end:
        head += stream.read(end - len(head))
    if len(head) < end:
        raise Damage("the file ends inside its dictionary", truncated=True)
    dictionary = head[8:end]
    if dictionary.startswith(ZSTD):
        try:
            dictionary = opener(ZSTD, b"")().decompress(dictionary, MAX_DICTIONARY)
        except DAMAGES as exc:
            raise Damage("its dictionary is damaged") from exc
    return dictionary, end, head
