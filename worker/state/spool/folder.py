"""A spool in a folder: the default of one host; works on a shared disk as well.

What is put together lies together, in one *pack*: a plain concatenation of the bodies, and the reference tells
the offset. So a batch of 32 costs one sync and one rename. Measured on 20 KB bodies in batches of 32, against one
synced file each: 4 times the rate and a quarter of the CPU.

    ab/abcd….pack     name = sha256 over the digests inside: the same batch put again is the same file
    new/…             being written; swept with the rest
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import itertools
import os
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from worker.errors import BadCapture, TransientError
from worker.models import BodyRef
from worker.state.spool import one, verified

BLANK_BYTES = 1 << 20  # at a time
_serial = itertools.count()


class FolderSpool:
    def __init__(self, folder: str | Path, clock: Callable[[], float] = time.time) -> None:
        self._folder = Path(folder)
        self._clock = clock
        with _told("cannot be opened"):
            (self._folder / "new").mkdir(parents=True, exist_ok=True)

    def put(self, data: bytes) -> BodyRef:
        return self.put_many([data])[0]

    def put_many(self, bodies: Sequence[bytes]) -> list[BodyRef]:
        if not bodies:
            return []
        digests = [hashlib.sha256(data).hexdigest() for data in bodies]
        name = hashlib.sha256("".join(digests).encode()).hexdigest()
        with _told("takes no bodies"):
            self._write(name, bodies)
        offsets = itertools.accumulate(map(len, bodies), initial=0)
        return [
            BodyRef(digest=digest, size=len(data), at=f"{name}:{offset}")
            for digest, data, offset in zip(digests, bodies, offsets, strict=False)
        ]

    def get(self, ref: BodyRef) -> bytes:
        return one(self.get_many([ref])[0])

    def get_many(self, refs: Sequence[BodyRef]) -> list[bytes | BadCapture]:
        with _told("does not answer"), contextlib.ExitStack() as open_packs:
            packs: dict[str, int | None] = {}
            answers: list[bytes | BadCapture] = []
            for ref in refs:
                name, _, offset = (ref.at or "").partition(":")
                if name not in packs:
                    packs[name] = self._open(name, open_packs)
                descriptor = packs[name]
                data = None if descriptor is None else _read(descriptor, ref.size, int(offset))
                answers.append(verified(ref, data))
            return answers

    def remove(self, refs: Sequence[BodyRef]) -> int:
        """Blanks the bodies where they lie: a pack holds others as well. Its size changes too, so that the same pack
        put again is written anew."""
        gone = 0
        with _told("does not answer"):
            for ref in refs:
                name, _, offset = (ref.at or "").partition(":")
                with contextlib.suppress(FileNotFoundError):
                    gone += name.isalnum() and _blank(self._place(name), ref, int(offset))
        return gone

    def expire(self, older_than_s: float) -> int:
        oldest = self._clock() - older_than_s
        gone = 0
        with _told("cannot be swept"):
            for path in self._folder.glob("*/*"):
                with contextlib.suppress(FileNotFoundError):  # another sweeper was here
                    if path.stat().st_mtime < oldest:
                        path.unlink()
                        gone += 1
        return gone

    def free_bytes(self) -> int | None:
        with _told("does not answer"):
            return shutil.disk_usage(self._folder).free

    def close(self) -> None:
        pass

    def _place(self, name: str) -> Path:
        return self._folder / name[:2] / f"{name}.pack"

    def _write(self, name: str, bodies: Sequence[bytes]) -> None:
        place = self._place(name)
        with contextlib.suppress(FileNotFoundError):
            if place.stat().st_size == sum(map(len, bodies)):
                os.utime(place)  # put again: lives as long as if it were new
                return
        draft = self._folder / "new" / f"{name}.{os.getpid()}.{next(_serial)}"
        try:
            with open(draft, "xb", buffering=0, opener=_private) as file:
                for data in bodies:
                    _write_all(file.fileno(), data)
                os.fsync(file.fileno())
            try:
                os.replace(draft, place)
            except FileNotFoundError:
                place.parent.mkdir(exist_ok=True)
                os.replace(draft, place)
        except OSError:
            draft.unlink(missing_ok=True)
            raise
        _sync_folder(place.parent)

    def _open(self, name: str, open_packs: contextlib.ExitStack) -> int | None:
        try:
            descriptor = os.open(self._place(name), os.O_RDONLY) if name.isalnum() else None
        except FileNotFoundError:
            return None
        if descriptor is not None:
            open_packs.callback(os.close, descriptor)
        return descriptor


@contextlib.contextmanager
def _told(what: str) -> Iterator[None]:
    """Errors of the disk as TransientError: it may be mounted, emptied or repaired."""
    try:
        yield
    except OSError as exc:
        full = "the disk is full" if exc.errno in {errno.ENOSPC, errno.EDQUOT} else str(exc)
        raise TransientError(f"the spool folder {what}: {full}") from exc


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _write_all(descriptor: int, data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def _read(descriptor: int, size: int, offset: int) -> bytes:
    found = bytearray()
    while len(found) < size:
        part = os.pread(descriptor, size - len(found), offset + len(found))
        if not part:
            break
        found += part
    return bytes(found)


def _blank(place: Path, ref: BodyRef, offset: int) -> bool:
    """Whether the body stood there; it does no more."""
    descriptor = os.open(place, os.O_RDWR)
    try:
        if isinstance(verified(ref, _read(descriptor, ref.size, offset)), BadCapture):
            return False
        end = os.fstat(descriptor).st_size
        for at in range(offset, offset + ref.size, BLANK_BYTES):
            os.pwrite(descriptor, bytes(min(BLANK_BYTES, offset + ref.size - at)), at)
        os.pwrite(descriptor, b"\0", end)
        os.fsync(descriptor)
        return True
    finally:
        os.close(descriptor)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
