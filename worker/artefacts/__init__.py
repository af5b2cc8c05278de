"""Versioned model files and their loader. Made offline by the `build_*.py` beside them; never at run time.

An artefact is one `.npz` without pickle: arrays plus a JSON `meta`. Its version is the digest of its content,
so a verdict can name exactly what made it. Load artefacts once, in the parent process, before the fork.
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from worker.errors import ConfigError

Array = npt.NDArray[Any]
META = "meta_json"


@dataclass(frozen=True)
class Artefact:
    """A loaded model file: arrays by name, facts about it, and the version that travels in each verdict."""

    name: str
    version: str  # first 12 hex digits of the file's sha256
    arrays: Mapping[str, Array]
    meta: Mapping[str, Any]


def read(name: str) -> Artefact:
    """The artefact `name` that ships with the package. Raises ConfigError when it is missing or damaged."""
    return parse(name, files(__name__).joinpath(f"{name}.npz").read_bytes())


def parse(name: str, data: bytes) -> Artefact:
    """An artefact from its bytes. A pickle inside, or a damaged file, is refused."""
    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as archive:
            arrays = {key: archive[key] for key in archive.files}
        meta = json.loads(arrays.pop(META).tobytes())
    except (ValueError, KeyError, OSError, zipfile.BadZipFile) as exc:
        raise ConfigError(f"artefact {name!r} is damaged or was built by another version: {exc}") from exc
    return Artefact(name, hashlib.sha256(data).hexdigest()[:12], arrays, meta)


def write(path: Path, arrays: Mapping[str, Array], meta: Mapping[str, Any]) -> str:
    """Write an artefact so that the same content gives the same bytes; returns its version.

    The file is whole or the former one: it takes its name when all is on disk.
    """
    buffer = io.BytesIO()
    everything = dict(arrays) | {META: np.frombuffer(json.dumps(meta, sort_keys=True).encode(), np.uint8)}
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for key in sorted(everything):
            entry = io.BytesIO()
            np.lib.format.write_array(entry, np.ascontiguousarray(everything[key]), allow_pickle=False)
            info = zipfile.ZipInfo(f"{key}.npy", date_time=(1980, 1, 1, 0, 0, 0))
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, entry.getvalue())
    unfinished = path.with_name(path.name + ".new")
    unfinished.write_bytes(buffer.getvalue())
    unfinished.replace(path)
    return hashlib.sha256(buffer.getvalue()).hexdigest()[:12]
