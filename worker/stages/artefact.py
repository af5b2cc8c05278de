"""What a stage needs of a loaded model file. Stages do not load: `worker.artefacts` does, and hands them this."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

import numpy.typing as npt


class Artefact(Protocol):
    """A model file's arrays by name, the facts about it, and its version."""

    @property
    def version(self) -> str: ...
    @property
    def arrays(self) -> Mapping[str, npt.NDArray[Any]]: ...
    @property
    def meta(self) -> Mapping[str, Any]: ...
