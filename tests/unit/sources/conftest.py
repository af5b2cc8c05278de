from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pytest

from worker.models import BrokenRecord, CaptureFacts, RawCapture
from worker.plugins import open_source

Items = list[RawCapture | BrokenRecord]


@pytest.fixture(scope="session")
def read() -> Callable[..., Items]:
    """Read bytes with the source named first."""

    def _read(kind: str, content: bytes, *, location: str = "here", start: int = 0, **options: Any) -> Items:
        return list(
            open_source(kind, options).read(
                io.BytesIO(content), location=location, defaults=CaptureFacts(), start=start
            )
        )

    return _read
