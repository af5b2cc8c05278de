"""Model files on disk: the same content gives the same bytes, and a file is whole or the former one."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from worker.artefacts import parse, write


def test_the_same_content_gives_the_same_version_and_reads_back(tmp_path: Path) -> None:
    arrays = {"weight": np.arange(6, dtype=np.int8).reshape(2, 3)}

    first = write(tmp_path / "a.npz", arrays, {"release": "1"})
    second = write(tmp_path / "b.npz", arrays, {"release": "1"})

    read = parse("a", (tmp_path / "a.npz").read_bytes())
    assert first == second == read.version
    assert read.meta == {"release": "1"}
    assert read.arrays["weight"].tolist() == [[0, 1, 2], [3, 4, 5]]


def test_a_write_that_fails_leaves_the_former_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.npz"
    version = write(path, {"x": np.zeros(1)}, {})
    whole = Path.write_bytes

    def torn(self: Path, data: bytes) -> int:
        whole(self, data[: len(data) // 2])
        raise OSError("no space left on device")

    monkeypatch.setattr(Path, "write_bytes", torn)
    with pytest.raises(OSError, match="no space"):
        write(path, {"x": np.ones(1)}, {})

    assert parse("a", path.read_bytes()).version == version
