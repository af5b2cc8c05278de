"""The line model: how likely each line is body."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from worker.stages.normalize.furniture import Signs
from worker.stages.normalize.lines import Floats, Lines


class LineModel:
    """A judge of lines. Without weights it judges by length, sentence ends and furniture words."""

    def __init__(self, arrays: Mapping[str, npt.NDArray[Any]], meta: Mapping[str, Any]) -> None:
        self.arrays = dict(arrays)
        self.meta = dict(meta)

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, npt.NDArray[Any]], meta: Mapping[str, Any]) -> LineModel:
        return cls(arrays, meta)

    def score(self, lines: Lines, signs: Signs) -> Floats:
        """The probability of each line to be body."""
        return np.where(lines.ends & (lines.words >= 6), 0.9, np.where(lines.words >= 25, 0.7, 0.2)).astype(np.float32)
