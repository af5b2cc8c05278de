"""The line model: how likely each line is body. Two small networks; the second also sees what the first thought.

Both are trained by `worker/artefacts/build_line_model.py`; card and figures stand beside the artefact.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from worker.stages.normalize.furniture import Signs
from worker.stages.normalize.lines import STOP, UPPER, Floats, Lines, shifted
from worker.stages.normalize.text.features import WINDOWS, features, windows

LIMIT = 4.0  # standard deviations a feature may stand out
SURE = 0.8  # probability from which a line marks the article's extent
NEIGHBOURS = (1, -1, 2, -2, 3, -3, 4, -4)


@dataclass(frozen=True, slots=True)
class Network:
    """Standardised features through dense layers with rectifiers to one probability."""

    mean: Floats
    scale: Floats  # 1 / standard deviation
    layers: tuple[tuple[Floats, Floats], ...]  # (weights, bias)

    def __call__(self, rows: Floats) -> Floats:
        """One probability a row."""
        values = np.clip((rows - self.mean) * self.scale, -LIMIT, LIMIT)
        for number, (weights, bias) in enumerate(self.layers):
            if number:
                np.maximum(values, 0, out=values)
            values = values @ weights + bias
        return 1 / (1 + np.exp(-values[:, 0]))  # type: ignore[no-any-return]


@dataclass(frozen=True, slots=True)
class LineModel:
    """A judge of lines, from an artefact's arrays."""

    first: Network
    second: Network
    keep: float  # probability from which a line is body
    meta: Mapping[str, Any]

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, npt.NDArray[Any]], meta: Mapping[str, Any]) -> LineModel:
        """The model of an artefact. Raises KeyError when an array is missing."""

        def network(name: str) -> Network:
            layers = tuple(
                (arrays[f"{name}_w{i}"].astype(np.float32), arrays[f"{name}_b{i}"].astype(np.float32))
                for i in range(int(meta["layers"]))
            )
            return Network(arrays[f"{name}_mean"], arrays[f"{name}_scale"], layers)

        return cls(network("first"), network("second"), float(meta["keep"]), meta)

    def score(self, lines: Lines, signs: Signs) -> Floats:
        """The probability of each line to be body."""
        rows = features(lines, signs)
        return self.second(second_look(lines, rows, self.first(rows)))


def second_look(lines: Lines, rows: Floats, p: Floats) -> Floats:
    """The features with what a first judge thought of the line, its neighbours, its surroundings and lines of its shape."""
    total = len(p)
    clipped = np.clip(p, 1e-3, 1 - 1e-3)
    logit = np.log(clipped / (1 - clipped)).astype(np.float32)
    around = [logit, *(shifted(logit, by, -7.0) for by in NEIGHBOURS)]
    words = lines.words
    mass = words * p
    cumulated = np.zeros((2, total + 1), np.float32)
    np.cumsum(np.stack([mass, words]), axis=1, out=cumulated[:, 1:])
    whole = cumulated[0, -1] + 1e-6
    at = np.arange(total)
    sure = np.flatnonzero(p > SURE)
    shape = _shapes(lines)
    of_shape, words_of_shape = np.bincount(shape, mass)[shape], np.bincount(shape, words)[shape]
    place = [
        cumulated[0, :-1] / whole,
        np.full(total, np.log1p(whole)),
        np.full(total, whole / cumulated[1, -1]),
        np.clip(at - sure[0], -100, 100) if len(sure) else np.full(total, -100),
        np.clip(at - sure[-1], -100, 100) if len(sure) else np.full(total, 100),
        (of_shape - mass) / (words_of_shape - words + 3),
        np.log1p(words_of_shape),
    ]
    more = [*around, *windows(cumulated, WINDOWS), *place]
    return np.concatenate([rows, np.array(more, np.float32).T], axis=1)


def _shapes(lines: Lines) -> npt.NDArray[np.int64]:
    """A number for each line's shape: length, sentence end, capital and indent."""
    length = np.minimum((np.log2(lines.chars + 1) * 1.5).astype(np.int64), 15)
    indent = np.minimum(np.array(lines.indent, np.int64) // 2, 7)
    return ((length * 2 + ((lines.last & STOP) != 0)) * 2 + ((lines.first & UPPER) != 0)) * 8 + indent
