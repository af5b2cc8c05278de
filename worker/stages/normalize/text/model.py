"""The line model: how likely each line is body, or the headline.

Small networks, of which the second sees what the first thought. `worker/artefacts/build_line_model.py` trains
them; their card stands beside the artefact.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from worker.stages.normalize.furniture import Signs
from worker.stages.normalize.lines import STOP, UPPER, Floats, Ints, Lines
from worker.stages.normalize.text.features import features, neighbours, windows

LIMIT = 4.0  # standard deviations a feature may stand out
SURE = 0.8  # probability from which a line marks the article's extent
NEAR = 4  # lines before and after whose first judgement counts one by one


@dataclass(frozen=True, slots=True)
class Network:
    """Standardised features through dense layers with rectifiers to one probability."""

    mean: Floats
    scale: Floats  # 1 / standard deviation
    layers: tuple[tuple[Floats, Floats], ...]  # (weights, bias)

    def __call__(self, rows: Floats) -> Floats:
        """One probability a line; `rows` has one column a line."""
        values = (rows.T - self.mean) * self.scale
        np.minimum(values, LIMIT, out=values)
        np.maximum(values, -LIMIT, out=values)
        for number, (weights, bias) in enumerate(self.layers):
            if number:
                np.maximum(values, 0, out=values)
            values = values @ weights + bias
        return 1 / (1 + np.exp(-values[:, 0]))  # type: ignore[no-any-return]


class Judgement(NamedTuple):
    """Probabilities, one a line."""

    body: Floats
    headline: Floats
    keep: float  # probability from which a line is body


@dataclass(frozen=True, slots=True)
class LineModel:
    """A judge of lines, from an artefact's arrays."""

    first: Network
    second: Network
    headline: Network
    keep: float  # probability from which a line is body
    meta: Mapping[str, Any]

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, npt.NDArray[Any]], meta: Mapping[str, Any]) -> LineModel:
        """The model of an artefact. Raises KeyError when an array is missing."""

        def network(name: str) -> Network:
            layers: list[tuple[Floats, Floats]] = []
            while (key := f"{name}_w{len(layers)}") in arrays:
                bias = arrays[key.replace("_w", "_b")]
                layers.append((arrays[key].astype(np.float32), bias.astype(np.float32)))
            return Network(arrays[f"{name}_mean"], arrays[f"{name}_scale"], tuple(layers))

        return cls(network("first"), network("second"), network("headline"), float(meta["keep"]), meta)

    def judge(self, lines: Lines, signs: Signs) -> Judgement:
        """What the model thinks of each line."""
        rows = features(lines, signs)
        rows = second_look(lines, rows, self.first(rows))
        return Judgement(self.second(rows), self.headline(rows), self.keep)


def second_look(lines: Lines, rows: Floats, p: Floats) -> Floats:
    """The features with what a first judge thought of each line, its neighbours, its surroundings and its likes."""
    total = len(p)
    clipped = np.minimum(np.maximum(p, 1e-3), 1 - 1e-3)
    logit = np.log(clipped / (1 - clipped))[None, :]
    words = lines.words
    mass = words * p
    cumulated = np.zeros((2, total + 1), np.float32)
    np.cumsum(mass, out=cumulated[0, 1:])
    np.cumsum(words, out=cumulated[1, 1:])
    whole = cumulated[0, -1] + 1e-6
    at = np.arange(total, dtype=np.float32)
    sure = np.flatnonzero(p > SURE)
    shape = _shapes(lines)
    of_shape, words_of_shape = np.bincount(shape, mass)[shape], np.bincount(shape, words)[shape]
    constant = np.ones(total, np.float32)
    place = [
        cumulated[0, :-1] / whole,
        constant * np.log1p(whole),
        constant * (whole / cumulated[1, -1]),
        np.minimum(np.maximum(at - sure[0] if len(sure) else -100 * constant, -100), 100),
        np.minimum(np.maximum(at - sure[-1] if len(sure) else 100 * constant, -100), 100),
        (of_shape - mass) / (words_of_shape - words + 3),
        np.log1p(words_of_shape),
    ]
    return np.concatenate(
        [rows, logit, neighbours(logit, NEAR, fill=-7.0), windows(cumulated), np.array(place, np.float32)]
    )


def _shapes(lines: Lines) -> Ints:
    """A number for each line's shape: length, sentence end, capital and indent."""
    length = np.minimum((np.log2(lines.chars + 1) * 1.5).astype(np.int64), 15)
    indent = np.minimum(np.array(lines.indent, np.int64) // 2, 7)
    shapes: Ints = ((length * 2 + ((lines.last & STOP) != 0)) * 2 + ((lines.first & UPPER) != 0)) * 8 + indent
    return shapes
