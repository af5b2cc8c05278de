"""Captures from where the user's URL points: s3://, gs://, az:// and https://. Nothing else is ever contacted.

Objects are read by ranges, so that a reading can begin in the middle; what a web server sends is read once, from its
start. Credentials come from where the clouds' own tools look for them (AWS_…, GOOGLE_…, AZURE_…).
"""

from __future__ import annotations

import fnmatch
import glob
import io
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from http.client import HTTPException, HTTPResponse
from typing import TYPE_CHECKING, Any, BinaryIO
from urllib.parse import urlsplit

from worker import __version__
from worker.errors import BadCapture

if TYPE_CHECKING:
    from obstore.store import ObjectStore

WEB = ("https", "http")
OBJECTS = ("s3", "gs", "az")
BUFFER_BYTES = 1024 * 1024  # of an object, a request
SILENT_S = 60  # seconds without a byte; then the server is away


def is_remote(location: str) -> bool:
    """Whether a location is a URL that this module reads."""
    return location.partition("://")[0].lower() in (*WEB, *OBJECTS) and "://" in location


def is_page(location: str) -> bool:
    """Whether a location is a web address, which a page read from it bears as its own."""
    return location.partition("://")[0].lower() in WEB


def file_name(location: str) -> str:
    """What the location would be called in a folder."""
    return urlsplit(location).path if is_remote(location) else location


def expand(location: str) -> list[str]:
    """The objects that a prefix (it ends in /) or a pattern names, in a stable order; a single location as it is.

    Raises OSError when the store cannot be asked, BadCapture when its extra is missing.
    """
    if is_page(location) or not (location.endswith("/") or glob.has_magic(location)):
        return [location]
    store, root, path = _store(location)
    fixed = path if not glob.has_magic(path) else path[: _first_magic(path)].rpartition("/")[0]
    with _told():
        import obstore

        keys = sorted(found["path"] for chunk in obstore.list(store, prefix=fixed or None) for found in chunk)
    if glob.has_magic(path):
        keys = [key for key in keys if fnmatch.fnmatchcase(key, path)]
    return [root + key for key in keys if not any(part.startswith(".") for part in key.split("/"))] or [location]


def version(location: str) -> str | None:
    """What changes with the object's content; None for what is read once, from its start."""
    if is_page(location):
        return None
    import obstore

    store, _, path = _store(location)
    with _told():
        seen = obstore.head(store, path)
    return f"{seen['e_tag']} {seen['size']} {seen['last_modified'].isoformat()}"


@contextmanager
def opened(location: str) -> Iterator[BinaryIO]:
    """The bytes of a location, in constant memory. Raises OSError when they cannot be had whole."""
    if is_page(location):
        with _web(location) as stream:
            yield stream
        return
    import obstore

    store, _, path = _store(location)
    with _told():
        reader = _Object(obstore.open_reader(store, path, buffer_size=BUFFER_BYTES))
    yield io.BufferedReader(reader, BUFFER_BYTES)


def _first_magic(path: str) -> int:
    return min(place for sign in "*?[" if (place := path.find(sign)) >= 0)


def _store(location: str) -> tuple[ObjectStore, str, str]:
    """The store of a bucket, the URL of its root, and the key in it."""
    try:
        from obstore.store import from_url
    except ImportError as exc:
        raise BadCapture("reading from here needs an extra: pip install 'copydesk[object-store]'") from exc
    scheme, _, rest = location.partition("://")
    bucket, _, path = rest.partition("/")
    root = f"{scheme}://{bucket}/"
    with _told():
        # The limit is on a whole request, and each is a megabyte at most. Plain HTTP is spoken only to an endpoint
        # that the owner's environment names with it.
        store = from_url(
            root,
            client_options={
                "timeout": timedelta(seconds=SILENT_S),
                "connect_timeout": timedelta(seconds=10),
                "allow_http": True,
            },
        )
    return store, root, path


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except BadCapture:
        raise
    except OSError as exc:
        raise OSError(_first_line(exc)) from exc
    except Exception as exc:  # its errors share no base with OSError
        if type(exc).__module__.startswith("obstore"):
            raise OSError(_first_line(exc)) from exc
        raise


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0].partition(" - Server returned")[0][:200] or type(error).__name__


class _Object(io.RawIOBase):
    """An object of a store as a seekable file."""

    def __init__(self, reader: Any) -> None:
        self._reader = reader

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        with _told():
            got = bytes(self._reader.read(len(buffer)))
        buffer[: len(got)] = got
        return len(got)

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        with _told():
            return int(self._reader.seek(offset, whence))

    def tell(self) -> int:
        return int(self._reader.tell())


@contextmanager
def _web(location: str) -> Iterator[BinaryIO]:
    asked = urllib.request.Request(location, headers={"User-Agent": f"copydesk/{__version__}"})  # noqa: S310  # https
    try:
        with urllib.request.urlopen(asked, timeout=SILENT_S) as response:  # noqa: S310
            yield io.BufferedReader(_Sent(response), BUFFER_BYTES)
    except urllib.error.HTTPError as exc:
        raise OSError(f"the server answers {exc.code} {exc.reason}") from exc
    except urllib.error.URLError as exc:
        raise OSError(f"the server cannot be reached: {exc.reason}") from exc
    except HTTPException as exc:
        raise OSError(f"the server broke off: {exc}") from exc


class _Sent(io.RawIOBase):
    """What a server sends; its early end is an error, not the end of the file."""

    def __init__(self, response: HTTPResponse) -> None:
        self._response = response
        self._left = response.length  # None when the server does not say

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        got = self._response.readinto(buffer)
        if self._left is not None:
            self._left -= got
            if got == 0 and self._left > 0 and len(buffer) > 0:
                raise OSError(f"the server broke off, {self._left} bytes before the end")
        return got
