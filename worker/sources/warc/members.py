"""The decompressed bytes of a web archive, with the offsets at which a reading can begin again.

An archive is compressed member by member (gzip members, Zstandard or LZ4 frames), as a rule one a record.
The stream is read on through all members. Own code and not a library's, because the libraries tried
(warcio 1.8, fastwarc 2.0) are silent about a cut file and give up at the first damaged member.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import BinaryIO

from worker.sources.warc.compression import DAMAGES, Damage, Decompressor, compression_of, opener, peek, read_dictionary

CHUNK = 64 * 1024  # raw bytes a read: a larger one only copies more of what lies behind a small member
OUTPUT = 256 * 1024  # decompressed bytes held at once
_RECORD_STARTS = (b"WARC/", b"filedesc:", b"http", b"dns:", b"ftp", b"metadata:", b"screenshot:", b"urn:", b"whois:")
_CR = 13
_MAGIC_BYTES = 8


class Members:
    """A forward reader over the decompressed bytes.

    `member_at` is the raw offset of the member being read; `fresh` is true when the next byte is the first
    of a member. `read` and `readline` raise Damage; after `resynchronize` the reading can go on.
    """

    def __init__(self, stream: BinaryIO, start: int = 0) -> None:
        self._stream = stream
        self._raw = b""  # the last chunk, and where it begins
        self._raw_at = 0
        self._decompressor: Decompressor | None = None
        self._buffer = b""
        self._at = 0
        self.member_at = 0
        self.fresh = True
        # `read1` where there is one: `read` loses what it has when what lies below turns out to be damaged
        self._read = getattr(stream, "read1", stream.read)
        head = b""
        while len(head) < _MAGIC_BYTES and (piece := self._read(CHUNK)):
            head += piece
        self.magic = compression_of(head)
        self._open: Callable[[], Decompressor] | None = None
        if self.magic is not None:
            dictionary, end, head = read_dictionary(head, stream)
            self._open = opener(self.magic, dictionary)
            start = max(start, end)
        self._raw = head
        self._seek(start)

    @property
    def position(self) -> int:
        """The raw offset at which a reading can begin again: the byte itself in a plain file, else the member."""
        return self.member_at if self._open else self._raw_at + self._at

    def read(self, size: int) -> bytes:
        """`size` bytes; fewer at the end of the file, or where a member begins with a record of its own."""
        pieces: list[bytes] = []
        while size > 0 and self._ready():
            if pieces and self._begins_record():
                break
            piece = self._buffer[self._at : self._at + size]
            self._advance(len(piece))
            pieces.append(piece)
            size -= len(piece)
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    def skip(self, size: int) -> int:
        """How many of `size` bytes were there to pass over."""
        passed = 0
        while passed < size and (piece := self.read(min(size - passed, OUTPUT))):
            passed += len(piece)
        return passed

    def readline(self, limit: int = CHUNK) -> bytes:
        """The next line with its end; at most about `limit` bytes of it."""
        pieces: list[bytes] = []
        length = 0
        while length < limit and self._ready():
            if pieces and self._begins_record():
                break
            end = self._buffer.find(b"\n", self._at, self._at + limit - length) + 1
            piece = self._buffer[self._at : end or self._at + limit - length]
            self._advance(len(piece))
            pieces.append(piece)
            length += len(piece)
            if end:
                break
        return b"".join(pieces)

    def read_header(self, limit: int = CHUNK) -> bytes:
        """The lines up to the next blank one, which is read past; about `limit` bytes of them at most."""
        end = self._buffer.find(b"\r\n\r\n", self._at, self._at + limit)
        if end > self._at and self._buffer.find(b"\n\n", self._at, end) < 0 and self._buffer[self._at] != _CR:
            header = self._buffer[self._at : end + 2]
            self._advance(len(header) + 2)
            return header
        lines: list[bytes] = []
        while limit > 0 and (line := self.readline()).strip():
            lines.append(line)
            limit -= len(line)
        return b"".join(lines)

    def at_member_start(self) -> bool:
        """True when the next byte is the first of a compressed member."""
        return self._open is not None and self._ready() and self.fresh

    def resynchronize(self) -> bool:
        """Go to the next member that begins with a record; False when there is none."""
        if self._open is None or self.magic is None:
            return False
        offset = self.member_at + 1
        if self._stream.seekable():
            self._seek(offset)
        else:
            offset = max(offset, self._raw_at)
            self._raw, self._raw_at = self._raw[offset - self._raw_at :], offset
        while True:
            found = self._raw.find(self.magic)
            if found < 0 or len(self._raw) - found < 4096:
                more = self._read(CHUNK)
                keep = self._raw[max(found, 0) if found >= 0 else -len(self.magic) :]
                self._raw_at += len(self._raw) - len(keep)
                self._raw = keep + more
                if not more and found < 0:
                    return False
                found = self._raw.find(self.magic)
                if found < 0:
                    continue
            if peek(self._raw[found : found + 4096], 16).startswith(_RECORD_STARTS):
                self._raw, self._raw_at = self._raw[found:], self._raw_at + found
                self._reset()
                return True
            self._raw, self._raw_at = self._raw[found + 1 :], self._raw_at + found + 1

    def rewind(self, offset: int) -> bool:
        """Go back to `offset` of a plain, seekable file; False when it is another."""
        if self._open is not None or not self._stream.seekable():
            return False
        self._seek(offset)
        return True

    def _seek(self, offset: int) -> None:
        if offset < self._raw_at or offset > self._raw_at + len(self._raw):
            if self._stream.seekable():
                self._stream.seek(offset)
            else:
                self._pass(offset - self._raw_at - len(self._raw))
            self._raw, self._raw_at = b"", offset
        else:
            self._raw, self._raw_at = self._raw[offset - self._raw_at :], offset
        self._reset()

    def _pass(self, size: int) -> None:
        while size > 0 and (piece := self._read(min(size, OUTPUT))):
            size -= len(piece)

    def _reset(self) -> None:
        self._decompressor = None
        self._buffer, self._at = (b"", 0) if self._open else (self._raw, 0)
        self.member_at, self.fresh = self._raw_at, True

    def _advance(self, size: int) -> None:
        self._at += size
        self.fresh = False

    def _begins_record(self) -> bool:
        """True at a member that begins with a record: whatever was read before it was cut short."""
        return self.fresh and self._open is not None and self._buffer.startswith(b"WARC/")

    def _ready(self) -> bool:
        """True when there is at least one byte in the buffer."""
        return self._at < len(self._buffer) or (self._fill() if self._open else self._fill_plain())

    def _fill_plain(self) -> bool:
        self._buffer, self._at = self._more_raw(), 0
        return bool(self._buffer)

    def _fill(self) -> bool:
        while True:
            if self._decompressor is None or self._decompressor.eof:
                if not self._next_member():
                    return False
                data = self._raw
            elif self._decompressor.needs_input:
                data = self._more_raw()
                if not data:
                    raise Damage(
                        f"the file ends inside the member that begins at byte {self.member_at}", truncated=True
                    )
            else:
                data = b""
            assert self._decompressor is not None
            try:
                out = self._decompressor.decompress(data, OUTPUT)
            except DAMAGES as exc:
                raise Damage(f"the member that begins at byte {self.member_at} is damaged") from exc
            if out:
                self._buffer, self._at = out, 0
                return True

    def _next_member(self) -> bool:
        if self._decompressor is not None:
            rest = self._decompressor.unused_data or b""
            self._raw_at += len(self._raw) - len(rest)
            self._raw = rest
        if not self._raw and not self._more_raw():
            return False
        self.member_at, self.fresh = self._raw_at, True
        assert self._open is not None
        self._decompressor = self._open()
        return True

    def _more_raw(self) -> bytes:
        self._raw_at += len(self._raw)
        self._raw = self._read(CHUNK)
        return self._raw
